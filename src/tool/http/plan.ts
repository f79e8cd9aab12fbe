/**
 * The plan of a tool that asks a server: what it was written as, checked and taken apart once, when it is loaded. Pure. Every
 * mistake is found in one go.
 */
import type { z } from 'zod';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';
import { isA } from '../../lib/thrown.ts';
import { shown } from '../check.ts';
import type { MadeProblem, ToolEnv } from '../made.ts';
import { HTTP_EXPECTED, HttpFields, type METHODS } from './fields.ts';
import { parsePath, type Path } from './pick.ts';
import type { BodyPart } from './places.ts';
import { parseTemplate, tell, tellPlace, type Piece, type Place } from './template.ts';
import { fillBase, parseUrl, type UrlPlan } from './url.ts';

/** All that a run has to know. */
export interface HttpPlan {
  method: (typeof METHODS)[number];
  effect: 'read' | 'write';
  url: UrlPlan;
  headers: readonly (readonly [name: string, readonly Piece[]])[];
  /** Undefined: none is sent. */
  body: BodyPart | undefined;
  pick: Path | readonly (readonly [string, Path])[] | undefined;
  isPickNamed: boolean;
  statuses: ReadonlyMap<string, string>;
  idempotencyHeader: string | undefined;
  redirects: readonly string[];
  allowPrivate: boolean;
  mostBytes: number;
  mostItems: number;
  /** The request for a log: method and address with its places by name, so that nothing of a caller or a secret is in it. */
  shown: string;
}

/** What is known of the tool beside how it asks. */
export interface PlanFacts {
  effect: 'read' | 'write';
  /** JSON Schema of its input; undefined when that is no schema, which others tell. */
  parameters: Readonly<Record<string, unknown>> | undefined;
}

/** Where the plan's mistakes go. */
type Tell = (path: readonly PropertyKey[], got: string, expected?: string) => void;

const DEEPEST_BODY = 16;

/** Undefined when there is a mistake that leaves no plan. */
export function makePlan(
  written: Readonly<Record<string, unknown>>,
  { effect, parameters }: PlanFacts,
): { plan?: HttpPlan; problems: MadeProblem[] } {
  const read = HttpFields.safeParse(written);
  if (!read.success) return { problems: read.error.issues.map((issue) => fieldProblem(issue, written)) };
  const problems: MadeProblem[] = [];
  const tellProblem: Tell = (path, got, expected) => {
    if (!problems.some((one) => one.got === got && one.expected === expected)) problems.push({ path, expected, got });
  };
  const { data } = read;
  const parse = <Parsed>(path: readonly PropertyKey[], parsed: () => Parsed): Parsed | undefined => {
    try {
      return parsed();
    } catch (error) {
      if (!isA(error, VoiceError)) throw error;
      tellProblem(path, `\`${path.map(String).join('.')}\` cannot be used: ${messageOf(error)}`);
      return undefined;
    }
  };
  const template = (path: readonly PropertyKey[], value: unknown): Piece[] =>
    parse(path, () => parseTemplate(String(value))) ?? [];

  const url = parse(['url'], () => parseUrl(data.url));
  const query = Object.entries(data.query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [name, template(['query', name], one)] as const),
  );
  const headers = Object.entries(data.headers).map(
    ([name, value]) => [name.toLowerCase(), template(['headers', name], value)] as const,
  );
  const body = hasBody(data) ? parseBody(data.body, ['body'], template, tellProblem) : undefined;
  const pick = parsePick(data.pick, parse);
  if (data.body !== undefined && (data.method === 'GET' || data.method === 'HEAD')) {
    tellProblem(['body'], `a body for ${data.method}`, 'left out, or `method` to be one that sends something');
  }
  if (!url) return { problems };

  const whole: UrlPlan = { ...url, query: [...url.query, ...query] };
  const used = checkPlaces({ url: whole, headers, body }, parameters, tellProblem);
  const rest = data.body === undefined && SENDING.has(data.method) ? restOf(parameters, used) : undefined;
  const plan: HttpPlan = {
    ...data,
    effect,
    url: whole,
    headers,
    body: body ?? rest,
    pick,
    isPickNamed: isRecord(data.pick),
    statuses: new Map(Object.entries(data.statuses)),
    idempotencyHeader: data.idempotencyHeader === false ? undefined : data.idempotencyHeader.toLowerCase(),
    shown: `${data.method} ${data.url}`,
  };
  return problems.length > 0 ? { problems } : { plan, problems };
}

const SENDING = new Set(['POST', 'PUT', 'PATCH']);
const hasBody = ({ body }: z.output<typeof HttpFields>): boolean => body !== undefined;

function fieldProblem(issue: z.core.$ZodIssue, written: unknown): MadeProblem {
  const [field = 'url'] = issue.path;
  const expected = Object.hasOwn(HTTP_EXPECTED, field) ? HTTP_EXPECTED[field as keyof typeof HTTP_EXPECTED] : undefined;
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    written,
  );
  const got = issue.code === 'invalid_key' ? `\`${String(issue.path.at(-1))}\`` : shown(value);
  return {
    path: [field],
    expected,
    got:
      issue.path.length > 1 && issue.code !== 'invalid_key' ? `${got} at \`${issue.path.map(String).join('.')}\`` : got,
  };
}

function parseBody(
  value: unknown,
  path: readonly PropertyKey[],
  template: (path: readonly PropertyKey[], value: unknown) => Piece[],
  tellProblem: Tell,
): BodyPart {
  if (path.length > DEEPEST_BODY) {
    tellProblem(['body'], 'one that is deeper', `at most ${DEEPEST_BODY} levels deep`);
    return { type: 'constant', value: null };
  }
  if (typeof value === 'string') return { type: 'text', pieces: template(path, value) };
  if (Array.isArray(value)) {
    return { type: 'list', parts: value.map((one, at) => parseBody(one, [...path, at], template, tellProblem)) };
  }
  if (isRecord(value)) {
    const fields = Object.entries(value).map(
      ([name, one]) => [name, parseBody(one, [...path, name], template, tellProblem)] as const,
    );
    return { type: 'object', fields };
  }
  const isJson = value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  if (!isJson) tellProblem(path, shown(value), 'what can be sent as JSON');
  return { type: 'constant', value };
}

function parsePick(
  written: string | Readonly<Record<string, string>> | undefined,
  parse: (path: readonly PropertyKey[], parsed: () => Path) => Path | undefined,
): HttpPlan['pick'] {
  if (written === undefined) return undefined;
  if (typeof written === 'string') return parse(['pick'], () => parsePath(written));
  return Object.entries(written).map(
    ([name, path]) => [name, parse(['pick', name], () => parsePath(path)) ?? []] as const,
  );
}

/** Whether what its places name is there; gives the fields of the input that have a place. */
function checkPlaces(
  { url, headers, body }: Pick<HttpPlan, 'url' | 'headers' | 'body'>,
  parameters: PlanFacts['parameters'],
  tellProblem: Tell,
): Set<string> {
  const used = new Set<string>();
  const check = (path: readonly PropertyKey[], pieces: readonly Piece[], isNeeded = false): void => {
    for (const piece of pieces) {
      if (piece.type !== 'field') continue;
      const [name = ''] = piece.path;
      used.add(name);
      const missing = parameters && missingIn(parameters, name, isNeeded);
      if (missing)
        tellProblem(path, `\`${path.map(String).join('.')}\` has a place for \`${piece.path.join('.')}\`, ${missing}`);
    }
  };
  for (const segment of url.segments) check(['url'], segment, true);
  for (const [name, pieces] of url.query) check(['query', name], pieces);
  for (const [name, pieces] of headers) check(['headers', name], pieces);
  const walk = (part: BodyPart | undefined, path: readonly PropertyKey[]): void => {
    if (part?.type === 'text') check(path, part.pieces);
    if (part?.type === 'list') part.parts.forEach((one, at) => walk(one, [...path, at]));
    if (part?.type === 'object') for (const [name, one] of part.fields) walk(one, [...path, name]);
  };
  walk(body, ['body']);
  return used;
}

function missingIn(parameters: Readonly<Record<string, unknown>>, name: string, isNeeded: boolean): string | undefined {
  const properties = isRecord(parameters['properties']) ? parameters['properties'] : {};
  if (!Object.hasOwn(properties, name)) {
    const names = Object.keys(properties).map((one) => `\`${one}\``);
    return `which is no field of \`input\`: ${names.length > 0 ? `those are ${names.join(', ')}` : 'it has none'}`;
  }
  const field = properties[name];
  const required = Array.isArray(parameters['required']) && parameters['required'].includes(name);
  const isThere = required || (isRecord(field) && 'default' in field);
  return isNeeded && !isThere ? 'which `input` may leave out: an address needs it' : undefined;
}

/** Fields that stand nowhere else; undefined when there are none. */
function restOf(parameters: PlanFacts['parameters'], used: ReadonlySet<string>): BodyPart | undefined {
  const properties = isRecord(parameters?.['properties']) ? Object.keys(parameters['properties']) : [];
  const fields = properties
    .filter((name) => !used.has(name))
    .map((name) => [name, { type: 'text', pieces: [{ type: 'field', path: [name] }] }] as const);
  return fields.length > 0 ? { type: 'object', fields } : undefined;
}

// ---- the environment ------------------------------------------------------------------------------------------------

/** What of the environment is not there, or cannot stand where it is to. */
export function checkEnv({ url, headers, body }: HttpPlan, env: ToolEnv): MadeProblem[] {
  const problems: MadeProblem[] = [];
  const check = (path: readonly PropertyKey[], pieces: readonly Piece[], isHeader = false): void => {
    for (const name of pieces.flatMap((piece) => (piece.type === 'secret' ? piece.names : []))) {
      const value = env[name];
      const got = `\`${path.map(String).join('.')}\` needs \`${name}\` from the environment, `;
      if (value === undefined || value === '')
        problems.push({ path, expected: undefined, got: `${got}and it is not set` });
      else if (isHeader && /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
        problems.push({
          path,
          expected: undefined,
          got: `${got}and it holds a line end or a letter that no header can have`,
        });
      }
    }
  };
  check(['url'], url.base);
  for (const segment of url.segments) check(['url'], segment);
  for (const [name, pieces] of url.query) check(['query', name], pieces);
  for (const [name, pieces] of headers) check(['headers', name], pieces, true);
  for (const place of placesIn(body)) check(['body'], [place]);
  if (problems.length > 0) return problems;
  try {
    fillBase(url, env);
    return problems;
  } catch (error) {
    return [
      { path: ['url'], expected: undefined, got: `\`url\` cannot be used: ${tell(url.base)}: ${messageOf(error)}` },
    ];
  }
}

function placesIn(part: BodyPart | undefined): Place[] {
  if (part?.type === 'text') return part.pieces.filter((piece) => piece.type !== 'text');
  if (part?.type === 'list') return part.parts.flatMap(placesIn);
  return part?.type === 'object' ? part.fields.flatMap(([, one]) => placesIn(one)) : [];
}

/** Every place that takes a secret, but for where the address begins: that is known to whoever asks. */
export function secretPlaces({ url, headers, body }: HttpPlan): Place[] {
  const pieces = [...url.segments.flat(), ...url.query.flatMap(([, all]) => all), ...headers.flatMap(([, all]) => all)];
  const places = [...pieces, ...placesIn(body)].filter((piece) => piece.type === 'secret');
  return [...new Map(places.map((place) => [tellPlace(place), place])).values()];
}
