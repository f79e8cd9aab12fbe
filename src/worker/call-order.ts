/** What `POST /calls` is asked for, read and checked: whom to call, by which line, and what to do with a machine. */
import { z } from 'zod';
import { describeIssues } from '../call/agent-problems.ts';
import type { Voicemail } from '../call/screening.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import { MOST_RING_MS } from './arbiter.ts';
import type { CallingDoor } from './calling-door.ts';

/** A call that can be placed. */
export interface CallOrder {
  door: CallingDoor;
  to: string;
  from: string;
  parameters: Readonly<Record<string, string>>;
  ringMs: number;
  voicemail: Voicemail;
}

/** What an order is read by. */
export interface OrderRules {
  doors: readonly CallingDoor[];
  /** Of the agent that answers. */
  agent: string;
  /** What a person called sees where the order does not say. */
  standardFrom: string | undefined;
  /** Spoken to machines where the order has no message of its own. */
  standardMessage: string | undefined;
}

/** As `POST /calls` and `placeCall` take it. */
export interface CallOrderInput {
  /** Whom to call: a number such as `+15550100`, or a SIP address where the line takes those. */
  to: string;
  /** What they see. Default: PARLEY_CALLS_FROM. */
  from?: string | undefined;
  /** By which line, by its name. Default: the only one that can. */
  line?: string | undefined;
  /** The name of the worker's agent. Default: that. */
  agent?: string | undefined;
  /** For the agent, by name: `context.caller.parameters`. */
  parameters?: Record<string, string> | undefined;
  /** What becomes of the call when a machine answers. Default `hang-up`. */
  voicemail?: 'leave' | 'hang-up' | undefined;
  /** What is left then. Default: the first of the agent's `phrases.voicemail`. */
  message?: string | undefined;
  /** How long it may ring, in milliseconds. 5,000 to 120,000; default 45,000. */
  ringMs?: number | undefined;
}

const STANDARD_RING_MS = 45_000;
const LEAST_RING_MS = 5_000;
const LONGEST_TEXT = 2_000;
const MOST_PARAMETERS = 32;

const Party = z
  .string()
  .trim()
  .regex(
    /^(\+?[0-9]{2,20}|sips?:\S{1,200}|[A-Za-z0-9._/@+:-]{2,200})$/,
    'a number such as +15550100, or a SIP address',
  );
const Order = z.strictObject({
  to: Party,
  from: Party.optional(),
  line: z.string().optional(),
  agent: z.string().optional(),
  parameters: z
    .record(z.string().max(100), z.string().max(1_000))
    .refine((given) => Object.keys(given).length <= MOST_PARAMETERS, `at most ${MOST_PARAMETERS} parameters`)
    .optional(),
  voicemail: z.enum(['leave', 'hang-up']).optional(),
  message: z.string().trim().min(1).max(LONGEST_TEXT).optional(),
  ringMs: z.int().min(LEAST_RING_MS).max(MOST_RING_MS).optional(),
}) satisfies z.ZodType<CallOrderInput>;

/** What carriers' APIs call the same things. */
const ORDER = {
  what: 'a call',
  otherNames: { To: 'to', From: 'from', number: 'to', phone: 'to', machine: 'voicemail' },
};

/** The order that a text is as JSON, or what is wrong with it, a sentence each. */
export const readOrder = (text: string, rules: OrderRules): CallOrder | { problems: string[] } =>
  checkOrder(parseJson(text), rules);

/** The same of a value. */
export function checkOrder(json: unknown, rules: OrderRules): CallOrder | { problems: string[] } {
  if (!isRecord(json)) return { problems: ['Expected a JSON object such as {"to": "+15550100"}, got something else'] };
  const { data, error } = Order.safeParse(json);
  if (!data) return { problems: describeIssues(error, json, Order, ORDER).map(({ message }) => message) };
  const door = doorFor(data.line, rules.doors);
  const from = data.from ?? rules.standardFrom;
  const voicemail = voicemailOf(data, rules);
  const problems = [
    ...(typeof door === 'string' ? [door] : []),
    ...(from === undefined
      ? ['`from`: expected the number to call from, got none, and PARLEY_CALLS_FROM is not set']
      : []),
    ...(typeof voicemail === 'string' ? [voicemail] : []),
    ...(data.agent !== undefined && data.agent !== rules.agent
      ? [`\`agent\`: expected \`${rules.agent}\`, who is the agent of this worker, got \`${data.agent}\``]
      : []),
  ];
  if (problems.length > 0 || typeof door === 'string' || typeof voicemail === 'string') return { problems };
  const { to, parameters = {}, ringMs = STANDARD_RING_MS } = data;
  return { door, to, from: from ?? '', parameters, ringMs, voicemail };
}

/** Or why there is none. */
function doorFor(line: string | undefined, doors: readonly CallingDoor[]): CallingDoor | string {
  const able = doors.filter(({ placingNeeds }) => placingNeeds === undefined);
  const names = able.map(({ door }) => door.name).join(', ') || 'none: no account of a carrier is set';
  if (line === undefined) {
    const [only, second] = able;
    return only && !second ? only : `\`line\`: expected one of those that can place calls (${names}), got none`;
  }
  const named = doors.find(({ door }) => door.name === line);
  if (!named) return `\`line\`: expected one of those that can place calls (${names}), got \`${line}\``;
  const { placingNeeds } = named;
  if (placingNeeds === undefined) return named;
  return placingNeeds === ''
    ? `\`line\`: ${named.door.label} places no calls here; those that do: ${names}`
    : `\`line\`: to place calls by ${named.door.label} set ${placingNeeds}; lines that can now: ${names}`;
}

function voicemailOf(
  { voicemail = 'hang-up', message }: z.output<typeof Order>,
  { standardMessage }: OrderRules,
): Voicemail | string {
  if (voicemail === 'hang-up') {
    return message === undefined
      ? { type: 'hang-up' }
      : '`message`: is left with `"voicemail": "leave"`, got `hang-up`';
  }
  const text = message ?? standardMessage;
  if (text !== undefined) return { type: 'leave', message: text };
  return "`message`: expected what to leave, got none, and the agent's `phrases.voicemail` has nothing";
}
