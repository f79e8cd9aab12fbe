/**
 * Fields of an answer that the protocol does not know, put together from their pieces: some servers refuse the next request
 * unless they stand in it again, whole and unchanged. Pure.
 *
 * Of a call every unknown field is kept: who puts one there reads it there (Gemini's `extra_content`, LiteLLM's
 * `provider_specific_fields`). Of a message those are kept that a server is known to want; which of them go back, and when,
 * is a matter of manners (`manners.ts`).
 */
import { isRecord } from '../../lib/json.ts';
import type { ExtraFields } from '../contract.ts';

/**
 * What is kept of the message beside its calls. DeepSeek, Moonshot and MiMo want `reasoning_content`; Groq, Cerebras and vLLM
 * name it `reasoning`; OpenRouter and MiniMax `reasoning_details`; LiteLLM has `thinking_blocks` and
 * `provider_specific_fields`; Copilot the `reasoning_opaque` beside its `reasoning_text`; Gemini `extra_content`.
 */
const MESSAGE_EXTRAS: ReadonlySet<string> = new Set([
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'thinking_blocks',
  'provider_specific_fields',
  'reasoning_text',
  'reasoning_opaque',
  'extra_content',
]);

/** Whether this field of a message is kept. */
export const isMessageExtra = (name: string): boolean => name !== 'content' && MESSAGE_EXTRAS.has(name);

/**
 * The most that one field of a message, or all of one call, may hold, in characters of JSON: a signature takes some thousand,
 * a minute of thinking 30,000. What is longer is left out whole, since a part of it is worth nothing.
 */
export const LONGEST_EXTRA = 65_536;

/** Fields of a call, and of its `function`, that are the protocol's own. */
const CALL_FIELDS = new Set(['index', 'id', 'type', 'function']);
const FUNCTION_FIELDS = new Set(['name', 'arguments']);

/** Texts under these names come in pieces that follow one another; any other text is whole, and a later one replaces it. */
const TEXTS = new Set(['reasoning_content', 'reasoning', 'reasoning_text', 'text', 'thinking', 'summary']);
/** An assignment to it would change the object instead of its fields. */
const PROTOTYPE = '__proto__';

/** The unknown fields of one entry of `delta.tool_calls`; undefined when there are none, as nearly always. */
export function extraOfCall(entry: Record<string, unknown>): Record<string, unknown> | undefined {
  const own = unknownFields(entry, CALL_FIELDS);
  const inner = isRecord(entry.function) ? unknownFields(entry.function, FUNCTION_FIELDS) : undefined;
  return inner ? { ...own, function: inner } : own;
}

function unknownFields(
  record: Record<string, unknown>,
  known: ReadonlySet<string>,
): Record<string, unknown> | undefined {
  let unknown: Record<string, unknown> | undefined;
  for (const name in record) {
    if (known.has(name) || isNothing(record[name]) || name === PROTOTYPE) continue;
    unknown = { ...unknown, [name]: record[name] };
  }
  return unknown;
}

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '';

/** The fields of one call or one message, as far as they have come. */
export class ExtraFieldsReader {
  readonly #fields: Record<string, unknown> = {};
  readonly #lengths = new Map<string, number>();
  readonly #tooLong = new Set<string>();
  #hasChanged = false;

  /** Something has come that `take` has not handed out. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** A piece of a field. Pieces that together are too long take what came before with them. */
  add(name: string, piece: unknown): void {
    if (isNothing(piece) || this.#tooLong.has(name)) return;
    const length = (this.#lengths.get(name) ?? 0) + lengthOf(piece);
    this.#lengths.set(name, length);
    this.#hasChanged = true;
    if (length <= LONGEST_EXTRA) this.#fields[name] = joined(name, this.#fields[name], piece);
    else {
      this.#tooLong.add(name);
      Reflect.deleteProperty(this.#fields, name);
    }
  }

  /** All that is there now, as a value of its own; undefined when there is nothing. */
  take(): ExtraFields | undefined {
    this.#hasChanged = false;
    return Object.keys(this.#fields).length === 0 ? undefined : structuredClone(this.#fields);
  }
}

const lengthOf = (piece: unknown): number => (typeof piece === 'string' ? piece.length : JSON.stringify(piece).length);

function joined(name: string, before: unknown, piece: unknown): unknown {
  if (isNothing(piece)) return before === undefined ? piece : before;
  if (typeof piece === 'string') return TEXTS.has(name) && typeof before === 'string' ? before + piece : piece;
  if (Array.isArray(piece)) return joinedLists(Array.isArray(before) ? before : [], piece);
  return isRecord(piece) ? joinedRecords(isRecord(before) ? before : {}, piece) : piece;
}

function joinedRecords(before: Record<string, unknown>, piece: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(piece)) {
    if (name !== PROTOTYPE) before[name] = joined(name, before[name], value);
  }
  return before;
}

/** A piece goes on with the part that it belongs to, or is the next one. */
function joinedLists(before: unknown[], pieces: readonly unknown[]): unknown[] {
  for (const piece of pieces) {
    const part = isRecord(piece) ? partOf(before, piece) : undefined;
    if (part && isRecord(piece)) joinedRecords(part, piece);
    else before.push(isRecord(piece) ? joinedRecords({}, piece) : piece);
  }
  return before;
}

/** Thoughts come word by word, then their signature: under one index, or one directly behind the other without any. */
function partOf(list: readonly unknown[], piece: Record<string, unknown>): Record<string, unknown> | undefined {
  const { type, index, id } = piece;
  if (typeof type !== 'string' || 'data' in piece) return undefined; // what is encrypted comes whole
  const part = typeof index === 'number' ? list.findLast((one) => isRecord(one) && one.index === index) : list.at(-1);
  if (!isRecord(part) || part.type !== type || 'data' in part) return undefined;
  if (!isNothing(id) && !isNothing(part.id) && id !== part.id) return undefined;
  const isSigned = !isNothing(part.signature);
  return isSigned && typeof index !== 'number' ? undefined : part;
}
