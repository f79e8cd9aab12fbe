/**
 * A handler's result as JSON text, refused where JSON would make something of it that nobody meant: thousands of digits of a
 * `Buffer`, or `{}` of a stream, a `Map` or an object of a class. The refusal says what to return instead. No more of it is
 * looked at than is read in the end, so a result of any size costs little.
 */
import { DEEPEST_JSON } from '../lib/json.ts';
import { shortText } from '../lib/thrown.ts';

/** `message`: "Expected ... got ...", with the place in the result and what to return instead. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * Its text, as `JSON.stringify` has it, or of one longer than `most` characters a beginning of more than that. Undefined for
 * what JSON has no text for, such as a function.
 * @throws {NotJson}
 * @throws What a getter or a `toJSON` of the result throws, and a `TypeError` for a bigint or a circle.
 */
export function writeJson(result: unknown, most: number): string | undefined {
  if (isObject(result) && roomBehind(result, most, DEEPEST_JSON) >= 0) return JSON.stringify(result);
  const writer = new Writer(most);
  return writer.write({ '': result }, '', 0) ? writer.text : undefined;
}

/**
 * Most results are small, and made of plain objects and lists with values that JSON has: these need nobody to write them by
 * hand. How many of `room` characters one leaves, about; negative where it is longer, lies deeper than `levels`, or has
 * anything else in it.
 */
function roomBehind(value: unknown, room: number, levels: number): number {
  switch (typeof value) {
    case 'string':
      return room - value.length;
    case 'number':
    case 'boolean':
    case 'undefined':
      return room - 1;
    case 'object':
      if (value === null) return room - 1;
      return levels > 0 && isOnlyData(value) ? roomBehindAll(value, room, levels - 1) : -1;
    default:
      return -1;
  }
}

function roomBehindAll(fields: object, room: number, levels: number): number {
  let left = room;
  if (Array.isArray(fields)) {
    for (let at = 0; at < fields.length && left >= 0; at++) left = roomBehind(fields[at], left - 1, levels);
    return left;
  }
  for (const key of Object.keys(fields)) {
    left = roomBehind((fields as Record<string, unknown>)[key], left - key.length, levels);
    if (left < 0) return left;
  }
  return left;
}

function isOnlyData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === Array.prototype) && !('toJSON' in value || 'then' in value);
}

/** Written front to back, until there is enough. */
class Writer {
  text = '';
  readonly #enough: number;

  constructor(most: number) {
    this.#enough = most + 1;
  }

  /** Characters until there is enough; a piece is added whole, so that it may be more than that. */
  get #room(): number {
    return Math.max(0, this.#enough - this.text.length);
  }

  /** False, with nothing written, for what JSON leaves out. */
  write(holder: object, key: string, depth: number): boolean {
    const found: unknown = Reflect.get(holder, key);
    refuse(isObject(found) ? kindOfBytes(found) : undefined, key); // before its `toJSON` makes a list of digits
    const value = unboxed(asJson(found, key));
    switch (typeof value) {
      case 'string':
        return this.#add(JSON.stringify(value.slice(0, this.#room)));
      case 'bigint':
        throw new TypeError('a bigint');
      case 'object':
        if (value === null) return this.#add('null');
        if (value === found) refuse(kindOfClass(value) ?? kindOfNothing(value), key);
        else refuse(kindOfBytes(value), key);
        if (depth >= DEEPEST_JSON) throw new TypeError(`a circle, or more than ${DEEPEST_JSON} objects in each other`);
        return Array.isArray(value) ? this.#writeList(value, depth + 1) : this.#writeFields(value, depth + 1);
      case 'number':
      case 'boolean':
        return this.#add(JSON.stringify(value));
      default:
        return false;
    }
  }

  #writeList(list: readonly unknown[], depth: number): boolean {
    this.#add('[');
    const { length } = list;
    for (let at = 0; at < length && this.#room > 0; at++) {
      if (at > 0) this.#add(',');
      if (!this.write(list, String(at), depth)) this.#add('null');
    }
    return this.#add(']');
  }

  #writeFields(fields: object, depth: number): boolean {
    this.#add('{');
    let separator = '';
    for (const key of Object.keys(fields)) {
      if (this.#room === 0) break;
      const before = this.text;
      this.#add(`${separator}${JSON.stringify(key.slice(0, this.#room))}:`);
      if (this.write(fields, key, depth)) separator = ',';
      else this.text = before;
    }
    return this.#add('}');
  }

  #add(piece: string): true {
    this.text += piece;
    return true;
  }
}

function asJson(value: unknown, key: string): unknown {
  if (!isObject(value) && typeof value !== 'function' && typeof value !== 'bigint') return value;
  const toJson: unknown = Reflect.get(Object(value) as object, 'toJSON');
  return typeof toJson === 'function' ? (Reflect.apply(toJson, value, [key]) as unknown) : value;
}

function unboxed(value: unknown): unknown {
  return isObject(value) && isBoxed(value) ? value.valueOf() : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refuse(kind: Kind | undefined, key: string): void {
  if (kind) throw new NotJson(messageFor(kind, key));
}

interface Kind {
  got: string;
  instead: string;
}

const LONGEST_NAME = 60;

function messageFor({ got, instead }: Kind, key: string): string {
  const name = shortText(key, LONGEST_NAME);
  const place =
    key === '' ? 'a result' : /^\d+$/.test(key) ? `\`[${name}]\` of the result` : `\`${name}\` of the result`;
  return `Expected ${place} to be JSON, got ${got}: return ${instead}`;
}

const TEXT_OF_BYTES = "its text, such as `buffer.toString('utf8')`, or where it can be found";

function kindOfBytes(value: object): Kind | undefined {
  if (Buffer.isBuffer(value)) return { got: 'a Buffer', instead: TEXT_OF_BYTES };
  if (ArrayBuffer.isView(value))
    return { got: named(value), instead: `${TEXT_OF_BYTES}, or \`[...array]\` when it is short` };
  const isBuffer = value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return isBuffer ? { got: named(value), instead: TEXT_OF_BYTES } : undefined;
}

/** By what they can do rather than by their class: there is more than one of each. */
function kindOfClass(value: object): Kind | undefined {
  if (Array.isArray(value)) return undefined;
  const instead = insteadOf(value);
  return instead === undefined ? undefined : { got: named(value), instead };
}

function insteadOf(value: object): string | undefined {
  if (value instanceof Map) return '`Object.fromEntries(map)`';
  if (value instanceof Set) return '`[...set]`';
  if (value instanceof Error) return 'its `message`, or throw it';
  if (has(value, 'then')) return 'what it resolves to: `await` it';
  if (has(value, 'arrayBuffer') && has(value, 'text')) return 'what it holds: `await it.json()` or `await it.text()`';
  if (has(value, 'getReader') || (has(value, 'pipe') && has(value, 'on')))
    return 'its text once it has been read, such as `await text(stream)` of `node:stream/consumers`';
  return undefined;
}

/** An object of a class of which JSON would write `{}`, since what it holds are no fields of its own. */
function kindOfNothing(value: object): Kind | undefined {
  if (Array.isArray(value) || isPlain(value) || Object.keys(value).length > 0) return undefined;
  const isList = typeof Reflect.get(value, Symbol.iterator) === 'function';
  const isLater = typeof Reflect.get(value, Symbol.asyncIterator) === 'function';
  const instead = isLater
    ? 'what it yields, in a list'
    : isList
      ? 'what it yields: `[...it]`, or `Object.fromEntries(it)` when it yields names and values'
      : 'a plain object with the fields that the model should read, or give its class a `toJSON`';
  return { got: `${named(value)}, which would be written as \`{}\``, instead };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const isBoxed = (value: object): boolean =>
  value instanceof Number || value instanceof Boolean || value instanceof String || value instanceof BigInt;

const has = (value: object, method: string): boolean => typeof Reflect.get(value, method) === 'function';

/** With its article. */
function named(value: object): string {
  const name = nameOf(value);
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Of its class. */
function nameOf(value: object): string {
  const { constructor: made } = value as { constructor?: unknown };
  const name = typeof made === 'function' && typeof made.name === 'string' ? made.name : '';
  return shortText(
    name === '' || name === 'Object' ? Object.prototype.toString.call(value).slice(8, -1) : name,
    LONGEST_NAME,
  );
}
