/**
 * A telephone for tests: the stand-ins for Smallest AI, a worker with your agent, and callers who dial it, over real
 * sockets and in real time. Both speak tones that carry their words, so what was heard at either end, and when, is read
 * from the sound itself.
 *
 *   const phone = await startPhone(agent);
 *   const line = await phone.dial();
 *   await line.say('What is the weather in Oslo?');
 *   await line.caller.waitForSilence({ forMs: 900 });
 *   line.heard(); // the agent's words, each with its time
 */
import type { Agent, AgentInput } from '../call/agent.ts';
import { createAgent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import { togetherWith } from '../call/vendors.ts';
import type { CallEvent, CallEventType } from '../call/events.ts';
import type { CallRecording } from '../record/recording.ts';
import { decodeMulaw, encodeMulaw } from '../audio/g711.ts';
import {
  decodeToneSpeech,
  encodeToneSpeech,
  wordsOf,
  type SpokenCharacter,
  type SpokenWord,
} from '../audio/tone-speech.ts';
import { systemClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { isNextSentence } from './line/agent-words.ts';
import { newSid } from '../simulate/phone/connect.ts';
import { dialMedia, type DialMediaOptions, type MediaCaller } from '../simulate/twilio/media.ts';
import { dialRelay, type DialRelayOptions, type RelayCaller } from '../simulate/twilio/relay.ts';
import { SimulatedTwilioRest } from '../simulate/twilio/rest-server.ts';
import { SAMPLES_PER_MS, type Stretch, type VoiceTrack } from '../simulate/phone/voice-track.ts';
import { simulateServices, type SimulatedOptions, type SimulatedServices } from '../worker/services.ts';
import { readSettings } from '../worker/settings.ts';
import { Worker } from '../worker/worker.ts';

/** How the stand-ins behave, and what the worker does beside answering. Everything optional. */
export interface PhoneOptions extends Pick<
  SimulatedOptions,
  'electron' | 'lightning' | 'pulse' | 'redisUrl' | 'vendors'
> {
  /** Folder for recordings of every call. Default: none. */
  record?: string | undefined;
  /** The worker has an account at a simulated Twilio, for hang-up, transfer and digits. Default false. */
  hasAccount?: boolean | undefined;
  /** Default 10,000. */
  maxCalls?: number | undefined;
  log?: Log | undefined;
}

type Own = 'url' | 'from' | 'to' | 'rest' | 'callSid' | 'authToken' | 'signedUrl';
type DialOptions<Options> = Partial<Pick<Options, Extract<keyof Options, 'from' | 'to'>>> & Omit<Options, Own>;

const AUTH_TOKEN = 'simulated-token';
const ACCOUNT_SID = 'AC00000000000000000000000000000001';
/** By which the worker is known to a Twilio that signs its requests. */
const PUBLIC_HOST = 'voice.example.com';

/** How Lightning speaks the agent's own phrases, before the first call... */
const AT_ONCE = { firstByteMs: 0, realTimeFactor: 1_000 };
/** ...and afterwards, unless told otherwise. */
const FIRST_BYTE_MS = 150;
const REAL_TIME_FACTOR = 3.3;

/** Starts everything. @throws {VoiceError} `options-invalid`, when the agent is none. */
export async function startPhone(agent: Agent | AgentInput, options: PhoneOptions = {}): Promise<Phone> {
  const { record, hasAccount = false, maxCalls = 10_000, log = silentLog, ...simulated } = options;
  const { lightning, vendors } = simulated;
  const ready = 'toolbox' in agent ? agent : await createAgent(agent, { log, vendors });
  const common = { vendors: togetherWith(vendors, ready.own), clock: systemClock, log };
  const services = await simulateServices({
    ...simulated,
    ...common,
    names: ready.vendors,
    lightning: { ...lightning, ...AT_ONCE },
  });
  const rest = new SimulatedTwilioRest({ accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN });
  await rest.listen();
  const settings = readSettings({
    PARLEY_AGENT: ready.name,
    PARLEY_PORT: '0',
    PARLEY_MAX_CALLS: String(maxCalls),
    PARLEY_MAX_LAG_MS: '60000', // a busy machine is slow for every part of a test
    PARLEY_SIMULATE: 'true',
    ...(record !== undefined && { PARLEY_RECORD: record }),
    ...(hasAccount && {
      PARLEY_TWILIO_AUTH_TOKEN: AUTH_TOKEN,
      PARLEY_TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      PARLEY_TWILIO_REST_URL: rest.account.baseUrl,
      PARLEY_PUBLIC_URL: `https://${PUBLIC_HOST}`,
    }),
  });
  const answered = new AnsweredCalls();
  const worker = new Worker({ settings, agent: ready, ...services, ...common, onCall: answered.add });
  const url = (await worker.start()).replace('http', 'ws');
  await worker.prepared;
  services.lightning.set({ firstByteMs: FIRST_BYTE_MS, realTimeFactor: REAL_TIME_FACTOR, ...lightning });
  const letGo = async () => (ready === agent ? undefined : ready.close());
  return new Phone({ services, rest, worker, url, hasAccount, answered, letGo });
}

interface PhoneParts {
  services: SimulatedServices;
  rest: SimulatedTwilioRest;
  worker: Worker;
  /** Of the worker, `ws://...`. */
  url: string;
  hasAccount: boolean;
  answered: AnsweredCalls;
  /** Of the agent, where it was made for it. */
  letGo: () => Promise<void>;
}

/** A worker with your agent, the stand-ins behind it, and the telephone before it. */
export class Phone {
  readonly services: SimulatedServices;
  readonly rest: SimulatedTwilioRest;
  readonly worker: Worker;
  /** Of the worker, `ws://127.0.0.1:1234`. */
  readonly url: string;
  readonly #parts: PhoneParts;

  /** Use `startPhone`. */
  constructor(parts: PhoneParts) {
    this.#parts = parts;
    this.services = parts.services;
    this.rest = parts.rest;
    this.worker = parts.worker;
    this.url = parts.url;
  }

  /** Rings by Media Streams: audio. Done when the agent has answered. */
  async dial(options: DialOptions<DialMediaOptions> = {}): Promise<PhoneLine> {
    const own = this.#own('/twilio/media');
    const caller = await dialMedia({ ...own, ...options });
    return new PhoneLine(caller, await this.#parts.answered.take(own.callSid, caller.ended));
  }

  /** Rings by ConversationRelay: text. */
  async dialRelay(options: DialOptions<DialRelayOptions> = {}): Promise<RelayLine> {
    const own = this.#own('/twilio/relay');
    const caller = await dialRelay({ progress: true, dtmfDetection: true, ...own, ...options });
    return { caller, ...(await this.#parts.answered.take(own.callSid, caller.ended)) };
  }

  /** Ends what is still there and lets go of every socket. */
  async close(): Promise<void> {
    await this.worker.close();
    await Promise.all([this.services.close(), this.rest.close(), this.#parts.letGo()]);
  }

  #own(path: string) {
    const { url, hasAccount, rest } = this.#parts;
    const signed = hasAccount ? { authToken: AUTH_TOKEN, signedUrl: `wss://${PUBLIC_HOST}${path}` } : {};
    return { url: url + path, from: '+15550100', to: '+15550199', rest, callSid: newSid('CA'), ...signed };
  }
}

/** The worker's end of a call. */
export interface AnsweredCall {
  call: Call;
  recording: CallRecording | undefined;
  /** Everything that the call has told so far. */
  events: CallEvent[];
}

/** A call in text, from both of its ends. */
export interface RelayLine extends AnsweredCall {
  caller: RelayCaller;
}

/** One call, from both of its ends. */
export class PhoneLine implements AnsweredCall {
  readonly caller: MediaCaller;
  readonly call: Call;
  readonly recording: CallRecording | undefined;
  readonly events: CallEvent[];
  /** From the caller's clock to the call's: what happened at `caller.nowMs` is at this much more in events. */
  readonly offsetMs: number;

  constructor(caller: MediaCaller, answered: AnsweredCall) {
    this.caller = caller;
    this.call = answered.call;
    this.recording = answered.recording;
    this.events = answered.events;
    this.offsetMs = answered.call.atMs - caller.nowMs;
  }

  /** The caller says `text` behind what they are saying; done when it has been said, with the time that it took. */
  say(text: string): Promise<Stretch> {
    return this.caller.say(voiceOf(text));
  }

  /** The agent's words as the caller heard them, in the caller's time. */
  heard(fromMs = 0, toMs?: number): SpokenWord[] {
    return understand(this.caller.heard, fromMs, toMs);
  }

  heardText(fromMs = 0, toMs?: number): string {
    return this.heard(fromMs, toMs)
      .map(({ text }) => text)
      .join(' ');
  }

  /**
   * The agent's sound as the caller heard it from `fromMs` on, 8 kHz, without the silences in which nothing was played:
   * pauses, and holes where the line ran dry.
   */
  heardSound(fromMs = 0, toMs = Infinity): Int16Array {
    const parts = this.caller.events.flatMap((event) => {
      if (event.type !== 'audio' || event.playFromMs < fromMs || event.playFromMs >= toMs) return [];
      return this.caller.heard.read(event.playFromMs, event.playFromMs + event.heardSamples / SAMPLES_PER_MS);
    });
    return decodeMulaw(Buffer.concat(parts));
  }

  /** When the call told this, in the caller's time. */
  timeOf(event: CallEvent): number {
    return event.atMs - this.offsetMs;
  }

  eventsOf<Type extends CallEventType>(type: Type): Extract<CallEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<CallEvent, { type: Type }> => event.type === type);
  }
}

/** `text` as a caller's voice: mu-law, 8 kHz, 15 characters a second. */
export function voiceOf(text: string): Uint8Array {
  return encodeMulaw(encodeToneSpeech(text, 8_000));
}

/** A silence as long as this ends a word, as a space does: the end of one utterance and the beginning of another. */
const WORD_ENDS_MS = 100;

/** The words of a voice that speaks in tones. Times are those of the track. */
export function understand(voice: VoiceTrack, fromMs = 0, toMs?: number): SpokenWord[] {
  return understandSamples(voice.readSamples(fromMs, toMs)).map(({ text, startMs, endMs }) => ({
    text,
    startMs: startMs + fromMs,
    endMs: endMs + fromMs,
  }));
}

/** The same of any samples, 8 kHz. Times are since the first of them. */
export function understandSamples(samples: Int16Array): SpokenWord[] {
  const characters = decodeToneSpeech(samples, 8_000);
  const runs: SpokenCharacter[][] = [];
  for (const character of characters) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const isMore = last && character.startMs - last.endMs < WORD_ENDS_MS;
    if (run && isMore && !isNextSentence(textBefore(run), character.text)) run.push(character);
    else runs.push([character]);
  }
  return runs.flatMap(wordsOf);
}

/** What a sentence may end with. */
const textBefore = (run: readonly SpokenCharacter[]): string =>
  run
    .slice(-6)
    .map(({ text }) => text)
    .join('');

/** Calls that the worker has begun, by the carrier's id, until the one who dialled takes them. */
class AnsweredCalls {
  readonly #calls = new Map<string, AnsweredCall>();
  readonly #waiting = new Map<string, (call: AnsweredCall) => void>();

  readonly add = (call: Call, recording: CallRecording | undefined): void => {
    const events: CallEvent[] = [];
    call.on('event', (event) => events.push(event));
    const answered = { call, recording, events };
    const { carrierCallId } = call.caller;
    const wait = this.#waiting.get(carrierCallId);
    if (!wait) return void this.#calls.set(carrierCallId, answered);
    this.#waiting.delete(carrierCallId);
    wait(answered);
  };

  take(callSid: string, ended: Promise<unknown>): Promise<AnsweredCall> {
    const answered = this.#calls.get(callSid);
    this.#calls.delete(callSid);
    if (answered) return Promise.resolve(answered);
    return new Promise((resolve, reject) => {
      this.#waiting.set(callSid, resolve);
      void ended.then(() => reject(new VoiceError('closed', 'Expected the agent to answer, but the line ended')));
    });
  }
}
