/**
 * Reads whatever was thrown. Anything may be: a number, a circle, a proxy, an error whose getters throw. So every look at
 * it is guarded, each text has a longest length and no terminal codes, and what is handed on is plain data.
 */
import { plainText } from './plain.ts';

/** What is known of something that was thrown: an `Error` of our own making, safe for every logger and serializer. */
export class Thrown extends Error {
  override readonly name: string;
  /** Whether it was an error at all, or some other value. */
  readonly isError: boolean;
  /** Its `code`, if that is a word or a number. */
  readonly code: string | undefined;
  /** The lines of its stack that name a place, innermost first. */
  readonly places: readonly string[];
  override readonly cause: Thrown | undefined;

  constructor(facts: Omit<Thrown, 'stack'>) {
    super(facts.message);
    this.name = facts.name;
    this.isError = facts.isError;
    this.code = facts.code;
    this.places = facts.places;
    this.cause = facts.cause;
    this.stack = [`${this.name}: ${this.message}`, ...this.places].join('\n');
  }

  /** Whether `value` is one: asked so that nothing of `value` is run. */
  static isOne(value: unknown): value is Thrown {
    return typeof value === 'object' && value !== null && sources.has(value);
  }
}

/** What each of them was read from. */
const sources = new WeakMap<object, { thrown: unknown }>();

/** Characters (UTF-16 units): a message of ours may list the mistakes of 64 tools, a stranger's says less. */
const LONGEST_MESSAGE = 8_192;
const LONGEST_NAME = 100;
/** Of it, what is looked through for places. */
const LONGEST_STACK = 50_000;
const MOST_PLACES = 20;
const LONGEST_PLACE = 500;
/** An error that is the cause of another, and so on, may lie so deep. */
const MOST_CAUSES = 5;

/** Never throws. What was read already is returned as it is. */
export function readThrown(thrown: unknown): Thrown {
  return Thrown.isOne(thrown) ? thrown : read(thrown, MOST_CAUSES);
}

/** What it was read from, to be looked at as carefully; anything else is returned as it is. */
export function sourceOf(thrown: unknown): unknown {
  return Thrown.isOne(thrown) ? sources.get(thrown)?.thrown : thrown;
}

/** The message of anything that was thrown, in at most 8,192 characters. Never throws. */
export function messageOf(thrown: unknown): string {
  if (Thrown.isOne(thrown)) return thrown.message;
  return isObject(thrown) ? messageOfObject(thrown) : textOf(thrown);
}

/** Whether it is one of this class; a proxy that refuses to say so is not. Never throws. */
export function isA<Class>(value: unknown, kind: abstract new (...args: never[]) => Class): value is Class {
  return guarded(() => value instanceof kind) === true;
}

/** A field of anything at all; undefined when it has none, or reading it throws. */
export function fieldOf(value: unknown, name: PropertyKey): unknown {
  return isObject(value) ? guarded(() => Reflect.get(value, name) as unknown) : undefined;
}

/** Short enough, and plain (see `plain.ts`). Line breaks stay. */
export function shortText(text: string, longest = LONGEST_MESSAGE): string {
  if (text.length <= longest) return plainText(text);
  return `${plainText(text.slice(0, longest).replace(/[\ud800-\udbff]$/, ''))}…`;
}

function read(thrown: unknown, causes: number): Thrown {
  const facts = isObject(thrown) ? readObject(thrown, causes) : { name: typeof thrown, ...NOTHING };
  const one = new Thrown({ ...facts, message: messageOf(thrown) });
  sources.set(one, { thrown });
  return one;
}

const NOTHING = { isError: false, code: undefined, places: [], cause: undefined };

function readObject(thrown: object, causes: number): Omit<Thrown, 'message' | 'stack'> {
  const isError = isA(thrown, Error);
  const [name, code] = [fieldOf(thrown, 'name'), fieldOf(thrown, 'code')];
  const cause = causes > 0 ? fieldOf(thrown, 'cause') : undefined;
  return {
    name: typeof name === 'string' && name !== '' ? shortText(name, LONGEST_NAME) : isError ? 'Error' : 'object',
    isError,
    code: typeof code === 'string' || typeof code === 'number' ? shortText(String(code), LONGEST_NAME) : undefined,
    places: placesOf(thrown),
    cause: cause === undefined || cause === null ? undefined : read(cause, causes - 1),
  };
}

function messageOfObject(thrown: object): string {
  const message = fieldOf(thrown, 'message');
  if (typeof message === 'string') return shortText(message);
  const tag = guarded(() => Object.prototype.toString.call(thrown));
  return tag === undefined ? 'something that cannot be read' : shortText(tag, LONGEST_NAME);
}

/** Of what is no object, which all have a text; that of a large number is costly. */
function textOf(thrown: unknown): string {
  if (typeof thrown === 'bigint' && BigInt.asIntN(64, thrown) !== thrown) return 'a bigint of more than 64 bits';
  return shortText(typeof thrown === 'string' ? thrown : String(thrown));
}

/** They stand behind the message: of a very long one the stack, which has it too, is not even made. */
function placesOf(thrown: object): string[] {
  const message = fieldOf(thrown, 'message');
  const length = typeof message === 'string' ? message.length : 0;
  const stack = length > LONGEST_STACK ? undefined : fieldOf(thrown, 'stack');
  if (typeof stack !== 'string') return [];
  const lines = stack.slice(0, LONGEST_STACK + MOST_PLACES * LONGEST_PLACE).split('\n');
  const places = lines.filter((line) => /^ {1,20}at /.test(line)).slice(0, MOST_PLACES);
  return places.map((line) => shortText(line, LONGEST_PLACE));
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function guarded<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
