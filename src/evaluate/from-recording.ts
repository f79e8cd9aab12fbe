/**
 * A recorded call as a scenario: the caller says the same, at the same places of what they heard; tools answer as they did, as
 * slowly; the model says what it said. So a changed tool, setting or Parley is held against a call that happened.
 */
import { builtinTools } from '../tool/builtin/index.ts';
import { TASK_ENDS } from '../tool/task.ts';
import type { PersonDeed } from '../testing/people/manner.ts';
import type { CallerStretch, CallResult, ToolUse } from '../testing/result.ts';
import { wordsOf } from '../testing/words.ts';
import { saidPattern } from './said-pattern.ts';

/** What had to be guessed. */
export interface Guess {
  of: 'date' | 'answers' | 'instant';
  text: string;
}

/** As it is written to a file. */
export interface RecordedScenario {
  scenario: Record<string, unknown>;
  guesses: Guess[];
}

/** @param agent The agent's file, relative to where the scenario is going to lie. */
export function scenarioOf(call: CallResult, agent: string): RecordedScenario {
  const guesses: Guess[] = [];
  const now = startOf(call.callId);
  if (now === undefined) {
    const text = 'when the call began is not known: put it into `now`, if the agent looks at the clock';
    guesses.push({ of: 'date', text });
  }
  const tools = stubsOf(call);
  const people = peopleOf(call.events);
  const start = call.events.find((event) => event.type === 'call-start');
  const scenario = {
    name: call.callId,
    agent,
    ...(now !== undefined && { now }),
    ...(start?.from !== undefined && { from: start.from }),
    model: { replies: repliesOf(call, guesses), pace: 'documented' },
    ...(Object.keys(tools).length > 0 && { tools }),
    ...(Object.keys(people).length > 0 && { people }),
    caller: { steps: stepsOf(call, guesses) },
    expect: expectationsOf(call),
  };
  return { scenario, guesses };
}

/** A call's name begins with its time, as a UUID of version 7 does. */
function startOf(callId: string): string | undefined {
  const [, high, low] = /^(?:call-)?([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(callId) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return new Date(parseInt(high + low, 16)).toISOString();
}

// ---- the model ------------------------------------------------------------------------------------------------------

interface Step {
  say: string;
  call: { name: string; arguments: Record<string, unknown> }[];
}

/** What the model itself wrote, and not what Parley said for it. */
const OF_MODEL = new Set(['answer', 'filler']);

/** By what the caller had said, and after which tools. */
function repliesOf(call: CallResult, guesses: Guess[]): object[] {
  const texts = new Map<number, string>();
  const steps = new Map<string, Step & { turn: number }>();
  const stepOf = (turn: number, step: number) => {
    const key = `${turn}.${step}`;
    const known = steps.get(key) ?? { turn, say: '', call: [] };
    steps.set(key, known);
    return known;
  };
  for (const event of call.events) {
    if (event.type === 'turn-start') texts.set(event.turn, event.text);
    else if (event.type === 'text-delta' && event.step !== undefined && OF_MODEL.has(event.kind))
      stepOf(event.turn, event.step).say += event.delta;
    else if (event.type === 'tool-start')
      stepOf(event.turn, event.step).call.push({ name: event.name, arguments: event.arguments });
  }
  const seen = new Map<string, number>();
  for (const text of texts.values()) seen.set(text, (seen.get(text) ?? 0) + 1);
  for (const [text, times] of seen)
    if (times > 1)
      guesses.push({ of: 'answers', text: `"${text}" was said ${times} times: the model answers the same each time` });
  const last = new Map<number, Step>();
  return [...steps.values()].map(({ turn, say, call: calls }) => {
    const before = last.get(turn);
    last.set(turn, { say, call: calls });
    const after = before?.call.map(({ name }) => name).join('|');
    return {
      when: saidPattern(texts.get(turn) ?? ''),
      ...(after && { after: `^(${after})$` }),
      say: say.trim(),
      ...(calls.length === 1 && { call: calls[0] }),
      ...(calls.length > 1 && { call: calls }),
    };
  });
}

// ---- the tools ------------------------------------------------------------------------------------------------------

/** Parley's own do what they do; two equal calls that became one were run once. */
const isOwn = ({ name, effect }: ToolUse): boolean =>
  effect === 'terminal' || Object.hasOwn(builtinTools, name) || TASK_ENDS.has(name);
const isFromJournal = ({ result }: ToolUse): boolean => JSON.stringify(result ?? '').includes('done once, not twice');

/** Of each tool its answers, one a call. A task has none: its conversation is had again. */
function stubsOf({ tools, events }: CallResult): Record<string, object | object[]> {
  const tasks = new Set(events.flatMap((event) => (event.type === 'task-start' ? [event.name] : [])));
  const stubs = new Map<string, object[]>();
  for (const tool of tools) {
    if (isOwn(tool) || tasks.has(tool.name) || isFromJournal(tool)) continue;
    const takes = Math.round((tool.toMs ?? tool.fromMs) - tool.fromMs);
    const stub =
      tool.toMs === undefined
        ? { hangs: true }
        : tool.ok === true
          ? { returns: tool.result ?? null, takes }
          : { throws: tool.error ?? 'failed', takes };
    stubs.set(tool.name, [...(stubs.get(tool.name) ?? []), stub]);
  }
  return Object.fromEntries([...stubs].map(([name, list]) => [name, list.length === 1 ? (list[0] ?? {}) : list]));
}

// ---- who was rung for the caller ------------------------------------------------------------------------------------

/** By what the agent was told of it: `call/warm-transfer.ts` has the words. */
const DEEDS: readonly [why: RegExp, does: PersonDeed][] = [
  [/line is busy/, 'busy'],
  [/nobody answered/, 'no-answer'],
  [/machine answered/, 'voicemail'],
  [/hung up/, 'hangs-up'],
];

/** What each did, one time after the other. Who was handed over without anybody being asked is not among them. */
function peopleOf(events: CallResult['events']): Record<string, PersonDeed | PersonDeed[]> {
  const deeds = new Map<string, PersonDeed[]>();
  const rung = new Set(events.flatMap((event) => (event.type === 'transfer-progress' ? [event.to] : [])));
  for (const event of events) {
    if (event.type !== 'transfer' || !rung.has(event.to)) continue;
    const { error = '' } = event;
    const does = event.ok ? 'accepts' : (DEEDS.find(([why]) => why.test(error))?.[1] ?? 'refuses');
    deeds.set(event.to, [...(deeds.get(event.to) ?? []), does]);
  }
  return Object.fromEntries([...deeds].map(([to, list]) => [to, list.length === 1 ? (list[0] ?? []) : list]));
}

// ---- the caller -----------------------------------------------------------------------------------------------------

/** The caller cuts in behind so many of the last words that they heard: one alone may stand in the answer twice. */
const PLACE_WORDS = 3;

function stepsOf(call: CallResult, guesses: Guess[]): object[] {
  const interruptions = call.events.filter((event) => event.type === 'interruption');
  const steps: object[] = [];
  for (const stretch of call.caller) {
    if (stretch.kind === 'keys') addKeys(steps, stretch.keys);
    else if (stretch.kind === 'backchannel') steps.push({ make: 'mm-hm' });
    else if (stretch.kind === 'utterance' && stretch.text !== '') steps.push(said(stretch, interruptions, guesses));
  }
  return steps.length > 0 ? steps : [{ wait: '5s' }];
}

/** Keys that follow each other are one number. */
function addKeys(steps: object[], keys: string): void {
  const last = steps.at(-1);
  if (last && 'press' in last) Object.assign(last, { press: `${String(last.press)}${keys}` });
  else steps.push({ press: keys });
}

type Interruption = Extract<CallResult['events'][number], { type: 'interruption' }>;

/** An interruption is told a while after the voice that made it began. */
const TOLD_WITHIN_MS = 3_000;

function said(
  { text, fromMs, cutsIn }: Extract<CallerStretch, { kind: 'utterance' }>,
  interruptions: readonly Interruption[],
  guesses: Guess[],
): object {
  if (!cutsIn) return { say: text };
  const cut = interruptions.find(({ atMs }) => atMs >= fromMs && atMs - fromMs < TOLD_WITHIN_MS);
  if (!cut) {
    const guess = `"${text}" began while the agent spoke, and cut nothing off: it is said behind the answer here`;
    guesses.push({ of: 'instant', text: guess });
    return { say: text };
  }
  const place = wordsOf(cut.heard).slice(-PLACE_WORDS).join(' ');
  return { cutIn: { at: place === '' ? '0ms' : place, say: text } };
}

// ---- what must hold -------------------------------------------------------------------------------------------------

function expectationsOf({ tools, end }: CallResult): (string | object)[] {
  const writes = tools.filter((tool) => tool.effect === 'write' && tool.ok === true && !isFromJournal(tool));
  const names = [...new Set(tools.filter((tool) => !isOwn(tool)).map(({ name }) => name))];
  const reads = names.filter((name) => !writes.some((tool) => tool.name === name));
  return [
    ...writes.map(({ name, arguments: args }) => ({ calledTool: { name, args } })),
    ...reads.map((name) => ({ calledTool: name })),
    ...(writes.length > 0 ? ['effectsOnce'] : []),
    ...(end && ['agent-hung-up', 'transferred'].includes(end.reason) ? [{ ended: end.reason }] : []),
    'noTalkOver',
  ];
}
