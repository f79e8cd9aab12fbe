/** The matrix as it is printed, by the bench and by the test. */
import { figure } from '../frame/statistics.ts';
import type { Table } from '../frame/part.ts';
import type { CellResult } from './run.ts';

const MOST_HEARD = 70;

export function matrixTable(title: string, results: readonly CellResult[]): Table {
  return {
    title,
    columns: [
      'Service',
      'Fault',
      'In the middle of the call',
      'What the caller heard',
      'First sound ms',
      'Longest silence ms',
      'The call',
      'Error codes',
      '',
      'With a fallback',
    ],
    rows: results.map((one) => [
      one.service,
      one.fault,
      one.means,
      one.heard === '' ? '-' : shortened(one.heard),
      figure(one.firstMs),
      figure(one.longestSilenceMs),
      one.end,
      [...one.codes, ...one.notes].join(', '),
      verdict(one),
      one.withFallback ? fallbackText(one.withFallback) : '-',
    ]),
  };
}

const verdict = ({ problems }: CellResult): string => (problems.length === 0 ? 'well' : problems.join('; '));

function fallbackText(one: CellResult): string {
  return `${one.end}, first sound after ${figure(one.firstMs)} ms, silence of ${figure(one.longestSilenceMs)} ms: ${verdict(one)}`;
}

function shortened(text: string): string {
  return text.length <= MOST_HEARD ? text : `${text.slice(0, MOST_HEARD - 28)} ... ${text.slice(-24)}`;
}
