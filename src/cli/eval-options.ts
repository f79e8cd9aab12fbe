/** Which options of `parley eval` mean something for what it was given: one that does not is refused, and not passed over. */
import type { EvalOptions } from './eval.ts';
import { UsageError } from './report.ts';

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
  plan: ['play'],
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
}

const flagOf = (name: keyof EvalOptions): string =>
  `--${name === 'judge' ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
