/**
 * The lines of the log that come with every turn and every call, as sentences for a person who watches. What a sentence does
 * not tell, such as fields that a tool has added, stands behind it as in any other line.
 */
import { z } from 'zod';
import { count, seconds, tellCauses, tellCost, tellUsage } from './units.ts';

export interface Sentence {
  text: string;
  /** What is not in it. */
  rest: Record<string, unknown>;
}

const Causes = z.record(z.string(), z.number());
const Usage = z.object({ promptTokens: z.number(), completionTokens: z.number(), cachedTokens: z.number() });

/** What tells a call from the others on a screen; the whole id stands in the line that says that it has started. */
const SHOWN_OF_ID = 6;
const CallId = z.string().transform((id) => `…${id.slice(-SHOWN_OF_ID)}`);

const Turn = z.object({
  callId: CallId,
  turn: z.number(),
  outcome: z.string(),
  takenBack: z.boolean().optional(),
  firstAudioMs: z.number().optional(),
  latency: Causes.optional(),
  steps: z.number(),
  attempts: z.number().optional(),
  tools: z.array(
    z.object({
      name: z.string(),
      ms: z.number().optional(),
      ok: z.boolean().optional(),
      failure: z.string().optional(),
    }),
  ),
  usage: Usage,
  errors: z.array(z.string()).optional(),
  requestIds: z.array(z.string()),
});
/** Of a turn's line, what is for machines and in none of the sentences. */
const UNTOLD_OF_TURN = [
  ...['agent', 'interrupted', 'aheadMs', 'firstTokenMs', 'silence', 'longestSilenceMs', 'carrierCallId'],
];

const Call = z.object({
  callId: CallId,
  reason: z.string(),
  durationMs: z.number(),
  turns: z.number(),
  failedTurns: z.number(),
  tools: z.number(),
  failedTools: z.number(),
  interruptions: z.number(),
  takenBack: z.number().optional(),
  errors: z.number(),
  usage: Usage,
  cost: z
    .object({ currency: z.string(), amount: z.number(), model: z.number(), heard: z.number(), spoken: z.number() })
    .optional(),
});
const UNTOLD_OF_CALL = ['steps', 'askedAhead', 'keptAhead', 'dismissedInterruptions', 'carrierCallId'];

/** Undefined for every other line, and for one of these that has another form. */
export function sentenceOf(message: unknown, facts: Record<string, unknown>): Sentence | undefined {
  if (message === 'turn ended') {
    const turn = Turn.safeParse(facts);
    return turn.data && { text: tellTurn(turn.data), rest: without(facts, Turn, UNTOLD_OF_TURN) };
  }
  if (message !== 'call ended') return undefined;
  const call = Call.safeParse(facts);
  return call.data && { text: tellCall(call.data), rest: without(facts, Call, UNTOLD_OF_CALL) };
}

function without(facts: Record<string, unknown>, { shape }: z.ZodObject, untold: readonly string[]) {
  const rest = Object.entries(facts).filter(([name]) => !(name in shape) && !untold.includes(name));
  return Object.fromEntries(rest);
}

function tellTurn(turn: z.output<typeof Turn>): string {
  const { callId, outcome, firstAudioMs, latency = {}, steps, attempts, tools, usage, errors = [], requestIds } = turn;
  const why = tellCauses(latency);
  const what = turn.takenBack ? 'taken back, for the caller went on' : outcome;
  const heard = firstAudioMs === undefined ? 'nothing heard' : `heard after ${seconds(firstAudioMs)}`;
  const parts = [
    `turn ${turn.turn} of ${callId} ${what}`,
    `${heard}${why === '' ? '' : ` (${why})`}`,
    `${count(steps, 'request')}${attempts === undefined ? '' : `, ${count(attempts, 'attempt')}`}`,
    ...(tools.length > 0 ? [`${count(tools.length, 'tool')}: ${tools.map(tellTool).join(', ')}`] : []),
    count(usage.promptTokens + usage.completionTokens, 'token'),
    ...(errors.length > 0 ? [`${count(errors.length, 'error')}: ${errors.join(', ')}`] : []),
    ...(errors.length > 0 && requestIds.length > 0 ? [`asked as ${requestIds.join(', ')}`] : []),
  ];
  return parts.join('; ');
}

function tellTool({ name, ms, ok, failure }: z.output<typeof Turn>['tools'][number]): string {
  if (ms === undefined) return `${name} still runs`;
  return `${name} ${seconds(ms)}${ok === false ? ` ${failure ?? 'failed'}` : ''}`;
}

function tellCall(call: z.output<typeof Call>): string {
  const { callId, reason, durationMs, usage } = call;
  const failed = (number: number): string => (number === 0 ? '' : ` (${number} failed)`);
  const parts = [
    `call ${callId} ended after ${seconds(durationMs)}: ${reason}`,
    `${count(call.turns, 'turn')}${failed(call.failedTurns)}`,
    ...(call.tools > 0 ? [`${count(call.tools, 'tool')}${failed(call.failedTools)}`] : []),
    ...(call.interruptions > 0 ? [count(call.interruptions, 'interruption')] : []),
    ...(call.takenBack ? [`${count(call.takenBack, 'turn')} taken back`] : []),
    ...(call.errors > 0 ? [count(call.errors, 'error')] : []),
    tellUsage(usage),
    ...(call.cost ? [tellCost(call.cost)] : []),
  ];
  return parts.join('; ');
}
