/**
 * Many commands of a file at once: calls take as long as people speak, so those of all its tests are placed together,
 * before the first test, and each test looks at what came of its own.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import PQueue from 'p-queue';
import { afterAll, beforeAll } from 'vitest';
import type { CommandResult } from './command.ts';
import { buildCommand, ROOT } from './build.ts';
import { cleanEnvironment } from './environment.ts';

export interface ProcessOptions {
  /** What it reads; its input ends there. */
  input?: string;
  env?: Record<string, string>;
  /** Sees the process while it runs. */
  watch?: (child: ChildProcessWithoutNullStreams, output: () => string) => void;
}

const MAIN = buildCommand(); // here, where no test is being timed
const AT_ONCE = 4;
const children = new Set<ChildProcessWithoutNullStreams>();

/** Call it once in a file. Returns what plans work that is done before the tests, and hands over what came of it. */
export function plan(): <Result>(work: () => Promise<Result>) => () => Promise<Result> {
  const queue = new PQueue({ concurrency: AT_ONCE });
  const works: (() => void)[] = [];
  beforeAll(() => {
    for (const begin of works) begin();
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  return <Result>(work: () => Promise<Result>) => {
    let begin: () => void = () => undefined;
    const done = new Promise<Result>((resolve, reject) => {
      begin = () => void queue.add(work).then(resolve, reject);
    });
    done.catch(() => {}); // the test that looks at it is told
    works.push(begin);
    return () => done;
  };
}

/** As `parley` of `command.ts`, but not bound to a test. */
export async function run(
  args: readonly string[],
  { input = '', env = {}, watch }: ProcessOptions = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...env },
    stdio: 'pipe',
  });
  children.add(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // it may be gone before it has read all
  child.stdin.end(input);
  watch?.(child, () => stdout + stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  children.delete(child);
  return { code, stdout, stderr };
}
