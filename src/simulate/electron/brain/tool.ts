/** A tool as the request offers it, read once: its words, and its parameters with what kind of thing each asks for. */
import { isRecord } from '../../../lib/json.ts';
import { nameWords } from './words.ts';

export type ParameterKind =
  | 'choice'
  | 'boolean'
  | 'number'
  | 'list'
  | 'object'
  | 'date'
  | 'time'
  | 'moment' // date and time in one
  | 'phone'
  | 'email'
  | 'code' // an id, a reference, a number that is read out
  | 'person'
  | 'place'
  | 'text' // free words: a question, a reason
  | 'phrase'; // anything else

export interface Parameter {
  name: string;
  words: string[];
  description: string;
  kind: ParameterKind;
  isRequired: boolean;
  schema: Record<string, unknown>;
  /** Of a `choice`. */
  choices: unknown[];
  /** Of a `list`: what each entry is. */
  items: Parameter | undefined;
  /** Of an `object`. */
  properties: Parameter[];
}

export interface Tool {
  name: string;
  words: string[];
  description: string;
  parameters: Parameter[];
  /** Whether it changes something, judging by its name. */
  isWrite: boolean;
  /** Ends the call. */
  endsCall: boolean;
}

const WRITE_VERBS = new Set(
  `book cancel create update delete change reschedule pay transfer send add remove place submit block unblock set make
   register refund reserve move modify schedule open close start stop order buy apply activate freeze leave take file log
   report request confirm end hang`.split(/\s+/),
);

const END_OF_CALL = /^(?:end|finish|close|terminate)_?(?:the_?)?(?:call|conversation)$|^hang_?up(?:_?call)?$/i;

/** `undefined` when it has no name. A tool without parameters takes none. */
export function readTool(value: Record<string, unknown>): Tool | undefined {
  const described = value['function'];
  if (!isRecord(described) || typeof described['name'] !== 'string') return undefined;
  const name = described['name'];
  const schema = isRecord(described['parameters']) ? described['parameters'] : {};
  const words = nameWords(name);
  return {
    name,
    words,
    description: textOf(described['description']),
    parameters: readProperties(schema, schema),
    isWrite: WRITE_VERBS.has(words[0] ?? ''),
    endsCall: END_OF_CALL.test(name),
  };
}

function readProperties(schema: Record<string, unknown>, root: Record<string, unknown>): Parameter[] {
  if (!isRecord(schema['properties'])) return [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(schema['properties']).map(([name, property]) =>
    readParameter(name, isRecord(property) ? property : {}, required.includes(name), root),
  );
}

function readParameter(
  name: string,
  declared: Record<string, unknown>,
  isRequired: boolean,
  root: Record<string, unknown>,
): Parameter {
  const schema = settle(declared, root);
  const items = isRecord(schema['items']) ? schema['items'] : undefined;
  const description = textOf(declared['description']) || textOf(schema['description']);
  const parameter: Parameter = {
    name,
    words: nameWords(name),
    description,
    kind: 'phrase',
    isRequired: isRequired && !('default' in declared),
    schema,
    choices: choicesOf(schema),
    items: items && readParameter(name.replace(/s$/, ''), { description, ...items }, false, root),
    properties: readProperties(schema, root),
  };
  return { ...parameter, kind: kindOf(parameter) };
}

/** Follows a reference, and of several alternatives takes the first that is not null. */
function settle(schema: Record<string, unknown>, root: Record<string, unknown>, depth = 0): Record<string, unknown> {
  if (depth > 8) return {};
  if (typeof schema['$ref'] === 'string') {
    const target = schema['$ref']
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), root);
    return isRecord(target) ? settle(target, root, depth + 1) : {};
  }
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const list = schema[key];
    if (!Array.isArray(list)) continue;
    const alternatives = list.filter(isRecord);
    if (alternatives.length > 0 && alternatives.every((alternative) => 'const' in alternative)) return schema;
    const first = alternatives.find((alternative) => alternative['type'] !== 'null');
    if (first) return { ...settle(first, root, depth + 1), ...without(schema, key) };
  }
  return schema;
}

function without(schema: Record<string, unknown>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).filter(([other]) => other !== key));
}

function choicesOf(schema: Record<string, unknown>): unknown[] {
  if (Array.isArray(schema['enum'])) return schema['enum'].filter((value) => value !== null);
  if ('const' in schema) return [schema['const']];
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(alternatives) ? alternatives.filter(isRecord).map((alternative) => alternative['const']) : [];
}

/** Words of a name that give the kind away, looked at from the last word to the first: `orderDate` is a date. */
const KIND_WORDS = new Map<string, ParameterKind>(
  (
    [
      ['email', 'email mail'],
      ['phone', 'phone mobile telephone tel cell cellphone msisdn'],
      ['moment', 'datetime timestamp when'],
      ['date', 'date day birthday dob checkin checkout'],
      ['time', 'time hour'],
      [
        'code',
        'id code reference ref number no pnr sku account iban ticket flight zip postcode postal pin digits order',
      ],
      ['person', 'name patient caller customer guest passenger payee recipient beneficiary doctor person who contact'],
      ['place', 'city town place location destination origin from to country airport where branch region address'],
      [
        'text',
        'query question topic reason message note notes text subject details symptom symptoms complaint issue summary search comment comments feedback request description body problem',
      ],
    ] as const
  ).flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind] as const)),
);

function kindOf({ words, description, schema, choices }: Parameter): ParameterKind {
  if (choices.length > 0) return 'choice';
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
  if (types.includes('boolean')) return 'boolean';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('array')) return 'list';
  if (types.includes('object')) return 'object';
  const byFormat = KIND_OF_FORMAT[textOf(schema['format'])];
  if (byFormat) return byFormat;
  if (/date[- ]and[- ]time|date-?time|iso 8601 (?:date-?)?time|YYYY-MM-DDT/i.test(description)) return 'moment';
  if (/YYYY-MM-DD/.test(description)) return 'date';
  if (/\bHH:MM\b/i.test(description)) return 'time';
  if (words.includes('phone') || words.includes('mobile')) return 'phone';
  const byPattern = kindOfPattern(textOf(schema['pattern']));
  if (byPattern) return byPattern;
  const byName = words.toReversed().map((word) => KIND_WORDS.get(word));
  const kind = byName.find((found) => found !== undefined);
  if (kind === 'person' && /\b(?:id|number|code)\b/i.test(description)) return 'code';
  if (kind === undefined && /\b(?:id|reference|code|digits)\b/i.test(description)) return 'code';
  return kind ?? 'phrase';
}

/** What a pattern takes shows what it is for; one that takes no words at all is for an id. */
function kindOfPattern(pattern: string): ParameterKind | undefined {
  if (pattern === '') return undefined;
  try {
    const form = new RegExp(pattern, 'u');
    if (form.test('some words')) return undefined;
    return SAMPLES.find(([, samples]) => samples.some((sample) => form.test(sample)))?.[0] ?? 'code';
  } catch {
    return undefined; // not a pattern of this machine
  }
}

const SAMPLES: readonly [ParameterKind, string[]][] = [
  ['date', ['2026-08-21']],
  ['moment', ['2026-08-21T10:00', '2026-08-21T10:00:00', '2026-08-21T10:00:00Z']],
  ['time', ['10:00', '10:00:00']],
  ['email', ['a@example.com']],
];

const KIND_OF_FORMAT: Record<string, ParameterKind> = {
  date: 'date',
  time: 'time',
  'date-time': 'moment',
  email: 'email',
  uuid: 'code',
  phone: 'phone',
  e164: 'phone',
};

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
