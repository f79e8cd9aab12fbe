/**
 * When is there room to ask? A queue before the model: the more urgent first, then the older; each with a deadline.
 *
 * Why not p-queue: its limit of a rolling interval is fixed once made, where a 429 must lower ours for a while; what was
 * taken for a request that never left cannot be given back; it has no deadline for waiting; and it reads the system's
 * clock, where every test of a minute would take one.
 */
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isA } from '../lib/thrown.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { Grant, Refusal, SharedLimit } from '../lib/shared-limit.ts';
import { Allowance, isForCaller } from './allowance.ts';
import type { AdmitOptions, AllowanceLimits, Budget, BudgetCounts, Priority, Release } from './contract.ts';
import { CallShares, mostForCall } from './call-shares.ts';
import { limitsOf, type Plan } from './plan.ts';

export interface BudgetOptions {
  /** Default `standard`. */
  plan?: Plan | undefined;
  /**
   * The same plan, as all workers share it. The queue, its priorities and its deadlines stay here and decide who asks
   * next; without it nothing is asked of anybody.
   */
  shared?: SharedLimit | undefined;
  clock?: Clock | undefined;
  /** Whether a call leaves a part of the plan to others. Default true. */
  hasOtherCalls?: boolean | undefined;
  /** Told when a call wants more than its part of the plan, once for as long as it goes on. Default: nobody is. */
  onOverShare?: ((callId: string) => void) | undefined;
}

/** @throws {VoiceError} `options-invalid`, when a number of the plan is not 1 or more. */
export function createBudget({ plan = 'standard', clock = systemClock, ...options }: BudgetOptions = {}): Budget {
  return new QueuedBudget(limitsOf(plan), clock, options);
}

const PRIORITIES = ['tool-follow-up', 'answer', 'speculation', 'summary'] as const satisfies Priority[];

interface Waiter {
  priority: Priority;
  callId: string | undefined;
  sinceMs: number;
  giveUpAtMs: number;
  /** There was no room for it once. */
  hasWaited: boolean;
  admit: (release: Release) => void;
  /** There will be no room in time. */
  expire: () => void;
  /** Takes its timer and its listener away. */
  leave: () => void;
}

class QueuedBudget implements Budget {
  readonly #allowance: Allowance;
  readonly #limits: AllowanceLimits;
  readonly #shared: SharedLimit | undefined;
  readonly #clock: Clock;
  readonly #shares = new CallShares();
  readonly #hasOtherCalls: boolean;
  readonly #onOverShare: (callId: string) => void;
  readonly #queues: Record<Priority, Waiter[]> = { 'tool-follow-up': [], answer: [], speculation: [], summary: [] };
  readonly #counts = {
    admitted: 0,
    waited: 0,
    waitedMs: 0,
    timedOut: 0,
    overShare: 0,
    cancelled: 0,
    rateLimited: 0,
  };
  #cancelTimer: (() => void) | undefined;

  constructor(
    limits: AllowanceLimits,
    clock: Clock,
    { shared, onOverShare, hasOtherCalls = true }: Pick<BudgetOptions, 'shared' | 'onOverShare' | 'hasOtherCalls'>,
  ) {
    this.#limits = limits;
    this.#hasOtherCalls = hasOtherCalls;
    this.#onOverShare = onOverShare ?? (() => {});
    this.#allowance = new Allowance(limits);
    this.#shared = shared;
    this.#clock = clock;
    if (!shared) return;
    this.#divide(shared);
    shared.listen(() => {
      this.#divide(shared);
      this.#admitWaiters();
    });
  }

  get counts(): BudgetCounts {
    const queued = PRIORITIES.reduce((sum, priority) => sum + this.#queues[priority].length, 0);
    return { ...this.#counts, queued, inFlight: this.#allowance.inFlight };
  }

  get limits(): AllowanceLimits {
    return this.#allowance.limitsAt(this.#clock.nowMs());
  }

  admit(priority: Priority, { deadlineMs, signal, callId }: AdmitOptions): Promise<Release> {
    if (signal.aborted) return Promise.reject(asError(signal.reason));
    const release = this.admitNow(priority, callId);
    if (release) return Promise.resolve(release);
    const nowMs = this.#clock.nowMs();
    const shareMs = this.#shareWaitMs({ callId, priority }, nowMs);
    const isWanted = priority !== 'speculation'; // nobody misses what was not asked ahead
    if (shareMs > 0 && callId !== undefined && isWanted) this.#tellOverShare(callId, nowMs);
    const waitMs = Math.max(shareMs, this.#allowance.waitMs(priority, nowMs));
    if (Math.max(shareMs, waitMs === Infinity ? 0 : waitMs) > deadlineMs) {
      if (isWanted) this.#counts.timedOut++;
      return Promise.reject(shareMs > deadlineMs ? this.#overShare() : this.#timeout(deadlineMs));
    }
    return new Promise((resolve, reject) => {
      const stop = (error: Error) => {
        this.#remove(waiter);
        reject(error);
      };
      const expire = () => {
        if (isWanted) this.#counts.timedOut++;
        stop(this.#timeout(deadlineMs));
      };
      const cancelTimer = this.#clock.after(deadlineMs, expire);
      const onAbort = () => {
        this.#counts.cancelled++;
        stop(asError(signal.reason));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const leave = () => {
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        priority,
        callId,
        sinceMs: nowMs,
        giveUpAtMs: nowMs + deadlineMs,
        hasWaited: waitMs > 0,
        admit: resolve,
        expire,
        leave,
      };
      this.#queues[priority].push(waiter);
      this.#admitWaiters();
    });
  }

  admitNow(priority: Priority, callId?: string): Release | undefined {
    if (this.#shared?.isShared) return undefined;
    const nowMs = this.#clock.nowMs();
    if (this.#shareWaitMs({ callId, priority }, nowMs) > 0) return undefined;
    const hasRoom = this.#allowance.waitMs(priority, nowMs) === 0 && !this.#hasWaiterBefore(priority, nowMs);
    return hasRoom ? this.#take(callId, nowMs, this.#shared?.takeOwn()) : undefined;
  }

  /** The time until this call has not had its part of the plan within the last minute. */
  #shareWaitMs({ callId, priority }: Pick<Waiter, 'callId' | 'priority'>, nowMs: number): number {
    const most = this.#mostForCall;
    return this.#shares.waitMs(callId, priority === 'speculation' ? Math.floor(most / 2) : most, nowMs);
  }

  get #mostForCall(): number {
    if (!this.#hasOtherCalls) return Infinity;
    const workers = this.#shared && !this.#shared.isShared ? this.#shared.workers : 1;
    return mostForCall(this.#limits, workers);
  }

  #tellOverShare(callId: string, nowMs: number): void {
    this.#counts.overShare++;
    if (this.#shares.isNews(callId, nowMs)) this.#onOverShare(callId);
  }

  lower(refusal: Refusal): void {
    this.#counts.rateLimited++;
    const nowMs = this.#clock.nowMs();
    this.#shared?.lower(refusal);
    // What came through of all workers' requests is what counts then, not what came through of ours.
    if (this.#shared?.isShared) this.#allowance.pause(nowMs + (refusal.retryAfterMs ?? 0));
    else this.#allowance.lower(refusal, nowMs);
  }

  #take(callId: string | undefined, nowMs: number, grant: Grant | undefined): Release {
    this.#allowance.take(nowMs);
    this.#shares.take(callId, nowMs);
    this.#counts.admitted++;
    let isReleased = false;
    return ({ wasSent = true } = {}) => {
      if (isReleased) return;
      isReleased = true;
      this.#allowance.release(nowMs, wasSent, this.#clock.nowMs());
      if (!wasSent) this.#shares.giveBack(callId, nowMs);
      if (grant !== undefined) this.#shared?.release(grant, { wasSent });
      this.#admitWaiters();
    };
  }

  /** Lets in who may go now, and looks again when the next one might. */
  #admitWaiters(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.nowMs();
    for (let waiter = this.#first(nowMs); waiter; waiter = this.#first(nowMs)) {
      const waitMs = this.#allowance.waitMs(waiter.priority, nowMs);
      if (waitMs > 0) {
        waiter.hasWaited = true;
        const lookMs = waitMs === Infinity ? this.#allowance.placesBackMs(nowMs) : waitMs;
        if (lookMs !== Infinity) this.#cancelTimer = this.#clock.after(lookMs, () => this.#admitWaiters());
        return;
      }
      const grant = this.#shared && this.#grant(this.#shared, waiter, nowMs);
      if (this.#shared && grant === undefined) {
        const sharedWaitMs = this.#shared.waitMs(!isForCaller(waiter.priority));
        if (sharedWaitMs === 0) return;
        waiter.hasWaited = true;
        if (nowMs + sharedWaitMs <= waiter.giveUpAtMs) return;
        return waiter.expire(); // and looks at the next
      }
      this.#unqueue(waiter);
      waiter.leave();
      if (waiter.hasWaited) {
        this.#counts.waited++;
        this.#counts.waitedMs += nowMs - waiter.sinceMs;
      }
      waiter.admit(this.#take(waiter.callId, nowMs, grant));
    }
    const shareMs = this.#soonestShareMs(nowMs);
    if (shareMs !== Infinity) this.#cancelTimer = this.#clock.after(shareMs, () => this.#admitWaiters());
  }

  /** Who waits then waits only because their calls have had their part. */
  #soonestShareMs(nowMs: number): number {
    let soonestMs = Infinity;
    for (const priority of PRIORITIES)
      for (const waiter of this.#queues[priority]) soonestMs = Math.min(soonestMs, this.#shareWaitMs(waiter, nowMs));
    return soonestMs;
  }

  /** What the other workers leave, or this one's own part. Undefined: they are being asked. */
  #grant(shared: SharedLimit, { priority, sinceMs }: Waiter, nowMs: number): Grant | undefined {
    if (!shared.isShared) return shared.takeOwn();
    const isAhead = !isForCaller(priority);
    let count = 0;
    for (const other of PRIORITIES) if (isForCaller(other) !== isAhead) count += this.#queues[other].length;
    return shared.take({ count, isAhead, waitedMs: nowMs - sinceMs });
  }

  #divide(shared: SharedLimit): void {
    if (shared.isShared) this.#allowance.unite();
    else this.#allowance.divide(shared.workers, shared.othersSentAtMs(), this.#clock.nowMs());
  }

  /** Who goes next, of those whose call has not had its part. */
  #first(nowMs: number): Waiter | undefined {
    for (const priority of PRIORITIES) {
      const queue = this.#queues[priority];
      const first = queue.length === 0 ? undefined : queue.find((waiter) => this.#shareWaitMs(waiter, nowMs) === 0);
      if (first) return first;
    }
    return undefined;
  }

  #hasWaiterBefore(priority: Priority, nowMs: number): boolean {
    const first = this.#first(nowMs);
    return first !== undefined && PRIORITIES.indexOf(first.priority) <= PRIORITIES.indexOf(priority);
  }

  #remove(waiter: Waiter): void {
    waiter.leave();
    this.#unqueue(waiter);
    this.#admitWaiters();
  }

  #unqueue(waiter: Waiter): void {
    const queue = this.#queues[waiter.priority];
    const index = queue.indexOf(waiter);
    if (index !== -1) queue.splice(index, 1);
  }

  #overShare(): VoiceError {
    const message = `Expected at most ${this.#mostForCall} model requests of one call within a minute, got one more: the rest is for other calls`;
    return new VoiceError('queue-timeout', message);
  }

  #timeout(deadlineMs: number): VoiceError {
    const { requestsPerMinute, concurrent } = this.#limits;
    const plan = `${requestsPerMinute} requests a minute and ${concurrent} at once`;
    return new VoiceError(
      'queue-timeout',
      `Expected room within ${Math.round(deadlineMs)} ms, got none in a budget of ${plan}`,
    );
  }
}

function asError(reason: unknown): Error {
  return isA(reason, Error) ? reason : new VoiceError('closed', messageOf(reason));
}
