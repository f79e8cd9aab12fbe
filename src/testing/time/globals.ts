/**
 * What tools and `facts` know of time (`setTimeout`, `Date`, `timers/promises`, `AbortSignal.timeout`, `performance.now`, what
 * `Intl` takes for now) is the call's own while they run for a call in virtual time, and the system's for everybody else: told apart by who called,
 * so that tests run side by side.
 */
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import type { WallClock } from '../../lib/clock.ts';
import { watchOutside } from '../../lib/outside.ts';

/** What runs for a call: its time, and how many of its timers are set. */
export interface CallScope {
  readonly clock: WallClock;
  /** What it may go on by in the call's own time: its timers, keys that it waits for. A bound (`AbortSignal.timeout`) is none. */
  sleeping: number;
  /** Requests by `fetch`, and by tools that say so (`outside`), whose answers have not come whole. */
  fetching: number;
  /** It has begun something that happens outside of the process, or in another thread. */
  hasIo: boolean;
}

/** Of something that begins now. */
export function newScope(clock: WallClock): CallScope {
  return { clock, sleeping: 0, fetching: 0, hasIo: false };
}

/** Whether it waits for what really happens outside, so that the call's time must wait too. */
export function isOutside({ sleeping, fetching, hasIo }: CallScope): boolean {
  return fetching > 0 || (hasIo && sleeping === 0);
}

const scopes = new AsyncLocalStorage<CallScope>();

/** Runs `run`, and all that it begins, in the time of a call. */
export function inScope<T>(scope: CallScope, run: () => T): T {
  return scopes.run(scope, run);
}

/**
 * What Node calls that which begins and ends within the process. A `Timeout` is none of it: whoever runs in a scope and has one
 * kept the system's `setTimeout` before there was a call, and waits by our time.
 */
const WITHIN = new Set(['PROMISE', 'Immediate', 'TickObject', 'Microtask', 'ScopedTimer', 'bound-anonymous-fn']);
let watchers = 0;
const ioWatch = createHook({
  init(_id, type) {
    if (WITHIN.has(type)) return;
    const scope = scopes.getStore();
    if (scope && !type.startsWith('bound-')) scope.hasIo = true;
  },
});

/** Until the returned function is called, a scope is told of what it begins outside. It costs every promise of the process a little. */
export function watchIo(): () => void {
  if (watchers++ === 0) ioWatch.enable();
  return () => {
    if (--watchers === 0) ioWatch.disable();
  };
}

let users = 0;
let restore: (() => void) | undefined;

/** Until the returned function is called, code that runs in a scope sees the time of its call. */
export function installGlobals(): () => void {
  if (users++ === 0) restore = install();
  let isGone = false;
  return () => {
    if (isGone) return;
    isGone = true;
    if (--users > 0) return;
    restore?.();
    restore = undefined;
  };
}

type Run = (...values: unknown[]) => void;

/** Those whose number somebody has asked for, to clear them by it. */
const numbered = new Map<number, ScopedTimer>();
/** Above all that Node gives. */
let lastNumber = 2 ** 40;

/** As Node's `Timeout`, as far as programs use one. */
class ScopedTimer {
  readonly #scope: CallScope;
  readonly #run: () => void;
  readonly #delayMs: number;
  readonly #isRepeated: boolean;
  #cancel: (() => void) | undefined;
  #number: number | undefined;

  constructor(scope: CallScope, run: () => void, { delayMs, isRepeated }: { delayMs: number; isRepeated: boolean }) {
    this.#scope = scope;
    this.#run = AsyncResource.bind(run);
    this.#delayMs = delayMs;
    this.#isRepeated = isRepeated;
    this.#set();
  }

  #set(): void {
    this.#scope.sleeping++;
    const stop = this.#scope.clock.after(this.#delayMs, () => {
      this.#cancel?.();
      if (this.#isRepeated) this.#set();
      this.#run();
    });
    this.#cancel = () => {
      this.#cancel = undefined;
      this.#scope.sleeping--;
      if (this.#number !== undefined) numbered.delete(this.#number);
      stop();
    };
    if (this.#number !== undefined) numbered.set(this.#number, this);
  }

  [Symbol.toPrimitive](): number {
    this.#number ??= ++lastNumber;
    if (this.#cancel) numbered.set(this.#number, this);
    return this.#number;
  }

  refresh(): this {
    this.close();
    this.#set();
    return this;
  }

  close(): this {
    this.#cancel?.();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return this.#cancel !== undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const delayOf = (ms: unknown): number => {
  const delayMs = Number(ms);
  return delayMs >= 1 && delayMs <= 2 ** 31 - 1 ? Math.trunc(delayMs) : 1; // as Node does
};

function install(): () => void {
  const require = createRequire(import.meta.url);
  const timers = require('node:timers') as Record<string, unknown>;
  const promises = require('node:timers/promises') as Record<string, unknown>;
  const undo: (() => void)[] = [];
  const put = (target: object, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, ...before, value });
    undo.push(() => {
      if (before) Object.defineProperty(target, name, before);
      else Reflect.deleteProperty(target, name);
    });
  };
  const asPromises = scopedPromises(promises);
  for (const [name, value] of Object.entries(scopedTimers(globalThis, asPromises))) {
    put(globalThis, name, value);
    put(timers, name, value);
  }
  for (const [name, value] of Object.entries(asPromises)) put(promises, name, value);
  put(globalThis, 'Date', scopedDate(Date));
  undo.push(installFormat());
  put(process, 'hrtime', scopedHrtime(process.hrtime.bind(process), process.hrtime.bigint.bind(process.hrtime)));
  put(globalThis, 'fetch', scopedFetch(fetch));
  undo.push(
    watchOutside((wait) => {
      const scope = scopes.getStore();
      return scope ? counted(scope, wait) : wait();
    }),
  );
  const realNow = performance.now.bind(performance);
  put(performance, 'now', () => scopes.getStore()?.clock.nowMs() ?? realNow());
  const realTimeout = AbortSignal.timeout.bind(AbortSignal);
  put(AbortSignal, 'timeout', (ms: number) => {
    const scope = scopes.getStore();
    return scope ? signalAfter(scope, ms) : realTimeout(ms);
  });
  syncBuiltinESMExports();
  return () => {
    for (const run of undo.reverse()) run();
    syncBuiltinESMExports();
  };
}

/** What `Intl` takes for now, where it is given no date. */
function installFormat(): () => void {
  const { prototype } = Intl.DateTimeFormat;
  const real = Object.getOwnPropertyDescriptors(prototype);
  const now = () => scopes.getStore()?.clock.wallMs();
  const formatToParts: typeof prototype.formatToParts = function (this: Intl.DateTimeFormat, date) {
    return real.formatToParts.value!.call(this, date ?? now());
  };
  function format(this: Intl.DateTimeFormat) {
    const bound = real.format.get!.call(this);
    return now() === undefined ? bound : (date?: Date | number) => bound(date ?? now());
  }
  Object.defineProperties(prototype, {
    formatToParts: { ...real.formatToParts, value: formatToParts },
    format: { ...real.format, get: format },
  });
  return () => void Object.defineProperties(prototype, { formatToParts: real.formatToParts, format: real.format });
}

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

function scopedHrtime(real: (before?: [number, number]) => [number, number], realBigint: () => bigint): unknown {
  const nowNs = () => {
    const nowMs = scopes.getStore()?.clock.nowMs();
    return nowMs === undefined ? undefined : Math.round(nowMs * NS_PER_MS);
  };
  const hrtime = (before?: [number, number]): [number, number] => {
    const ns = nowNs();
    if (ns === undefined) return real(before);
    const since = before ? ns - (before[0] * NS_PER_SECOND + before[1]) : ns;
    return [Math.floor(since / NS_PER_SECOND), since % NS_PER_SECOND];
  };
  return Object.assign(hrtime, {
    bigint: () => {
      const ns = nowNs();
      return ns === undefined ? realBigint() : BigInt(ns);
    },
  });
}

function signalAfter({ clock }: CallScope, ms: number): AbortSignal {
  const controller = new AbortController();
  const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  clock.after(ms, () => controller.abort(error));
  return controller.signal;
}

type Timers = Pick<
  typeof globalThis,
  'setTimeout' | 'setInterval' | 'setImmediate' | 'clearTimeout' | 'clearInterval' | 'clearImmediate'
>;

/** `asPromises`: what `util.promisify` makes of them. */
function scopedTimers(real: Timers, asPromises: Record<string, unknown>): Record<keyof Timers, unknown> {
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = real;
  const starts =
    (start: Run, isRepeated: boolean) =>
    (run: Run, ms?: unknown, ...values: unknown[]): unknown => {
      const scope = scopes.getStore();
      if (!scope || typeof run !== 'function') return start(run, ms, ...values);
      return new ScopedTimer(scope, () => run(...values), { delayMs: delayOf(ms), isRepeated });
    };
  const clears =
    (clear: Run) =>
    (timer: unknown): void => {
      const scoped = timer instanceof ScopedTimer ? timer : numbered.get(Number(timer));
      return scoped ? void scoped.close() : clear(timer);
    };
  const immediate = (run: Run, ...values: unknown[]): unknown => {
    const scope = scopes.getStore();
    if (!scope || typeof run !== 'function') return setImmediate(run, ...values);
    return new ScopedTimer(scope, () => run(...values), { delayMs: 0, isRepeated: false });
  };
  return {
    setTimeout: Object.assign(starts(setTimeout as unknown as Run, false), {
      [promisify.custom]: asPromises['setTimeout'],
    }),
    setInterval: starts(setInterval as unknown as Run, true),
    setImmediate: Object.assign(immediate, { [promisify.custom]: asPromises['setImmediate'] }),
    clearTimeout: clears(clearTimeout as Run),
    clearInterval: clears(clearInterval as Run),
    clearImmediate: clears(clearImmediate as Run),
  };
}

interface TimerOptions {
  signal?: AbortSignal;
}

function scopedPromises(real: Record<string, unknown>): Record<string, unknown> {
  const realSleep = real['setTimeout'] as (...all: unknown[]) => Promise<unknown>;
  const realImmediate = real['setImmediate'] as (...all: unknown[]) => Promise<unknown>;
  const realInterval = real['setInterval'] as (...all: unknown[]) => AsyncIterable<unknown>;
  const sleep = (ms?: unknown, value?: unknown, options?: TimerOptions): Promise<unknown> => {
    const scope = scopes.getStore();
    return scope ? sleepFor(scope, delayOf(ms), { value, signal: options?.signal }) : realSleep(ms, value, options);
  };
  return {
    setTimeout: sleep,
    setImmediate: (value?: unknown, options?: TimerOptions) => {
      const scope = scopes.getStore();
      return scope ? sleepFor(scope, 0, { value, signal: options?.signal }) : realImmediate(value, options);
    },
    setInterval: (ms?: unknown, value?: unknown, options?: TimerOptions) => {
      const scope = scopes.getStore();
      if (!scope) return realInterval(ms, value, options);
      return ticks(scope, delayOf(ms), { value, signal: options?.signal });
    },
    scheduler: Object.assign(Object.create(real['scheduler'] as object) as object, {
      wait: (ms: number, options?: TimerOptions) => sleep(ms, undefined, options),
    }),
  };
}

interface SleepOptions {
  value: unknown;
  signal: AbortSignal | undefined;
}

function sleepFor(scope: CallScope, delayMs: number, { value, signal }: SleepOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const timer = new ScopedTimer(
      scope,
      () => {
        signal?.removeEventListener('abort', stop);
        resolve(value);
      },
      { delayMs, isRepeated: false },
    );
    const stop = () => {
      timer.close();
      reject(abortError(signal));
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

async function* ticks(scope: CallScope, delayMs: number, options: SleepOptions): AsyncGenerator<unknown> {
  for (;;) yield await sleepFor(scope, delayMs, options);
}

/** As `timers/promises` rejects. */
function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}

/** As `fetch`, and counted until its answer has come whole. */
function scopedFetch(real: typeof fetch): typeof fetch {
  return (...asked) => {
    const scope = scopes.getStore();
    if (!scope) return real(...asked);
    return counted(scope, () => real(...asked)).then((response) => {
      for (const name of ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const) {
        const read = Reflect.get(response, name) as (() => Promise<unknown>) | undefined;
        if (read) Object.defineProperty(response, name, { value: () => counted(scope, () => read.call(response)) });
      }
      return response;
    });
  };
}

function counted<T>(scope: CallScope, begin: () => Promise<T>): Promise<T> {
  scope.fetching++;
  return begin().finally(() => scope.fetching--);
}

function scopedDate(Real: DateConstructor): DateConstructor {
  const now = () => scopes.getStore()?.clock.wallMs();
  const scopedNow = () => Math.floor(now() ?? Real.now());
  return new Proxy(Real, {
    construct(target, values: unknown[], newTarget) {
      const nowMs = values.length === 0 ? now() : undefined;
      return Reflect.construct(target, nowMs === undefined ? values : [Math.floor(nowMs)], newTarget) as object;
    },
    apply(target, self, values) {
      const nowMs = now();
      return nowMs === undefined ? (Reflect.apply(target, self, values) as string) : new target(nowMs).toString();
    },
    get(target, name, receiver) {
      return name === 'now' ? scopedNow : (Reflect.get(target, name, receiver) as unknown);
    },
  });
}
