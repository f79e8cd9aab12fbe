/**
 * `httpTool`: a tool that asks a server, written as data. What a caller says stands in its place in the request and nowhere else;
 * secrets come from the environment and go to the server alone; the answer is picked, cut and told in words.
 */
import { isRecord } from '../../lib/json.ts';
import type { ToolContext, ToolDefinition, ToolInput, ToolOptions } from '../define.ts';
import { makeTool, type MadeCheck, type MadeProblem, type ToolEnv } from '../made.ts';
import { toParameters } from '../schema.ts';
import { TellingError } from '../telling-error.ts';
import { readAnswer, type Redact } from './answer.ts';
import { HTTP_EXPECTED, HTTP_OTHER_NAMES, type HttpToolOptions } from './fields.ts';
import { fillBody, fillHeader } from './places.ts';
import { checkEnv, makePlan, secretPlaces, type HttpPlan } from './plan.ts';
import type { FilledRequest } from './send.ts';
import { textOf, valueOf, type Values } from './template.ts';
import { fillUrl } from './url.ts';

/** Fields that it has in common with a tool that is code. */
const TOOL_FIELDS =
  'name description input effect filler progress timeoutMs concurrency retries repeatable expects'.split(' ');
const FIELDS = [...TOOL_FIELDS, ...Object.keys(HTTP_EXPECTED)];
const RETRIES = 2;

/**
 * Makes a tool that asks a server over HTTP. Never throws: what is wrong with it is reported together with everything else when
 * it is loaded, and so are variables of the environment that are not set.
 */
export function httpTool<Input extends ToolInput>(options: HttpToolOptions<Input>): ToolDefinition<Input> {
  const written: Record<string, unknown> = isRecord(options) ? { ...options } : {};
  const own = Object.entries(written).filter(([field]) => TOOL_FIELDS.includes(field));
  const asking = Object.entries(written).filter(([field]) => Object.hasOwn(HTTP_EXPECTED, field));
  const strange = Object.keys(written).filter((field) => !FIELDS.includes(field));
  const method = written['method'] ?? 'GET';
  const effect = written['effect'] ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'write');
  const isRead = effect === 'read';
  const { plan, problems } = makePlan(Object.fromEntries(asking), {
    effect: isRead ? 'read' : 'write',
    parameters: isRecord(written['input']) ? parametersOf(options.input) : undefined,
  });
  const known: MadeProblem[] = [...strange.map(unknownField), ...problems, ...terminal(effect)];
  const check: MadeCheck = (env) => [...known, ...(plan && env && known.length === 0 ? checkEnv(plan, env) : [])];
  const fields = { ...Object.fromEntries(own), effect, retries: written['retries'] ?? (isRead ? RETRIES : 0) };
  const run = (input: unknown, context: ToolContext) => plan && ask(plan, input, context);
  return makeTool({ ...fields, run } as ToolOptions<ToolInput> as ToolOptions<Input>, check);
}

function parametersOf(input: ToolInput): Record<string, unknown> | undefined {
  const { schema } = toParameters(input);
  return isRecord(schema['properties']) ? schema : undefined; // of what is no schema others tell
}

function terminal(effect: unknown): MadeProblem[] {
  if (effect !== 'terminal') return [];
  return [{ path: ['effect'], expected: "'read' or 'write' for a tool that asks a server", got: "`'terminal'`" }];
}

function unknownField(field: string): MadeProblem {
  const meant = Object.hasOwn(HTTP_OTHER_NAMES, field) ? HTTP_OTHER_NAMES[field] : undefined;
  const help = meant ? `did you mean \`${meant}\`?` : `those are ${FIELDS.join(', ')}`;
  return {
    path: [field],
    expected: undefined,
    got: `\`${field}\` is not a field of a tool that asks a server: ${help}`,
  };
}

/** One run of it. */
async function ask(plan: HttpPlan, input: unknown, context: ToolContext): Promise<unknown> {
  const { env, caller, callId, signal } = context;
  const { from = '', to = '', parameters } = caller;
  const values: Values = { input, env, facts: { from, to, callId, parameters } };
  needEnv(plan, env);
  const { send } = await import('./send.ts'); // few agents have such a tool
  const answer = await send(fill(plan, values, context.idempotencyKey), plan, signal);
  return readAnswer(answer, plan, redactor(plan, values));
}

/** Where tools are tried, they may be loaded without their secrets. */
function needEnv(plan: HttpPlan, env: ToolEnv): void {
  const [problem] = checkEnv(plan, env);
  if (!problem) return;
  const told = 'This cannot be done at the moment. Nothing was changed.';
  throw new TellingError(`${plan.shown} was not sent: ${problem.got}`, { told, mayPass: false, isUndone: true });
}

function fill(plan: HttpPlan, values: Values, idempotencyKey: string): FilledRequest {
  const headers: Record<string, string> = {};
  for (const [name, pieces] of plan.headers) {
    const value = fillHeader(pieces, values);
    if (value !== undefined) headers[name] = value;
  }
  if (plan.effect === 'write' && plan.idempotencyHeader !== undefined)
    headers[plan.idempotencyHeader] ??= idempotencyKey;
  const body = plan.body === undefined ? undefined : JSON.stringify(fillBody(plan.body, values));
  if (body !== undefined) headers['content-type'] ??= 'application/json';
  return { method: plan.method, url: fillUrl(plan.url, values), headers, body };
}

/** Shorter ones would take half of every answer with them. */
const SHORTEST_SECRET = 4;

/** Takes out of an answer what the server has had of us and shows to nobody else. */
function redactor(plan: HttpPlan, values: Values): Redact {
  const secrets = secretPlaces(plan).map((place) => textOf(valueOf(place, values)));
  const found = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((one, other) => other.length - one.length);
  return (text) => found.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}
