/** JSON from outside is `unknown` until a schema has read it, and text that is not JSON is a value, not an accident. */

/**
 * Lists and objects may lie in each other so deep. Nobody who means well goes deeper, and a value of 10,000 levels ends
 * the stack of whoever walks it, `JSON.stringify` among them.
 */
export const DEEPEST_JSON = 128;

/**
 * The value of `text`, or `undefined` when it is not JSON, or deeper than `DEEPEST_JSON`, or has more than `mostValues` in it
 * (default: any number), which is found out before any of them is made.
 */
export function parseJson(text: string, { mostValues = Infinity }: { mostValues?: number } = {}): unknown {
  if (hasMoreValues(text, mostValues)) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return isTooDeep(text) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** Also of text that is no JSON. Each value but the first stands behind a comma, or is the first in a list or an object. */
function hasMoreValues(text: string, most: number): boolean {
  if (text.length <= 2 * most) return false;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === COMMA || character === OPEN_BRACKET || character === OPEN_BRACE) {
      if (++values > most) return true;
    }
  }
  return false;
}

/** Of text that is JSON. Strings are jumped over, for most of what is long is the audio in one. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * DEEPEST_JSON) return false; // every level is opened and closed
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at);
    else if (character === OPEN_BRACKET || character === OPEN_BRACE) {
      if (++depth > DEEPEST_JSON) return true;
    } else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth--;
  }
  return false;
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (at === -1 || backslashes % 2 === 0) return at === -1 ? text.length : at;
  }
}

/** Whether `value` is an object with keys: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands where a JSON object was expected, for people. `value`: of the text, as `parseJson` read it. */
export function tellOther(text: string, value: unknown): string {
  if (text.trim() === '') return 'an empty file';
  return value === undefined ? 'text that is no JSON' : 'another value';
}

/** JSON with the keys of every object in order, so that equal values are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
