/** What of a scenario cannot be had on its line: each thing with where it stands. */
import { isRecord } from '../../lib/json.ts';
import type { CheckUse } from './check-use.ts';
import type { ScenarioLine, ScenarioWorker } from './lines.ts';
import { unseenFromOutside } from './seen-from-outside.ts';
import type { Step } from './steps.ts';

/** Something that cannot be had, and where it stands. */
export interface Refused {
  message: string;
  path: PropertyKey[];
}

/** As much of a scenario as a line may refuse. */
interface OnLine {
  line: ScenarioLine;
  caller: { steps: Step[] } | { goal: string };
  expect?: CheckUse[] | undefined;
  judge?: unknown;
  gate?: { p95AnswerMs?: number | undefined; costPerCall?: number | undefined } | undefined;
  faults?: Partial<Record<'model' | 'hearing' | 'voice' | 'line', unknown>> | undefined;
  conditions?: Partial<Record<'noise' | 'loss' | 'jitter', unknown>> | undefined;
  model?: unknown;
  tools?: unknown;
  writes?: unknown;
  env?: unknown;
  now?: unknown;
  people?: unknown;
  world?: unknown;
}

/** What cannot be had, and where it stands. */
export function refusedByLine(scenario: OnLine): Refused[] {
  if (scenario.line === 'text') return notInText(scenario);
  if (scenario.line === 'phone') return notByPhone(scenario);
  return typeof scenario.line === 'object' ? notElsewhere(scenario, scenario.line) : [];
}

/** What is done to the sound of a call in virtual time, where it stands. */
const soundOf = ({ conditions = {}, faults = {} }: OnLine): string[][] => [
  ...(['noise', 'loss', 'jitter'] as const).filter((name) => conditions[name]).map((name) => ['conditions', name]),
  ...(['hearing', 'voice', 'line'] as const).filter((name) => faults[name]).map((name) => ['faults', name]),
];

const notInText = (scenario: OnLine): Refused[] =>
  soundOf(scenario).map((path) => ({ message: 'expected none of it on a line of text, which has no sound', path }));

/** What takes a call in virtual time. */
function notByPhone(scenario: OnLine): Refused[] {
  const { now, caller, model, people } = scenario;
  const message = 'expected none of it by phone, which is real sockets in real time: `line: voice` has it';
  const real = 'expected a stand-in by phone, where it is the worker that asks: `line: voice` asks a real model';
  const isReal = model === 'agent' || (isRecord(model) && 'baseUrl' in model);
  return [
    ...soundOf(scenario).map((path) => ({ message, path })),
    ...(now === undefined ? [] : [{ message: 'expected none by phone, which goes by this machine', path: ['now'] }]),
    ...(people === undefined
      ? []
      : [{ message: 'expected nobody by phone: who is played is played in virtual time', path: ['people'] }]),
    ...(isReal ? [{ message: real, path: ['model'] }] : []),
    ...('goal' in caller ? [{ message: SLOW_CALLER, path: ['caller', 'goal'] }] : []),
    ...rehearsedIn(caller, 'each call by phone is a new one, so that how long its answer is is not known before'),
  ];
}

const SLOW_CALLER = 'expected steps in real time: who thinks about what to say is slow, and the agent would wait';

/** Instants that only a rehearsal of the same call can tell. */
export const rehearsedIn = (caller: OnLine['caller'], why: string): Refused[] =>
  stepsIn(caller).flatMap((step, index) => {
    if (step.does !== 'cutIn' || !['share', 'number'].includes(step.instant.at)) return [];
    const message = `expected a word of the agent's, or a time such as 800ms: ${why}`;
    return [{ message, path: ['caller', 'steps', index, 'cutIn', 'at'] }];
  });

const stepsIn = (caller: OnLine['caller']): Step[] => ('steps' in caller ? caller.steps : []);

// ---- a worker elsewhere ---------------------------------------------------------------------------------------------

/** What is within a worker, and so nothing that a scenario can say anything of. */
const WITHIN: readonly (readonly [field: keyof OnLine, why: string])[] = [
  ['model', 'the worker asks its own model'],
  ['tools', 'the tools of the worker run, and cannot be stubbed from here'],
  ['writes', 'what the tools of the worker do cannot be held back from here'],
  ['env', 'the worker has its own'],
  ['now', 'the worker goes by its own clock'],
  ['people', 'the worker rings whom it rings'],
  ['world', 'what the tools of the worker change is not known here'],
];

function notElsewhere(scenario: OnLine, line: ScenarioWorker): Refused[] {
  const { caller, faults = {} } = scenario;
  const within = WITHIN.filter(([field]) => isSaid(scenario[field]));
  return [
    ...within.map(([field, why]) => ({ message: `expected none with a worker elsewhere: ${why}`, path: [field] })),
    ...(faults.model ? [{ message: NO_FAULT, path: ['faults', 'model'] }] : []),
    ...soundOf(scenario).map((path) => ({ message: NO_FAULT, path })),
    ...('goal' in caller ? [{ message: SLOW_CALLER, path: ['caller', 'goal'] }] : []),
    ...rehearsedIn(caller, 'each call to a worker is a new one, so that how long its answer is is not known before'),
    ...unseenIn(scenario, line),
    ...unheardIn(scenario, line),
  ];
}

const NO_FAULT = 'expected none with a worker elsewhere, nothing of which can be made to fail from here';

const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== 'brain' && !(isRecord(value) && Object.keys(value).length === 0);

/** Checks and gates of what only whoever is within can see. */
function unseenIn({ expect = [], caller, gate = {} }: OnLine, line: ScenarioWorker): Refused[] {
  const checks = [
    ...expect.map((use, index) => ({ use, path: ['expect', index] as PropertyKey[] })),
    ...stepsIn(caller).flatMap((step, at) =>
      step.does === 'expect'
        ? step.checks.map((use, index) => ({ use, path: ['caller', 'steps', at, 'expect', index] as PropertyKey[] }))
        : [],
    ),
  ];
  return [
    ...checks.flatMap(({ use, path }) => problemOf(use, line).map((message) => ({ message, path }))),
    ...(['p95AnswerMs', 'costPerCall'] as const).flatMap((name) =>
      gate[name] === undefined ? [] : [{ message: NO_GATE[name], path: ['gate', name] }],
    ),
  ];
}

const NO_GATE = {
  p95AnswerMs:
    'expected `p95FirstSoundMs` with a worker elsewhere: what was a filler and what an answer is not told to the caller',
  costPerCall: 'expected none with a worker elsewhere: what a call used is not told to the caller',
};

function problemOf(use: CheckUse, line: ScenarioWorker): string[] {
  if ('not' in use) return problemOf(use.not, line);
  if ('anyOf' in use) return use.anyOf.flatMap((one) => problemOf(one, line));
  const { voice, doneAfterMs = Infinity } = line;
  const why = unseenFromOutside(use, voice === 'tones');
  if (why !== undefined)
    return [
      `expected what a caller can tell of a worker elsewhere, got \`${use.name}\`: ${why}. \`line: voice\` looks within`,
    ];
  if (use.name !== 'noDeadAirOver' || use.argument < doneAfterMs) return [];
  return [
    `expected less than \`line.doneAfterMs\`, ${doneAfterMs} ms: the caller goes on then, and hears no longer silence within an answer`,
  ];
}

/** What goes by words, where those of a voice are not understood. */
function unheardIn({ caller, judge }: OnLine, { voice }: ScenarioWorker): Refused[] {
  if (voice === 'tones') return [];
  const why = 'the words of a voice are not understood here';
  return [
    ...(judge ? [{ message: `expected no judge with \`voice: system\`: ${why}`, path: ['judge'] }] : []),
    ...stepsIn(caller).flatMap((step, index): Refused[] => {
      const path = ['caller', 'steps', index];
      if (step.does === 'hears')
        return [{ message: `expected a time, as \`wait: 2s\`: ${why}`, path: [...path, 'hears'] }];
      if (step.does === 'cutIn' && step.instant.at === 'word')
        return [{ message: `expected a time, such as 800ms: ${why}`, path: [...path, 'cutIn', 'at'] }];
      return [];
    }),
  ];
}

/** An agent is waited for so much longer than the silence that a check still finds. */
const LOOKED_BEYOND_MS = 500;

/** How long the silences are that its checks look for: who goes on sooner would not hear them. */
export function doneAfterOf({ expect = [], caller }: OnLine, standardMs: number): number {
  const uses = [...expect, ...stepsIn(caller).flatMap((step) => (step.does === 'expect' ? step.checks : []))];
  const silences = uses.map((use) =>
    'name' in use && use.name === 'noDeadAirOver' ? use.argument + LOOKED_BEYOND_MS : 0,
  );
  return Math.max(standardMs, ...silences);
}
