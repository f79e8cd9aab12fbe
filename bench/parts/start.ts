/** Part `start`: how long `parley serve` takes from the start of its process until it takes calls. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Part, PartContext, PartResult } from '../frame/part.ts';
import { figure, median, quantile } from '../frame/statistics.ts';

const TIMES = 11;
const AGENT = join(import.meta.dirname, '../../examples/clinic.ts');
/** Linux counts CPU time in hundredths of a second. */
const MS_PER_TICK = 10;

interface Start {
  wallMs: number;
  /** Of all threads; undefined where the system does not say. */
  cpuMs: number | undefined;
}

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

/** A key that is never shown to anybody: the address of the services is one where nobody listens. */
async function startOnce(file: string): Promise<Start> {
  const env = { ...process.env, SMALLEST_API_KEY: 'sk_bench', SMALLEST_BASE_URL: 'http://127.0.0.1:9/waves/v1' };
  const beganMs = performance.now();
  const child = spawn(process.execPath, [file, 'serve', '--agent', AGENT, '--port', '0'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    await sayingReady(child.stderr, once(child, 'exit'));
    return { wallMs: performance.now() - beganMs, cpuMs: cpuMsOf(child.pid) };
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

function sayingReady(stderr: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('"msg":"ready')) resolve();
    });
    void exited.then(() => reject(new Error(`Expected a worker that is ready, got ${text}`)));
  });
}

function cpuMsOf(pid: number | undefined): number | undefined {
  try {
    const [, rest = ''] = /^.*\)(.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest.trim().split(' '); // from the third of the line on
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return undefined;
  }
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
