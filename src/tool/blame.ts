/**
 * Which tool is to blame for what happens when nobody waits for its run: an error thrown in a timer of its, a rejection
 * that nobody handles, an event loop that it blocks. Off until `watchTools` is called, which a process does and a library
 * does not: following a run through its callbacks costs every callback of the process a little.
 */
import { AsyncLocalStorage, createHook, type AsyncHook } from 'node:async_hooks';

/** A run of a tool, and everything that it has begun. */
export interface ToolAtWork {
  tool: string;
  /** The phone call's id. */
  callId: string;
  carrierCallId?: string | undefined;
  turn: number;
}

export interface ToolWatch {
  /** An event loop that one callback holds for so long is blocked. */
  blockedMs: number;
  /** `tool` undefined: it was no tool, or cannot be told. */
  blocked(tool: ToolAtWork | undefined, forMs: number): void;
}

/** After the last run has ended, its timers are followed for so long. */
const LINGER_MS = 30_000;

const atWork = new AsyncLocalStorage<ToolAtWork>();
let watch: ToolWatch | undefined;
let hook: AsyncHook | undefined;
let running = 0;
let linger: NodeJS.Timeout | undefined;
/** The callback that runs, and since when. */
let callback: { id: number; sinceMs: number } | undefined;

/** The run that the code which runs right now belongs to; also in a handler of uncaught errors. */
export function toolAtWork(): ToolAtWork | undefined {
  return atWork.getStore();
}

/** From now on runs are followed, until the returned function is called. One watch at a time. */
export function watchTools(options: ToolWatch): () => void {
  watch = options;
  hook = createHook({
    before(id) {
      callback ??= { id, sinceMs: performance.now() };
    },
    after(id) {
      if (callback?.id !== id) return; // one inside of another
      const forMs = performance.now() - callback.sinceMs;
      callback = undefined;
      if (forMs >= options.blockedMs) options.blocked(atWork.getStore(), forMs);
    },
  });
  return () => {
    stopHook();
    hook = undefined;
    watch = undefined;
  };
}

/** Runs a handler, in this tick; what it begins bears its name. Returns, or throws, what the handler does. */
export function runAsTool(tool: ToolAtWork, run: () => unknown): unknown {
  return watch ? follow(tool, run) : run();
}

async function follow(tool: ToolAtWork, run: () => unknown): Promise<unknown> {
  startHook();
  running++;
  try {
    return await atWork.run(tool, () => measure(tool, run));
  } finally {
    running--;
    linger ??= setTimeout(rest, LINGER_MS).unref();
  }
}

/** What runs before its first `await` does so within the callback of whoever has called it. */
function measure<Result>(tool: ToolAtWork, run: () => Result): Result {
  const sinceMs = performance.now();
  try {
    return run();
  } finally {
    const nowMs = performance.now();
    if (watch && nowMs - sinceMs >= watch.blockedMs) {
      if (callback) callback.sinceMs = nowMs; // told here, and not again when the callback ends
      watch.blocked(tool, nowMs - sinceMs);
    }
  }
}

function startHook(): void {
  clearTimeout(linger);
  linger = undefined;
  hook?.enable();
}

function rest(): void {
  linger = undefined;
  if (running === 0) stopHook();
}

function stopHook(): void {
  clearTimeout(linger);
  linger = undefined;
  hook?.disable();
  callback = undefined;
}
