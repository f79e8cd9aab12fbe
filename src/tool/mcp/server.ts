/**
 * A server that tools come from, for the whole process: connected once, greeted and asked for its tools, and connected anew
 * whenever it is gone, ever more slowly. A call that finds it gone is told so at once; nothing waits for it that need not.
 */
import { isDoneWithin, type Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { canonicalJson } from '../../lib/json.ts';
import type { Log } from '../../lib/log.ts';
import { isA } from '../../lib/thrown.ts';
import {
  McpLost,
  McpUnreachable,
  type McpRequest,
  type McpSession,
  type McpTarget,
  type McpTool,
  type OpenMcpSession,
} from './session.ts';

export interface McpServerOptions {
  /** In the log and in metrics. */
  label: string;
  target: McpTarget;
  connectMs: number;
  clock: Clock;
  log: Log;
  open: OpenMcpSession;
}

/** How a server does, for metrics: since the start of the process. */
export interface McpFigures {
  isUp: boolean;
  /** Connections that were made anew. */
  reconnects: number;
  /** Calls that found it gone, or lost it. */
  failedCalls: number;
}

type State =
  | { type: 'connecting'; work: Promise<void> }
  | { type: 'up'; session: McpSession }
  | { type: 'down'; reason: string; error: unknown }
  | { type: 'closed' };

/** Between two tries to connect: the first pause, and the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A call that comes while it is being connected waits for that so long. */
const WAIT_MS = 2_000;
/** How often one that is idle is asked whether it is there, and how long it may take to say so. */
const PING_EVERY_MS = 30_000;
const PING_MS = 10_000;
/** Characters of its last words, where they tell why it is not there. */
const LONGEST_WORDS = 300;
/** Lines of its standard error that go to the log in a while; the rest is counted. */
const LINES = { most: 20, perMs: 10_000 };

export class McpServer {
  readonly figures: McpFigures = { isUp: false, reconnects: 0, failedCalls: 0 };
  readonly #options: McpServerOptions;
  readonly #told = new Set<() => void>();
  #tools: readonly McpTool[] = [];
  #state: State = { type: 'down', reason: 'it was never connected', error: undefined };
  #tries = 0;
  #stopTimer: () => void = () => {};
  /** What it last said on its standard error. */
  #lastWords = '';
  #lines = { count: 0, sinceMs: -Infinity };

  constructor(options: McpServerOptions) {
    this.#options = options;
  }

  get label(): string {
    return this.#options.label;
  }

  /** Those that it listed last; none before it was ever there. */
  get tools(): readonly McpTool[] {
    return this.#tools;
  }

  /** Why it is not there, in a sentence; undefined when it is. `error`: what was thrown. */
  get trouble(): { reason: string; error: unknown } | undefined {
    return this.#state.type === 'down' ? this.#state : undefined;
  }

  /** Connects, or finds that it cannot now; tries on by itself. Never rejects. */
  start(): Promise<void> {
    if (this.#state.type === 'connecting') return this.#state.work;
    return this.#state.type === 'down' ? this.#connect() : Promise.resolve();
  }

  /** Calls `told` whenever `tools` are others. Returns what ends that. */
  onChange(told: () => void): () => void {
    this.#told.add(told);
    return () => void this.#told.delete(told);
  }

  /** @throws {McpUnreachable} when it is not there, and nothing was done. What the session throws else. */
  async call(request: McpRequest): Promise<unknown> {
    try {
      return await this.#callOnceOrTwice(request);
    } catch (error) {
      if (isGone(error)) this.figures.failedCalls++;
      throw error;
    }
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { type: 'closed' };
    this.figures.isUp = false;
    this.#stopTimer();
    if (state.type === 'up') await state.session.close();
    else if (state.type === 'connecting') await state.work;
  }

  async #callOnceOrTwice(request: McpRequest): Promise<unknown> {
    try {
      return await this.#try(request);
    } catch (error) {
      const isUndone = isA(error, McpUnreachable) || (isA(error, McpLost) && request.isRead);
      if (!isUndone || request.signal.aborted) throw error;
      return this.#try(request); // it has forgotten us, or was started anew
    }
  }

  async #try(request: McpRequest): Promise<unknown> {
    const session = await this.#session();
    request.signal.throwIfAborted();
    try {
      return await session.call(request);
    } catch (error) {
      if (isGone(error)) this.#lose(session, error.message);
      throw error;
    }
  }

  /** One that was there until now is connected anew at once. @throws {McpUnreachable} soon, when it is not there. */
  async #session(): Promise<McpSession> {
    const { clock } = this.#options;
    if (this.#state.type === 'down' && this.#tries <= 1) void this.#connect();
    if (this.#state.type === 'connecting') await isDoneWithin(this.#state.work, WAIT_MS, clock);
    const state = this.#state;
    if (state.type === 'up') return state.session;
    throw new McpUnreachable(state.type === 'down' ? state.reason : 'it is not there yet');
  }

  // ---- connecting, and again ----------------------------------------------------------------------------------------

  #connect(): Promise<void> {
    this.#stopTimer();
    this.#lastWords = '';
    const work = this.#open();
    this.#state = { type: 'connecting', work };
    return work;
  }

  async #open(): Promise<void> {
    const { label, target, connectMs, clock, log, open } = this.#options;
    let isLost = false;
    let opened: McpSession | undefined;
    try {
      const session = await open({
        ...{ target, connectMs, clock },
        said: (line) => this.#hear(line),
        odd: (reason) => {
          log.debug({ mcp: label }, `an MCP server is not understood: ${reason}`);
          if (opened && target.type === 'http') this.#pingLater(opened, 0); // it may be gone: then the next call need not find out
        },
        listed: (tools) => this.#list(tools),
        lost: (reason) => {
          isLost = true;
          if (opened) this.#lose(opened, reason);
        },
      });
      opened = session;
      if (this.#state.type === 'closed') return await session.close();
      if (isLost) throw new McpLost('it was gone at once');
      this.#begin(session);
    } catch (error) {
      this.#miss(error);
    }
  }

  #begin(session: McpSession): void {
    const { label, log } = this.#options;
    if (this.figures.isUp === false && this.#tries > 0) this.figures.reconnects++;
    this.#state = { type: 'up', session };
    this.figures.isUp = true;
    this.#tries = 0;
    log.info({ mcp: label, server: session.server, tools: session.tools.length }, 'an MCP server is connected');
    this.#list(session.tools);
    this.#pingLater(session);
  }

  /** It could not be connected. */
  #miss(error: unknown): void {
    if (this.#state.type === 'closed') return;
    const { label, log } = this.#options;
    const reason = [messageOf(error), ...(this.#lastWords === '' ? [] : [`it said: ${this.#lastWords}`])].join('; ');
    const isFirst = this.#tries === 0;
    this.#fall(reason, error);
    if (isFirst) log.error({ mcp: label }, `an MCP server cannot be reached: ${reason}`);
    else log.debug({ mcp: label, tries: this.#tries }, `an MCP server cannot be reached: ${reason}`);
  }

  /** It was there, and is gone. */
  #lose(session: McpSession, reason: string): void {
    if (this.#state.type !== 'up' || this.#state.session !== session) return;
    const { label, log } = this.#options;
    log.warn({ mcp: label }, `an MCP server is gone: ${reason}`);
    void session.close().catch(() => {});
    this.#fall(reason, undefined);
  }

  #fall(reason: string, error: unknown): void {
    this.#state = { type: 'down', reason, error };
    this.figures.isUp = false;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#tries++);
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(pauseMs, () => {
      if (this.#state.type === 'down') void this.#connect();
    });
  }

  #pingLater(session: McpSession, ms = PING_EVERY_MS): void {
    if (this.#state.type !== 'up' || this.#state.session !== session) return;
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(ms, () => {
      session.ping(PING_MS).then(
        () => this.#pingLater(session),
        (error: unknown) => this.#lose(session, `it does not answer: ${messageOf(error)}`),
      );
    });
  }

  // ---- what it tells ------------------------------------------------------------------------------------------------

  #list(tools: readonly McpTool[]): void {
    if (canonicalJson(tools) === canonicalJson(this.#tools)) return;
    this.#tools = tools;
    for (const told of [...this.#told]) told();
  }

  /** Its standard error goes to the log, as far as anybody reads it. */
  #hear(line: string): void {
    const { label, clock, log } = this.#options;
    this.#lastWords = line.slice(0, LONGEST_WORDS);
    const nowMs = clock.nowMs();
    if (nowMs - this.#lines.sinceMs >= LINES.perMs) {
      const left = this.#lines.count - LINES.most;
      if (left > 0) log.info({ mcp: label, lines: left }, 'an MCP server said more than is kept');
      this.#lines = { count: 0, sinceMs: nowMs };
    }
    if (++this.#lines.count <= LINES.most) log.info({ mcp: label, text: line }, 'an MCP server said something');
  }
}

const isGone = (error: unknown): error is McpUnreachable | McpLost => isA(error, McpUnreachable) || isA(error, McpLost);
