/**
 * A handler's result as JSON text, refused where JSON would make something of it that nobody meant: thousands of digits of a
 * `Buffer`, or `{}` of a stream, a `Map` or an object of a class. The refusal says what to return instead.
 */

/** `message`: "Expected ... got ...", with the place in the result and what to return instead. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * Undefined for what JSON has no text for, such as a function.
 * @throws {NotJson}
 * @throws What a getter or a `toJSON` of the result throws, and a `TypeError` for a circular one.
 */
export function writeJson(result: unknown): string | undefined {
  return JSON.stringify(result, function (this: unknown, key, value: unknown) {
    // `value` is what `toJSON` made of it, such as the digits of a `Buffer`.
    const found: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
    const kind = kindOf(found, value);
    if (kind) throw new NotJson(messageFor(kind, found === result ? '' : key));
    return value;
  });
}

interface Kind {
  got: string;
  instead: string;
}

function messageFor({ got, instead }: Kind, key: string): string {
  const place = key === '' ? 'a result' : /^\d+$/.test(key) ? `\`[${key}]\` of the result` : `\`${key}\` of the result`;
  return `Expected ${place} to be JSON, got ${got}: return ${instead}`;
}

const TEXT_OF_BYTES = "its text, such as `buffer.toString('utf8')`, or where it can be found";

/** What it is, when it is nothing for JSON. `written`: what JSON would write of it. */
function kindOf(value: unknown, written: unknown): Kind | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (written !== value) return kindOfBytes(value); // its own `toJSON` has spoken
  return kindOfBytes(value) ?? kindOfClass(value) ?? kindOfNothing(value);
}

function kindOfBytes(value: object): Kind | undefined {
  if (Buffer.isBuffer(value)) return { got: 'a Buffer', instead: TEXT_OF_BYTES };
  if (ArrayBuffer.isView(value))
    return { got: named(value), instead: `${TEXT_OF_BYTES}, or \`[...array]\` when it is short` };
  const isBuffer = value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return isBuffer ? { got: named(value), instead: TEXT_OF_BYTES } : undefined;
}

/** By what they can do rather than by their class: there is more than one of each. */
function kindOfClass(value: object): Kind | undefined {
  const got = named(value);
  if (value instanceof Map) return { got, instead: '`Object.fromEntries(map)`' };
  if (value instanceof Set) return { got, instead: '`[...set]`' };
  if (value instanceof Error) return { got, instead: 'its `message`, or throw it' };
  if (has(value, 'then')) return { got, instead: 'what it resolves to: `await` it' };
  if (has(value, 'arrayBuffer') && has(value, 'text'))
    return { got, instead: 'what it holds: `await it.json()` or `await it.text()`' };
  if (has(value, 'getReader') || (has(value, 'pipe') && has(value, 'on')))
    return { got, instead: 'its text once it has been read, such as `await text(stream)` of `node:stream/consumers`' };
  return undefined;
}

/** An object of a class of which JSON would write `{}`, since what it holds are no fields of its own. */
function kindOfNothing(value: object): Kind | undefined {
  if (isPlain(value) || Object.keys(value).length > 0 || isBoxed(value)) return undefined;
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
  value instanceof Number || value instanceof Boolean || value instanceof String;

const has = (value: object, method: string): boolean => typeof Reflect.get(value, method) === 'function';

/** With its article. */
function named(value: object): string {
  const name = nameOf(value);
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Of its class. */
function nameOf(value: object): string {
  const { constructor: made } = value as { constructor?: unknown };
  const name = typeof made === 'function' ? made.name : '';
  return name === '' || name === 'Object' ? Object.prototype.toString.call(value).slice(8, -1) : name;
}
