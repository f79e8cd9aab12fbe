/** What went wrong with one request, as the one error type, and whether and when it is worth asking again. */
import { ProviderError, type ErrorCode, type ProviderPhase } from '../../lib/errors.ts';
import { codeOfStatus, refusalOf, statusNamedBy, type ErrorFacts } from '../../lib/provider-errors.ts';
import { doubledMs } from '../../lib/retry.ts';
import { isOverflow } from './overflow.ts';
import type { StreamFailure } from './stream.ts';

const PROVIDER = 'electron';

/** No output was seen, and the provider was not heard from either: nothing can have happened twice. */
const TRANSPORT_CODES: readonly ErrorCode[] = ['connect-failed', 'stream-cut'];
/** Answers of gateways and of overloaded models. 504 is not in the documentation, but is what gateways say. */
const PASSING_STATUSES = [502, 503, 504];
const MOST_ATTEMPTS = 5;

/** `wire/errors-and-limits.md` 3: where each delay starts, and where doubling it stops. */
const RATE_LIMIT_DELAY = { firstMs: 500, mostMs: 30_000 };
const PASSING_DELAY = { firstMs: 250, mostMs: 8_000 };
const INTERNAL_ERROR_DELAY_MS = 500;

/**
 * How long to wait before asking again, or undefined when it is not worth it or not allowed. Nothing that has been handed
 * on is ever asked for again, and a time that ran out is not made up for by waiting longer.
 *
 * @param attempts How often it was sent so far.
 * @param random 0 to 1: the whole delay is jitter, so that calls that failed together do not come back together.
 */
export function retryDelayMs(error: ProviderError, attempts: number, random: number): number | undefined {
  if (error.phase === 'mid-stream' || attempts >= MOST_ATTEMPTS) return undefined;
  if (error.code === 'context-overflow') return undefined; // whatever its status: it would be as long the next time
  if (error.code === 'rate-limited') return error.retryAfterMs ?? random * doubledMs(RATE_LIMIT_DELAY, attempts - 1);
  if (error.status === 500) return attempts === 1 ? random * INTERNAL_ERROR_DELAY_MS : undefined;
  const isPassing = error.status !== undefined && PASSING_STATUSES.includes(error.status);
  if (isPassing) return error.retryAfterMs ?? random * doubledMs(PASSING_DELAY, attempts - 1);
  return TRANSPORT_CODES.includes(error.code) ? random * doubledMs(PASSING_DELAY, attempts - 1) : undefined;
}

/** The provider answered with a status that is not a success. `body`: what of it may say why. */
export function statusFailure(facts: ErrorFacts, phase: ProviderPhase, body = ''): ProviderError {
  return refusalOf(PROVIDER, facts, { phase, code: codeOf(facts, facts.status, body) });
}

/** The provider said so inside an answer that had begun well, or what it sent was no answer. */
export function streamFailure({ kind, facts }: StreamFailure, phase: ProviderPhase, requestId?: string): ProviderError {
  if (kind !== 'error') {
    return new ProviderError(PROVIDER, 'frame-invalid', `Expected an answer, got: ${facts.message}`, {
      phase,
      providerCode: facts.code,
      requestId: requestId ?? facts.requestId,
    });
  }
  const status = statusNamedBy(facts);
  const code = phase === 'mid-stream' ? 'stream-cut' : codeOf(facts, status);
  return refusalOf(PROVIDER, { ...facts, status, requestId: requestId ?? facts.requestId }, { phase, code });
}

/** Nothing, or nothing more, was heard from the provider. */
export function silenceFailure(
  code: ErrorCode,
  message: string,
  facts: { phase: ProviderPhase; requestId?: string | undefined; cause?: unknown },
): ProviderError {
  return new ProviderError(PROVIDER, code, message, facts);
}

function codeOf(facts: ErrorFacts, status: number | undefined, body = ''): ErrorCode {
  return isOverflow(facts, status, body) ? 'context-overflow' : codeOfStatus(status);
}
