/**
 * A recorded call that goes another way by its words alone is gone on with: what the model was not asked then it is asked now,
 * tools answer as they did, and the caller says what they said, as long after the agent as they did, while that fits.
 */
import type { Agent } from '../../call/agent.ts';
import type { CallEvent } from '../../call/events.ts';
import { wholeTeam } from '../../call/team.ts';
import type { Clock } from '../../lib/clock.ts';
import { isA, messageOf, VoiceError } from '../../lib/errors.ts';
import { canonicalJson, isRecord } from '../../lib/json.ts';
import type { LanguageModel, StepRequest } from '../../model/contract.ts';
import type { OwnModel, TestCallOptions } from '../../testing/call-options.ts';
import { standInModel } from '../../testing/model.ts';
import type { CallerStretch, CallResult, ToolUse } from '../../testing/result.ts';
import type { StubRun, ToolStub } from '../../testing/stubs.ts';
import { startTestCall, type TestCall } from '../../testing/test-call.ts';
import { turnsOf } from '../../testing/turns.ts';
import { builtinTools } from '../../tool/builtin/index.ts';
import { ToolError } from '../../tool/define.ts';
import { taskPartsOf, withInnerTools } from '../../tool/task.ts';
import { toolsIn } from '../../tool/toolbox.ts';
import { Cassette, type CallPlace } from '../cassette.ts';
import { replayModel } from '../cassette-models.ts';
import { scenarioOf } from '../from-recording.ts';
import { requestsInMachineLog } from '../machine-requests.ts';
import type { AnsweredBy, Divergence, Followed } from './follow.ts';
import { misfitIn } from './turns-differ.ts';

/** Who is asked what was never asked: a model in earnest, by real time; undefined: the stand-in. */
export interface AskedNow {
  model: OwnModel | undefined;
  /** Of real time. */
  clock: Clock;
}

/** @param followed One that has diverged, by words alone. */
export async function goOn(followed: Followed, agent: Agent, asked: AskedNow): Promise<Followed> {
  const { recorded, divergence } = followed;
  const { scenario, guesses } = scenarioOf(recorded, agent.name);
  const answeredBy = new Map<number, AnsweredBy>();
  const call = await startTestCall(agent, {
    ...{ now: scenario['now'], from: scenario['from'], people: scenario['people'] },
    ...{ line: hasVoice(recorded) ? 'voice' : 'text', greeting: 'running' },
    tools: answersAsRecorded(agent, recorded.tools),
    model: modelOf(recorded, asked, answeredBy),
  } as TestCallOptions);
  const parting = () => misfitIn(turnsOf(recorded), turnsOf(call.result()), agent.machine.language ?? 'en');
  let end: Divergence | undefined;
  try {
    end = await play(call, recorded, parting);
  } catch (error) {
    if (!isA(error, VoiceError)) throw error;
    end = { atMs: Math.round(call.atMs), turn: call.turns.at(-1)?.number ?? 0, what: messageOf(error) };
  }
  const now = call.result();
  await call[Symbol.asyncDispose]().catch(() => {}); // a test that was not as it should be was told above
  // what the model answers, and when the caller speaks, is known here
  const notes = [...followed.notes, ...guesses.filter((guess) => guess.of === 'date').map(({ text }) => text)];
  return { recorded, now, divergence: end, notes, wentOn: { from: divergence!, answeredBy } };
}

const hasVoice = ({ caller }: CallResult): boolean => caller.some(({ fromMs, toMs }) => toMs > fromMs);

// ---- the model ------------------------------------------------------------------------------------------------------

const PLACE: CallPlace = { scenario: 'recorded', cell: {}, run: 1 };
/** Neither the tools nor the options of the model are part of a recording. */
const kept = (asked: StepRequest): StepRequest => ({ ...asked, toolsJson: undefined, options: {} });

/** What was asked then is answered as it was; all else by whoever is asked now. */
function modelOf(
  { machine = '' }: CallResult,
  { model, clock }: AskedNow,
  answeredBy: Map<number, AnsweredBy>,
): TestCallOptions['model'] {
  const cassette = new Cassette();
  for (const { turn, step, messages, toolChoice, answer: events, brokenOffMs } of requestsInMachineLog(machine)) {
    const request = cassette.take(kept({ messages, toolChoice, priority: 'answer', options: {} } as StepRequest));
    cassette.add({ ...PLACE, turn, step, request, events, ...(brokenOffMs !== undefined && { brokenOffMs }) });
  }
  const open = (asked: LanguageModel, byClock: Clock): LanguageModel => {
    const otherwise = markedBy(asked, (turn) => answeredBy.set(turn, 'model'));
    const inner = replayModel({ ...{ cassette, place: PLACE, clock: byClock, kept, otherwise }, missed: () => {} });
    return markedBy(inner, (turn) => answeredBy.has(turn) || answeredBy.set(turn, 'recording'));
  };
  if (!model) return (callClock) => open(standInModel(callClock), callClock);
  const answering = open(model, clock);
  return Object.defineProperty({ ...answering }, 'isWaiting', { get: () => model.isWaiting, enumerable: true });
}

/** The same, with whoever wants to know told of each request before it is asked. */
const markedBy = (model: LanguageModel, mark: (turn: number) => void): LanguageModel => ({
  name: model.name,
  prewarm: () => model.prewarm(),
  close: () => model.close(),
  startStep(request, listener) {
    mark((request.context as { turn?: number } | undefined)?.turn ?? 0);
    return model.startStep(request, listener);
  },
});

// ---- the tools ------------------------------------------------------------------------------------------------------

/** By name and arguments, as slowly; what was not called so then is not run now. */
function answersAsRecorded(agent: Agent, uses: readonly ToolUse[]): Record<string, ToolStub> {
  const tools = wholeTeam(agent).flatMap(({ toolbox }) => toolsIn(toolbox));
  const definitions = tools.flatMap(({ definition }) => withInnerTools(definition));
  const others = definitions.filter((one) => !Object.hasOwn(builtinTools, one.name) && !taskPartsOf(one));
  return Object.fromEntries(others.map(({ name }) => [name, answersOf(uses.filter((use) => use.name === name))]));
}

function answersOf(uses: readonly ToolUse[]): ToolStub {
  const left = [...uses];
  return async (input: unknown, { wait }: StubRun) => {
    const same = left.filter((use) => isTheSame(use.arguments, input));
    const [use] = same;
    if (!use) throw new ToolError('This cannot be looked up at the moment.');
    if (same.length > 1) left.splice(left.indexOf(use), 1); // the last one stays
    if (use.toMs === undefined) return new Promise(() => {});
    await wait(use.toMs - use.fromMs);
    if (use.ok !== true) throw new ToolError(use.error ?? 'failed');
    return use.result ?? null;
  };
}

/** What was written is in what a tool is given, beside what its schema has filled in. */
const isTheSame = (written: Record<string, unknown>, input: unknown): boolean =>
  isRecord(input) &&
  Object.entries(written).every(([key, value]) => canonicalJson(input[key]) === canonicalJson(value));

// ---- the caller -----------------------------------------------------------------------------------------------------

/** How often it is looked whether something has happened. */
const LOOK_MS = 20;
/** Nothing that a caller waits for comes later. */
const LONGEST_WAIT_MS = 60_000;
/** An agent that hung up then does so now, or does not. */
const HANGS_UP_WITHIN_MS = 10_000;

/** Behind what a caller does something: the end of a turn, the beginning of an answer that they cut into, what they did before. */
type Anchor = { of: 'turn-end' | 'reply-audio-start'; turn: number; atMs: number } | { of: 'own'; atMs: number };

/** Done when the recorded call has been played to its end, or as soon as it does not fit. */
async function play(
  call: TestCall,
  recorded: CallResult,
  parting: () => Divergence | undefined,
): Promise<Divergence | undefined> {
  let doneMs = 0;
  const waitFor = async (atMs: number) => {
    const anchor = anchorAt(atMs, recorded, doneMs);
    if (anchor.of !== 'own') await happens(call, (event) => isReached(anchor, event));
    const found = parting();
    if (!found && !isOver(call)) await call.wait(Math.max(0, atMs - anchor.atMs)).catch(() => {});
    return found;
  };
  for (const stretch of recorded.caller) {
    const found = await waitFor(stretch.fromMs);
    if (found ?? isOver(call)) return found;
    doneMs = stretch.toMs;
    await act(call, stretch);
  }
  const { atMs: endMs = doneMs, reason } = recorded.end ?? {};
  const found = await waitFor(endMs);
  if (!found && reason === 'agent-hung-up') await happens(call, ({ type }) => type === 'call-end', HANGS_UP_WITHIN_MS);
  if (!isOver(call)) await call.hangUp();
  return found ?? parting();
}

const isOver = ({ events }: TestCall): boolean => events.at(-1)?.type === 'call-end';

function anchorAt(atMs: number, { events }: CallResult, doneMs: number): Anchor {
  const last = events.filter(isAnchor).findLast((event) => event.atMs <= atMs);
  if (!last || last.atMs < doneMs) return { of: 'own', atMs: doneMs };
  return { of: last.type, turn: last.turn, atMs: last.atMs };
}

type AnchorEvent = Extract<CallEvent, { type: 'turn-end' | 'reply-audio-start' }>;
const isAnchor = (event: CallEvent): event is AnchorEvent =>
  event.type === 'turn-end' || event.type === 'reply-audio-start';

/** By number: the turn that is cut into ends behind the beginning of what cuts in. A turn may end unheard. */
const isReached = (anchor: Exclude<Anchor, { of: 'own' }>, event: CallEvent): boolean =>
  isAnchor(event) && (event.type === anchor.of || event.type === 'turn-end') && event.turn >= anchor.turn;

/** Done once it has happened, or with the call. */
async function happens(call: TestCall, isIt: (event: CallEvent) => boolean, withinMs = LONGEST_WAIT_MS): Promise<void> {
  const untilMs = call.atMs + withinMs;
  while (!isOver(call) && !call.events.some(isIt) && call.atMs < untilMs) await call.wait(LOOK_MS);
}

/** Done when it has sounded; what the agent makes of it is waited for by whatever comes next. */
async function act(call: TestCall, stretch: CallerStretch): Promise<void> {
  const lengthMs = stretch.toMs - stretch.fromMs;
  if (stretch.kind === 'keys') return call.press(stretch.keys);
  if (stretch.kind === 'backchannel') return call.make('mm-hm');
  if (stretch.kind !== 'utterance') return;
  call.say(stretch.text).catch(() => {});
  await call.wait(lengthMs).catch(() => {});
}
