/** What a plan allows, and how many calls it carries. Pure. */
import { VoiceError } from '../lib/errors.ts';
import { roomToAskAhead } from './allowance.ts';
import type { AllowanceLimits } from './contract.ts';

/** `none`: no limits of our own; what the service says with a 429 still counts. Own numbers: what is left out is unlimited. */
export type Plan = keyof typeof PLAN_LIMITS | 'none' | OwnPlan;

export interface OwnPlan {
  requestsPerMinute?: number | undefined;
  concurrent?: number | undefined;
}

/** The sizes of account that have a name: `PARLEY_PLAN`. */
export const PLAN_LIMITS = {
  standard: { requestsPerMinute: 10, concurrent: 3 },
  enterprise: { requestsPerMinute: 200, concurrent: 20 },
} as const satisfies Record<string, AllowanceLimits>;

/**
 * A call takes about seven requests a minute: four turns of 15 s (4 s of the caller, a second until the answer, ten of
 * tool, answer and thought), of which three in four use a tool and so ask twice: 4 x 1.75.
 */
export const REQUESTS_PER_MINUTE_AND_CALL = 7;
/** How long one holds its place: the first token, the answer, and the place's way back. */
export const REQUEST_SECONDS = 1.5;

/**
 * How many calls a plan carries all the time; Infinity when it has no limits. At least one, which a plan below seven
 * requests a minute carries with waits. The minute is nearly always what limits: seven requests of 1.5 s hold a sixth of a
 * place, so that Standard has places for 17 calls, and requests for one; Enterprise places for 114, and requests for 28.
 *
 * `workers`: how many share the plan without knowing of each other; each carries its part. Default 1.
 * @throws {VoiceError} `options-invalid`, when a number of the plan is not 1 or more.
 */
export function callsThatPlanCarries(plan: Plan, { workers = 1 }: { workers?: number } = {}): number {
  const { requestsPerMinute, concurrent } = limitsOf(plan);
  const byRate = requestsPerMinute / workers / REQUESTS_PER_MINUTE_AND_CALL;
  const byPlaces = concurrent / workers / ((REQUESTS_PER_MINUTE_AND_CALL * REQUEST_SECONDS) / 60);
  return Math.max(1, Math.floor(Math.min(byRate, byPlaces)));
}

/** What a plan leaves for answers that are asked for before it is sure that the caller has finished (R24), in words. */
export function tellRoomToAskAhead(limits: AllowanceLimits): string {
  const room = roomToAskAhead(limits);
  if (room === 0) return 'its plan leaves no room to ask for answers ahead';
  if (room === Infinity) return 'answers may be asked for ahead';
  return `answers are asked for ahead while fewer than ${room} requests have gone out in the last minute`;
}

/** @throws {VoiceError} `options-invalid`, when a number of the plan is not 1 or more. */
export function limitsOf(plan: Plan): AllowanceLimits {
  if (plan === 'none') return { requestsPerMinute: Infinity, concurrent: Infinity };
  if (typeof plan === 'string') return PLAN_LIMITS[plan];
  const { requestsPerMinute = Infinity, concurrent = Infinity } = plan;
  for (const [name, value] of Object.entries({ requestsPerMinute, concurrent })) {
    if (!(value >= 1))
      throw new VoiceError('options-invalid', `Expected \`${name}\` to be 1 or more, got \`${value}\``);
  }
  return { requestsPerMinute, concurrent };
}
