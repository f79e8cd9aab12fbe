/** The caller's telephone, whichever protocol the worker speaks: says, presses, listens, and tells what it hears. */
import { FRAME_MS } from '../../audio/contract.ts';
import type { Clock } from '../../lib/clock.ts';
import type {
  CallEnd,
  MediaCaller,
  MediaCallerEvent,
  RelayCaller,
  RelayCallerEvent,
  WaitOptions,
} from '../../simulate/telephone.ts';
import { AgentEar } from './ear.ts';
import type { CallObserver } from './observer.ts';

/** What is said: its words, its sound, or both. */
export interface Utterance {
  text?: string;
  file?: string;
  /** Mu-law, 8 kHz; a line of text needs none. */
  audio?: Uint8Array;
}

export interface CallerLine {
  readonly nowMs: number;
  readonly isOver: boolean;
  readonly ended: Promise<CallEnd>;
  /** Behind what is being said already. Done when its last word is out; answers when that was. */
  say(utterance: Utterance): Promise<number>;
  press(digits: string): void;
  hangUp(): Promise<CallEnd>;
  /** As the simulated callers do: rejects with `idle-timeout` or `closed`. */
  waitForSpeech(options?: WaitOptions & { fromMs?: number }): Promise<number>;
  waitForSilence(options?: WaitOptions & { forMs?: number; fromMs?: number }): Promise<number>;
}

const DEFAULT_RECOGNITION_MS = 300;

export class MediaLine implements CallerLine {
  readonly #caller: MediaCaller;
  readonly #observer: CallObserver;
  readonly #clock: Clock;
  readonly #ear: AgentEar;
  #gaps = 0;
  #cancelLook: () => void;
  #saying: Promise<unknown> = Promise.resolve();

  constructor(caller: MediaCaller, observer: CallObserver, clock: Clock) {
    this.#caller = caller;
    this.#observer = observer;
    this.#clock = clock;
    this.#ear = new AgentEar(caller.heard, observer);
    this.#cancelLook = this.#clock.after(LOOK_MS, this.#look);
    void caller.ended.then((end) => {
      this.#cancelLook();
      this.#hear();
      this.#ear.finish();
      observer.ended(end);
    });
  }

  get nowMs(): number {
    return this.#caller.nowMs;
  }

  get isOver(): boolean {
    return this.#caller.isOver;
  }

  get ended(): Promise<CallEnd> {
    return this.#caller.ended;
  }

  async say({ audio = new Uint8Array(0), ...what }: Utterance): Promise<number> {
    const before = this.#saying;
    const said = before.then(() => this.#say(audio, what));
    this.#saying = said.catch(() => {});
    return said;
  }

  async #say(audio: Uint8Array, what: Omit<Utterance, 'audio'>): Promise<number> {
    if (this.isOver) return this.nowMs;
    this.#ear.yieldTurn(); // whether this cuts in is judged by what has been heard until now
    this.#observer.callerStarts(this.nowMs, what);
    const { fromMs, toMs } = await this.#caller.say(audio);
    this.#observer.callerEnds(fromMs, toMs);
    return toMs;
  }

  press(digits: string): void {
    this.#ear.yieldTurn();
    this.#observer.callerPresses(this.nowMs, digits);
    this.#caller.press(digits);
  }

  hangUp(): Promise<CallEnd> {
    return this.#caller.hangUp();
  }

  waitForSpeech(options?: WaitOptions & { fromMs?: number }): Promise<number> {
    return this.#caller.waitForSpeech(options);
  }

  waitForSilence(options?: WaitOptions & { forMs?: number; fromMs?: number }): Promise<number> {
    return this.#caller.waitForSilence(options);
  }

  readonly #look = (): void => {
    this.#hear();
    this.#cancelLook = this.#clock.after(LOOK_MS, this.#look);
  };

  #hear(): void {
    this.#ear.listen();
    const { gaps } = this.#caller.stats();
    for (; this.#gaps < gaps.length; this.#gaps++) {
      const gap = gaps[this.#gaps]!;
      if (gap.durationMs >= FRAME_MS) this.#observer.gap(gap);
    }
  }
}

/** Times are read off the sound itself, so looking rarely costs nothing but promptness. */
const LOOK_MS = 50;

/** For `dialMedia`: what the worker sends that is not sound. */
export function tellMediaEvent(event: MediaCallerEvent, observer: CallObserver): void {
  if (event.type === 'mark') observer.mark(event.arrivedMs, event.name);
  else if (event.type === 'clear') observer.clear(event.arrivedMs, event.clearedMs);
  else if (event.type === 'bad-frame') observer.badFrame(event.arrivedMs, event.message);
}

export class RelayLine implements CallerLine {
  readonly #caller: RelayCaller;
  readonly #observer: CallObserver;

  constructor(caller: RelayCaller, observer: CallObserver) {
    this.#caller = caller;
    this.#observer = observer;
    void caller.ended.then((end) => {
      observer.agentEnds(end.atMs);
      observer.ended(end);
    });
  }

  get nowMs(): number {
    return this.#caller.nowMs;
  }

  get isOver(): boolean {
    return this.#caller.isOver;
  }

  get ended(): Promise<CallEnd> {
    return this.#caller.ended;
  }

  async say({ text = '' }: Utterance): Promise<number> {
    if (this.isOver) return this.nowMs;
    const fromMs = this.nowMs;
    this.#observer.callerStarts(fromMs, { text });
    await this.#caller.say(text);
    // the peer needs a moment to understand the last word
    const lastWordMs = Math.max(fromMs, this.nowMs - DEFAULT_RECOGNITION_MS);
    this.#observer.callerEnds(fromMs, lastWordMs);
    return lastWordMs;
  }

  press(digits: string): void {
    this.#observer.callerPresses(this.nowMs, digits);
    this.#caller.press(digits);
  }

  hangUp(): Promise<CallEnd> {
    return this.#caller.hangUp();
  }

  waitForSpeech(options?: WaitOptions & { fromMs?: number }): Promise<number> {
    return this.#caller.waitForSpeech(options);
  }

  waitForSilence(options?: WaitOptions & { forMs?: number; fromMs?: number }): Promise<number> {
    return this.#caller.waitForSilence(options);
  }
}

/** For `dialRelay`: what the worker has the peer say and do. */
export function tellRelayEvent(event: RelayCallerEvent, observer: CallObserver): void {
  if (event.type === 'speaking') {
    if (event.isSpeaking) observer.agentStarts(event.atMs);
    else observer.agentEnds(event.atMs);
  } else if (event.type === 'word') observer.agentSays(event.word.fromMs, event.word.text.trim());
  else if (event.type === 'bad-frame') observer.badFrame(event.atMs, event.message);
  else if (event.type === 'command' && event.command.type === 'sendDigits') {
    observer.agentPresses(event.atMs, event.command.digits);
  }
}
