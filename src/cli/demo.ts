/**
 * `parley demo`: a whole phone call on this machine, no account needed. The stand-ins for Smallest AI, a worker and a
 * caller with a recorded voice talk over real sockets, in real time; what happens is shown, and kept to listen to.
 */
import { join } from 'node:path';
import pc from 'picocolors';
import { encodeMulaw } from '../audio/g711.ts';
import { loadAgent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { prepareFolder } from '../record/folder.ts';
import type { CallRecording } from '../record/recording.ts';
import type { Clock, WallClock } from '../lib/clock.ts';
import { createLog } from '../lib/log.ts';
import { PACKAGE_FOLDER } from '../lib/own-files.ts';
import { findSystemVoice } from '../simulate/system-voice.ts';
import { DIALECT } from '../simulate/dialects.ts';
import { dialMedia, type MediaCaller } from '../simulate/telephone.ts';
import { simulateServices } from '../worker/services.ts';
import { readSettings } from '../worker/settings.ts';
import { Worker } from '../worker/worker.ts';
import { ChatView, waitedMsOf } from './chat-view.ts';
import { edgeOf, ownName, print, shownPath, write } from './report.ts';
import { readDemoLines, type DemoLine } from './transcripts.ts';
import { silencesIn, tellSilences, type Answer } from './silences.ts';
import { seconds } from './units.ts';

export interface DemoOptions {
  /** Folder for the recording. */
  record: string;
}

const EXAMPLES = join(PACKAGE_FOLDER, 'examples');
/** The agent has finished when it has been silent for so long. */
const FINISHED_MS = 900;
/** What a look at a calendar takes in life; the filler covers it. */
const TOOL_DELAY_MS = '400';

export async function demo({ record }: DemoOptions, clock: WallClock): Promise<void> {
  process.env['CLINIC_DELAY_MS'] ??= TOOL_DELAY_MS;
  await prepareFolder(record);
  const log = createLog({ level: 'error' });
  const lines = await readDemoLines();
  const systemVoice = await findSystemVoice();
  const transcripts = lines.map(({ audio }) => audio);
  const agent = await loadAgent(join(EXAMPLES, 'clinic.ts'));
  const services = await simulateServices({ clock, log, voice: systemVoice?.voice, transcripts });
  const settings = readSettings({
    PARLEY_AGENT: 'examples/clinic.ts',
    PARLEY_PORT: '0',
    PARLEY_RECORD: record,
    PARLEY_SIMULATE: 'true',
    PARLEY_MAX_LAG_MS: '60000', // the first call is taken on a machine that has just begun, however slow it is
  });
  const view = new ChatView(write, () => edgeOf(process.stdout));
  /** By the call's own measure, as its lines, its log and its page have it: one number everywhere. */
  const waits: string[] = [];
  let said = '';
  let answered: { call: Call; recording: CallRecording | undefined } | undefined;
  const onCall = (call: Call, recording: CallRecording | undefined) => {
    answered = { call, recording };
    call.on('event', (event) => view.show(event));
    call.on('turn-start', ({ text }) => (said = text));
    call.on('turn-end', ({ latency }) => {
      const waitedMs = waitedMsOf(latency);
      if (waitedMs !== undefined) waits.push(`"${said}" was answered after ${seconds(waitedMs)}.`);
    });
  };
  const worker = new Worker({ settings, agent, ...services, clock, log, onCall });
  try {
    print(pc.dim(`A call to ${agent.name}: simulated Pulse, Electron and Lightning, over real sockets, in real time.`));
    print(
      pc.dim(
        `The agent speaks with ${systemVoice ? systemVoice.name : 'tones (install flite or espeak-ng for a voice)'}.\n`,
      ),
    );
    const url = `${(await worker.start()).replace('http', 'ws')}${DIALECT.paths.media}`;
    const caller = await dialMedia({ url, from: '+15550100', to: '+15550199' });
    const measured = await holdConversation(caller, lines, clock);
    await answered?.call.ended;
    view.breakLine();
    for (const line of [...waits, ...measured]) print(line);
    const files = await answered?.recording?.done;
    if (files?.audio) print(`\nListen:  ${shownPath(files.audio)}`);
    if (files) print(`Look:    ${shownPath(files.page)}`);
    if (files) print(`Replay:  ${ownName()} replay ${shownPath(files.machine)}`);
  } finally {
    await worker.close();
    await services.close();
  }
}

/** Speaks each line when it is its turn; tells what a caller with a stop-watch would have written down besides. */
async function holdConversation(caller: MediaCaller, lines: DemoLine[], clock: Clock): Promise<string[]> {
  const until = (atMs: number) => new Promise<void>((resolve) => clock.after(atMs - caller.nowMs, resolve));
  const measured: string[] = [];
  const answers: Answer[] = [];
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.waitForSilence({ forMs: FINISHED_MS });
  for (const [index, line] of lines.entries()) {
    const cutInAtMs = line.cutInAfterMs === null ? undefined : caller.nowMs;
    const before = answers.at(-1);
    if (before) before.toMs = caller.nowMs;
    const { toMs } = await caller.say(encodeMulaw(line.audio.samples));
    if (cutInAtMs !== undefined) {
      const silentMs = (await caller.waitForSilence({ forMs: 200 })) - cutInAtMs;
      measured.push(`The caller cut in, and the agent was silent ${seconds(Math.max(0, silentMs))} later.`);
    }
    const answerMs = await caller.waitForSpeech({ fromMs: toMs }).catch(() => undefined);
    if (answerMs === undefined) break; // the agent hung up
    answers.push({ fromMs: answerMs, toMs: Infinity });
    const next = lines[index + 1];
    const isOver = caller.ended.then(() => true);
    if (next === undefined) break;
    if (next.cutInAfterMs === null) await caller.waitForSilence({ forMs: FINISHED_MS, timeoutMs: 60_000 });
    else await Promise.race([isOver, until(answerMs + next.cutInAfterMs)]);
  }
  await caller.ended;
  return [...measured, tellSilences(silencesIn(caller.heard, answers))];
}
