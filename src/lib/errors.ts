/** Everything Parley throws on purpose: a code for programs, a sentence for people, the cause for debugging. */
export { isA, messageOf } from './thrown.ts';

/** Match on these, never on messages. `docs/errors.md` has each with its cause and mend. */
export type ErrorCode =
  /** An agent file, an option or a setting is not what its schema asks for. */
  | 'options-invalid'
  /** A tool module is broken: all its mistakes are in the message. */
  | 'tool-invalid'
  /** A module of the user's does not load: it is not there, its syntax is wrong, or it threw. */
  | 'module-invalid'
  /** A frame, line or body from outside is not what its protocol documents. */
  | 'frame-invalid'
  /** A request was refused before it was sent, because the provider would refuse it. */
  | 'request-invalid'
  /** The provider could not be reached, or did not accept the connection in time. */
  | 'connect-failed'
  | 'connect-timeout'
  /** No first token, then no further byte, then no end, in time. */
  | 'first-token-timeout'
  | 'idle-timeout'
  | 'step-timeout'
  /** The provider answered with an error status or an error frame; `status` and `providerCode` say which. */
  | 'provider-failed'
  | 'rate-limited'
  | 'unauthorized'
  | 'context-overflow'
  /** The provider's stream ended, was reset or carried an error in the middle of an answer. */
  | 'stream-cut'
  /** The budget had no room before the deadline. */
  | 'queue-timeout'
  /** The caller was owed words for `turn.giveUpMs`. In events and logs; never thrown. */
  | 'gave-up'
  /** A file or a port that was named cannot be read, written or opened. */
  | 'file-unreadable'
  | 'recording-invalid'
  /** The call, or the process, has ended. */
  | 'closed'
  /** A promise of our own was broken: please report it. */
  | 'internal';

/** Everything this package throws on purpose. Match on `code`. */
export class VoiceError extends Error {
  override readonly name: string = 'VoiceError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** When a provider's failure met us: only before its first output may a request be sent again. */
export type ProviderPhase = 'connect' | 'before-first-output' | 'mid-stream';

/** What is known of a failure of a service, beside its code and its sentence. */
export interface ProviderFacts {
  phase: ProviderPhase;
  /** HTTP status or WebSocket close code; absent if the provider never answered. */
  status?: number | undefined;
  /** The provider's own code, such as `rate_limit_error`. */
  providerCode?: string | undefined;
  /** The provider's list of what was wrong, as it came. */
  details?: unknown;
  /** The provider's handle for its support. */
  requestId?: string | undefined;
  /** How long the provider asked us to wait. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/**
 * A provider refused, failed or fell silent. The one error type of every product. Never holds a key, what was said, or
 * audio.
 */
export class ProviderError extends VoiceError {
  override readonly name = 'ProviderError';
  /** Who failed: `electron`, `lightning`, `pulse`, `twilio`. */
  readonly provider: string;
  readonly phase: ProviderPhase;
  readonly status: number | undefined;
  readonly providerCode: string | undefined;
  readonly details: unknown;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  constructor(provider: string, code: ErrorCode, message: string, facts: ProviderFacts) {
    super(code, `${provider}: ${message}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.provider = provider;
    this.phase = facts.phase;
    this.status = facts.status;
    this.providerCode = facts.providerCode;
    this.details = facts.details;
    this.requestId = facts.requestId;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
