/**
 * One scenario: an agent, a caller, what may go wrong, and what must hold. The same for a YAML file and for `defineScenario`.
 * What it names besides, an agent, a world or a file of replies, lies relative to the scenario's own file.
 */
import { z } from 'zod';
import { isRecord } from '../../lib/json.ts';
import { ModelFault, ModelPace, ReplyRule, type PaceInput } from '../../testing/model-schemas.ts';
import { PERSON_DEEDS } from '../../testing/people/manner.ts';
import { shown } from '../../tool/check.ts';
import { Line, type ScenarioLine, type ScenarioLineInput } from './lines.ts';
import { refusedByLine, rehearsedIn, type Refused } from './refused-by-line.ts';
import { CheckList, type CheckInput, type CheckUse } from './check-use.ts';
import { ScriptStep, type Step, type StepInput } from './steps.ts';
import { DurationMs, type Duration } from './units.ts';

/** Whatever is written, looked at as the stand-in of the model will, which reads it once more. */
const asStandIn = <Written>(schema: z.ZodType) =>
  z.custom<Written>().check(({ value, issues }) => {
    for (const issue of schema.safeParse(value).error?.issues ?? []) {
      const message = issue.message.replace(/^(Invalid discriminator value\. )?E/, 'e').replaceAll("' | '", "', '");
      // goes on, so that a union of which it is a part does not say its own words in place of these
      issues.push({ ...issue, message, input: value, continue: true } as z.core.$ZodRawIssue);
    }
  });

const Words = z.string().min(1);
const Share = z.number().min(0).max(1);
const Millis = DurationMs;

// ---- who speaks -----------------------------------------------------------------------------------------------------

const Scripted = z.strictObject({
  steps: z.array(ScriptStep).min(1, 'expected steps, got none: nothing would be said'),
});

const Simulated = z.strictObject({
  /** What the caller wants to have done. */
  goal: Words,
  persona: Words.optional(),
  /** All that the caller can tell of themselves: names, numbers and days that are neither here nor heard are invented. */
  knows: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  refuses: z.array(Words).default([]),
  cutsIn: z.enum(['never', 'rarely', 'often']).default('never'),
  backchannels: z.enum(['never', 'rarely', 'often']).default('never'),
  endsWhen: Words.optional(),
  maxTurns: z.int().positive().max(100).default(12),
});
export type SimulatedCaller = z.output<typeof Simulated>;
export type ScriptedCaller = z.output<typeof Scripted>;

const Caller = z.unknown().transform((written, context): ScriptedCaller | SimulatedCaller => {
  if (!isRecord(written) || !('steps' in written || 'goal' in written)) {
    const message = 'expected `steps`, what a scripted caller does, or `goal`, what a simulated one wants';
    context.addIssue({ code: 'custom', message: `${message}, got ${shown(written)}` });
    return z.NEVER;
  }
  if ('steps' in written && 'goal' in written) {
    context.addIssue({
      code: 'custom',
      message: 'expected `steps` or `goal`, got both: who follows a script wants nothing',
    });
    return z.NEVER;
  }
  const isScripted = !('goal' in written);
  const read = isScripted ? Scripted.safeParse(written) : Simulated.safeParse(written);
  if (read.success) return read.data;
  for (const issue of read.error.issues) context.issues.push({ ...issue, input: written } as z.core.$ZodRawIssue);
  return z.NEVER;
});

// ---- what the agent has ---------------------------------------------------------------------------------------------

const takes = Millis.optional();
const OneStub = z.union(
  [
    z.literal('run'),
    z.strictObject({ returns: z.unknown(), takes }),
    z.strictObject({ throws: z.union([z.string(), z.instanceof(Error)]), takes }),
    z.strictObject({ hangs: z.literal(true) }),
    z.custom<(input: never, run: never) => unknown>((value) => typeof value === 'function'),
  ],
  { error: 'expected `run`, or one of { returns, takes }, { throws, takes } and { hangs: true }' },
);
const Stub = z.union([OneStub, z.array(OneStub).min(1)], {
  error: 'expected `run`, one of { returns, takes }, { throws, takes } and { hangs: true }, or a list of these',
});

const personTimes = { ringsMs: Millis.optional(), thinksMs: Millis.optional() };
const Manner = z.union(
  [z.enum(PERSON_DEEDS), z.strictObject({ does: z.enum(PERSON_DEEDS), ...personTimes, says: Words.optional() })],
  { error: `expected ${PERSON_DEEDS.join(', ')}, or { does, ringsMs, thinksMs, says }` },
);
/** Who is rung for the caller: what they do, or a list of what they do one time after the other. */
const Played = z.union([Manner, z.array(Manner).min(1)], {
  error: `expected ${PERSON_DEEDS.join(', ')}, { does, ringsMs, thinksMs, says }, or a list of these`,
});

const Model = z.union(
  [
    z.enum(['brain', 'agent']),
    z.strictObject({
      replies: z.union([Words, z.array(asStandIn<Record<string, unknown>>(ReplyRule))]),
      pace: asStandIn<PaceInput>(ModelPace).optional(),
    }),
    z.strictObject({ baseUrl: z.url({ protocol: /^https?$/ }), model: Words, apiKeyEnv: Words.optional() }),
  ],
  { error: 'expected `brain`, `agent`, { replies, pace } or { baseUrl, model, apiKeyEnv }' },
);

// ---- what goes wrong ------------------------------------------------------------------------------------------------

const HearingFault = z.strictObject({ type: z.enum(['close', 'refuse', 'mute']), afterMs: Millis });
const VoiceFault = z.strictObject({ type: z.enum(['cut', 'mute']), afterMs: Millis });
const LineFault = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('stall'), afterMs: Millis, forMs: Millis }),
    z.strictObject({ type: z.literal('close'), afterMs: Millis }),
  ],
  { error: 'expected { type: stall, afterMs, forMs } or { type: close, afterMs }' },
);
const Faults = z.strictObject({
  model: z.array(asStandIn<Record<string, unknown>>(ModelFault)).min(1).optional(),
  hearing: z.array(HearingFault).min(1).optional(),
  voice: z.array(VoiceFault).min(1).optional(),
  line: z.array(LineFault).min(1).optional(),
});

const Conditions = z.strictObject({
  /** Around the caller; by the seed. */
  noise: z
    .strictObject({ snrDb: z.number().min(-20).max(60), kind: z.enum(['white', 'street']).default('white') })
    .optional(),
  /** The share of the caller's sound that never arrives, and how long it stays away on average; by the seed. */
  loss: z
    .union(
      [
        Share.transform((share) => ({ share, burstMs: 20 })),
        z.strictObject({
          share: Share,
          burstMs: Millis.refine((ms) => ms >= 20, 'expected 20 ms or more').default(20),
        }),
      ],
      { error: 'expected a share from 0 to 1, such as 0.02, or { share, burstMs }' },
    )
    .optional(),
  /** Sound arrives late by up to so much; by the seed. */
  jitter: Millis.refine((ms) => ms <= 2_000, 'expected at most 2 s').optional(),
  /** The share of the caller's words that is understood otherwise, by the seed: a stand-in's ear is perfect by itself. */
  mishears: z.strictObject({ words: Share }).optional(),
});
export type Conditions = z.output<typeof Conditions>;

// ---- how often, and when it is good ---------------------------------------------------------------------------------

const GateFields = z.strictObject({
  passK: z.tuple([z.int().positive(), Share], 'expected [k, least], such as [4, 0.8]').optional(),
  p95AnswerMs: z.number().positive().optional(),
  p95FirstSoundMs: z.number().positive().optional(),
  longestDeadAirMs: z.number().positive().optional(),
  costPerCall: z.number().positive().optional(),
});

const Criterion = z.union([z.strictObject({ must: Words }), z.strictObject({ never: Words })], {
  error: 'expected { must: "..." } or { never: "..." }',
});
export type Criterion = z.output<typeof Criterion>;

const FIELDS = {
  name: Words.max(120),
  description: Words.optional(),
  tags: z.array(Words).default([]),
  agent: Words,
  line: Line.default('voice'),
  model: Model.default('brain'),
  now: z.iso.datetime({ offset: true, error: 'expected a time, such as 2026-11-23T09:00:00Z' }).optional(),
  seed: z.int().optional(),
  from: Words.optional(),
  env: z.record(z.string(), z.string()).default({}),
  tools: z.record(z.string(), Stub).default({}),
  writes: z.enum(['refuse', 'run']).optional(),
  people: z.record(z.string(), Played).optional(),
  world: Words.optional(),
  caller: Caller,
  expect: CheckList.optional(),
  judge: z.array(Criterion).min(1).optional(),
  faults: Faults.optional(),
  conditions: Conditions.optional(),
  runs: z.int().positive().max(1_000).optional(),
  gate: GateFields.optional(),
};

export const SCENARIO_FIELDS = [...Object.keys(FIELDS), 'sweep'];

/** What checks nothing passes whatever the agent does. */
const CHECKS_NOTHING =
  'expected something to be checked: `expect`, a step of `expect`, or `judge`. Without one it would pass whatever the agent does';

export const Scenario = z.strictObject(FIELDS).superRefine((scenario, context) => {
  const refused = [
    ...refusedByLine(scenario),
    ...(realModelOf(scenario) === undefined ? [] : notOfARealModel(scenario)),
  ];
  for (const { message, path } of refused) context.addIssue({ code: 'custom', message, path });
  if (scenario.expect || scenario.judge || stepsOf(scenario).some(({ does }) => does === 'expect')) return;
  context.addIssue({ code: 'custom', message: CHECKS_NOTHING });
});
export type Scenario = z.output<typeof Scenario>;

/** The model that answers in earnest; undefined where a stand-in does. */
export type RealModel = Extract<Scenario['model'], 'agent' | { baseUrl: string }>;
export const realModelOf = ({ model }: { model: z.output<typeof Model> }): RealModel | undefined =>
  model === 'agent' || (typeof model === 'object' && 'baseUrl' in model) ? model : undefined;

type Fields = z.output<z.ZodObject<typeof FIELDS>>;

/** What only a stand-in can be asked for. */
function notOfARealModel({ caller, faults }: Fields): Refused[] {
  const unknown = rehearsedIn(caller, 'what else a real model says is not known before it does');
  const message = "expected no faults of the model where a real one answers: they are the stand-in's";
  return faults?.model ? [...unknown, { message, path: ['faults', 'model'] }] : unknown;
}

/** What calls that have happened are looked at by: a scenario without anything to play. */
export const Expectations = z.strictObject({
  name: FIELDS.name.optional(),
  now: FIELDS.now,
  expect: CheckList,
  gate: FIELDS.gate,
});
export type Expectations = z.output<typeof Expectations>;

export const stepsOf = ({ caller }: { caller: ScriptedCaller | SimulatedCaller }): Step[] =>
  'steps' in caller ? caller.steps : [];

/** Scripted calls are the same each time; of others one says little. */
export const RUNS_OF_A_MODEL = 4;

export function runsOf(scenario: Scenario): number {
  if (scenario.runs !== undefined) return scenario.runs;
  return 'goal' in scenario.caller || realModelOf(scenario) !== undefined ? RUNS_OF_A_MODEL : 1;
}

// ---- as it is written -----------------------------------------------------------------------------------------------

/** What stands in for a tool. A function is told the arguments. */
export type ScenarioStub = z.input<typeof Stub>;

/** A scenario, as a person writes it. Times are milliseconds, or a text with their unit: `1.5s`. */
export interface ScenarioInput extends Omit<
  z.input<typeof Scenario>,
  'caller' | 'expect' | 'tools' | 'agent' | 'conditions' | 'line'
> {
  /** The agent file, relative to this one. May be left out with a worker elsewhere, which has its own. */
  agent?: string;
  /** What carries the call. Default `voice`; `{ url }`: a worker elsewhere, of which only what is heard is known. */
  line?: ScenarioLineInput;
  caller: { steps: StepInput[] } | z.input<typeof Simulated>;
  /** Of the whole call, once it is over. */
  expect?: CheckInput[];
  /** By name, in place of what the tools do; their arguments are checked all the same. */
  tools?: Record<string, ScenarioStub>;
  /** What the ear makes of the caller's words. */
  conditions?: z.input<typeof Conditions>;
  /** Each value in turn: of a name that stands as `$name` somewhere, or of a field by its path. */
  sweep?: Record<string, SweepInput>;
}

/** Values one after the other; every word of the answer that a step cuts into; or an instant every so often in it. */
export type SweepInput = unknown[] | { each: 'word' } | { every: Duration };

/** Gives the scenario back; an editor knows its fields by it. */
export const defineScenario = (scenario: ScenarioInput): ScenarioInput => scenario;

export type { CheckInput, CheckUse, ScenarioLine, ScenarioLineInput, StepInput, Step };
