/**
 * What of an answer the model reads: a path into JSON, such as `order.items[].{name: title, price: price.amount}`. Pure. It is a
 * small part of JMESPath and means the same there: names, `[2]` and `[-1]`, `[]` and `[*]` for each, and in the end the fields of
 * something new. There are no filters, functions or expressions, so that nothing that a stranger's server answers is ever run,
 * and the time it takes is that of walking the answer once.
 */
import { VoiceError } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';

/** One step of a path. */
export type Step =
  | { type: 'field'; name: string }
  | { type: 'index'; at: number }
  /** For each of a list. `isFlat`: lists in it are opened first. */
  | { type: 'each'; isFlat: boolean }
  /** In the end: an object of these. */
  | { type: 'fields'; fields: readonly (readonly [string, Path])[] };

/** A path; the empty one is the whole answer. */
export type Path = readonly Step[];

/** Characters. */
const LONGEST_PATH = 1_000;
const DEEPEST_PATH = 8;
const TOKEN = /\s*(?:([A-Za-z_][\w-]*)|"((?:[^"\\]|\\.)*)"|\[\s*(-?\d{1,9})\s*\]|(\[\s*\*?\s*\])|([.,:{}]))/y;

type Token =
  | { type: 'name'; name: string; at: number }
  | { type: 'index'; index: number; at: number }
  | { type: 'each'; isFlat: boolean; at: number }
  | { type: 'mark'; mark: string; at: number };

/** @throws {VoiceError} `options-invalid`, saying what is wrong with it and where. */
export function parsePath(text: string): Path {
  if (text.length > LONGEST_PATH) throw wrong(`it is longer than ${LONGEST_PATH} characters`);
  const reader = new PathReader(tokensOf(text));
  const path = reader.path(0);
  reader.end();
  return path;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex + 1;
    const [, word, quoted, index, each, mark] = TOKEN.exec(text) ?? [];
    if (word !== undefined) tokens.push({ type: 'name', name: word, at });
    else if (quoted !== undefined) tokens.push({ type: 'name', name: unquoted(quoted, at), at });
    else if (index !== undefined) tokens.push({ type: 'index', index: Number(index), at });
    else if (each !== undefined) tokens.push({ type: 'each', isFlat: !each.includes('*'), at });
    else if (mark !== undefined) tokens.push({ type: 'mark', mark, at });
    else throw wrong(`\`${text.slice(at - 1, at + 19).trim()}\` at character ${at} is none of its words`);
  }
  return tokens;
}

function unquoted(inside: string, at: number): string {
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch {
    throw wrong(`the quoted name at character ${at} is not written as JSON writes it`);
  }
}

const HELP = 'expected names with dots, `[0]`, `[]` or `.{name: path}`, as in `order.items[].{name: title}`';
const wrong = (what: string): VoiceError => new VoiceError('options-invalid', `${what}: ${HELP}`);

class PathReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  path(depth: number): Path {
    if (depth > DEEPEST_PATH) throw wrong(`it is deeper than ${DEEPEST_PATH} levels`);
    const steps: Step[] = [];
    if (this.#takes('{')) return [this.#fields(depth)];
    for (let isFirst = true; ; isFirst = false) {
      const token = this.#tokens[this.#next];
      if (token?.type === 'index') steps.push({ type: 'index', at: token.index });
      else if (token?.type === 'each') steps.push({ type: 'each', isFlat: token.isFlat });
      else if (isFirst && token?.type === 'name') steps.push({ type: 'field', name: token.name });
      else if (!isFirst && this.#takes('.')) {
        if (this.#takes('{')) return [...steps, this.#fields(depth)];
        steps.push({ type: 'field', name: this.#name() });
        continue;
      } else break;
      this.#next++;
    }
    if (steps.length === 0) throw this.#unexpected('a name');
    return steps;
  }

  end(): void {
    if (this.#tokens[this.#next]) throw this.#unexpected('its end');
  }

  /** Behind the brace: `name: path`, or a name alone, which is its own path. */
  #fields(depth: number): Step {
    const fields: [string, Path][] = [];
    do {
      const name = this.#name();
      fields.push([name, this.#takes(':') ? this.path(depth + 1) : [{ type: 'field', name }]]);
    } while (this.#takes(','));
    if (!this.#takes('}')) throw this.#unexpected('`,` or `}`');
    return { type: 'fields', fields };
  }

  #name(): string {
    const token = this.#tokens[this.#next];
    if (token?.type !== 'name') throw this.#unexpected('a name');
    this.#next++;
    return token.name;
  }

  #takes(mark: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.type !== 'mark' || token.mark !== mark) return false;
    this.#next++;
    return true;
  }

  #unexpected(expected: string): VoiceError {
    const token = this.#tokens[this.#next];
    return wrong(`expected ${expected} ${token ? `at character ${token.at}` : 'at its end'}`);
  }
}

/** Where the path leads; undefined or null where it leads nowhere. */
export function pick(value: unknown, path: Path): unknown {
  const flat = path.findLastIndex((step) => step.type === 'each' && step.isFlat);
  if (flat >= 0) {
    const before = pick(value, path.slice(0, flat)); // what many have, in one list
    return pickEach(Array.isArray(before) ? before.flat() : undefined, path.slice(flat + 1));
  }
  for (const [at, step] of path.entries()) {
    if (step.type === 'each') return pickEach(value, path.slice(at + 1));
    value = takeStep(value, step);
    if (value === undefined || value === null) return value;
  }
  return value;
}

function pickEach(value: unknown, rest: Path): unknown {
  if (!Array.isArray(value)) return undefined;
  return value.map((one) => pick(one, rest)).filter((one) => one !== undefined && one !== null);
}

function takeStep(value: unknown, step: Exclude<Step, { type: 'each' }>): unknown {
  switch (step.type) {
    case 'field':
      return isRecord(value) && Object.hasOwn(value, step.name) ? value[step.name] : undefined;
    case 'index':
      return Array.isArray(value) ? (value.at(step.at) as unknown) : undefined;
    case 'fields':
      return Object.fromEntries(step.fields.map(([name, path]) => [name, pick(value, path)]));
  }
}
