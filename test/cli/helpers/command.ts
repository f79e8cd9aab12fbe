/** Runs `parley` as people do: a process of its own, its input, its output, its exit code. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CallEvent } from '../../../src/call/events.ts';
import { buildCommand, ROOT } from './build.ts';
import { cleanEnvironment } from './environment.ts';

const MAIN = buildCommand(); // here, where no test is being timed

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** What it reads; its input ends there. */
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
}

/** Runs it to its end. */
export async function parley(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const running = start(args, options);
  running.end(options.input ?? '');
  return running.exited;
}

/** Starts it; whoever starts it talks to it. It is killed with the test, should it outlive it. */
export function start(args: readonly string[], { env = {}, cwd = ROOT }: CommandOptions = {}): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new RunningCommand(child);
}

export class RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<CommandResult>;
  stdout = '';
  stderr = '';
  #waiting: (() => void)[] = [];

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#grow('stdout', text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#grow('stderr', text));
    child.stdin.on('error', () => {}); // it may be gone before it has read all
    this.exited = once(child, 'close').then(([code]) => {
      this.#grow('stdout', '');
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  send(line: string | object): void {
    this.child.stdin.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`);
  }

  end(text = ''): void {
    this.child.stdin.end(text);
  }

  /** Resolves with the first event of a `--json` command that fits, of those so far or to come. */
  async event<Type extends CallEvent['type']>(
    type: Type,
    fits: (event: Extract<CallEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<CallEvent, { type: Type }>> {
    const isIt = (event: CallEvent): event is Extract<CallEvent, { type: Type }> =>
      event.type === type && fits(event as Extract<CallEvent, { type: Type }>);
    return this.#until(() => eventsOf(this.stdout).find(isIt), type);
  }

  /** Resolves when its standard output holds this. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(() => pattern.exec(this.stdout) ?? undefined, String(pattern));
  }

  async #until<Found>(look: () => Found | undefined, what: string): Promise<Found> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.child.exitCode !== null && this.child.stdout.closed) {
        throw new Error(`It ended without ${what}:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #grow(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Every whole line of a `--json` command, as the event that it is. */
export function eventsOf(stdout: string): CallEvent[] {
  const lines = stdout.slice(0, stdout.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as CallEvent);
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
