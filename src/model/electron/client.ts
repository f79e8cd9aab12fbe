/**
 * Electron, or any server that speaks OpenAI's chat completions, as a `LanguageModel`: one pool of warm connections for
 * every call of the process.
 */
import { Pool, type Dispatcher } from 'undici';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import { silentLog, type Log } from '../../lib/log.ts';
import { KEY_FORM, KEY_NAME, SMALLEST_BASE_URL, wrongKey } from '../../lib/smallest.ts';
import { createBudget } from '../budget.ts';
import type { Budget, LanguageModel, ModelEvent, ModelStep, StepRequest, Usage } from '../contract.ts';
import { DEFAULT_DEADLINES, type Deadlines } from './deadlines.ts';
import type { Body } from './request.ts';
import { ElectronStep, type StepContext } from './step.ts';
import { CHAT_COMPLETIONS_PATH, ELECTRON_MODEL, LIMITS } from './wire.ts';

export interface ElectronOptions {
  /** `SMALLEST_API_KEY`. Other servers may need none. */
  apiKey?: string | undefined;
  /** What `/chat/completions` is appended to. Default: Smallest AI's own. */
  baseUrl?: string | undefined;
  /** The model of requests whose options name none. Default `electron`. */
  model?: string | undefined;
  /** Input and output together. Default: Electron's 32,768. */
  contextTokens?: number | undefined;
  /** Default: that of the Standard plan, for this client alone. */
  budget?: Budget | undefined;
  clock?: Clock | undefined;
  /** Default: silent. */
  log?: Log | undefined;
  deadlines?: Partial<Deadlines> | undefined;
  /** PEM of the authority behind a private server's certificate, beside those that Node knows. */
  ca?: string | undefined;
  /** 0 to 1, for the jitter of retries. */
  random?: (() => number) | undefined;
  /** By which requests go out, in place of a pool of connections, which is then not opened. A test answers by one. */
  dispatcher?: Dispatcher | undefined;
  /** For tool calls that come without an id. Default: of random digits. */
  newId?: (() => string) | undefined;
}

/** A caller may think for long between two turns; the connection should still be there. */
const KEEP_ALIVE_MS = 120_000;
/** And no longer than this, whatever the server says. */
const KEEP_ALIVE_MOST_MS = 600_000;
/**
 * The request with a tool's result may leave in the tick in which the answer before it ended, when that answer's
 * connection is not free yet. So two are kept warm: a handshake with a far region costs more than 100 ms. An abort ends
 * its connection, and undici then opens another by itself.
 */
const WARM_CONNECTIONS = 2;
/** How much of what one answer shows goes into what is known of the ratio between real and estimated tokens. */
const RATIO_WEIGHT = 0.3;
const RATIO_RANGE = { min: 0.2, max: 2 };

/** @throws {VoiceError} `options-invalid`, naming the option. A key is never shown. */
export function createElectron(options: ElectronOptions = {}): LanguageModel {
  return new Electron(options);
}

class Electron implements LanguageModel {
  readonly name = 'electron';
  /** Undefined where requests go out by something else. */
  readonly #pool: Pool | undefined;
  readonly #context: StepContext;
  readonly #steps = new Set<ElectronStep>();
  #tokenRatio = 1;
  #warming: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ElectronOptions) {
    const { apiKey, clock = systemClock, log = silentLog, contextTokens = LIMITS.contextTokens } = options;
    const { origin, path, host } = readBaseUrl(options.baseUrl ?? SMALLEST_BASE_URL);
    checkKey(apiKey, host);
    const deadlines = { ...DEFAULT_DEADLINES, ...options.deadlines };
    const defaultModel = options.model ?? ELECTRON_MODEL;
    const dispatcher = options.dispatcher ?? openPool(origin, deadlines, options);
    this.#pool = dispatcher instanceof Pool ? dispatcher : undefined;
    this.#context = {
      dispatcher,
      origin,
      path,
      headers: {
        ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'user-agent': 'parley-voice',
      },
      apiKey,
      budget: options.budget ?? createBudget({ clock }),
      clock,
      deadlines,
      log,
      random: options.random ?? Math.random,
      newId: options.newId,
      bodySettings: () => ({ defaultModel, contextTokens, tokenRatio: this.#tokenRatio }),
      counted: (body, usage) => this.#calibrate(body, usage),
      over: (step) => this.#steps.delete(step),
    };
  }

  /** Many calls that begin together share what it opens. */
  prewarm(): Promise<void> {
    this.#warming ??= this.#openMissing().finally(() => (this.#warming = undefined));
    return this.#warming;
  }

  async #openMissing(): Promise<void> {
    const pool = this.#pool;
    if (!pool || this.#isClosed) return;
    const missing = Math.max(0, WARM_CONNECTIONS - pool.stats.free);
    await Promise.all(Array.from({ length: missing }, () => this.#openConnection(pool)));
  }

  startStep(request: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
    const step = new ElectronStep(this.#context, request, listener);
    if (this.#isClosed) process.nextTick(() => step.close());
    else this.#steps.add(step);
    return step;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const step of this.#steps) step.close();
    await this.#pool?.destroy();
  }

  /**
   * A request that costs nothing, without the key, for the sake of its connection. Settles when it is there, or not.
   * Not a HEAD: undici does not use a connection again after one.
   */
  #openConnection(pool: Pool): Promise<void> {
    return new Promise((resolve) => {
      const { clock, deadlines } = this.#context;
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => {},
        onResponseEnd: () => done(),
        onResponseError: () => done(),
      };
      const cancelTimer = clock.after(deadlines.connectMs, resolve);
      const done = () => {
        cancelTimer();
        resolve();
      };
      pool.dispatch({ method: 'GET', path: '/', headersTimeout: deadlines.connectMs, bodyTimeout: 0 }, handler);
    });
  }

  #calibrate({ estimatedTokens }: Body, { promptTokens }: Usage): void {
    if (promptTokens === 0 || estimatedTokens === 0) return;
    const ratio = this.#tokenRatio + RATIO_WEIGHT * (promptTokens / estimatedTokens - this.#tokenRatio);
    this.#tokenRatio = Math.min(RATIO_RANGE.max, Math.max(RATIO_RANGE.min, ratio));
  }
}

function openPool(origin: string, { connectMs }: Deadlines, { ca }: ElectronOptions): Pool {
  return new Pool(origin, {
    allowH2: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MOST_MS,
    connectTimeout: connectMs,
    ...(ca ? { connect: { ca } } : {}),
  });
}

function readBaseUrl(baseUrl: string): { origin: string; path: string; host: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new VoiceError('options-invalid', `Expected \`baseUrl\` to be an http or https address, got \`${baseUrl}\``);
  }
  if (url.username || url.password) {
    throw new VoiceError(
      'options-invalid',
      `Expected \`baseUrl\` without a name or password in it; the key goes in ${KEY_NAME}`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '') + CHAT_COMPLETIONS_PATH + url.search;
  return { origin: url.origin, path, host: url.hostname };
}

function checkKey(apiKey: string | undefined, host: string): void {
  if (apiKey !== undefined && !KEY_FORM.test(apiKey)) throw new VoiceError('options-invalid', wrongKey(apiKey));
  if (!host.endsWith('smallest.ai')) return;
  if (!apiKey?.startsWith('sk_')) {
    throw new VoiceError(
      'options-invalid',
      `Expected ${KEY_NAME} to start with \`sk_\`, got ${apiKey ? 'another beginning' : 'none'}`,
    );
  }
}
