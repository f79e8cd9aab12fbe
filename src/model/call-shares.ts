/**
 * No call takes the model's whole plan: so many requests of a rolling minute one call may have, however fast its caller talks,
 * types or is played from a file. Pure; time is an argument.
 */
import { WINDOW_MS } from './allowance.ts';
import type { AllowanceLimits } from './contract.ts';
import { REQUESTS_PER_MINUTE_AND_CALL } from './plan.ts';

/** However large the plan: one each second, eight times what a call takes. */
const MOST_OF_A_CALL = 60;
/** However small the plan, if it has them: what a lively call takes. */
const LEAST_OF_A_CALL = 10;

/**
 * A quarter of the plan, or twice what a call takes; what another call takes is left. A plan that carries one call is that
 * call's alone.
 * @param workers How many share the plan without knowing of each other; each has its part. Default 1.
 */
export function mostForCall({ requestsPerMinute }: AllowanceLimits, workers = 1): number {
  const all = Math.max(1, Math.floor(requestsPerMinute / workers));
  const part = Math.max(2 * REQUESTS_PER_MINUTE_AND_CALL, all / 4);
  const fair = Math.min(part, all - REQUESTS_PER_MINUTE_AND_CALL, MOST_OF_A_CALL);
  return Math.min(all, Math.max(LEAST_OF_A_CALL, Math.floor(fair)));
}

export class CallShares {
  readonly #sentAtMs = new Map<string, number[]>();
  /** Calls that have wanted more, in the last minute. */
  readonly #told = new Map<string, number>();
  #sweptAtMs = 0;

  /** 0: it may ask now; else the time until it may. */
  waitMs(callId: string | undefined, most: number, nowMs: number): number {
    const sent = callId === undefined ? undefined : this.#sentAtMs.get(callId);
    const blocking = sent?.at(-most);
    return blocking === undefined ? 0 : Math.max(0, blocking + WINDOW_MS - nowMs);
  }

  take(callId: string | undefined, nowMs: number): void {
    if (callId === undefined) return;
    if (nowMs - this.#sweptAtMs > WINDOW_MS) this.#sweep(nowMs);
    const sent = this.#sentAtMs.get(callId);
    if (!sent) this.#sentAtMs.set(callId, [nowMs]);
    else {
      while (sent[0] !== undefined && sent[0] <= nowMs - WINDOW_MS) sent.shift();
      sent.push(nowMs);
    }
  }

  /** The service never saw it. */
  giveBack(callId: string | undefined, takenAtMs: number): void {
    const sent = callId === undefined ? undefined : this.#sentAtMs.get(callId);
    const index = sent?.lastIndexOf(takenAtMs) ?? -1;
    if (index !== -1) sent?.splice(index, 1);
  }

  /** It wants more than its part. Returns whether that is news: it is so for a minute. */
  isNews(callId: string, nowMs: number): boolean {
    const toldAtMs = this.#told.get(callId) ?? -Infinity;
    this.#told.set(callId, nowMs);
    return nowMs - toldAtMs > WINDOW_MS;
  }

  /** What is older than the minute is nothing to anybody. */
  #sweep(nowMs: number): void {
    this.#sweptAtMs = nowMs;
    const oldest = nowMs - WINDOW_MS;
    for (const [callId, sent] of this.#sentAtMs) if ((sent.at(-1) ?? 0) <= oldest) this.#sentAtMs.delete(callId);
    for (const [callId, toldAtMs] of this.#told) if (toldAtMs <= oldest) this.#told.delete(callId);
  }
}
