/**
 * The account's limits, shared by every worker through Redis: one connection, a sign of life each second, and a limit for
 * each product. It is asked for every admission, and never waited for: an answer that takes longer than
 * `commandTimeoutMs` is none, and until Redis answers in time again each worker goes by its own part of the plan.
 * A request waits 0.1 ms more for it at the median on one machine (bench part `quota`), and all that wait are asked for
 * together.
 *
 * Why scripts of our own over ioredis, and not rate-limiter-flexible 11.4: its limiter for Redis counts in windows that
 * are fixed from their first request: at ten each 3 s it let 19 through within 0.3 s, around a window's end (measured), for
 * which the service sends nine 429s. A refused request counts too, and what never left can only be given back to whatever
 * window is open by then. And there is nothing in it for places at once, which would be a second round trip and could not
 * be taken together with the minute. `scripts.ts` does all of this in one round trip, on one clock for all workers. Redis
 * 5 or newer.
 *
 * What is not defended: a worker that alone has lost Redis cannot be told from one that died, so the others take the whole
 * plan while it goes by its part. The 429s of that lower the rate for all who share.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Redis, type ClientContext, type Result } from 'ioredis';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { WINDOW_MS } from '../../model/allowance.ts';
import { RedisLimit, type Argument, type Command, type LimitOptions, type Scripts } from './redis-limit.ts';
import { ASK, BEAT, LEAVE, LOWER, RELEASE } from './scripts.ts';

export interface RedisQuotaOptions {
  /** `redis://` or `rediss://`; may hold a password, and is never shown. */
  url: string;
  /** Workers with the same scope share; made of the account's key by `scopeOf`. */
  scope: string;
  /** By how many the plan is divided at least while Redis cannot be asked. Default 2: who shares is not alone. */
  workersExpected?: number | undefined;
  clock: Clock;
  log: Log;
  /** After so long without an answer there is none. Default 100. */
  commandTimeoutMs?: number;
  /** Between two signs of life. Default 1,000. */
  beatMs?: number;
  /** Without a sign of life for so long, a worker's places are free again. Default 5,000. */
  workerTtlMs?: number;
  /** So old must the data be before it is believed, for after a loss the other workers have yet to say what they hold. Default 2,500. */
  settleMs?: number;
  /** In place of Redis' own clock, so that a test can be the one who moves it. */
  timeMs?: (() => number) | undefined;
}

type Script<Context extends ClientContext> = (keys: number, ...rest: Argument[]) => Result<unknown, Context>;

/** What `defineCommand` adds. */
declare module 'ioredis' {
  interface RedisCommander<Context> extends Record<Command, Script<Context>> {}
}

/** How long the start waits to see whether Redis is there. */
const START_MS = 1_000;
/** When the time is over, what has arrived meanwhile is read first: it may be this process that stood still. */
const SECOND_LOOK_MS = 5;
/** A sign of life that has no answer for so long: the connection is made anew. */
const HUNG_MS = 5_000;
/**
 * After a loss, so many signs of life in a row must be answered in time; twice as many when it had only just come back, so
 * that a Redis which is now slow, now not, is left alone, and the log with it.
 */
const BEATS_TO_TRUST = 2;
const MOST_BEATS_TO_TRUST = 64;
const STEADY_MS = 60_000;
const RETRY_MOST_MS = 1_000;
const CLOSE_MS = 250;

export class RedisQuota implements Scripts {
  readonly worker = randomUUID().slice(0, 8);
  readonly #options: RedisQuotaOptions & {
    workersExpected: number;
    commandTimeoutMs: number;
    beatMs: number;
    workerTtlMs: number;
    settleMs: number;
  };
  readonly #redis: Redis;
  readonly #limits: RedisLimit[] = [];
  readonly #outstanding = new Set<Promise<void>>();
  #isShared = false;
  #isClosed = false;
  #sharedSinceMs = -Infinity;
  #beatsToTrust = 1;
  /** Whether the log has said that it is not shared. */
  #hasSaid = false;
  #goodBeats = 0;
  #workersSeen = 0;
  /** Redis may not know what was sent in the last minute. */
  #mustTell = true;
  #dataAgeMs = -1;
  #beatSinceMs: number | undefined;
  /** The time of the scripts, as was last heard, and when that was. */
  #heardTime: { ms: number; atMs: number } | undefined;
  #stopBeat: (() => void) | undefined;
  /** Since the start: answers, their time together, and those that did not come in time or were errors. */
  readonly counts = { asked: 0, askedMs: 0, failed: 0, lost: 0 };

  /** @throws {VoiceError} `options-invalid`, when `url` is no address of a Redis. */
  constructor(options: RedisQuotaOptions) {
    const { commandTimeoutMs = 100, beatMs = 1_000, workerTtlMs = 5_000, settleMs = 2_500 } = options;
    const workersExpected = options.workersExpected ?? 2;
    this.#options = { ...options, workersExpected, commandTimeoutMs, beatMs, workerTtlMs, settleMs };
    if (!/^rediss?:\/\/\S+$/.test(options.url) || !URL.canParse(options.url)) {
      throw new VoiceError('options-invalid', 'Expected an address such as redis://:password@redis:6379/0');
    }
    this.#redis = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: START_MS,
      connectionName: `parley-${this.worker}`,
      retryStrategy: (times) => Math.min(RETRY_MOST_MS, 100 * times) * (0.5 + Math.random() / 2),
    });
    const scripts = { Ask: ASK, Release: RELEASE, Lower: LOWER, Beat: BEAT, Leave: LEAVE };
    for (const [name, lua] of Object.entries(scripts)) this.#redis.defineCommand(`parley${name}`, { lua });
    this.#redis.on('ready', () => this.#beatNow());
    this.#redis.on('error', (error: Error) => this.#loseIt(reasonOf(error)));
    this.#redis.on('close', () => this.#loseIt('the connection was closed'));
  }

  /** Nobody else is asked otherwise. */
  get isShared(): boolean {
    return this.#isShared;
  }

  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  get workers(): number {
    return Math.max(this.#options.workersExpected, this.#workersSeen, 1);
  }

  /** Workers that have given a sign of life lately; 0 before the first answer. */
  get workersSeen(): number {
    return this.#workersSeen;
  }

  /** A part of the account's quota: make each before `start`. */
  limit(options: LimitOptions): RedisLimit {
    const limit = new RedisLimit(this, options, this.#options.clock);
    this.#limits.push(limit);
    return limit;
  }

  /**
   * Connects. A Redis that cannot be reached is no reason not to start, for it must not take the phone down with it; one
   * that refuses us is, since that mends itself never.
   * @throws {VoiceError} `options-invalid`, when Redis refuses the name or the password.
   */
  async start(): Promise<void> {
    const refused = new Promise<never>((_resolve, reject) => {
      this.#redis.on('error', (error: Error) => {
        if (!isRefusal(error)) return;
        reject(new VoiceError('options-invalid', `PARLEY_REDIS_URL: Redis refuses this worker: ${reasonOf(error)}`));
      });
    });
    const connected = this.#redis.connect().then(
      () => this.settled(),
      (error: Error) => (isRefusal(error) ? refused : undefined),
    );
    refused.catch(() => {});
    let stopTimer = () => {};
    const tooLong = new Promise<void>((resolve) => (stopTimer = after(START_MS, resolve)));
    try {
      await Promise.race([connected, refused, tooLong]);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      stopTimer();
    }
    if (!this.#isShared && this.#redis.status !== 'ready') this.#loseIt(`no connection within ${START_MS} ms`);
  }

  /** Gives back what this worker holds, and lets go. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopBeat?.();
    if (this.#redis.status === 'ready') {
      const held = this.#limits.map((limit) => this.key(limit.name, 'held'));
      this.run('parleyLeave', [this.key('workers'), ...held], [this.worker], () => {});
      await Promise.race([this.settled(), new Promise<void>((resolve) => after(CLOSE_MS, resolve))]);
    }
    this.#isShared = false;
    this.#redis.disconnect();
  }

  get isSettled(): boolean {
    return this.#outstanding.size === 0;
  }

  /** Every command that went out has been answered, or has failed. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding);
  }

  // ---- for the limits -----------------------------------------------------------------------------------------------

  key(...names: string[]): string {
    return [`parley:{${this.#options.scope}}`, ...names].join(':');
  }

  get time(): readonly [Argument, Argument] {
    const { timeMs, clock } = this.#options;
    const heard = this.#heardTime;
    return [timeMs?.() ?? '', heard ? Math.round(heard.ms + clock.nowMs() - heard.atMs) : ''];
  }

  get ttlMs(): number {
    return this.#options.workerTtlMs;
  }

  run(
    command: Command,
    keys: string[],
    args: Argument[],
    answered: (answer: unknown) => void,
    late: (answer: unknown) => void = () => {},
  ): void {
    const { clock, commandTimeoutMs } = this.#options;
    const sentAtMs = clock.nowMs();
    let isOver = false;
    const giveUp = (reason: string) => {
      if (isOver) return;
      isOver = true;
      stopTimer();
      this.counts.failed++;
      this.#loseIt(reason);
      answered(undefined);
    };
    let stopTimer = clock.after(commandTimeoutMs, () => {
      stopTimer = clock.after(SECOND_LOOK_MS, () => giveUp(`no answer within ${commandTimeoutMs} ms`));
    });
    const settle = this.#redis[command](keys.length, ...keys, ...args).then(
      (answer) => {
        if (isOver) return late(answer);
        isOver = true;
        stopTimer();
        this.counts.asked++;
        this.counts.askedMs += clock.nowMs() - sentAtMs;
        answered(answer);
      },
      (error: Error) => giveUp(reasonOf(error)),
    );
    const done = settle.finally(() => this.#outstanding.delete(done));
    this.#outstanding.add(done);
  }

  // ---- signs of life ------------------------------------------------------------------------------------------------

  #beatNow(): void {
    const { clock, beatMs } = this.#options;
    this.#stopBeat?.();
    if (this.#isClosed) return;
    this.#stopBeat = clock.after(beatMs, () => this.#beatNow());
    if (this.#redis.status !== 'ready') return;
    if (this.#beatSinceMs !== undefined) {
      if (clock.nowMs() - this.#beatSinceMs > HUNG_MS) this.#redis.disconnect(true);
      return;
    }
    if (this.#limits.some((limit) => limit.isAsking)) {
      this.#stopBeat();
      this.#stopBeat = clock.after(1, () => this.#beatNow()); // what is held is not known before the answer
      return;
    }
    const wasShared = this.#isShared;
    const isTelling = this.#mustTell || !wasShared;
    this.#beatSinceMs = clock.nowMs();
    const keys = this.#limits.flatMap(({ name }) => [this.key(name, 'held'), this.key(name, 'sent')]);
    const state = this.#limits.flatMap((limit) => limit.state(isTelling));
    this.run(
      'parleyBeat',
      [this.key('clock'), this.key('workers'), this.key('since'), ...keys],
      [...this.time, this.worker, this.ttlMs, WINDOW_MS, ...state],
      (answer) => {
        if (answer === undefined) return;
        this.#beatSinceMs = undefined;
        if (isTelling && wasShared) this.#mustTell = false;
        this.#heard(answer as [number, number, number, ...number[][]]);
      },
      () => (this.#beatSinceMs = undefined),
    );
  }

  #heard([ms, workers, dataAgeMs, ...ages]: [number, number, number, ...number[][]]): void {
    this.#heardTime = { ms, atMs: this.#options.clock.nowMs() };
    const isCrowdNew = workers !== this.#workersSeen;
    this.#workersSeen = workers;
    for (const [i, limit] of this.#limits.entries()) limit.heardOfOthers(ages[i] ?? []);
    const isNew = dataAgeMs < this.#dataAgeMs;
    this.#dataAgeMs = dataAgeMs;
    if (isNew) {
      this.#mustTell = true; // Redis has lost what it knew
      this.#loseIt('Redis has lost its data');
      return;
    }
    this.#goodBeats++;
    const isTrusted = this.#goodBeats >= this.#beatsToTrust;
    if (!this.#isShared && isTrusted && dataAgeMs >= this.#options.settleMs && !this.#isClosed) this.#share();
    else if (isCrowdNew) this.#tell();
  }

  #share(): void {
    this.#isShared = true;
    if (this.#hasSaid) this.#options.log.info({ workers: this.workers }, 'the quota is shared again through Redis');
    else this.#options.log.info({ workers: this.workers }, 'the quota is shared through Redis');
    this.#sharedSinceMs = this.#options.clock.nowMs();
    this.#hasSaid = false;
    this.#beatNow(); // what has been sent since the last
    this.#tell();
  }

  #loseIt(reason: string): void {
    this.#goodBeats = 0;
    this.#mustTell = true;
    if (this.#redis.status !== 'ready') this.#beatSinceMs = undefined;
    const wasShared = this.#isShared;
    this.#isShared = false;
    if (this.#isClosed) return;
    if (!this.#hasSaid) {
      this.#hasSaid = true;
      this.#options.log.warn(
        { reason, workers: this.workers },
        `the quota is not shared: until Redis answers again, this worker goes by 1/${this.workers} of the plan`,
      );
    }
    if (!wasShared) return;
    const wasSteady = this.#options.clock.nowMs() - this.#sharedSinceMs >= STEADY_MS;
    this.#beatsToTrust =
      wasSteady || this.#beatsToTrust === 1 ? BEATS_TO_TRUST : Math.min(MOST_BEATS_TO_TRUST, 2 * this.#beatsToTrust);
    this.counts.lost++;
    this.#tell();
  }

  #tell(): void {
    for (const limit of this.#limits) limit.changed();
  }
}

/** What tells one account's workers from another's in the same Redis, without telling the key. */
export function scopeOf(apiKey: string, baseUrl: string): string {
  return createHash('sha256').update(`${baseUrl}\n${apiKey}`).digest('hex').slice(0, 12);
}

/** Not to be mended by trying again. */
function isRefusal(error: Error): boolean {
  return /^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|invalid password|Client sent AUTH|DB index|invalid DB))/.test(
    error.message,
  );
}

/** In a line, and without what the address may hold. */
function reasonOf(error: Error): string {
  const code = 'code' in error ? `${String(error.code)} ` : '';
  return `${code}${messageOf(error)}`
    .replace(/rediss?:\/\/\S+/g, 'its address')
    .split('\n')[0]!
    .slice(0, 200);
}

function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
