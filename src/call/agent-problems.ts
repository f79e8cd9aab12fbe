/** What is wrong with an agent file's own fields, in sentences: the field, what was expected, what is there. */
import type { z } from 'zod';
import { shown } from '../tool/check.ts';

/** One mistake in an agent file. */
export interface AgentProblem {
  /** Such as `turn.endpointMs`; empty for the whole agent. */
  field: string;
  /** The field, what was expected, and what is there. */
  message: string;
}

/** What other libraries call the same things. */
const OTHER_NAMES: Record<string, string> = {
  prompt: 'instructions',
  system: 'instructions',
  systemPrompt: 'instructions',
  firstMessage: 'greeting',
  welcome: 'greeting',
  llm: 'model',
  tts: 'voice',
  stt: 'listen',
  functions: 'tools',
};

const AGENT = { what: 'an agent', otherNames: OTHER_NAMES };

/** What `input` would need to be `schema`'s. One sentence an issue, but for unknown keys: one a key. `what` it is to be. */
export function describeIssues(
  error: z.ZodError,
  input: object,
  schema: z.ZodObject,
  { what, otherNames }: { what: string; otherNames: Readonly<Record<string, string>> } = AGENT,
): AgentProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(key, issue.path.map(String), { schema, what, otherNames }));
    }
    const field = issue.path.map(String).join('.');
    if (/^Expected `/.test(issue.message)) return { field, message: issue.message };
    const found = issue.path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      input,
    );
    return {
      field,
      message: `Expected \`${field}\` to be ${expectationOf(issue)}, got ${Array.isArray(found) ? listOf(found) : shown(found)}`,
    };
  });
}

const listOf = ({ length }: unknown[]): string => (length === 0 ? 'an empty list' : `a list of ${length}`);

interface Whole {
  schema: z.ZodObject;
  what: string;
  otherNames: Readonly<Record<string, string>>;
}

function unknownKey(key: string, path: string[], { schema, what, otherNames }: Whole): AgentProblem {
  const field = [...path, key].join('.');
  const known = knownKeys(path, schema);
  const meant = path.length === 0 ? otherNames[key] : undefined;
  const near = meant ?? known.find((name) => isNear(name.toLowerCase(), key.toLowerCase()));
  const owner = path.length === 0 ? what : `\`${path.join('.')}\``;
  const help = near ? `did you mean \`${near}\`?` : `those are ${known.join(', ')}`;
  return { field, message: `\`${field}\` is not a field of ${owner}: ${help}` };
}

/** The keys of the object at `path`; defaults stand before it in the schema. */
function knownKeys(path: string[], schema: z.ZodObject): string[] {
  const inner = path.reduce<unknown>((outer, key) => unwrapped(Reflect.get(shapeOf(outer), key)), schema);
  return Object.keys(shapeOf(inner));
}

function shapeOf(schema: unknown): object {
  const shape: unknown = typeof schema === 'object' && schema !== null ? Reflect.get(schema, 'shape') : undefined;
  return typeof shape === 'object' && shape !== null ? shape : {};
}

function unwrapped(schema: unknown): unknown {
  const isWrapper = typeof schema === 'object' && schema !== null && 'unwrap' in schema;
  return isWrapper && typeof schema.unwrap === 'function'
    ? unwrapped(Reflect.apply(schema.unwrap, schema, []))
    : schema;
}

type Issue = z.core.$ZodIssue;

const TYPES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What an issue of a schema asks for, in words that follow "Expected x to be". */
export function expectationOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? `a ${issue.expected}`;
    case 'too_small':
      return amount(issue.origin, Number(issue.minimum), 'more', issue.inclusive);
    case 'too_big':
      return amount(issue.origin, Number(issue.maximum), 'less', issue.inclusive);
    case 'invalid_value':
      return issue.values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' or ');
    case 'invalid_key':
      return issue.issues.map(expectationOf).join(' and ');
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap(([first]) => (first ? [expectationOf(first)] : [])))].join(' or ');
    default:
      return issue.message.replace(/^expected /, '');
  }
}

function amount(origin: string, bound: number, side: 'more' | 'less', isInclusive = true): string {
  if (origin === 'string') return bound === 1 ? 'a text that is not empty' : `a text of ${bound} letters or ${side}`;
  if (origin === 'array') return bound === 1 ? 'a list that is not empty' : `a list of ${bound} or ${side}`;
  return isInclusive ? `${bound} or ${side}` : `${side} than ${bound}`;
}

/** Whether one name may be meant where the other is written: one or two letters wrong, missing, too many or swapped. */
export function isNear(known: string, written: string): boolean {
  const most = written.length > 4 ? 2 : 1;
  return Math.abs(known.length - written.length) <= most && distance(known, written) <= most;
}

function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
