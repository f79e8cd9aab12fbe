/** Part `start`: how long `parley serve` takes from the start of its process until it takes calls. */
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { startOnce, type Start } from '../frame/start.ts';
import { figure, median, quantile } from '../frame/statistics.ts';

const TIMES = 11;

const part: Part = {
  name: 'start',
  title: 'Start of a worker',
  order: 5,
  predictions: { 'start of `parley serve` to ready': '0.6 s' },
  run,
};
export default part;

async function run({ built, progress }: PartContext): Promise<PartResult> {
  const starts: Start[] = [];
  for (let time = 0; time < TIMES; time++) {
    progress(`${time + 1} of ${TIMES}`);
    starts.push(await startOnce(built('dist/cli/main.js')));
  }
  return summarise(starts);
}

function summarise(starts: readonly Start[]): PartResult {
  const wall = starts.map(({ wallMs }) => wallMs);
  const cpu = starts.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [cpuMs]));
  const middleMs = median(wall);
  const range = `${figure(Math.min(...wall) / 1_000)} to ${figure(quantile(wall, 1) / 1_000)} s`;
  return {
    method:
      `A process with the clinic example is started ${TIMES} times, one after the other, from the package as it is shipped; the agent is ` +
      'TypeScript, as its author wrote it. Timed from the start of the process until its log says that it takes calls.',
    checks: [
      {
        what: 'start of `parley serve` to ready',
        target: 'under 1 s',
        measured: `${figure(middleMs / 1_000)} s`,
        isMet: middleMs < 1_000,
      },
    ],
    tables: [],
    notes: [
      `From ${range}.` +
        (cpu.length === 0
          ? ''
          : ` ${figure(median(cpu) / 1_000)} s of CPU at the median, which is what it takes on a core of its own.`),
    ],
    headline: `ready in ${figure(middleMs / 1_000)} s`,
  };
}
