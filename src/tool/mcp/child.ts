/**
 * The process of an MCP server that runs on this machine: a message a line, in on its standard input and out on its standard
 * output. It is the first of a group of its own, so that what it has started (`npx` starts what it runs) ends with it, and so
 * that Ctrl-C in a terminal does not end it under a call. The client's own transport has neither.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Socket } from 'node:net';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { isDoneWithin, type Clock } from '../../lib/clock.ts';
import { parseJson } from '../../lib/json.ts';

export interface ChildOptions {
  command: string;
  args: readonly string[];
  /** All that it sees of an environment. */
  env: Readonly<Record<string, string>>;
  /** Absolute. */
  cwd: string;
  clock: Clock;
  /** A line of its standard error. */
  said: (line: string) => void;
}

/** Bytes of a message. What is longer is no result that a model reads. */
const LONGEST_MESSAGE = 16_000_000;
/** Characters of a line of its standard error. */
const LONGEST_LINE = 500;
/** How long it may take to end once its input has, and then once it was told to. */
const END_MS = 2_000;
const TERMINATE_MS = 1_000;

const isWindows = process.platform === 'win32';

/** Those that run, by the ids of their groups: whatever ends this process ends them. */
const running = new Set<ChildProcessWithoutNullStreams>();
let isHeeded = false;

export class ChildTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** How it ended, in a few words; undefined while it runs. */
  ending: string | undefined;
  readonly #options: ChildOptions;
  #child: ChildProcessWithoutNullStreams | undefined;
  #gone: Promise<void> = Promise.resolve();
  /** What has come of a message. */
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  /** Rejects when there is no such program, or it may not be run. */
  async start(): Promise<void> {
    const { command, args, env, cwd } = this.#options;
    const child = spawn(command, [...args], {
      cwd,
      env: { ...env },
      stdio: 'pipe',
      detached: !isWindows,
      windowsHide: true,
    });
    this.#child = child;
    this.#gone = new Promise((resolve) => child.once('close', () => resolve()));
    child.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
    readLines(child, this.#options.said);
    for (const stream of [child.stdin, child.stdout, child.stderr])
      stream.on('error', (error) => this.onerror?.(error));
    child.once('close', (code, signal) => this.#end(child, code, signal));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.on('error', (error) => this.onerror?.(error));
    running.add(child);
    endWithProcess();
    letProcessEnd(child);
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { stdin } = this.#child ?? {};
    if (!stdin?.writable) return Promise.reject(new Error('it has ended'));
    return new Promise((resolve, reject) =>
      stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve())),
    );
  }

  /** Ends its input, by which a server ends; one that does not is told to, and then ended, with all that it has started. */
  async close(): Promise<void> {
    const child = this.#child;
    if (!child || this.ending !== undefined) return;
    const { clock } = this.#options;
    child.stdin.end();
    if (await isDoneWithin(this.#gone, END_MS, clock)) return;
    kill(child, 'SIGTERM');
    if (await isDoneWithin(this.#gone, TERMINATE_MS, clock)) return;
    kill(child, 'SIGKILL');
    await isDoneWithin(this.#gone, TERMINATE_MS, clock);
  }

  #end(child: ChildProcessWithoutNullStreams, code: number | null, signal: NodeJS.Signals | null): void {
    if (running.delete(child)) kill(child, 'SIGKILL'); // what it has started, and left behind
    this.ending = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
    this.onclose?.();
  }

  #read(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      const line = Buffer.concat([...this.#pieces.splice(0), bytes.subarray(from, end)])
        .toString('utf8')
        .trim();
      [from, this.#length] = [end + 1, 0];
      if (line !== '') this.#hear(line);
    }
    this.#pieces.push(bytes.subarray(from));
    this.#length += bytes.length - from;
    if (this.#length <= LONGEST_MESSAGE) return;
    this.#pieces = [];
    this.onerror?.(new Error(`it sent a message of more than ${LONGEST_MESSAGE} bytes`));
    if (this.#child) kill(this.#child, 'SIGKILL');
  }

  /** Some print to their standard output what is no message. */
  #hear(line: string): void {
    const message = parseJson(line);
    if (typeof message === 'object' && message !== null) this.onmessage?.(message as JSONRPCMessage);
    else this.onerror?.(new Error('it printed something that is no message to its standard output'));
  }
}

function readLines({ stderr }: ChildProcessWithoutNullStreams, said: (line: string) => void): void {
  let rest = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) if (line.trim() !== '') said(line.trim().slice(0, LONGEST_LINE));
  });
  stderr.once('end', () => rest.trim() !== '' && said(rest.trim()));
}

/** Whoever waits for it holds the process; it does not by being there. */
function letProcessEnd(child: ChildProcessWithoutNullStreams): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
}

function endWithProcess(): void {
  if (isHeeded) return;
  isHeeded = true;
  process.once('exit', () => {
    for (const child of running) kill(child, 'SIGKILL');
  });
}

/** It, and all that it has started and that has not left its group. */
function kill(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  try {
    if (isWindows || child.pid === undefined) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // it is gone
  }
}
