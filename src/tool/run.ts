/**
 * One run of one handler: a place in its queue, the attempts, the abort. It knows nothing of who waits for it; `ended`
 * is called once, when the handler has really ended, however long that takes.
 */
import { AsyncResource } from 'node:async_hooks';
import type PQueue from 'p-queue';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { isA, readThrown, type Thrown } from '../lib/thrown.ts';
import { asTool, runAsTool, type ToolAtWork } from './blame.ts';
import type { CheckedTool } from './check.ts';
import { isToolError, type ToolContext } from './define.ts';
import { tellingOf, type Telling } from './telling-error.ts';

export type HandlerEnd =
  | { type: 'returned'; value: unknown }
  /** `isRefusal`: a `ToolError`; `telling`: of a `TellingError`. */
  | { type: 'threw'; error: Thrown; isRefusal: boolean; telling: Telling | undefined };

export interface RunOptions {
  tool: CheckedTool;
  input: unknown;
  context: ToolContext;
  /** Aborts the handler's signal. */
  controller: AbortController;
  /** Whose code it is. */
  atWork: ToolAtWork;
  /** Of the tool, for the whole process; undefined when it has no `concurrency`. */
  queue: PQueue | undefined;
  clock: Clock;
  log: Log;
  /** Told of what is thrown by an attempt that is not the last. */
  failed: (error: Thrown) => void;
  /** Never called within `start`. Not called for a run that was dropped before it started. */
  ended: (end: HandlerEnd) => void;
}

/** Between the attempts of a read: this, then twice as long each time. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

export class ToolRun {
  readonly #options: RunOptions;
  #state: 'queued' | 'running' | 'ended' = 'queued';
  /** Takes the run out of the queue. Only while it waits there: later, p-queue would give its place away at once. */
  #waiting: AbortController | undefined;
  #freePlace: (() => void) | undefined;
  #isAborted = false;
  #endPause: (() => void) | undefined;
  #stopGrace: (() => void) | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  get isQueued(): boolean {
    return this.#state === 'queued';
  }

  /** Starts the handler in this tick, if its queue has room. */
  start(): void {
    const { queue } = this.#options;
    if (!queue) {
      void this.#run();
      return;
    }
    this.#waiting = new AbortController();
    const begin = AsyncResource.bind(() => this.#occupyPlace()); // or it would run in the context of whoever leaves
    const place = queue.add(begin, { signal: this.#waiting.signal });
    place.catch(() => undefined); // dropped while it waited
  }

  /** Aborts the handler's signal. A handler that does not listen is left behind. */
  abort(reason: Error): void {
    const { controller, atWork } = this.#options;
    this.#isAborted = true;
    if (this.#state !== 'ended') asTool(atWork, () => controller.abort(reason));
    this.#endPause?.();
    this.abandon();
  }

  /**
   * Nobody waits for it any longer. What has not started never will; what runs keeps its place in the queue, since it
   * still burdens what the limit protects, but not for ever: a handler that never ends must not close the tool.
   */
  abandon(): void {
    if (this.#state === 'queued') {
      this.#state = 'ended';
      this.#waiting?.abort();
    } else if (this.#state === 'running' && this.#freePlace) {
      const { clock, tool, log } = this.#options;
      this.#stopGrace ??= clock.after(tool.timeoutMs, () => {
        log.warn({ tool: tool.name, graceMs: tool.timeoutMs }, 'gave away the place of a run that does not end');
        this.#freePlace?.();
      });
    }
  }

  #occupyPlace(): Promise<void> {
    return new Promise((free) => {
      this.#freePlace = free;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#state = 'running';
    const end = await this.#attempts();
    this.#state = 'ended';
    this.#stopGrace?.();
    this.#freePlace?.();
    this.#options.ended(end);
  }

  async #attempts(): Promise<HandlerEnd> {
    const { tool, log, atWork } = this.#options;
    for (let attempt = 0; ; attempt++) {
      const end = await this.#attempt();
      if (end.type === 'returned' || !mayPass(end) || attempt >= tool.retries || this.#isAborted) return end;
      log.warn({ tool: atWork.tool, attempt: attempt + 1, err: end.error }, 'a tool failed and is tried again');
      this.#options.failed(end.error);
      await this.#pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
      if (this.#isAborted) return end;
    }
  }

  async #attempt(): Promise<HandlerEnd> {
    const { tool, input, context, atWork } = this.#options;
    try {
      const value = await runAsTool(atWork, () => tool.run(input, context));
      if (isA(value, Error)) throw value; // meant as one
      return { type: 'returned', value };
    } catch (thrown) {
      const read = () => ({
        error: readThrown(thrown),
        isRefusal: isToolError(thrown),
        telling: tellingOf(thrown),
      });
      return { type: 'threw', ...asTool(atWork, read) };
    }
  }

  /** The signal is the handler's to listen to, and to spoil. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#options.clock.after(ms, resolve);
      this.#endPause = () => {
        stop();
        resolve();
      };
    });
  }
}

/** Whether another attempt may end otherwise. */
function mayPass({ isRefusal, telling }: Extract<HandlerEnd, { type: 'threw' }>): boolean {
  return !isRefusal && (telling?.mayPass ?? true);
}
