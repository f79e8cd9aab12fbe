/**
 * What Electron's documentation fixes, as facts: paths, limits, and the shapes that go over the wire. Pure; shared by
 * the client and by the simulator. `wire/electron.md` 1 to 5 and 7.
 */

export const ELECTRON_MODEL = 'electron';
/** Appended to the base URL. */
export const CHAT_COMPLETIONS_PATH = '/chat/completions';
/** The payload that ends every stream. */
export const DONE = '[DONE]';

/** Hard limits: the service answers 400 beyond them. */
export const LIMITS = {
  messages: 200,
  tools: 64,
  stops: 4,
  topLogprobs: 20,
  /** Input and output together. */
  contextTokens: 32_768,
  toolName: /^[A-Za-z0-9_-]{1,64}$/,
  temperature: { min: 0, max: 2 },
  topP: { min: 0, max: 1 },
  penalty: { min: -2, max: 2 },
} as const;

/** Electron's own part of what a `429` says, by which the two limits can be told apart. */
export const CONCURRENCY_LIMIT_MESSAGE = 'Concurrency limit reached';
