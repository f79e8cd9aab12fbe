/**
 * Words of others on their way to a terminal or a log: without what a terminal would obey and without what would look like
 * another line. A caller's number, a transcript, a model's answer, a tool's text and a provider's error all come from
 * somebody who may want to hide or to forge what an operator reads. Every line of a log and every screen of `parley` goes
 * through here, and nothing else does this.
 */
import { isRecord } from './json.ts';

/**
 * Whole codes, so that no letters of theirs stay behind: CSI (`ESC [ … letter`), strings that have their end (`ESC ] … BEL`),
 * and what ESC begins otherwise. The strings hold no other code, so no text is read twice.
 */
const CODES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])(?:[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*(?:\u0007|\u001b\\|\u009c))?|\u001b[ -/]*[0-~]?/g;
/** Line ends of every kind, those that only some programs know among them. */
const LINE_ENDS = /\r\n|[\n\r\u000b\u000c\u0085\u2028\u2029]/g;
/** Other controls; marks that turn the direction of what follows, which make a text read as another; and hidden letters. */
const CONTROLS = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/g;
/** Any of it: most text has none. */
const ANY = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/;
/** Nothing that is shown lies deeper. */
const DEEPEST = 12;

/** Text that stands in one line: every end of a line in it is a space. */
export function plainLine(text: string): string {
  return ANY.test(text)
    ? text.replace(CODES, '').replace(LINE_ENDS, ' ').replace(/\t/g, ' ').replace(CONTROLS, '')
    : text;
}

/** Text of several lines, where whoever shows it sees to it that they look like one text. Tabs stay. */
export function plainText(text: string): string {
  return ANY.test(text) ? text.replace(CODES, '').replace(LINE_ENDS, '\n').replace(CONTROLS, '') : text;
}

/** The same value with each text in it, and each name of a field, in one line. What is no JSON value stays as it is. */
export function plainValue<Value>(value: Value): Value {
  return plainAt(value, 0) as Value;
}

function plainAt(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return plainLine(value);
  if (depth >= DEEPEST) return typeof value === 'object' && value !== null ? '[deeper than is shown]' : value;
  if (Array.isArray(value)) return value.map((one: unknown) => plainAt(one, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [plainLine(name), plainAt(one, depth + 1)]));
}

/** A value for a program, as one line of JSON that is also safe to look at: the same value, with what JSON lets through escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
