/**
 * Who of a list is asked: the first that is well. What the lists of models, of voices and of ears have in common, each of
 * which says for itself when one is refused, down or late. One for the process, so that no call finds out anew what another
 * one has found out.
 */
import { ask, CLOSED, fail, leave, type Breaker, type BreakerLimits } from './breaker.ts';
import type { Clock } from './clock.ts';
import type { ErrorCode, ProviderError } from './errors.ts';
import type { Log } from './log.ts';

/** What a list is of. */
export type VendorKind = 'model' | 'voice' | 'ear';

/** One of a list that is asked now, in place of those before it. */
export interface Successor {
  /** The names of all, in the order of the list. */
  names: readonly string[];
  /** Which of them is asked, from 0. */
  at: number;
  /** Why the first of those that were passed over is not asked; undefined where none was. */
  because: ProviderError | undefined;
}

/** How one of a list is to be asked. */
export interface Turn extends Successor {
  /** It was down, and is asked to see whether it is well: give it no more than `trialMs`. */
  isTrial: boolean;
  /** Nobody is left behind it: it may take as long as it would alone. */
  isLast: boolean;
}

/** How one of a list is, for metrics. */
export interface VendorHealth {
  kind: VendorKind;
  name: string;
  /** It is asked as ever. */
  isWell: boolean;
}

/** Two failures in a row, or one that has cost a caller seconds; then 10 s of peace, doubled to at most two minutes. */
export const BREAKER_LIMITS: BreakerLimits = { mostFailures: 2, openMs: 10_000, mostOpenMs: 120_000, trialMs: 1_500 };

/** Nobody else would do better: what was asked is wrong, or nobody wants the answer any more. */
const OF_THE_REQUEST: readonly ErrorCode[] = ['request-invalid', 'options-invalid', 'context-overflow', 'closed'];
/** What a vendor may take badly in one call, and well in all others. */
const STATUSES_OF_THE_REQUEST: readonly (number | undefined)[] = [400, 413, 422];
/** Each has cost a caller seconds, or would be the same for everybody. */
const GRAVE: readonly ErrorCode[] = [
  ...(['connect-timeout', 'first-token-timeout', 'idle-timeout', 'step-timeout'] as const),
  ...(['unauthorized', 'rate-limited'] as const),
];

/** Whether another vendor may do what this one has not done. */
export function isOfVendor({ code }: ProviderError): boolean {
  return !OF_THE_REQUEST.includes(code);
}

interface Member {
  breaker: Breaker;
  /** Why it was last found to be down. */
  error: ProviderError | undefined;
}

export interface SuccessionOptions {
  kind: VendorKind;
  /** In the order of the list. */
  names: readonly string[];
  clock: Clock;
  log: Log;
  /** Called when one is passed over from now on, or asked again. Default: nobody is told. */
  changed?: () => void;
}

export class Succession {
  readonly #options: SuccessionOptions;
  readonly #members: Member[];

  constructor(options: SuccessionOptions) {
    this.#options = options;
    this.#members = options.names.map(() => ({ breaker: CLOSED, error: undefined }));
  }

  get size(): number {
    return this.#members.length;
  }

  /** Who would be asked now, as far as is known without trying those that were down; the first where none is well. */
  get current(): number {
    return Math.max(
      0,
      this.#members.findIndex(({ breaker }) => breaker.name === 'closed'),
    );
  }

  /** Whether one that stands before this one has done well since it last failed. */
  hasBetterThan(at: number): boolean {
    return this.#members.slice(0, at).some(({ breaker, error }) => breaker.name === 'closed' && !error);
  }

  get health(): VendorHealth[] {
    const { kind, names } = this.#options;
    return names.map((name, at) => ({ kind, name, isWell: this.#members[at]?.breaker.name === 'closed' }));
  }

  /**
   * Who is asked next: the first that is well and not among `tried`, and if none is, the first that was not tried, for
   * somebody has to answer. Undefined when all were.
   */
  next(tried: ReadonlySet<number>): Turn | undefined {
    const nowMs = this.#options.clock.nowMs();
    const open = this.#members.map((_, at) => at).filter((at) => !tried.has(at));
    for (const at of open) {
      const member = this.#members[at]!;
      const breaker = ask(member.breaker, nowMs, BREAKER_LIMITS);
      if (!breaker) continue;
      member.breaker = breaker;
      return this.#turn(at, { isTrial: breaker.name === 'half-open', isLast: open.length === 1 });
    }
    const [first] = open;
    return first === undefined ? undefined : this.#turn(first, { isTrial: false, isLast: open.length === 1 });
  }

  /** It has done all that was asked of it. */
  succeeded(at: number): void {
    const member = this.#members[at]!;
    const wasWell = member.breaker.name === 'closed';
    member.breaker = CLOSED;
    member.error = undefined;
    const { kind, names, log } = this.#options;
    if (wasWell) return;
    log.info({ kind, vendor: names[at] }, 'a vendor is well again, and asked as before');
    this.#options.changed?.();
  }

  /** It was refused, down or late. What is the request's own fault, or our own lack of room, is not held against it. */
  failed(at: number, error: ProviderError): void {
    const member = this.#members[at]!;
    member.error = error;
    const { code, status, retryAfterMs } = error;
    const isHeld = isOfVendor(error) && code !== 'queue-timeout' && !STATUSES_OF_THE_REQUEST.includes(status);
    if (!isHeld) return this.left(at);
    const { kind, names, clock, log } = this.#options;
    const wasWell = member.breaker.name === 'closed';
    const failure = { atMs: clock.nowMs(), isGrave: GRAVE.includes(code), retryAfterMs };
    member.breaker = fail(member.breaker, failure, BREAKER_LIMITS);
    if (!wasWell || member.breaker.name !== 'open') return;
    const forMs = Math.round(member.breaker.untilMs - clock.nowMs());
    log.warn({ kind, vendor: names[at], code, status, forMs, err: error }, 'a vendor is down, and passed over');
    this.#options.changed?.();
  }

  /** Nobody waits for it any more, and nothing is known. */
  left(at: number): void {
    const member = this.#members[at]!;
    member.breaker = leave(member.breaker, this.#options.clock.nowMs());
  }

  #turn(at: number, { isTrial, isLast }: Pick<Turn, 'isTrial' | 'isLast'>): Turn {
    const because = this.#members.slice(0, at).find(({ error }) => error)?.error;
    return { names: this.#options.names, at, because, isTrial, isLast };
  }
}

// ---- the options of each --------------------------------------------------------------------------------------------

const EACH = Symbol('options of each of a list');

/** The options of a list: those of its first, with which all goes on that need not know of the others. */
export function optionsOfList<Options extends object>(each: readonly [Options, ...Options[]]): Options {
  return Object.assign({ ...each[0] }, { [EACH]: each });
}

/** Of one of the list; of options that are no list's, themselves. */
export function optionsOf<Options extends object>(options: Options, at: number): Options {
  const each = Reflect.get(options, EACH) as readonly Options[] | undefined;
  return each?.[at] ?? options;
}
