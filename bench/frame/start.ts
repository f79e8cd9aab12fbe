/** One start of `parley serve` as it is shipped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const AGENT = join(import.meta.dirname, '../../examples/clinic.ts');
/** Linux counts CPU time in hundredths of a second. */
const MS_PER_TICK = 10;

export interface Start {
  wallMs: number;
  /** Of all threads; undefined where the system does not say. */
  cpuMs: number | undefined;
}

/**
 * A key that is never shown to anybody: the address of the services is one where nobody listens.
 * @param file Of the built command.
 */
export async function startOnce(file: string): Promise<Start> {
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
