/** How reports say verdicts, numbers and cells: the same words on a terminal, in a page and in files. */
import { clock } from '../../page/units.ts';
import type { ReportedFinding, RunReport, ScenarioReport } from '../evaluation.ts';
import type { ScenarioSummary } from '../summary.ts';

/** `640 ms`; `-` of what was not measured. */
export const ms = (value: number | undefined): string => (value === undefined ? '-' : `${Math.round(value)} ms`);

/** `1.1 s`; under a second in milliseconds. */
export const longer = (value: number): string => (value < 1_000 ? ms(value) : `${(value / 1_000).toFixed(1)} s`);

export const chance = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));

/** `snr 30, loss 0.02`; empty without a sweep. */
export const cellText = ({ cell }: Pick<RunReport, 'cell'>): string =>
  Object.entries(cell)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** `run 3`, `snr 30, loss 0.02, run 3`. */
export const runText = (run: RunReport): string => [cellText(run), `run ${run.run}`].filter(Boolean).join(', ');

/** `0:41.2 book_appointment ran twice`. */
export const findingText = ({ atMs, what }: ReportedFinding): string =>
  `${atMs === undefined ? '' : `${clock(atMs)} `}${what}`;

export const SIGNS = { holds: '✓', fails: '✗', unknown: '~' } as const;

export const deadAirText = ({ longestDeadAir }: ScenarioSummary): string => {
  if (!longestDeadAir) return '-';
  return [longer(longestDeadAir.ms), longestDeadAir.cause].filter(Boolean).join(' ');
};

/** `$0.009`, `0.009 EUR`. */
export function costText(amount: number | undefined, currency: string | undefined): string {
  if (amount === undefined) return '-';
  return currency === 'USD' ? `$${amount.toFixed(4)}` : `${amount.toFixed(4)} ${currency ?? ''}`.trim();
}

/** Runs by their cell, in the order in which they come. */
export function cellsOfRuns({ runs }: Pick<ScenarioReport, 'runs'>): { label: string; runs: RunReport[] }[] {
  const cells = new Map<string, RunReport[]>();
  for (const run of runs) {
    const label = cellText(run);
    const list = cells.get(label);
    if (list) list.push(run);
    else cells.set(label, [run]);
  }
  return [...cells].map(([label, list]) => ({ label, runs: list }));
}
