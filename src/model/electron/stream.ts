/**
 * Reads one answer: bytes in, events out, each in the tick of its last byte. Holds no socket and no timer.
 *
 * It follows `wire/stream-reading.md` rather than the SSE standard: a `data:` line that is JSON by itself is an event at
 * its line end, for servers that leave out the blank lines, and each rule there has a server that needs it. A body
 * that is one JSON document, an answer or an error, is read as well.
 */
import { readErrorBody, readErrorFrame, type ErrorFacts } from '../../lib/provider-errors.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { ExtraFields, FinishReason, ModelEvent, Usage } from '../contract.ts';
import { ExtraFieldsReader, isMessageExtra } from './extra-fields.ts';
import { LineReader } from './lines.ts';
import { ToolCallAssembler, type ToolCallEvent, type ToolCallOptions } from './tool-calls.ts';
import { DONE } from './wire.ts';

/** The most that one event, or one JSON body, may hold. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

export type StreamEvent =
  Extract<ModelEvent, { type: 'text-delta' | 'answer-extra' }> | ToolCallEvent | { type: 'end'; end: StreamEnd };

/** How the answer ended. The last event, once. */
export interface StreamEnd {
  /** The first that came; `unknown` when none did. */
  finishReason: FinishReason;
  /** It ended before it said that it was done: calls that were open then are dropped. */
  isTruncated: boolean;
  usage: Usage | undefined;
  failure: StreamFailure | undefined;
  /** Chunks that could not be read and were passed over. */
  skippedChunks: number;
  /** Pieces of tool calls that no reading could make use of. */
  oddPieces: number;
}

export interface StreamFailure {
  /** `error`: the server said so; `unreadable`: no answer in any form that we know; `too-large`: over 16 MB in one event. */
  kind: 'error' | 'unreadable' | 'too-large';
  facts: ErrorFacts;
}

export interface StreamOptions extends ToolCallOptions {
  /** A key that must not show up in an error that the server sends back. */
  secret?: string | undefined;
}

export class StreamReader {
  readonly #listener: (event: StreamEvent) => void;
  readonly #secret: string | undefined;
  readonly #calls: ToolCallAssembler;
  readonly #lines = new LineReader((line) => this.#line(line));
  readonly #extra = new ExtraFieldsReader();
  #messageExtra: ExtraFields | undefined;
  #hasCall = false;
  /** A body that is not a stream, once its first byte has shown it. */
  #body: { pieces: Uint8Array[]; bytes: number } | undefined;
  #hasBegun = false;
  #isClosed = false;
  #hasToken = false;
  #hasOutput = false;
  /** `data:` lines that are not JSON by themselves, until a blank line. */
  #joined = '';
  #eventName = '';
  #finishReason: FinishReason | undefined;
  #usage: Record<string, unknown> | undefined;
  #fallbackUsage: Record<string, unknown> | undefined;
  #skippedChunks = 0;

  constructor(listener: (event: StreamEvent) => void, options: StreamOptions = {}) {
    this.#listener = listener;
    this.#secret = options.secret;
    this.#calls = new ToolCallAssembler((event) => this.#handCall(event), options);
  }

  /** The end has been handed on, or the reader was closed. */
  get isOver(): boolean {
    return this.#isClosed;
  }

  /** The model has produced something, be it only thoughts: it is at work. */
  get hasToken(): boolean {
    return this.#hasToken;
  }

  /** Something was handed on: the request must not be sent again. */
  get hasOutput(): boolean {
    return this.#hasOutput;
  }

  /** A finish reason has come. More may follow it, so whoever owns the clock gives it a short grace, then `endGrace()`. */
  get isFinishing(): boolean {
    return this.#finishReason !== undefined && !this.#isClosed;
  }

  /** `bytes` must not be changed afterwards. */
  feed(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (!this.#hasBegun) {
      const start = startOf(bytes);
      this.#hasBegun = start !== -1;
      if (start !== -1 && isDocumentStart(bytes[start])) {
        this.#body = { pieces: [], bytes: 0 };
        bytes = bytes.subarray(start);
      }
    }
    if (this.#body) {
      this.#body.pieces.push(bytes);
      this.#body.bytes += bytes.length;
      if (this.#body.bytes > MAX_EVENT_BYTES) this.#failTooLarge();
      return;
    }
    this.#lines.feed(bytes);
    if (this.#lines.pendingBytes > MAX_EVENT_BYTES) this.#failTooLarge();
  }

  /** The body has ended as bodies do. */
  end(): void {
    this.#readRest();
    if (this.#isClosed) return;
    const isComplete = this.#finishReason !== undefined;
    if (isComplete) this.#calls.finish();
    this.#end({ isTruncated: !isComplete });
  }

  /** The body was cut off: reset, or given up on. What is open now does not run (rule 14). */
  cut(): void {
    this.#readRest();
    if (this.#isClosed) return;
    this.#end({ isTruncated: this.#finishReason === undefined || this.#calls.hasOpen });
  }

  /** The time to wait after a finish reason is over (rule 15). */
  endGrace(): void {
    if (this.isFinishing) this.#finish();
  }

  /** Rule 19: from this very moment nothing is handed on. */
  close(): void {
    this.#isClosed = true;
  }

  #readRest(): void {
    if (this.#isClosed) return;
    if (this.#body) return this.#readDocument(Buffer.concat(this.#body.pieces).toString('utf8'));
    this.#lines.end();
    this.#blankLine();
  }

  #line(line: string): void {
    if (this.#isClosed) return;
    if (line.startsWith('data:')) this.#dataLine(line.slice(line.charCodeAt(5) === 32 ? 6 : 5));
    else if (line === '') this.#blankLine();
    else if (line.startsWith('event:')) this.#eventName = line.slice(6).trim();
    else if (line.startsWith('error:'))
      this.#fail('error', readErrorFrame(wrapError(line.slice(6)), this.#errorOptions));
    // comments, id, retry and unknown fields: a sign of life, no more
  }

  get #errorOptions() {
    return { fallbackCode: 'stream_error', secret: this.#secret };
  }

  /** Rule 2: an event at its line end, if it is JSON by itself; else a part of one. */
  #dataLine(payload: string): void {
    if (payload.startsWith(DONE) && payload.trim() === DONE) {
      this.#skipJoined();
      return this.#finish();
    }
    const value = parseJson(payload);
    if (isRecord(value)) {
      this.#skipJoined();
      this.#chunk(value);
    } else if (this.#joined !== '') this.#joined += `\n${payload}`;
    else if (value === undefined && payload.trim() !== '') this.#joined = payload;
    if (this.#joined.length > MAX_EVENT_BYTES) this.#failTooLarge();
  }

  #blankLine(): void {
    if (this.#isClosed) return;
    if (this.#joined !== '') {
      const value = parseJson(this.#joined);
      if (isRecord(value)) {
        this.#joined = '';
        this.#chunk(value);
      } else if (this.#eventName === 'error') {
        this.#fail('error', readErrorFrame(this.#joined, this.#errorOptions));
      } else this.#skipJoined();
    }
    this.#eventName = '';
  }

  /** Rule 4: what cannot be read is passed over, but a call that was open then may miss a piece. */
  #skipJoined(): void {
    if (this.#joined === '') return;
    this.#joined = '';
    this.#skippedChunks++;
    this.#calls.taint();
  }

  #chunk(chunk: Record<string, unknown>): void {
    const choice = Array.isArray(chunk.choices) ? mainChoice(chunk.choices) : undefined;
    if (isRecord(chunk.usage)) this.#usage = chunk.usage;
    else if (isRecord(chunk.x_groq) && isRecord(chunk.x_groq.usage)) this.#fallbackUsage = chunk.x_groq.usage;
    if (choice) this.#choice(choice, chunk.object === 'chat.completion');
    const { error } = chunk;
    if (error || this.#eventName === 'error') this.#fail('error', readErrorFrame(chunk, this.#errorOptions));
  }

  /** @param isWhole It is a whole answer, so its `message` is the delta. Beside a delta a `message` is a repeat. */
  #choice(choice: Record<string, unknown>, isWhole: boolean): void {
    const { delta = isWhole ? choice.message : undefined, finish_reason: finishReason, usage } = choice;
    if (isRecord(usage)) this.#fallbackUsage = usage;
    if (isRecord(delta)) {
      this.#content(delta.content);
      this.#content(delta.refusal);
      if (!this.#hasToken) this.#hasToken = hasThoughts(delta);
      for (const name in delta) if (isMessageExtra(name)) this.#extra.add(name, delta[name]);
      if (Array.isArray(delta.tool_calls)) {
        for (const [position, entry] of delta.tool_calls.entries())
          this.#toolCall(entry, isWhole ? position : undefined);
      }
    }
    if (typeof finishReason === 'string' && finishReason !== '') this.#finishReason ??= readFinishReason(finishReason);
  }

  /** Rule 10: a text, or an array of parts of which the text parts are spoken. */
  #content(content: unknown): void {
    if (typeof content === 'string') {
      if (content !== '') this.#hand({ type: 'text-delta', delta: content });
    } else if (Array.isArray(content)) {
      this.#hasToken = true;
      for (const part of content as unknown[]) if (isRecord(part) && part.type === 'text') this.#content(part.text);
    }
  }

  #toolCall(entry: unknown, position: number | undefined): void {
    if (this.#isClosed) return;
    this.#calls.add(position === undefined || !isRecord(entry) ? entry : { index: position, ...entry });
  }

  /** A body that is one document: a whole answer, an error, or a gateway's page. */
  #readDocument(text: string): void {
    const value = parseJson(text);
    const document: unknown = Array.isArray(value) ? value[0] : value;
    if (!isRecord(document)) {
      this.#fail('unreadable', readErrorBody(200, {}, text, { secret: this.#secret }));
    } else if (Array.isArray(document.choices) && !document.error) {
      this.#chunk({ ...document, object: 'chat.completion' });
      this.#finish();
    } else {
      this.#fail('error', readErrorFrame(document, this.#errorOptions));
    }
  }

  #hand(event: StreamEvent): void {
    if (this.#isClosed) return;
    this.#hasToken = true;
    this.#hasOutput = true;
    this.#listener(event);
  }

  #handCall(event: ToolCallEvent): void {
    this.#hand(event);
    if (event.type === 'tool-call-start') return;
    this.#hasCall = true;
    if (this.#extra.hasChanged) this.#tellExtra();
  }

  /** With each call, since the caller may speak before the end. */
  #tellExtra(): void {
    if (this.#extra.hasChanged) this.#messageExtra = this.#extra.take();
    const message = this.#messageExtra;
    const calls = this.#calls.takeLateExtra();
    if (message || calls) this.#hand({ type: 'answer-extra', ...(message && { message }), ...(calls && { calls }) });
  }

  /** The answer has said that it is over. */
  #finish(): void {
    if (this.#isClosed) return;
    this.#calls.finish();
    this.#end({ isTruncated: false });
  }

  #failTooLarge(): void {
    const message = `Expected an event of at most ${MAX_EVENT_BYTES} bytes, got a longer one`;
    this.#fail('too-large', readErrorFrame({ message }, { fallbackCode: 'event_too_large' }));
  }

  #fail(kind: StreamFailure['kind'], facts: ErrorFacts): void {
    this.#end({ isTruncated: true, failure: { kind, facts } });
  }

  #end({ isTruncated, failure }: { isTruncated: boolean; failure?: StreamFailure }): void {
    if (this.#isClosed) return;
    if (this.#hasCall && (this.#extra.hasChanged || this.#calls.hasLateExtra)) this.#tellExtra();
    this.#isClosed = true;
    this.#calls.drop();
    this.#listener({
      type: 'end',
      end: {
        finishReason: this.#finishReason ?? 'unknown',
        isTruncated,
        usage: readUsage(this.#usage ?? this.#fallbackUsage),
        failure,
        skippedChunks: this.#skippedChunks,
        oddPieces: this.#calls.oddPieces,
      },
    });
  }
}

/** Where the first byte lies that is neither blank nor part of a byte order mark; -1 when there is none. */
function startOf(bytes: Uint8Array): number {
  return bytes.findIndex((byte) => byte > 32 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
}

/** `{`, `[` or `<`, which no field of a stream begins with. */
function isDocumentStart(byte: number | undefined): boolean {
  return byte === 0x7b || byte === 0x5b || byte === 0x3c;
}

/** Rule 8: the choice numbered 0, or not numbered, wherever it stands. */
function mainChoice(choices: unknown[]): Record<string, unknown> | undefined {
  for (const choice of choices) {
    if (isRecord(choice) && (choice.index === 0 || typeof choice.index !== 'number')) return choice;
  }
  return undefined;
}

/** Thinking is never spoken, but it shows that the model is at work. */
function hasThoughts(delta: Record<string, unknown>): boolean {
  return Boolean(delta.reasoning_content || delta.reasoning || delta.reasoning_details);
}

/** Rule 15: what is not in the documented set counts as `stop`. */
function readFinishReason(text: string): FinishReason {
  if (text === 'length' || text === 'tool_calls' || text === 'content_filter') return text;
  return text === 'function_call' ? 'tool_calls' : 'stop';
}

function readUsage(usage: Record<string, unknown> | undefined): Usage | undefined {
  if (!usage) return undefined;
  const details = isRecord(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  return {
    promptTokens: count(usage.prompt_tokens),
    completionTokens: count(usage.completion_tokens),
    cachedTokens: count(details.cached_tokens ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens),
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

/** The value of llama.cpp's `error:` field is the inside of an envelope. */
function wrapError(text: string): unknown {
  const value = parseJson(text);
  return isRecord(value) && !('error' in value) ? { error: value } : (value ?? { error: text.trim() });
}
