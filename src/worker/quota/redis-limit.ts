/** One product's limit in Redis, as one worker holds it: what it has been granted, what it has sent, when to ask again. */
import type { Clock } from '../../lib/clock.ts';
import type { Grant, Refusal, SharedLimit, Want } from '../../lib/shared-limit.ts';
import {
  CONCURRENCY_LOWERED_MS,
  PLACES_KEPT_FOR_CALLERS,
  PROBES,
  RATE_KEPT_FOR_CALLERS,
  RATE_LOWERED_MS,
  WINDOW_MS,
} from '../../model/allowance.ts';

export type Command = 'parleyAsk' | 'parleyRelease' | 'parleyLower' | 'parleyBeat' | 'parleyLeave';
export type Argument = string | number;

/** The connection, as a limit uses it. */
export interface Scripts {
  readonly worker: string;
  readonly isShared: boolean;
  readonly workers: number;
  /** As the scripts want it: of the wall, empty for Redis' own; and what is expected, empty when none has been heard. */
  readonly time: readonly [wallMs: Argument, expectedMs: Argument];
  readonly ttlMs: number;
  key(...names: string[]): string;
  /**
   * Runs a script. `answered` is called once, in a later tick; with undefined when there is no answer in time, and then
   * nothing is shared any more. `late`: what came after that.
   */
  run(
    command: Command,
    keys: string[],
    args: Argument[],
    answered: (answer: unknown) => void,
    late?: (answer: unknown) => void,
  ): void;
}

export interface LimitOptions {
  /** Of the product, as keys and metrics show it. */
  name: string;
  /** Default: no limit. */
  requestsPerMinute?: number | undefined;
  concurrent?: number | undefined;
  /** What is made ahead leaves a part to callers. Default false: it only comes after them. */
  keepsForCallers?: boolean;
  /** How long after its end a place is free at the service too. Default 0. */
  releaseAfterMs?: number;
}

/** Nobody says that a place has been given back elsewhere, so it is asked again after so long. */
const ASK_AGAIN_MS = 50;
/** A worker that asks no more for so long is no longer waiting. */
const PATIENCE_MS = 5 * ASK_AGAIN_MS;

interface Kind {
  /** Not to be asked before. */
  askAtMs: number;
  /** There is no room before, as was last heard. */
  roomAtMs: number;
  stopTimer: () => void;
}

export class RedisLimit implements SharedLimit {
  readonly name: string;
  readonly #quota: Scripts;
  readonly #options: LimitOptions;
  readonly #clock: Clock;
  #listeners: (() => void)[] = [];
  /** Granted, while listeners are told. */
  #atHand: Grant[] = [];
  #isAtHandAhead = false;
  #asked = 0;
  #held = 0;
  #count = 0;
  readonly #sentAtMs = new Map<Grant, number>();
  #othersSentAtMs: number[] = [];
  readonly #kinds: Record<'caller' | 'ahead', Kind> = {
    caller: { askAtMs: 0, roomAtMs: 0, stopTimer: () => {} },
    ahead: { askAtMs: 0, roomAtMs: 0, stopTimer: () => {} },
  };

  constructor(quota: Scripts, options: LimitOptions, clock: Clock) {
    this.name = options.name;
    this.#quota = quota;
    this.#options = options;
    this.#clock = clock;
  }

  get isShared(): boolean {
    return this.#quota.isShared;
  }

  get workers(): number {
    return this.#quota.workers;
  }

  take(want: Want): Grant | undefined {
    if (this.#atHand.length > 0 && (this.#isAtHandAhead || !want.isAhead)) return this.#atHand.shift();
    if (this.#asked === 0 && this.#clock.nowMs() >= this.#kind(want.isAhead).askAtMs) this.#ask(want);
    return undefined;
  }

  waitMs(isAhead: boolean): number {
    return Math.max(0, this.#kind(isAhead).roomAtMs - this.#clock.nowMs());
  }

  takeOwn(): Grant {
    this.#held++;
    const grant = this.#nextGrant(1);
    this.#remember(grant);
    return grant;
  }

  release(grant: Grant, { wasSent = true } = {}): void {
    if (!wasSent) this.#sentAtMs.delete(grant);
    const delayMs = wasSent ? (this.#options.releaseAfterMs ?? 0) : 0;
    if (delayMs === 0) this.#giveBack(grant, wasSent);
    else
      this.#clock.after(delayMs, () => {
        this.#giveBack(grant, wasSent);
        this.changed();
      });
  }

  lower({ retryAfterMs = 0, isConcurrency }: Refusal): void {
    if (!this.isShared) return;
    this.#askAgain();
    this.#quota.run(
      'parleyLower',
      this.#keys('held', 'sent', 'lowered'),
      [
        ...this.#quota.time,
        isConcurrency ? 1 : 0,
        Math.ceil(retryAfterMs),
        WINDOW_MS,
        RATE_LOWERED_MS,
        CONCURRENCY_LOWERED_MS,
        PROBES,
      ],
      () => {},
    );
  }

  othersSentAtMs(): readonly number[] {
    return this.#othersSentAtMs;
  }

  listen(changed: () => void): void {
    this.#listeners.push(changed);
  }

  // ---- for the quota ------------------------------------------------------------------------------------------------

  /** What a sign of life says: how many places are held, and with `isTelling` what was sent, by grant and age. */
  state(isTelling: boolean): (string | number)[] {
    const nowMs = this.#clock.nowMs();
    this.#forgetOld(nowMs);
    const sent = isTelling ? [...this.#sentAtMs] : [];
    return [this.#held, sent.length, ...sent.flatMap(([grant, atMs]) => [grant, nowMs - atMs])];
  }

  get isAsking(): boolean {
    return this.#asked > 0;
  }

  heardOfOthers(agesMs: readonly number[]): void {
    const nowMs = this.#clock.nowMs();
    this.#othersSentAtMs = agesMs.map((ageMs) => nowMs - ageMs);
  }

  changed(): void {
    for (const changed of this.#listeners) changed();
  }

  // -------------------------------------------------------------------------------------------------------------------

  #ask({ count, isAhead, waitedMs }: Want): void {
    const { requestsPerMinute = Infinity, concurrent = Infinity, keepsForCallers = false } = this.#options;
    const first = this.#count + 1;
    this.#count += count;
    this.#asked = count;
    const keeps = isAhead && keepsForCallers;
    this.#quota.run(
      'parleyAsk',
      this.#keys('held', 'sent', 'lowered', 'waiting'),
      [
        ...this.#quota.time,
        this.#quota.worker,
        count,
        first,
        orNone(requestsPerMinute),
        orNone(concurrent),
        keeps ? RATE_KEPT_FOR_CALLERS : 0,
        keeps ? PLACES_KEPT_FOR_CALLERS : 0,
        isAhead ? 1 : 0,
        Math.round(waitedMs),
        WINDOW_MS,
        this.#quota.ttlMs,
        PATIENCE_MS,
      ],
      (answer) => this.#answered(answer as [number, number] | undefined, { count, first, isAhead }),
      (answer) => this.#answeredLate(answer as [number, number], first),
    );
  }

  #answered(
    answer: [number, number] | undefined,
    { count, first, isAhead }: { count: number; first: number; isAhead: boolean },
  ): void {
    this.#asked = 0;
    if (!answer) return this.changed();
    const [granted, waitMs] = answer;
    this.#held += granted;
    this.#atHand = Array.from({ length: granted }, (_, i) => this.#grant(first + i));
    this.#isAtHandAhead = isAhead;
    for (const grant of this.#atHand) this.#remember(grant);
    if (granted < count) this.#waitFor(waitMs, isAhead);
    this.changed();
    for (const grant of this.#atHand.splice(0)) {
      this.#sentAtMs.delete(grant);
      this.#giveBack(grant, false);
    }
  }

  /** Whoever wanted it goes by our own part now. */
  #answeredLate([granted]: [number, number], first: number): void {
    const keys = [this.#quota.key(this.name, 'held'), this.#quota.key(this.name, 'sent')];
    for (let i = 0; i < granted; i++) {
      this.#quota.run('parleyRelease', keys, ['', this.#grant(first + i)], () => {}); // signs of life say what is held
    }
  }

  #waitFor(waitMs: number, isAhead: boolean): void {
    const nowMs = this.#clock.nowMs();
    const kind = this.#kind(isAhead);
    kind.roomAtMs = nowMs + (waitMs < 0 ? 1 : waitMs);
    kind.askAtMs = nowMs + (waitMs < 0 ? ASK_AGAIN_MS : Math.min(waitMs, ASK_AGAIN_MS));
    kind.stopTimer();
    kind.stopTimer = this.#clock.after(kind.askAtMs - nowMs, () => {
      kind.askAtMs = 0; // timers may be a little early
      this.changed();
    });
  }

  #giveBack(grant: Grant, wasSent: boolean): void {
    this.#held--;
    this.#askAgain();
    if (!this.isShared) return; // the next sign of life says what is held
    const keys = [this.#quota.key(this.name, 'held'), this.#quota.key(this.name, 'sent')];
    this.#quota.run('parleyRelease', keys, [this.#quota.worker, wasSent ? '' : grant], () => {});
  }

  /** What was heard is no longer true. */
  #askAgain(): void {
    for (const kind of [this.#kinds.caller, this.#kinds.ahead]) kind.askAtMs = kind.roomAtMs = 0;
  }

  #remember(grant: Grant): void {
    if (this.#options.requestsPerMinute === undefined || this.#options.requestsPerMinute === Infinity) return;
    const nowMs = this.#clock.nowMs();
    this.#forgetOld(nowMs);
    this.#sentAtMs.set(grant, nowMs);
  }

  #forgetOld(nowMs: number): void {
    for (const [grant, atMs] of this.#sentAtMs) {
      if (atMs > nowMs - WINDOW_MS) return;
      this.#sentAtMs.delete(grant);
    }
  }

  #nextGrant(count: number): Grant {
    this.#count += count;
    return this.#grant(this.#count);
  }

  #grant(number: number): Grant {
    return `${this.#quota.worker}.${number}`;
  }

  #kind(isAhead: boolean): Kind {
    return this.#kinds[isAhead ? 'ahead' : 'caller'];
  }

  #keys(...names: string[]): string[] {
    return [
      this.#quota.key('clock'),
      this.#quota.key('workers'),
      ...names.map((name) => this.#quota.key(this.name, name)),
    ];
  }
}

/** The scripts read 0 as "no limit". */
function orNone(limit: number): number {
  return limit === Infinity ? 0 : limit;
}
