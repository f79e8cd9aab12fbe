/**
 * A response as a list of timed pieces, decided before the first byte leaves. Pure: faults change the list, and the
 * server merely plays it.
 */
import { extraOf, THOUGHTS, type Manners } from './manners.ts';
import { PaceCursor, type PaceTraits } from './pace.ts';
import { hexDigits, type Random } from './random.ts';
import type { FinishReason, Reply } from './reply.ts';
import type { ShapeTraits } from './shape.ts';
import { countTokens, cutIntoPieces, cutIntoTokens } from './tokens.ts';
import type { PromptCount } from './prefix-cache.ts';
import { MODEL } from './limits.ts';

export type PieceKind = 'role' | 'content' | 'fragment' | 'finish' | 'usage' | 'done' | 'body' | 'fault';

export interface Piece {
  kind: PieceKind;
  /** Since the request was read, in milliseconds. */
  atMs: number;
  text: string;
  /** UTF-8 when absent. */
  encoding?: 'latin1';
}

/** How the body ends after its last piece. */
export type Ending =
  | { type: 'end' }
  /** The connection is reset. */
  | { type: 'reset' }
  /** Nothing more comes, and the connection stays open. */
  | { type: 'hang' }
  /** `piece` comes again and again, every `everyMs`, until the client goes. */
  | { type: 'endless'; piece: string; everyMs: number };

export interface ResponseScript {
  status: number;
  headers: Record<string, string>;
  /** When the headers leave; `undefined` is never. */
  headersAtMs: number | undefined;
  pieces: Piece[];
  ending: Ending;
}

export interface ScriptFacts {
  reply: Reply;
  count: PromptCount;
  shape: ShapeTraits;
  manners: Manners;
  pace: PaceTraits;
  random: Random;
  createdSeconds: number;
  isStream: boolean;
  includeUsage: boolean;
  logprobs: boolean;
}

const LINE_ENDS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;
/** Characters in a fragment of arguments, when nobody says otherwise: two or three tokens. */
const FRAGMENT_LENGTH = 12;

/** The whole answer as it would go out undisturbed. */
export function writeScript(facts: ScriptFacts): ResponseScript {
  const chat = new Chat(facts);
  return facts.isStream ? chat.stream() : chat.whole();
}

/** The line for one payload, with the line ends of `shape`. */
export function dataLine(payload: string, shape: ShapeTraits): string {
  const end = LINE_ENDS[shape.lineEnd];
  return `data:${shape.space ? ' ' : ''}${payload}${end}${shape.blankLines ? end : ''}`;
}

interface Fragment {
  call: number;
  isFirst: boolean;
  text: string;
}

/** One answer while it is being written. */
class Chat {
  readonly #facts: ScriptFacts;
  readonly #id: string;
  readonly #callIds: string[];
  readonly #cursor: PaceCursor;
  readonly #pieces: Piece[] = [];

  constructor(facts: ScriptFacts) {
    this.#facts = facts;
    this.#id = `chatcmpl-${hexDigits(facts.random, 24)}`;
    this.#callIds = facts.reply.calls.map(() => `call_${hexDigits(facts.random, 20)}`);
    this.#cursor = new PaceCursor(facts.pace.jitter, facts.random);
  }

  stream(): ResponseScript {
    const { shape, pace } = this.#facts;
    const headersAtMs = this.#cursor.step(pace.headersMs);
    this.#cursor.step(pace.firstTokenMs - headersAtMs);
    this.#writeRole();
    this.#writeThoughts();
    if (!shape.textAfterCalls) this.#writeContent();
    this.#writeFragments();
    if (shape.textAfterCalls) this.#writeContent();
    this.#writeFinish();
    if (this.#facts.includeUsage) this.#write('usage', this.#envelope({ choices: [], usage: this.#usage() }));
    if (shape.done) this.#push('done', dataLine('[DONE]', shape));
    const first = this.#pieces[0];
    if (shape.byteOrderMark && first) first.text = `\uFEFF${first.text}`;
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' };
    return { status: 200, headers, headersAtMs, pieces: this.#pieces, ending: { type: 'end' } };
  }

  /** Without `stream` the body is ready when the last token would have been. */
  whole(): ResponseScript {
    const { reply, pace, shape } = this.#facts;
    const tokens = cutIntoTokens(reply.text).length;
    this.#cursor.step(Math.max(pace.headersMs, pace.firstTokenMs) + tokens * pace.tokenMs);
    const atMs = this.#cursor.step(reply.calls.length > 0 ? pace.argumentsMs + pace.finishMs : pace.finishMs);
    const calls = reply.calls.map((call, index) => ({
      id: this.#callIds[index],
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
      ...this.#extraOf(index),
    }));
    const noCalls = shape.noToolCalls === 'absent' ? {} : { tool_calls: shape.noToolCalls === 'null' ? null : [] };
    const message = {
      role: 'assistant',
      content: reply.text === '' ? null : reply.text,
      ...(this.#thinks ? { reasoning_content: THOUGHTS.join('') } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : noCalls),
    };
    const body = JSON.stringify({
      id: this.#id,
      object: 'chat.completion',
      created: this.#facts.createdSeconds,
      model: MODEL,
      choices: [
        {
          index: 0,
          message,
          ...(this.#facts.logprobs && { logprobs: this.#logprobsOf(cutIntoTokens(reply.text)) }),
          finish_reason: this.#finishReason(),
        },
      ],
      usage: this.#usage(),
    });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) };
    const pieces: Piece[] = [{ kind: 'body', atMs, text: body }];
    return { status: 200, headers, headersAtMs: atMs, pieces, ending: { type: 'end' } };
  }

  #writeRole(): void {
    if (this.#facts.shape.role !== 'own-chunk') return;
    this.#writeDelta('role', { role: 'assistant', ...emptyContent(this.#facts.shape.roleContent) });
  }

  #writeContent(): void {
    const { reply, shape, pace, logprobs } = this.#facts;
    if (reply.text === '') return;
    const texts = reply.chunks === undefined ? cutIntoTokens(reply.text) : cutIntoPieces(reply.text, reply.chunks);
    for (const [index, content] of texts.entries()) {
      if (index > 0) this.#cursor.step(pace.tokenMs);
      const role = index === 0 && shape.role === 'with-content' ? { role: 'assistant' } : {};
      this.#writeDelta('content', { ...role, content }, logprobs ? { logprobs: this.#logprobsOf([content]) } : {});
      if (shape.comments && index === 0) this.#push('content', `: keep-alive${LINE_ENDS[shape.lineEnd].repeat(2)}`);
    }
  }

  #writeFragments(): void {
    const { reply, shape, pace } = this.#facts;
    if (reply.calls.length === 0) return;
    this.#cursor.step(reply.text === '' ? 0 : pace.tokenMs);
    const chunks = this.#fragmentChunks();
    const isLate = shape.role === 'with-content' && reply.text === '';
    for (const [index, fragments] of chunks.entries()) {
      if (index > 0) this.#cursor.step(pace.argumentsMs / (chunks.length - 1));
      const role = isLate && index === 0 ? { role: 'assistant' } : {};
      const toolCalls = fragments.map((fragment) => this.#fragmentObject(fragment));
      this.#writeDelta('fragment', { ...role, ...emptyContent(shape.fragmentContent), tool_calls: toolCalls });
    }
  }

  /** Which fragments share a chunk, in order. */
  #fragmentChunks(): Fragment[][] {
    const { reply, shape } = this.#facts;
    const lists = reply.calls.map((call, index) => this.#fragmentsOf(call.arguments, index));
    if (shape.calls === 'sequential' || lists.length < 2) return lists.flat().map((fragment) => [fragment]);
    const chunks: Fragment[][] = [];
    const longest = Math.max(...lists.map((list) => list.length));
    for (let round = 0; round < longest; round++) {
      const present = lists.flatMap((list) => list[round] ?? []);
      // Odd rounds come in reverse and in one chunk, even ones after the first apart: both orders of `index` are met.
      if (round === 0) chunks.push(present);
      else if (round % 2 === 1) chunks.push(present.reverse());
      else chunks.push(...present.map((fragment) => [fragment]));
    }
    return chunks;
  }

  #fragmentsOf(argumentsText: string, call: number): Fragment[] {
    const { reply, shape } = this.#facts;
    const text = shape.noArguments === 'empty' && argumentsText === '{}' ? '' : argumentsText;
    const count = reply.argumentPieces ?? Math.ceil(text.length / FRAGMENT_LENGTH);
    const pieces = shape.firstFragment === 'whole' ? [text] : text === '' ? [] : cutIntoPieces(text, count);
    const texts = shape.firstFragment === 'empty' || pieces.length === 0 ? ['', ...pieces] : pieces;
    return texts.map((piece, index) => ({ call, isFirst: index === 0, text: piece }));
  }

  #fragmentObject({ call, isFirst, text }: Fragment): object {
    const { shape, reply } = this.#facts;
    const index = shape.callIndex === 'absent' ? {} : { index: shape.callIndex === 'from-1' ? call + 1 : call };
    const isIdGiven = shape.callId === 'every' || shape.callId === 'empty' || (shape.callId === 'first' && isFirst);
    const id = isIdGiven ? { id: shape.callId === 'empty' ? '' : this.#callIds[call] } : {};
    if (!isFirst) return { ...index, ...id, function: { arguments: text } };
    const fn = { name: reply.calls[call]?.name, arguments: text };
    return { ...index, ...id, type: 'function', function: fn, ...this.#extraOf(call) };
  }

  #extraOf(call: number): object {
    const id = call === 0 && this.#facts.manners.signatures ? this.#callIds[0] : undefined;
    return id === undefined ? {} : extraOf(id);
  }

  get #thinks(): boolean {
    return this.#facts.manners.reasoning !== 'none' && this.#facts.reply.calls.length > 0;
  }

  #writeThoughts(): void {
    if (!this.#thinks) return;
    for (const piece of THOUGHTS) this.#writeDelta('role', { reasoning_content: piece });
  }

  #writeFinish(): void {
    const { shape, pace } = this.#facts;
    const reason = this.#finishReason();
    if (shape.finish === 'never') return;
    if (shape.finish === 'last-chunk' && this.#finishOnLast(reason)) return;
    this.#cursor.step(pace.finishMs);
    const delta = shape.finish === 'no-delta' ? {} : { delta: {} };
    this.#write('finish', this.#envelope({ choices: [{ index: 0, ...delta, finish_reason: reason }] }));
  }

  /** Puts the reason onto the last chunk that carries something; false when there is none. */
  #finishOnLast(reason: FinishReason): boolean {
    const last = this.#pieces.findLast((piece) => piece.text.startsWith('data:') && piece.kind !== 'role');
    if (!last) return false;
    const open = '"finish_reason":null';
    last.text = last.text.includes(open)
      ? last.text.replace(open, `"finish_reason":"${reason}"`)
      : last.text.replace(/(\}\]\})(\s*)$/, `,"finish_reason":"${reason}"$1$2`);
    return true;
  }

  #finishReason(): FinishReason {
    const { reply, shape } = this.#facts;
    return reply.finishReason ?? (reply.calls.length > 0 ? shape.finishWithCalls : 'stop');
  }

  #usage(): object {
    const { reply, count, shape } = this.#facts;
    const argumentTokens = reply.calls.reduce(
      (sum, call) => sum + countTokens(call.name) + countTokens(call.arguments),
      0,
    );
    const completionTokens = countTokens(reply.text) + argumentTokens;
    return {
      prompt_tokens: count.promptTokens,
      completion_tokens: completionTokens,
      total_tokens: count.promptTokens + completionTokens,
      ...(shape.usageDetails && { prompt_tokens_details: { cached_tokens: count.cachedTokens } }),
    };
  }

  /** Made up, but of the documented form: the likelier the token, the nearer to 0. */
  #logprobsOf(tokens: readonly string[]): object {
    const content = tokens.map((token) => {
      const logprob = -Math.round(this.#facts.random() * 1_000) / 1_000;
      return { token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] };
    });
    return { content };
  }

  #writeDelta(kind: PieceKind, delta: object, extra: object = {}): void {
    const finish = this.#facts.shape.metadata ? { finish_reason: null } : {};
    this.#write(kind, this.#envelope({ choices: [{ index: 0, delta, ...extra, ...finish }] }));
  }

  #envelope(chunk: { choices: unknown[]; usage?: object }): object {
    const { shape, createdSeconds } = this.#facts;
    const metadata = { id: this.#id, object: 'chat.completion.chunk', created: createdSeconds, model: MODEL };
    const usage = shape.nullUsage && !chunk.usage ? { usage: null } : {};
    return { ...(shape.metadata && metadata), ...chunk, ...usage };
  }

  #write(kind: PieceKind, chunk: object): void {
    this.#push(kind, dataLine(JSON.stringify(chunk), this.#facts.shape));
  }

  #push(kind: PieceKind, text: string): void {
    this.#pieces.push({ kind, atMs: this.#cursor.atMs, text });
  }
}

function emptyContent(kind: 'absent' | 'null' | 'empty'): { content?: null | '' } {
  return kind === 'absent' ? {} : { content: kind === 'null' ? null : '' };
}
