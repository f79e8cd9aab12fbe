/** A caller at a telephone, over a real socket and in real time. What they do and hear is told in the call's time. */
import type { CallEvent } from '../call/events.ts';
import { FRAME_MS } from '../audio/contract.ts';
import { decodeMulaw, encodeMulaw } from '../audio/g711.ts';
import { systemClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { MediaCaller } from '../simulate/twilio/media.ts';
import type { Stretch } from '../simulate/phone/voice-track.ts';
import type { CallerEnd, CallerSound, HeardFacts, SayOptions, TurnBegin } from './caller-end.ts';
import { HeardWatch } from './heard-watch.ts';
import { pressKeys } from './keys.ts';
import { AgentWords } from './line/agent-words.ts';
import { PAUSE_MS, soundOf, type SpokenText } from './line/caller-sounds.ts';
import { understand } from './phone.ts';
import type { CallerStretch } from './result.ts';
import type { Utterance } from './scope.ts';
import { withKinds } from './words.ts';

/** A frame that is later than this was not sent when the caller spoke: then it is this machine that was measured. */
const MOST_LATE_MS = 60;
/** At the pace of a voice that takes its time. */
const LETTER_MS = 100;

export interface PhoneEndOptions {
  line: 'phone' | 'url';
  caller: MediaCaller;
  /** From the caller's clock to the call's. */
  offsetMs: number;
  /** The agent thinks, works or speaks. */
  isTurnRunning: () => boolean;
  /** Told of what was said, once it was; resolves with its turn, once that is over. */
  answered: (utterance: Utterance) => Promise<number>;
  /** Told of each key. Default: nobody is. */
  pressed?: () => void;
  /** The caller's voice: how a text sounds. @throws {VoiceError} when nothing is left of it to say */
  speak: (text: string, pauseMs: number) => SpokenText | Promise<SpokenText>;
  /** Both speak tones, which carry their words. */
  hasTones: boolean;
  trouble: (what: string) => void;
}

export class PhoneEnd implements CallerEnd {
  readonly stretches: CallerStretch[] = [];
  readonly #options: PhoneEndOptions;
  readonly #words = new AgentWords();
  readonly #heard: HeardWatch;
  /** What is said stays in its order, however long a voice takes. */
  #spoken: Promise<unknown> = Promise.resolve();
  /** Of the caller's track, in milliseconds: what has been listened to. */
  #listenedMs = 0;
  #stopListening = () => {};

  constructor(options: PhoneEndOptions) {
    this.#options = options;
    this.#heard = new HeardWatch({
      clock: systemClock,
      nowMs: () => options.caller.nowMs,
      words: () => this.#words.words,
      knowsBeyond: () => true, // a word is known when something follows it, and not before
    });
    this.#listen();
  }

  say(text: string, { mumbled = text, pauseMs = PAUSE_MS }: SayOptions): { untilMs: number; turn: Promise<number> } {
    const spoken = this.#spoken.then(() => this.#options.speak(mumbled, pauseMs));
    this.#spoken = spoken.catch(() => {});
    return { untilMs: this.#nowMs + mumbled.length * LETTER_MS, turn: spoken.then((sound) => this.#say(text, sound)) };
  }

  async make(sound: CallerSound): Promise<void> {
    const said = await this.#options.caller.say(encodeMulaw(soundOf(sound)));
    const what = typeof sound === 'string' ? sound : 'a sound';
    this.stretches.push({ kind: sound === 'mm-hm' ? 'backchannel' : 'noise', what, ...this.#inCall(said) });
  }

  async press(keys: string): Promise<void> {
    const fromMs = this.#nowMs;
    const { caller, pressed } = this.#options;
    await pressKeys(keys, systemClock, (key) => {
      caller.press(key);
      pressed?.();
    });
    this.stretches.push({ kind: 'keys', keys, fromMs, toMs: this.#nowMs });
  }

  async hears(what: string | RegExp): Promise<number> {
    if (!this.#options.hasTones) throw notUnderstood();
    return (await this.#heard.until(what)) + this.#options.offsetMs;
  }

  hangUp(): void {
    void this.#options.caller.hangUp();
  }

  hear(event: CallEvent): void {
    if (event.type !== 'call-end') return;
    this.#stopListening();
    this.#heard.end(event.reason);
    const { mostLateMs } = this.#options.caller.stats();
    if (mostLateMs > MOST_LATE_MS) this.#options.trouble(lateFrames(mostLateMs));
  }

  facts(events: readonly CallEvent[], since?: TurnBegin): HeardFacts {
    const { caller, offsetMs, line, hasTones } = this.#options;
    const words = understand(caller.heard, Math.max(0, (since?.atMs ?? 0) - offsetMs));
    const stretches = caller.heard.stretches({ minGapMs: FRAME_MS });
    const isVoice = !hasTones || (line === 'url' && stretches.length > 0 && this.#words.words.length === 0);
    return {
      line,
      hearing: hasTones ? 'stand-in' : 'real',
      agentSound: stretches.map(({ fromMs, toMs }) => shifted(fromMs, toMs, offsetMs)),
      ...(!isVoice && {
        heard: withKinds(
          words.map(({ text, startMs, endMs }) => ({ text, ...shifted(startMs, endMs, offsetMs) })),
          events,
        ),
      }),
      sound: {
        sampleRateHz: 8_000,
        caller: decodeMulaw(caller.said.read(-offsetMs)),
        agent: decodeMulaw(caller.heard.read(-offsetMs)),
      },
    };
  }

  async #say(text: string, { samples, pauses }: SpokenText): Promise<number> {
    const { caller, isTurnRunning, answered } = this.#options;
    const cutsIn = isTurnRunning() || caller.bufferedMs > 0;
    const { fromMs, toMs } = this.#inCall(await caller.say(encodeMulaw(samples)));
    const placed = pauses.map((pause) => ({ fromMs: fromMs + pause.fromMs, toMs: fromMs + pause.toMs }));
    const utterance: Utterance = {
      ...{ kind: 'utterance', text, fromMs, toMs },
      ...(placed.length > 0 && { pauses: placed }),
      ...(cutsIn && { cutsIn }),
    };
    this.stretches.push(utterance);
    return answered(utterance);
  }

  /** Of the call. */
  get #nowMs(): number {
    return this.#options.caller.nowMs + this.#options.offsetMs;
  }

  #inCall = ({ fromMs, toMs }: Stretch): Stretch => shifted(fromMs, toMs, this.#options.offsetMs);

  /** What has been played since. */
  #listen(): void {
    const { heard } = this.#options.caller;
    const untilMs = heard.durationMs;
    if (untilMs > this.#listenedMs) this.#words.push(heard.read(this.#listenedMs, untilMs), this.#listenedMs);
    this.#listenedMs = untilMs;
    this.#heard.changed();
    this.#stopListening = systemClock.after(FRAME_MS, () => this.#listen());
  }
}

const shifted = (fromMs: number, toMs: number, byMs: number): Stretch => ({ fromMs: fromMs + byMs, toMs: toMs + byMs });

const lateFrames = (ms: number): string =>
  `this machine was too slow for a call in real time: a frame of the caller's was ${Math.round(ms)} ms late`;

const notUnderstood = (): VoiceError =>
  new VoiceError(
    'options-invalid',
    'Expected nothing to be waited for by its words: those of a voice are not understood here',
  );
