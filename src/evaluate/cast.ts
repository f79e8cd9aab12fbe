/** Who takes part in an evaluation: what answers for agents, who plays callers, and who judges, each as far as somebody asks for it. */
import type { Clock } from '../lib/clock.ts';
import { AgentModels, modelNameOf, type PlanName } from './agent-models.ts';
import type { CallerMind } from './caller/mind.ts';
import type { PlannedScenario } from './evaluate.ts';
import { trustIn } from './judge/trust.ts';
import type { Judge } from './run.ts';
import { workerOf } from './scenario/lines.ts';
import type { Conditions } from './scenario/schema.ts';
import { openCaller, openJudge, type Thinker } from './thinkers.ts';
import { lineOf } from './worker-line.ts';

export interface CastOptions {
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** What the account of a real model allows. Default: as `AgentModels` has it. */
  plan?: PlanName | undefined;
  /** Files for the answers of real models: to be written, or to be played. */
  recordModel?: string | undefined;
  replayModel?: string | undefined;
  /** False: criteria are not asked about. Default true. */
  judge?: boolean | undefined;
  /** What `parley eval judge` has written of the judge. Default: it decides nothing. */
  calibration?: string | undefined;
}

export interface Cast {
  models: AgentModels;
  caller: Thinker<CallerMind> | undefined;
  judge: Judge | undefined;
  isRealJudge: boolean;
  /** What the whole is told of them. */
  facts: { model: string; notes: string[]; caller?: string; judge?: string };
  /** Lets go of the servers; what was to be kept of a model is in its file then. */
  close: () => Promise<void>;
}

/**
 * Everybody that these scenarios ask for; that models are there is looked at before anything is played.
 * @throws {VoiceError} `options-invalid`, with what is wrong with a setting, or missing
 */
export async function openCast(planned: readonly PlannedScenario[], options: CastOptions): Promise<Cast> {
  const { env, clock, plan, recordModel: record, replayModel: replay, calibration } = options;
  const models = new AgentModels({ env, clock, plan, record, replay });
  for (const { runs, source } of planned)
    for (const { scenario } of runs.slice(0, 1)) {
      await models.check(scenario, source.folder);
      lineOf(scenario, env);
    }
  const caller = planned.some(({ scenario }) => 'goal' in scenario.caller) ? openCaller(env, clock) : undefined;
  const isJudged = options.judge !== false && planned.some(({ scenario }) => scenario.judge);
  const judge = isJudged ? openJudge(env, clock) : undefined;
  const trusted = judge && trustIn(judge.name, calibration);
  return {
    ...{ models, caller, isRealJudge: judge?.isReal === true },
    judge: judge && { ask: judge.think, name: judge.name, cache: new Map(), mayGate: trusted?.mayGate === true },
    facts: {
      model: modelNames(planned, replay !== undefined),
      notes: [...notesOn(planned), ...(trusted ? [trusted.note] : [])],
      ...(caller && { caller: caller.name }),
      ...(judge && { judge: judge.name }),
    },
    close: async () => void (await Promise.all([caller?.close(), judge?.close(), models.close()])),
  };
}

function modelNames(planned: readonly PlannedScenario[], isReplayed: boolean): string {
  const names = planned.flatMap(({ runs }) =>
    runs.map(({ scenario }) =>
      workerOf(scenario.line) === undefined ? modelNameOf(scenario, isReplayed) : "the worker's own",
    ),
  );
  return [...new Set(names)].join(' and ');
}

const MISHEARS = "What is misheard is thrown by the seed: a stand-in's ear says nothing of recognition.";
const ROUGH =
  "Noise and loss try turn-taking and what is made of pauses: a stand-in's ear understands tones, which says nothing of recognition.";

const ELSEWHERE =
  "A worker elsewhere: its own tools ran, and nothing within it is known. A call's picture has what its caller said and heard.";

function notesOn(planned: readonly PlannedScenario[]): string[] {
  const isAny = (has: (conditions: Conditions) => unknown) =>
    planned.some(({ runs }) => runs.some(({ scenario }) => scenario.conditions && has(scenario.conditions)));
  return [
    ...(isAny(({ mishears }) => mishears) ? [MISHEARS] : []),
    ...(planned.some(({ runs }) => runs.some(({ scenario }) => workerOf(scenario.line) !== undefined))
      ? [ELSEWHERE]
      : []),
    ...(isAny(({ noise, loss }) => noise ?? loss) ? [ROUGH] : []),
  ];
}
