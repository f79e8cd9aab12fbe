/** The options of `parley eval`, and which of them mean something for what it was given: one that does not is refused, and not passed over. */
import type { PlanName } from '../evaluate/agent-models.ts';
import { UsageError } from './report.ts';

export interface EvalOptions {
  runs?: string;
  grep?: string;
  seed?: string;
  /** A line by its name, or the address of a worker. */
  line?: string;
  parallel?: string;
  bail?: boolean;
  out?: string;
  resume?: string;
  junit?: string;
  json?: boolean;
  prices?: string;
  /** What the account of a model allows. */
  plan?: PlanName;
  /** Files for the answers of real models. */
  recordModel?: string;
  replayModel?: string;
  /** False: criteria are not asked about. */
  judge?: boolean;
  /** What `parley eval judge` has written. */
  calibration?: string;
  /** Checks, for calls that were recorded. */
  expect?: string;
  /** The agent that recorded calls are held with once more, and whether they must go the same way. */
  agent?: string;
  mustMatch?: boolean;
  /** What it was named in the recordings, beside what it is named now. */
  recordedAs?: string;
  /** Who is asked what the model was not asked in a recorded call. */
  model?: 'agent' | 'stand-in';
}

/** Plays scenarios, looks at recorded calls by checks, or plays them with an agent as it is now. */
export type Deed = 'play' | 'look' | 'follow';

const EXPECTED: Record<Deed, string> = {
  play: 'scenarios',
  look: 'recorded calls, and no --agent',
  follow: 'recorded calls and --agent FILE',
};
const GOT: Record<Deed, string> = {
  play: 'no recorded calls',
  look: 'no --agent, and recorded calls',
  follow: '--agent and recorded calls',
};

const MEANT_FOR: Record<keyof EvalOptions, readonly Deed[]> = {
  runs: ['play'],
  grep: ['play'],
  seed: ['play'],
  line: ['play'],
  parallel: ['play'],
  bail: ['play'],
  resume: ['play'],
  plan: ['play', 'follow'],
  recordModel: ['play'],
  replayModel: ['play'],
  judge: ['play'],
  calibration: ['play'],
  out: ['play', 'look', 'follow'],
  json: ['play', 'look', 'follow'],
  junit: ['play', 'look'],
  prices: ['play', 'look'],
  expect: ['look'],
  agent: ['follow'],
  mustMatch: ['follow'],
  recordedAs: ['follow'],
  model: ['follow'],
};

/** @throws {UsageError} at the first that means nothing there */
export function refuseIdle(options: EvalOptions, deed: Deed, paths: readonly string[]): void {
  for (const [name, deeds] of Object.entries(MEANT_FOR) as [keyof EvalOptions, readonly Deed[]][]) {
    const given = options[name];
    const isGiven = name === 'judge' ? given === false : given !== undefined;
    if (!isGiven || deeds.includes(deed)) continue;
    const meant = name === 'agent' ? 'recorded calls' : deeds.map((one) => EXPECTED[one]).join(', or with ');
    throw new UsageError(`expected ${flagOf(name)} with ${meant}, got ${GOT[deed]} in ${paths.join(' ')}`);
  }
  if (deed === 'follow' && options.plan !== undefined && options.model !== 'agent')
    throw new UsageError('expected --plan with --model agent: of recorded calls nobody else asks an account');
}

const flagOf = (name: keyof EvalOptions): string =>
  `--${name === 'judge' ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
