/**
 * Reads what a peer says of itself when a line starts, kindly: what the call cannot do without is asked for, and anything
 * else that cannot be used is left out and counted, so that no slip of a carrier's, or of a program before it, costs a call.
 * In time in proportion to what came, however much of it is wrong.
 */
import { LONGEST_ID } from '../lib/call-id.ts';
import { VoiceError } from '../lib/errors.ts';
import { isRecord } from '../lib/json.ts';

/** Characters: more is no number, name or parameter of a call. */
const LONGEST_TEXT = 4_096;
/** More of them are none of a call. */
const MOST_PARAMETERS = 100;
/** Of what was left out, so many are named. */
const MOST_NAMED = 8;
const LONGEST_NAME = 64;

export class StartReader {
  /** Names of what was left out, as far as they are told. */
  readonly leftOut: string[] = [];
  readonly #protocol: string;

  /** `protocol`: for the errors. */
  constructor(protocol: string) {
    this.#protocol = protocol;
  }

  /** @throws {VoiceError} `frame-invalid`, when it is no text of 1 to 128 characters. */
  requiredId(value: unknown, field: string): string {
    if (typeof value === 'string' && value !== '' && value.length <= LONGEST_ID) return value;
    const got = typeof value === 'string' ? `${value.length} characters` : value === null ? 'null' : typeof value;
    throw this.#invalid(`Expected \`${field}\` to be text of 1 to ${LONGEST_ID} characters, got ${got}`);
  }

  /** Undefined for none, and for one that cannot be used. */
  id(value: unknown, field: string): string | undefined {
    return this.#textOf(value, field, LONGEST_ID);
  }

  /** Undefined for none, and for what cannot be used. Numbers are text: some write telephone numbers so. */
  text(value: unknown, field: string): string | undefined {
    return this.#textOf(
      typeof value === 'number' && Number.isFinite(value) ? String(value) : value,
      field,
      LONGEST_TEXT,
    );
  }

  /** Undefined for none, and for what is no object, such as the empty text or list that some write for none. */
  object(value: unknown, field: string): Record<string, unknown> | undefined {
    if (isRecord(value)) return value;
    if (value !== undefined && value !== null) this.#leaveOut(field);
    return undefined;
  }

  /** By name; values are text, and what a proxy made numbers and truths of is turned back. */
  parameters(value: unknown, field: string): Record<string, string> {
    const read: [string, string][] = [];
    for (const [name, one] of Object.entries(this.object(byName(value), field) ?? {})) {
      const text = typeof one === 'boolean' ? String(one) : this.#parameterOf(one);
      const isTaken = text !== undefined && read.length < MOST_PARAMETERS && isName(name);
      if (isTaken) read.push([name, text]);
      else this.#leaveOut(`${field}.${name.slice(0, LONGEST_NAME)}`);
    }
    return Object.fromEntries(read);
  }

  /**
   * What decides how a line is understood: absent, or of no use, it is what the carrier's lines always are. One that says
   * something else is believed.
   * @throws {VoiceError} `frame-invalid`, when it is text or a number and not `expected`.
   */
  onlyIf(value: unknown, field: string, expected: string | number): void {
    if (value === undefined || value === null || value === '') return;
    if (typeof value !== 'string' && typeof value !== 'number') return this.#leaveOut(field);
    if (String(value) !== String(expected))
      throw this.#invalid(`Expected \`${field}\` to be ${expected}, got something else`);
  }

  /** The same of `name=value` pairs behind one another, with `,` or `;` between them and perhaps braces around them. */
  pairs(value: unknown, field: string): Record<string, string> {
    const text = this.text(value, field);
    if (text === undefined) return {};
    const pairs = text.replace(/^\s*\{|\}\s*$/g, '').split(/[,;]/);
    const read = pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      return at > 0 ? [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]] : [];
    });
    return this.parameters(Object.fromEntries(read.filter(([name]) => name !== '__proto__')), field);
  }

  /**
   * Of what a peer may say the meaning; undefined for nothing, and for what is neither text nor a number.
   * @throws {VoiceError} `frame-invalid`, when it is none of `known`.
   */
  oneOf<Meaning>(value: unknown, field: string, known: Readonly<Record<string, Meaning>>): Meaning | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string' && typeof value !== 'number') {
      this.#leaveOut(field);
      return undefined;
    }
    const name = String(value);
    if (Object.hasOwn(known, name)) return known[name];
    const names = Object.keys(known).join(' or ');
    throw this.#invalid(`Expected \`${field}\` to be ${names}, got something else`);
  }

  /** What was read, with the names of what was left out, where there are any. */
  withLeftOut<Start extends object>(start: Start): Start & { leftOut?: readonly string[] } {
    return this.leftOut.length > 0 ? { ...start, leftOut: this.leftOut } : start;
  }

  #textOf(value: unknown, field: string, longest: number): string | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string' && value.length <= longest) return value;
    this.#leaveOut(field);
    return undefined;
  }

  #parameterOf(value: unknown): string | undefined {
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && text.length <= LONGEST_TEXT ? text : undefined;
  }

  #leaveOut(field: string): void {
    if (this.leftOut.length < MOST_NAMED) this.leftOut.push(field.slice(0, 2 * LONGEST_NAME));
  }

  #invalid(message: string): VoiceError {
    return new VoiceError('frame-invalid', `${this.#protocol}: ${message}`);
  }
}

/** Some write `[{ name, value }]` in place of an object. A list of anything else is left as it is. */
function byName(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value;
  const pairs = value.map((one: unknown) => (isRecord(one) ? ([one['name'], one['value']] as const) : undefined));
  const isNamed = pairs.every((pair) => typeof pair?.[0] === 'string' && isName(pair[0]));
  return isNamed ? Object.fromEntries(pairs.flatMap((pair) => (pair ? [pair] : [])) as [string, unknown][]) : value;
}

const isName = (name: string): boolean => name.length <= LONGEST_ID && name !== '__proto__';
