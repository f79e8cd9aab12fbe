/** A call of a test to a worker elsewhere: it is dialled over its media socket as its carrier would, and heard. */
import { decodeMulaw, encodeMulaw } from '../audio/g711.ts';
import { systemClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { withoutSecrets } from '../lib/public-url.ts';
import { withoutSilentEnd } from '../simulate/phone/voice-track.ts';
import { findSystemVoice } from '../simulate/system-voice.ts';
import type { TestCallOptions, WorkerLine } from './call-options.ts';
import { HeardCall } from './heard-call.ts';
import { HeardRecord } from './heard-record.ts';
import { speakCallerBy, speakTones } from './line/caller-sounds.ts';
import { PhoneEnd, type PhoneEndOptions } from './phone-end.ts';
import { follow, type Setting } from './setting.ts';
import { RealTime } from './time/real-time.ts';
import { dialWorker, readWorkerUrl } from './worker-dial.ts';

/** Longer than an agent that works keeps silent, as far as its settings are Parley's own. */
export const DONE_AFTER_MS = 2_500;
const LEAST_DONE_MS = 300;

/** @throws {VoiceError} `options-invalid`, also for what cannot be had of somebody else's worker; `connect-failed`, `unauthorized` */
export async function openWorkerCall(line: WorkerLine, options: TestCallOptions): Promise<Setting> {
  refuseInside(options);
  const { from = '+15550100', to = '+15550199', parameters = {} } = options;
  const { voice = 'tones', doneAfterMs = DONE_AFTER_MS } = line;
  if (!(doneAfterMs >= LEAST_DONE_MS)) throw notDone(doneAfterMs);
  const url = readWorkerUrl(line.url);
  const speak = await voiceOf(voice);
  const phone = await dialWorker({ ...line, url, voice }, { from, to, parameters });
  const agent = withoutSecrets(url);
  const record = new HeardRecord({ agent, nowMs: () => phone.nowMs, isCutOff: () => phone.hasUnheard });
  const trouble = (what: string) => record.trouble(what);
  const call = new HeardCall({ clock: systemClock, caller: phone, agent, from, to, doneAfterMs, trouble });
  const caller = new PhoneEnd({
    ...{ line: 'url', caller: phone, offsetMs: 0, speak, hasTones: voice === 'tones', trouble },
    isTurnRunning: () => call.isTurnRunning,
    answered: (utterance) => call.said(utterance),
    pressed: () => call.pressed(),
  });
  follow(call, record, () => caller);
  call.start();
  const time = new RealTime(systemClock, () => `The worker is ${agent}.`);
  const close = async () => void (await phone.hangUp());
  return { call, caller, record, tools: { running: [] }, model: { requests: [] }, time, close };
}

/** What is within the worker is its own. */
const INSIDE: Partial<Record<keyof TestCallOptions, string>> = {
  model: 'the worker asks its own',
  tools: 'those of the worker run, and cannot be stubbed from here',
  writes: 'what its tools do cannot be held back from here',
  env: 'the worker has its own',
  now: 'the worker goes by its own clock',
  people: 'the worker rings whom it rings',
  world: 'what its tools change is not known here',
  faults: 'nothing of the worker can be made to fail from here',
  conditions: 'the line is a real one',
  plan: 'the worker has its own account',
  voice: 'the worker has its own',
  ear: 'the worker has its own',
  hooks: 'the worker runs its own',
};

/** @throws {VoiceError} `options-invalid` */
function refuseInside(options: TestCallOptions): void {
  for (const [name, why] of Object.entries(INSIDE)) {
    const given = options[name as keyof TestCallOptions];
    const isEmpty = typeof given === 'object' && Object.keys(given).length === 0;
    if (given === undefined || isEmpty) continue;
    throw new VoiceError('options-invalid', `Expected no \`${name}\` with \`line: { url }\`: ${why}`);
  }
}

const notDone = (given: number): VoiceError =>
  new VoiceError('options-invalid', `Expected \`line.doneAfterMs\` to be ${LEAST_DONE_MS} or more, got \`${given}\``);

async function voiceOf(voice: 'tones' | 'system'): Promise<PhoneEndOptions['speak']> {
  if (voice === 'tones') return speakTones;
  const found = await findSystemVoice();
  if (!found)
    throw new VoiceError(
      'options-invalid',
      '`line.voice` is `system`, and this machine has none: install flite or espeak-ng',
    );
  const say = async (text: string) => decodeMulaw(withoutSilentEnd(encodeMulaw(await found.voice(text, 8_000, 1))));
  return (text, pauseMs) => speakCallerBy(say, text, pauseMs);
}
