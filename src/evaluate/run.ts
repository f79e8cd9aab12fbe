/** One call of one scenario: started, played, checked, measured. */
import { join, resolve } from 'node:path';
import { isA, messageOf, VoiceError, type ErrorCode } from '../lib/errors.ts';
import { fileError } from '../lib/file-error.ts';
import { isRecord, parseJson } from '../lib/json.ts';
import type { Prices } from '../testing/metrics/cost.ts';
import type { CallResult, HeardWord } from '../testing/result.ts';
import { startTestCall, type TestCall, type TestCallOptions } from '../testing/test-call.ts';
import { readFile } from 'node:fs/promises';
import { playCaller } from './caller/play.ts';
import { standInCaller } from './caller/stand-in.ts';
import type { CallerMind } from './caller/mind.ts';
import { isMet, judgeCall, textOf, type JudgeOptions } from './judge/judge.ts';
import type { AgentModels, CallModel } from './agent-models.ts';
import { runCheck, runOverTurns, type CheckContext } from './checks.ts';
import type { ReportedFinding, RunReport, Verdict } from './evaluation.ts';
import { measure } from './measure.ts';
import { mishearer } from './mishear.ts';
import { needsRehearsal, playSteps } from './play.ts';
import { lineOf } from './worker-line.ts';
import { worldOf } from './world.ts';
import { checkLabel, type CheckUse } from './scenario/check-use.ts';
import { realModelOf, stepsOf, type Conditions, type Criterion, type Scenario } from './scenario/schema.ts';

/** What one call is made of. */
export interface RunInput {
  scenario: Scenario;
  /** What it names lies relative to this. */
  folder: string;
  cell: Record<string, string>;
  run: number;
  seed: number;
  prices?: Prices | undefined;
  /** What answers where the scenario asks for a real model. Default: nobody, and the call is void. */
  models?: Pick<AgentModels, 'of'> | undefined;
  /** Who thinks for a caller with a goal. Default: the stand-in. */
  mind?: CallerMind | undefined;
  /** What opens the door of a worker elsewhere. Default: nothing does. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Who answers for the criteria of `judge`. Default: they are not asked. */
  judge?: Judge | undefined;
}

/** Who judges, and whether that decides. */
export interface Judge extends JudgeOptions {
  /** It agrees with people often enough; else what it finds is shown, and no more. */
  mayGate: boolean;
}

/** A call, and what is known of it for whoever draws it; undefined when it never began. */
export interface RunOutput {
  report: RunReport;
  call: CallResult | undefined;
}

/** Never throws for what the agent, the script or a stub does: that is what is reported. */
export async function runOnce(input: RunInput): Promise<RunOutput> {
  const { scenario, prices } = input;
  const found: ReportedFinding[] = [];
  const looked = new Set<string>();
  const context: CheckContext = { now: scenario.now, prices, mishears: scenario.conditions?.mishears !== undefined };
  const note = (use: CheckUse, findings: ReportedFinding[]) => {
    looked.add(checkLabel(use));
    found.push(...findings);
  };
  const troubles: string[] = [];
  let call: CallResult | undefined;
  try {
    const rehearsed = needsRehearsal(stepsOf(scenario)) ? await rehearse(input) : undefined;
    const answering = await modelFor(input);
    const { test, close } = await start(input, answering?.model);
    try {
      if ('goal' in scenario.caller) {
        const played = await playCaller(test, scenario.caller, { mind: input.mind ?? standInCaller, seed: input.seed });
        if (played.trouble !== undefined) troubles.push(played.trouble);
      } else {
        await playSteps(test, stepsOf(scenario), {
          expect: (checks, turns) => checks.forEach((use) => note(use, runOverTurns(use, turns, context))),
          rehearsed,
          mishear: mishearer(scenario, input.seed),
        });
      }
      if (!isOver(test)) await test.hangUp();
    } catch (error) {
      if (isOfAgent(error)) found.push({ check: 'script', kind: 'fault', what: messageOf(error), atMs: test.atMs });
      else troubles.push(messageOf(error));
      if (!isOver(test)) await test.hangUp().catch(() => {});
    }
    call = test.result();
    if (answering) troubles.push(...troublesOf(answering, call));
    await close().catch((error: unknown) => troubles.push(messageOf(error)));
  } catch (error) {
    troubles.push(messageOf(error));
  }
  if (call) {
    troubles.push(...call.troubles.map(({ what }) => what));
    for (const use of scenario.expect ?? []) note(use, runCheck(use, call, context));
    if (scenario.judge && input.judge && troubles.length === 0) {
      looked.add('judge');
      const judged = await judgeAll(call, scenario.judge, input.judge);
      found.push(...judged.found);
      troubles.push(...judged.troubles);
    }
  }
  return { report: reportOf(input, { found, looked, troubles, call }), call };
}

/** What a judge finds counts as far as the judge does; that it cannot say is no fault of the agent's. */
async function judgeAll(
  call: CallResult,
  criteria: readonly Criterion[],
  judge: Judge,
): Promise<{ found: ReportedFinding[]; troubles: string[] }> {
  const found: ReportedFinding[] = [];
  const troubles: string[] = [];
  for (const criterion of criteria) {
    const verdict = await judgeCall(call, criterion, judge);
    const isGood = isMet(criterion, verdict);
    if (isGood === true) continue;
    const asked = `${'must' in criterion ? 'must' : 'never'}: ${textOf(criterion)}`;
    if (isGood === undefined && judge.mayGate) troubles.push(`judge, ${asked}: ${verdict.why}`);
    const [evidence] = verdict.evidence;
    const what =
      isGood === undefined ? `void: ${asked}: ${verdict.why}` : `${asked}${verdict.why && ` (${verdict.why})`}`;
    const kind = judge.mayGate && isGood === false ? 'fault' : 'shown';
    if (isGood === false || !judge.mayGate)
      found.push({ check: 'judge', kind, what, ...(evidence && { turn: evidence.turn, evidence: evidence.quote }) });
  }
  return { found, troubles };
}

/** A server that refuses, or cannot be reached, is no fault of the agent's: only a stand-in fails because it is told to. */
const OF_SERVER = new Set<string>([
  'unauthorized',
  'provider-failed',
  'rate-limited',
  'request-invalid',
  'connect-failed',
  'connect-timeout',
  'queue-timeout',
] satisfies ErrorCode[]);

function troublesOf({ troubles }: CallModel, { events }: CallResult): string[] {
  if (troubles.length > 0) return [...troubles];
  return events.flatMap((event) =>
    event.type === 'error' && OF_SERVER.has(event.code) ? [`the model's server: ${event.message}`] : [],
  );
}

/** A word that never came, or an answer: the script goes by what the agent should have done. */
const isOfAgent = (error: unknown): boolean =>
  isA(error, VoiceError) && ['idle-timeout', 'closed'].includes(error.code) && error.message.startsWith('Expected ');

const isOver = (call: TestCall): boolean => call.events.at(-1)?.type === 'call-end';

/** The words of the answer that is to be cut into, as it is heard whole by the same call. */
export async function rehearse(input: RunInput): Promise<HeardWord[]> {
  const { test, close } = await start(input, undefined);
  try {
    await playSteps(test, stepsOf(input.scenario), {
      expect: () => {},
      isRehearsal: true,
      mishear: mishearer(input.scenario, input.seed),
    });
    const turn = test.turns.at(-1);
    return (test.result().heard ?? []).filter((word) => word.turn === turn?.number);
  } finally {
    await close().catch(() => {});
  }
}

// ---- how it is started ----------------------------------------------------------------------------------------------

/** Undefined where a stand-in answers. @throws {VoiceError} `options-invalid`, when nobody is there who would */
async function modelFor({ scenario, folder, cell, run, models }: RunInput): Promise<CallModel | undefined> {
  if (models) return models.of(scenario, folder, { scenario: scenario.name, cell, run });
  if (realModelOf(scenario) === undefined) return undefined;
  throw new VoiceError('options-invalid', 'expected a model that answers, got none: `models` says which');
}

interface Started {
  test: TestCall;
  /** Ends the call, and its world. */
  close: () => Promise<void>;
}

async function start(
  { scenario, folder, seed, env: ours = {} }: RunInput,
  model: TestCallOptions['model'],
): Promise<Started> {
  const { agent, now, tools, writes, env, from, people, faults, conditions } = scenario;
  const world = scenario.world === undefined ? undefined : await worldOf(resolve(folder, scenario.world));
  const options: TestCallOptions = {
    line: lineOf(scenario, ours),
    seed,
    ...(writes && { writes }),
    env: { ...world?.env, ...env },
    tools: { ...world?.tools, ...(tools as TestCallOptions['tools']) },
    ...(now !== undefined && { now }),
    ...(from !== undefined && { from }),
    ...(people && { people }),
    ...(world && { world: world.state }),
    ...(faults && { faults: { ...faults, model: faults.model as never } }),
    ...(conditions && { conditions: conditionsOf(conditions) }),
    model: model ?? (await standInOf(scenario, folder)),
  };
  const closeWorld = async () => world?.close();
  const test = await startTestCall(resolve(folder, agent), options).catch(async (error: unknown) => {
    await closeWorld();
    throw error;
  });
  return { test, close: () => test[Symbol.asyncDispose]().finally(closeWorld) };
}

function conditionsOf({ noise, loss, jitter }: Conditions): TestCallOptions['conditions'] {
  return noise || loss || jitter !== undefined ? { noise, loss, jitterMs: jitter } : undefined;
}

async function standInOf({ model }: Scenario, folder: string): Promise<TestCallOptions['model']> {
  if (typeof model === 'string' || 'baseUrl' in model) return undefined;
  const { pace } = model;
  const replies = typeof model.replies === 'string' ? await readReplies(join(folder, model.replies)) : model.replies;
  return { replies: replies as never, ...(pace !== undefined && { pace: pace as never }) };
}

async function readReplies(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError('read', `the replies ${file}`, error);
  });
  const value = parseJson(text);
  const replies = isRecord(value) ? value['replies'] : value;
  if (Array.isArray(replies)) return replies as unknown[];
  throw new VoiceError('options-invalid', `${file}: expected a JSON list of replies, or an object with \`replies\``);
}

// ---- what came of it ------------------------------------------------------------------------------------------------

interface Came {
  found: ReportedFinding[];
  looked: ReadonlySet<string>;
  troubles: string[];
  call: CallResult | undefined;
}

function reportOf({ cell, run, seed, prices }: RunInput, { found, looked, troubles, call }: Came): RunReport {
  const vacuous = found.filter(({ kind }) => kind === 'vacuous' || kind === 'not visible');
  return {
    run,
    cell,
    seed,
    verdict: verdictOf(found, troubles),
    troubles: [...new Set(troubles)],
    findings: found,
    checks: [...looked].filter((name) => !vacuous.some(({ check }) => check === name)),
    metrics: call ? measure(call, prices) : NOTHING,
    ...(call && { agent: call.agent }),
    ...(call?.end && { ended: call.end.reason }),
  };
}

/** Trouble of the harness is never the agent's; a fault is one whatever other checks had nothing to look at. */
export function verdictOf(found: readonly ReportedFinding[], troubles: readonly string[]): Verdict {
  if (troubles.length > 0) return 'void';
  if (found.some(({ kind }) => kind === 'fault')) return 'fail';
  return found.some(({ kind }) => kind === 'vacuous' || kind === 'not visible') ? 'void' : 'pass';
}

const NOTHING: RunReport['metrics'] = {
  durationMs: 0,
  turns: 0,
  firstSoundMs: [],
  answerMs: [],
  deadAir: [],
  talkOvers: 0,
  yieldMs: [],
  waitMs: [],
  cutOffs: 0,
  requests: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
};
