/**
 * The limits that Electron documents, kept apart from those of `src/model` on purpose: the two are read from the same
 * page by different eyes, and a test compares them.
 */

/** Where the chat route lives, under the host. */
export const BASE_PATH = '/waves/v1';
export const CHAT_PATH = `${BASE_PATH}/chat/completions`;

/** The only model. */
export const MODEL = 'electron';

export const MAX_MESSAGES = 200;
export const MAX_TOOLS = 64;
export const MAX_STOPS = 4;
export const MAX_TOP_LOGPROBS = 20;
/** Input and output together. */
export const CONTEXT_TOKENS = 32_768;

/** Undocumented: what a gateway is likely to take. A full context is about 130 kB. */
export const MAX_BODY_BYTES = 8_000_000;

export interface PlanLimits {
  /** Requests in any 60 seconds. */
  requestsPerMinute: number;
  /** Requests in flight. */
  concurrent: number;
}

export const PLANS: Record<'standard' | 'enterprise', PlanLimits> = {
  standard: { requestsPerMinute: 10, concurrent: 3 },
  enterprise: { requestsPerMinute: 200, concurrent: 20 },
};
