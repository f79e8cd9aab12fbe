/**
 * The time of one call. It stands still, and moves only while a test waits for something of the call: then from timer to
 * timer, and never before all that follows from the last one has been done. What really happens outside, such as a tool that
 * asks a database, holds it.
 */
import type { VirtualClock } from '../../lib/clock.ts';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { drained, realNowMs, restMs } from './drain.ts';
import { Pending } from './pending.ts';

/** Time is held for so long in real time; then it is said who holds it. */
const LONGEST_HOLD_MS = 5_000;
/** How often it is looked whether it is held yet, in real time. */
const LOOK_EVERY_MS = 1;

/** What a test waits for. */
interface Want {
  /** Of a sentence: `to hear "Tuesday"`. */
  what: string;
  sinceMs: number;
  promise: Pending<unknown>;
  reject: (error: Error) => void;
}

export interface TestTimeOptions {
  clock: VirtualClock;
  /** Who works in real time at the moment, each in a few words: `the tool find_appointments`. Empty: nobody. */
  holders: () => readonly string[];
  /** What takes real time is waited for in real time, and that counts: a model that is none of ours. Default: nothing is. */
  isPaced?: (() => boolean) | undefined;
  /** Somebody waits in real time for what costs the call none: time stands still meanwhile. Default: nobody does. */
  isStanding?: (() => boolean) | undefined;
  /** How things stand, for whoever is told that nothing moves. */
  describe: () => string;
}

export class TestTime {
  readonly #options: TestTimeOptions;
  readonly #wants = new Set<Want>();
  #isMoving = false;
  #heldSinceMs: number | undefined;
  /** When the call's time began to go as fast as ours, by both. */
  #paced: { realMs: number; atMs: number } | undefined;

  constructor(options: TestTimeOptions) {
    this.#options = options;
  }

  get clock(): VirtualClock {
    return this.#options.clock;
  }

  /**
   * Hands a test what it may wait for. While it does, time moves.
   * @param what Of a sentence: `to hear "Tuesday"`.
   * @param limitMs Of virtual time; later than that it rejects with `idle-timeout`.
   */
  want<T>(what: string, work: Promise<T>, limitMs: number): Pending<T> {
    const { clock } = this;
    let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
    const promise = new Pending<T>((resolve, reject) => (settle = { resolve, reject }));
    const want: Want = { what, sinceMs: clock.nowMs(), promise, reject: (error) => done(() => settle?.reject(error)) };
    const cancelLimit = clock.after(limitMs, () => want.reject(this.#late(want, limitMs)));
    const done = (tell: () => void) => {
      if (!this.#wants.delete(want)) return;
      cancelLimit();
      tell();
    };
    this.#wants.add(want);
    work.then(
      (value) => done(() => settle?.resolve(value)),
      (error: unknown) => done(() => settle?.reject(error)),
    );
    return promise.whenAwaited(() => this.#move());
  }

  /** Everything that is waited for fails, for this reason. */
  fail(error: Error): void {
    for (const want of [...this.#wants]) want.reject(error);
  }

  get #isAwaited(): boolean {
    for (const { promise } of this.#wants) if (promise.isAwaited) return true;
    return false;
  }

  #move(): void {
    if (this.#isMoving) return;
    this.#isMoving = true;
    void this.#run().catch((thrown: unknown) => {
      this.#isMoving = false;
      this.fail(thrown instanceof Error ? thrown : new VoiceError('internal', messageOf(thrown)));
    });
  }

  async #run(): Promise<void> {
    await drained();
    while (this.#isAwaited) {
      if ((await this.#stands()) || (await this.#isHeld()) || (await this.#isTooEarly())) continue;
      if (!this.clock.runNext()) this.fail(this.#stuck());
      await drained();
    }
    this.#isMoving = false;
  }

  async #stands(): Promise<boolean> {
    if (!this.#options.isStanding?.()) return false;
    this.#paced = undefined;
    await restMs(LOOK_EVERY_MS);
    return true;
  }

  /** Waits a little in real time, if somebody works in real time. */
  async #isHeld(): Promise<boolean> {
    const holders = this.#options.holders();
    if (holders.length === 0) {
      this.#heldSinceMs = undefined;
      return false;
    }
    this.#heldSinceMs ??= realNowMs();
    if (realNowMs() - this.#heldSinceMs > LONGEST_HOLD_MS) {
      this.#heldSinceMs = undefined;
      this.fail(heldTooLong(holders));
    }
    await restMs(LOOK_EVERY_MS);
    return true;
  }

  /** While something that takes real time is waited for, the call's time goes no faster than ours. */
  async #isTooEarly(): Promise<boolean> {
    const { clock, isPaced } = this.#options;
    if (!isPaced?.()) {
      this.#paced = undefined;
      return false;
    }
    this.#paced ??= { realMs: realNowMs(), atMs: clock.nowMs() };
    const nowMs = this.#paced.atMs + realNowMs() - this.#paced.realMs;
    const nextMs = clock.nextAtMs ?? Infinity;
    if (nextMs <= nowMs) return false;
    clock.advanceTo(nowMs); // runs nothing, and what is told now is told at this time
    await restMs(LOOK_EVERY_MS);
    return true;
  }

  #late({ what }: Want, limitMs: number): VoiceError {
    const seconds = Math.round(limitMs / 1_000);
    return new VoiceError('idle-timeout', `Expected ${what} within ${seconds} s of the call's time. ${this.#state()}`);
  }

  #stuck(): VoiceError {
    return new VoiceError('idle-timeout', `Nothing moves: no timer is set, and nothing runs. ${this.#state()}`);
  }

  #state(): string {
    const wants = [...this.#wants].filter(({ promise }) => promise.isAwaited);
    const waiting = wants.map(({ what, sinceMs }) => `${what} (since ${Math.round(sinceMs)} ms)`).join(', ');
    const awaited = waiting === '' ? '' : ` The test waits: ${waiting}.`;
    return `It is ${Math.round(this.clock.nowMs())} ms.${awaited} ${this.#options.describe()}`;
  }
}

function heldTooLong(holders: readonly string[]): VoiceError {
  const who = holders.join(' and ');
  const message =
    `The call's time has stood still for ${LONGEST_HOLD_MS / 1_000} s, since ${who} works in real time and has not ended. ` +
    'Put a stub in its place in `tools`, or have it end sooner';
  return new VoiceError('idle-timeout', message);
}
