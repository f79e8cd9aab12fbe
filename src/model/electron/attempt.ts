/**
 * One request and its answer on one connection. Hands on what the reader finds in the very tick in which the socket
 * delivers it, and keeps the deadlines of `wire/electron.md` 7 with a single timer: it is not set anew with every chunk,
 * but looks, when it fires, whether there is still time.
 */
import type { Dispatcher } from 'undici';
import { wallMsOf, type Clock } from '../../lib/clock.ts';
import { messageOf, type ErrorCode, type ProviderError, type ProviderPhase } from '../../lib/errors.ts';
import { hideSecrets, readErrorBody, requestIdOf, type ResponseHeaders } from '../../lib/provider-errors.ts';
import { describeDeadline, nextDeadline, type DeadlineKind, type Deadlines, type Progress } from './deadlines.ts';
import { silenceFailure, statusFailure, streamFailure } from './failure.ts';
import { StreamReader, type StreamEnd, type StreamEvent, type StreamOptions } from './stream.ts';

/** An error says what it has to say in much less. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;
/** And what it has to say of why stands at its beginning. */
const LONGEST_REFUSAL = 8_192;

export interface AttemptOptions {
  /** Where to and what. */
  dispatcher: Dispatcher;
  request: Dispatcher.DispatchOptions;
  clock: Clock;
  deadlines: Deadlines;
  reader: StreamOptions;
}

export interface AttemptListener {
  event(event: Exclude<StreamEvent, { type: 'end' }>): void;
  /** The last thing that is heard of this attempt, unless it was aborted. */
  ended(result: AttemptResult): void;
}

export interface AttemptResult {
  /** Undefined when no answer was begun. */
  end: StreamEnd | undefined;
  error: ProviderError | undefined;
  /** All that the server said of why it refuses, for whoever looks for more in it than the error tells. May hold a key. */
  refusal: string | undefined;
  requestId: string | undefined;
  firstTokenMs: number | undefined;
  /** The request went out. */
  wasSent: boolean;
}

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #options: AttemptOptions;
  readonly #listener: AttemptListener;
  readonly #reader: StreamReader;
  readonly #startedAtMs: number;
  #controller: Dispatcher.DispatchController | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Infinity;
  #sentAtMs: number | undefined;
  #lastByteAtMs = 0;
  #firstTokenAtMs: number | undefined;
  #status = 0;
  #headers: ResponseHeaders = {};
  #errorBody: { pieces: Buffer[]; bytes: number } | undefined;
  /** Why the answer is being cut off, should that matter. */
  #cutFailure: ProviderError | undefined;
  /** Set when the answer is over, and kept until the body is. */
  #overAtMs: number | undefined;
  /** Nothing more is to be done or said. */
  #isClosed = false;

  constructor(options: AttemptOptions, listener: AttemptListener) {
    this.#options = options;
    this.#listener = listener;
    this.#startedAtMs = options.clock.nowMs();
    this.#reader = new StreamReader((event) => this.#onEvent(event), options.reader);
    this.#watch();
    options.dispatcher.dispatch(options.request, this);
  }

  get wasSent(): boolean {
    return this.#sentAtMs !== undefined;
  }

  /** Frees the connection and the timer in this tick; nothing is heard of this attempt afterwards. */
  abort(): void {
    if (this.#isClosed) return;
    this.#reader.close();
    this.#close(new Error('aborted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isClosed) return controller.abort(new Error('aborted'));
    this.#controller = controller;
    this.#sentAtMs = this.#lastByteAtMs = this.#options.clock.nowMs();
    this.#watch();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return; // 1xx: more headers follow
    this.#status = status;
    this.#headers = headers;
    this.#lastByteAtMs = this.#options.clock.nowMs();
    if (status >= 300) this.#errorBody = { pieces: [], bytes: 0 };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isClosed || this.#overAtMs !== undefined) return;
    this.#lastByteAtMs = this.#options.clock.nowMs();
    if (this.#errorBody) return this.#addToErrorBody(this.#errorBody, chunk);
    const hadToken = this.#reader.hasToken;
    this.#reader.feed(chunk);
    if (this.#reader.isFinishing || hadToken !== this.#reader.hasToken) this.#watch(); // another deadline, maybe sooner
  }

  onResponseEnd(): void {
    if (this.#isClosed) return;
    if (this.#errorBody) this.#endWithStatus();
    else this.#reader.end();
    this.#close();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#isClosed) return;
    const wasOver = this.#overAtMs !== undefined;
    if (!wasOver && this.#errorBody) this.#endWithStatus();
    else if (!wasOver) this.#cut(...this.#transportFailure(cause), cause);
    this.#close();
  }

  #addToErrorBody(body: { pieces: Buffer[]; bytes: number }, chunk: Buffer): void {
    body.pieces.push(chunk);
    body.bytes += chunk.length;
    if (body.bytes <= MAX_ERROR_BODY_BYTES) return;
    this.#endWithStatus();
    this.#close(new Error('error body too long'));
  }

  #onEvent(event: StreamEvent): void {
    if (event.type !== 'end') {
      this.#firstTokenAtMs ??= this.#lastByteAtMs;
      this.#listener.event(event);
      return;
    }
    const error = this.#errorOf(event.end);
    this.#finish({ end: event.end, error, refusal: event.end.failure?.facts.message });
    if (error) this.#close(error); // nothing that still comes is of use
  }

  #errorOf(end: StreamEnd): ProviderError | undefined {
    if (end.failure) return streamFailure(end.failure, this.phase, this.#requestId);
    if (!end.isTruncated) return undefined;
    return this.#cutFailure ?? this.#silence('stream-cut', 'The answer ended before it was complete');
  }

  /** Ends the reading early, for `code`, unless what came turns out to be the whole answer. */
  #cut(code: ErrorCode, message: string, cause?: unknown): void {
    this.#cutFailure = this.#silence(code, message, cause);
    this.#reader.cut();
  }

  #endWithStatus(): void {
    const text = Buffer.concat(this.#errorBody?.pieces ?? []).toString('utf8');
    const { secret } = this.#options.reader;
    this.#reader.close();
    const epochMs = wallMsOf(this.#options.clock);
    const facts = readErrorBody(this.#status, this.#headers, text, { secret, epochMs });
    const refusal = text.slice(0, LONGEST_REFUSAL);
    this.#finish({ end: undefined, error: statusFailure(facts, this.phase, refusal), refusal });
  }

  #finish({ end, error, refusal }: Pick<AttemptResult, 'end' | 'error' | 'refusal'>): void {
    this.#overAtMs = this.#options.clock.nowMs();
    const sentAtMs = this.#sentAtMs;
    const tokenAtMs = this.#firstTokenAtMs;
    this.#listener.ended({
      end,
      error,
      refusal,
      requestId: this.#requestId ?? error?.requestId,
      firstTokenMs: sentAtMs === undefined || tokenAtMs === undefined ? undefined : tokenAtMs - sentAtMs,
      wasSent: this.wasSent,
    });
  }

  get #requestId(): string | undefined {
    return requestIdOf(this.#headers, this.#options.reader.secret);
  }

  get phase(): ProviderPhase {
    if (this.#reader.hasOutput) return 'mid-stream';
    return this.#sentAtMs === undefined ? 'connect' : 'before-first-output';
  }

  #silence(code: ErrorCode, message: string, cause?: unknown): ProviderError {
    return silenceFailure(code, message, { phase: this.phase, requestId: this.#requestId, cause });
  }

  #transportFailure(cause: Error): [ErrorCode, string] {
    const code = 'code' in cause ? String(cause.code) : '';
    const message = hideSecrets(messageOf(cause) || code, this.#options.reader.secret);
    if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return ['closed', 'The client was closed'];
    if (this.#sentAtMs !== undefined) return ['stream-cut', `The connection broke: ${message}`];
    if (code === 'UND_ERR_CONNECT_TIMEOUT') return ['connect-timeout', message];
    return ['connect-failed', `Could not connect: ${message}`];
  }

  /** Sets the one timer, unless it looks again before the next deadline anyway. */
  #watch(): void {
    const { clock, deadlines } = this.#options;
    const { atMs } = nextDeadline(this.#progress, deadlines);
    if (this.#timerAtMs <= atMs) return;
    this.#cancelTimer?.();
    this.#timerAtMs = atMs;
    this.#cancelTimer = clock.after(atMs - clock.nowMs(), () => {
      this.#timerAtMs = Infinity;
      const due = nextDeadline(this.#progress, deadlines);
      if (due.atMs > clock.nowMs()) this.#watch();
      else this.#expire(due.kind);
    });
  }

  get #progress(): Progress {
    return {
      startedAtMs: this.#startedAtMs,
      sentAtMs: this.#sentAtMs,
      lastByteAtMs: this.#lastByteAtMs,
      hasToken: this.#reader.hasToken,
      isFinishing: this.#reader.isFinishing,
      overAtMs: this.#overAtMs,
    };
  }

  #expire(kind: DeadlineKind): void {
    const message = describeDeadline(kind, this.#options.deadlines);
    if (kind === 'grace') this.#reader.endGrace();
    else if (kind !== 'linger' && this.#errorBody) this.#endWithStatus();
    else if (kind !== 'linger') this.#cut(kind, message);
    this.#close(new Error(message));
  }

  /** @param reason Ends what the server is still sending; without one the body has ended by itself. */
  #close(reason?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (reason) this.#controller?.abort(reason);
  }
}
