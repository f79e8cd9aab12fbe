/**
 * When is there room to ask? A queue before the model: the more urgent first, then the older; each with a deadline.
 *
 * Why not p-queue: its limit of a rolling interval is fixed once made, where a 429 must lower ours for a while; what was
 * taken for a request that never left cannot be given back; it has no deadline for waiting; and it reads the system's
 * clock, where every test of a minute would take one.
 */
import { VoiceError } from '../lib/errors.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { Grant, Refusal, SharedLimit } from '../lib/shared-limit.ts';
import { Allowance, isForCaller } from './allowance.ts';
import type { AdmitOptions, AllowanceLimits, Budget, BudgetCounts, Priority, Release } from './contract.ts';
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
}

/** @throws {VoiceError} `options-invalid`, when a number of the plan is not 1 or more. */
export function createBudget({ plan = 'standard', shared, clock = systemClock }: BudgetOptions = {}): Budget {
  return new QueuedBudget(limitsOf(plan), shared, clock);
}

const PRIORITIES = ['tool-follow-up', 'answer', 'speculation', 'summary'] as const satisfies Priority[];

interface Waiter {
  priority: Priority;
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
  readonly #queues: Record<Priority, Waiter[]> = { 'tool-follow-up': [], answer: [], speculation: [], summary: [] };
  readonly #counts = { admitted: 0, waited: 0, waitedMs: 0, timedOut: 0, cancelled: 0, rateLimited: 0 };
  #cancelTimer: (() => void) | undefined;

  constructor(limits: AllowanceLimits, shared: SharedLimit | undefined, clock: Clock) {
    this.#limits = limits;
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

  admit(priority: Priority, { deadlineMs, signal }: AdmitOptions): Promise<Release> {
    if (signal.aborted) return Promise.reject(asError(signal.reason));
    const release = this.admitNow(priority);
    if (release) return Promise.resolve(release);
    const nowMs = this.#clock.nowMs();
    const waitMs = this.#allowance.waitMs(priority, nowMs);
    if (waitMs !== Infinity && waitMs > deadlineMs) {
      this.#counts.timedOut++;
      return Promise.reject(this.#timeout(deadlineMs));
    }
    return new Promise((resolve, reject) => {
      const stop = (error: Error) => {
        this.#remove(waiter);
        reject(error);
      };
      const expire = () => {
        this.#counts.timedOut++;
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

  admitNow(priority: Priority): Release | undefined {
    if (this.#shared?.isShared) return undefined;
    const nowMs = this.#clock.nowMs();
    const hasRoom = this.#allowance.waitMs(priority, nowMs) === 0 && !this.#hasWaiterBefore(priority);
    return hasRoom ? this.#take(nowMs, this.#shared?.takeOwn()) : undefined;
  }

  lower(refusal: Refusal): void {
    this.#counts.rateLimited++;
    const nowMs = this.#clock.nowMs();
    this.#shared?.lower(refusal);
    // What came through of all workers' requests is what counts then, not what came through of ours.
    if (this.#shared?.isShared) this.#allowance.pause(nowMs + (refusal.retryAfterMs ?? 0));
    else this.#allowance.lower(refusal, nowMs);
  }

  #take(nowMs: number, grant: Grant | undefined): Release {
    this.#allowance.take(nowMs);
    this.#counts.admitted++;
    let isReleased = false;
    return ({ wasSent = true } = {}) => {
      if (isReleased) return;
      isReleased = true;
      this.#allowance.release(nowMs, wasSent, this.#clock.nowMs());
      if (grant !== undefined) this.#shared?.release(grant, { wasSent });
      this.#admitWaiters();
    };
  }

  /** Lets in who may go now, and looks again when the next one might. */
  #admitWaiters(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.nowMs();
    for (let waiter = this.#first(); waiter; waiter = this.#first()) {
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
      this.#queues[waiter.priority].shift();
      waiter.leave();
      if (waiter.hasWaited) {
        this.#counts.waited++;
        this.#counts.waitedMs += nowMs - waiter.sinceMs;
      }
      waiter.admit(this.#take(nowMs, grant));
    }
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

  #first(): Waiter | undefined {
    for (const priority of PRIORITIES) if (this.#queues[priority][0]) return this.#queues[priority][0];
    return undefined;
  }

  #hasWaiterBefore(priority: Priority): boolean {
    return PRIORITIES.slice(0, PRIORITIES.indexOf(priority) + 1).some((other) => this.#queues[other].length > 0);
  }

  #remove(waiter: Waiter): void {
    waiter.leave();
    const queue = this.#queues[waiter.priority];
    const index = queue.indexOf(waiter);
    if (index !== -1) queue.splice(index, 1);
    this.#admitWaiters();
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
  return reason instanceof Error ? reason : new VoiceError('closed', String(reason));
}
