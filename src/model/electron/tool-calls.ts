/**
 * Pieces of tool calls in, whole calls out, each in the tick of its last piece: `wire/stream-reading.md` 11 to 14.
 *
 * Servers number calls from 1, or not at all, or give every call the number 0; they send a placeholder `{}` first, the
 * whole object twice, a new id with every piece, or the name late. So which call a piece belongs to is decided by
 * whether the call at its place is already complete, and a call is complete when its object has closed.
 */
import { randomUUID } from 'node:crypto';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { ExtraFields, ModelEvent, ToolCall } from '../contract.ts';
import { ExtraFieldsReader, extraOfCall } from './extra-fields.ts';
import { JsonObjectScanner } from './json-object.ts';
import { LIMITS } from './wire.ts';

export type ToolCallEvent = Extract<ModelEvent, { type: 'tool-call-start' | 'tool-call' | 'tool-call-failed' }>;

export interface ToolCallOptions {
  /** Whether a tool requires arguments, so that `{}` may be a placeholder. Default: none does. */
  requiresArguments?: ((toolName: string) => boolean) | undefined;
  /** Whether a name is a known tool; tells a name in two pieces from two names. Default: unknown. */
  isTool?: ((toolName: string) => boolean) | undefined;
  /** Whether the conversation so far has a call with this id. Default: it has none. */
  isIdTaken?: ((id: string) => boolean) | undefined;
  /** For a call that came without an id of its own: one that no other has. Default: of random digits. */
  newId?: (() => string) | undefined;
}

/** `held`: `{}` where arguments are required. `done`: handed on, one way or the other. */
type CallState = 'open' | 'held' | 'done';

interface Call {
  index: number | undefined;
  /** As it came; may be empty. */
  id: string;
  name: string;
  /** The arguments so far, up to the end of the first object. */
  text: string;
  scanner: JsonObjectScanner;
  /** `text` is a whole object; the name may still be missing. */
  isClosed: boolean;
  state: CallState;
  /** A chunk was lost while it was open. */
  isTainted: boolean;
  /** What came after the end. */
  rest: string;
  /** The call that this may be nothing but a repeat of. */
  repeats: Call | undefined;
  /** What its pieces held that is no field of a call. */
  extra: ExtraFieldsReader | undefined;
  /** Under which it was handed on. */
  handedId: string | undefined;
}

/** One entry of `delta.tool_calls`, its absent parts as empty texts. */
interface Piece {
  index: number | undefined;
  id: string;
  name: string;
  arguments: string;
  /** The arguments came as an object, whole. */
  isWhole: boolean;
  extra: Record<string, unknown> | undefined;
}

const NOT_AN_OBJECT = 'The arguments were not a JSON object. Call the tool again with a JSON object.';
const CUT_OFF = 'The arguments were cut off or were not valid JSON, so the tool did not run. Call it again.';
const PIECE_LOST = 'A part of the arguments was lost on the way, so the tool did not run. Call it again.';

export class ToolCallAssembler {
  readonly #emit: (event: ToolCallEvent) => void;
  readonly #options: ToolCallOptions;
  readonly #calls: Call[] = [];
  readonly #usedIds = new Set<string>();
  #oddPieces = 0;

  constructor(emit: (event: ToolCallEvent) => void, options: ToolCallOptions = {}) {
    this.#emit = emit;
    this.#options = options;
  }

  /** Whether any call has begun. */
  get hasBegun(): boolean {
    return this.#calls.length > 0;
  }

  /** Whether a call has begun that was not handed on. */
  get hasOpen(): boolean {
    return this.#calls.some((call) => call.state !== 'done');
  }

  /** How much came that no reading could make use of, for the log. */
  get oddPieces(): number {
    return this.#oddPieces;
  }

  /** One entry of `delta.tool_calls`. Anything that is not an object is passed over. */
  add(entry: unknown): void {
    if (!isRecord(entry)) return;
    const piece = readPiece(entry);
    const call = this.#callFor(piece) ?? this.#open(piece);
    if (call.id === '' && call.state !== 'done') call.id = piece.id;
    if (piece.extra) addExtra(call, piece.extra);
    if (piece.name !== '') this.#nameCall(call, piece.name);
    if (piece.isWhole && call.state === 'open' && !call.isClosed) restart(call);
    if (piece.arguments !== '') this.#append(call, piece.arguments);
  }

  /** A chunk was lost: whatever is open may miss a piece, so it must not run. */
  taint(): void {
    for (const call of this.#calls) if (call.state !== 'done') call.isTainted = true;
  }

  /** The answer is over: what is open is read as it is. */
  finish(): void {
    for (const call of this.#calls) if (call.state !== 'done') this.#close(call);
  }

  /** `takeLateExtra` has something to tell. */
  get hasLateExtra(): boolean {
    return this.#calls.some(({ handedId, extra }) => handedId !== undefined && extra?.hasChanged);
  }

  /** What has come of calls since they were handed on, by their ids. */
  takeLateExtra(): Record<string, ExtraFields> | undefined {
    let late: Record<string, ExtraFields> | undefined;
    for (const { handedId, extra } of this.#calls) {
      const fields = handedId !== undefined && extra?.hasChanged ? extra.take() : undefined;
      if (fields && handedId !== undefined) late = { ...late, [handedId]: fields };
    }
    return late;
  }

  /** Nothing more is to be trusted: what is open never was. */
  drop(): void {
    for (const call of this.#calls) call.state = 'done';
  }

  /** Rule 11. Undefined: a new call. */
  #callFor(piece: Piece): Call | undefined {
    const { index, id, name } = piece;
    const last = this.#calls.at(-1);
    const known = id === '' ? undefined : this.#calls.findLast((call) => call.id === id);
    const there = index === undefined ? (known ?? last) : this.#calls.findLast((call) => call.index === index);
    if (name === '') return there ?? known ?? this.#lastFor(piece, last);
    if (!there) return undefined;
    const hasOtherId = id !== '' && there.id !== '' && id !== there.id;
    if (there.state === 'done') return undefined;
    if (index === undefined && hasOtherId) return undefined;
    if (there.name === '') return hasOtherId ? undefined : there;
    if (there.state === 'held') return there.name === name ? there : undefined;
    if (there.scanner.hasBegun) return this.#continuesArguments(there, piece) ? there : undefined;
    if (there.name === name) return there;
    return hasOtherId || this.#areTwoNames(there.name, name) ? undefined : there;
  }

  /** A piece with neither a name nor a known place: the last call's, unless it brings an id and may begin a call. */
  #lastFor(piece: Piece, last: Call | undefined): Call | undefined {
    if (piece.id === '' || !last) return last;
    const isInMidst = last.state === 'open' && last.scanner.hasBegun && !last.isClosed;
    return isInMidst && piece.arguments !== '' && !opensObject(piece.arguments) ? last : undefined;
  }

  #continuesArguments(call: Call, piece: Piece): boolean {
    if (call.name !== piece.name) return false;
    if (piece.index === undefined || !opensObject(piece.arguments)) return true;
    return piece.id !== '' && piece.id === call.id && call.scanner.expectsValue;
  }

  #areTwoNames(first: string, second: string): boolean {
    const { isTool } = this.#options;
    return isTool !== undefined && isTool(first) && isTool(second) && !isTool(first + second);
  }

  #open(piece: Piece): Call {
    const { index, id, name } = piece;
    const there = index === undefined ? this.#calls.at(-1) : this.#calls.findLast((call) => call.index === index);
    const mayRepeat = there?.state === 'done' && there.name === name && (id === '' || id === there.id);
    const call: Call = {
      index,
      id,
      name: '',
      text: '',
      scanner: new JsonObjectScanner(),
      isClosed: false,
      state: 'open',
      isTainted: false,
      rest: '',
      repeats: mayRepeat ? there : undefined,
      extra: undefined,
      handedId: undefined,
    };
    this.#calls.push(call);
    if (this.#calls.length === 1) this.#emit({ type: 'tool-call-start' });
    return call;
  }

  /** Rule 12: a name may come late, twice, or in two pieces. */
  #nameCall(call: Call, name: string): void {
    if (call.state !== 'open' || call.name === name) return;
    const { isTool } = this.#options;
    const joined = call.name + name;
    call.name = isTool?.(name) && !isTool(joined) ? name : joined;
    if (call.isClosed) this.#settle(call);
  }

  #append(call: Call, piece: string): void {
    if (call.state === 'done') return this.#appendAfterEnd(call, piece);
    if (call.state === 'held' || call.isClosed) {
      if (piece.trim() === '') return;
      if (!opensObject(piece)) return void this.#oddPieces++;
      restart(call); // rule 13: it was a placeholder
    }
    const end = call.scanner.feed(piece);
    call.text += end === -1 ? piece : piece.slice(0, end);
    if (end === -1) return;
    call.isClosed = isRecord(parseJson(call.text));
    if (call.isClosed) this.#settle(call);
    const rest = piece.slice(end);
    if (rest === '') return;
    if (call.isClosed) this.#append(call, rest);
    else call.text += rest; // not JSON, however it goes on
  }

  /** Rule 13: after the start blanks and an equal repeat are nothing; anything else does not start it again. */
  #appendAfterEnd(call: Call, piece: string): void {
    call.rest += piece;
    const rest = call.rest.trim();
    const text = call.text.trim();
    if (rest === text) call.rest = '';
    else if (!text.startsWith(rest)) {
      this.#oddPieces++;
      call.rest = '';
    }
  }

  /** Rule 13: its object has closed. */
  #settle(call: Call): void {
    if (call.name === '') return;
    if (call.isTainted) return this.#fail(call, PIECE_LOST);
    if (call.repeats?.text.trim() === call.text.trim()) {
      call.state = 'done';
      return;
    }
    if (isEmptyObject(call.text) && this.#options.requiresArguments?.(call.name)) call.state = 'held';
    else this.#complete(call, call.text);
  }

  /** Rule 14: the answer is over and this call has not ended by itself. */
  #close(call: Call): void {
    const text = call.text.trim();
    if (call.name === '' || (call.repeats && text === '')) {
      if (text !== '') this.#oddPieces++;
      call.state = 'done';
    } else if (call.isTainted) this.#fail(call, PIECE_LOST);
    else if (text === '') this.#complete(call, '{}');
    else if (call.state === 'held') this.#complete(call, call.text);
    else this.#closeUnusual(call, parseJson(text));
  }

  /** Arguments that are neither empty nor an object by themselves. They are never repaired: that would make them up. */
  #closeUnusual(call: Call, value: unknown): void {
    const inner = typeof value === 'string' ? (value.trim() === '' ? null : parseJson(value)) : value;
    if (inner === null) this.#complete(call, '{}');
    else if (isRecord(inner)) this.#complete(call, JSON.stringify(inner));
    else this.#fail(call, value === undefined ? CUT_OFF : NOT_AN_OBJECT);
  }

  #complete(call: Call, text: string): void {
    call.text = text;
    call.state = 'done';
    this.#emit({ type: 'tool-call', call: this.#toolCall(call, text) });
  }

  #fail(call: Call, message: string): void {
    call.state = 'done';
    this.#emit({ type: 'tool-call-failed', call: this.#toolCall(call, '{}'), message });
  }

  #toolCall(call: Call, text: string): ToolCall {
    const id = (call.handedId = this.#uniqueId(call.id));
    const extra = call.extra?.take();
    return { id, name: this.#legalName(call.name), arguments: text, ...(extra && { extra }) };
  }

  #uniqueId(id: string): string {
    const isFree = id !== '' && !this.#usedIds.has(id) && !this.#options.isIdTaken?.(id);
    const unique = isFree ? id : (this.#options.newId ?? randomId)();
    this.#usedIds.add(unique);
    return unique;
  }

  /** An invented name goes into the history too, where a server refuses what is not a legal one. */
  #legalName(name: string): string {
    if (LIMITS.toolName.test(name) || this.#options.isTool?.(name)) return name;
    return name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  }
}

const randomId = (): string => `call_${randomUUID().replaceAll('-', '')}`;

function readPiece(entry: Record<string, unknown>): Piece {
  const fn = isRecord(entry.function) ? entry.function : {};
  const { arguments: value } = fn;
  return {
    index: typeof entry.index === 'number' ? entry.index : undefined,
    id: typeof entry.id === 'string' ? entry.id : '',
    name: typeof fn.name === 'string' ? fn.name : '',
    arguments: typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value),
    isWhole: isRecord(value),
    extra: extraOfCall(entry),
  };
}

function addExtra(call: Call, extra: Record<string, unknown>): void {
  call.extra ??= new ExtraFieldsReader();
  for (const [name, value] of Object.entries(extra)) call.extra.add(name, value);
}

function restart(call: Call): void {
  call.text = '';
  call.scanner = new JsonObjectScanner();
  call.isClosed = false;
  call.state = 'open';
}

function opensObject(text: string): boolean {
  return /^\s*\{/.test(text);
}

function isEmptyObject(text: string): boolean {
  return /^\s*\{\s*\}\s*$/.test(text);
}
