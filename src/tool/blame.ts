/**
 * Which tool is to blame for what happens when nobody waits for its run: an error thrown in a timer or a microtask of its,
 * a rejection that nobody handles, an event loop that it blocks, a prototype that it changes under everybody. Off until `watchTools` is called, which a process does and a library
 * does not: following a run through its callbacks costs every callback of the process a little.
 */
import { AsyncLocalStorage, createHook, type AsyncHook } from 'node:async_hooks';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OWN_FOLDER } from '../lib/own-files.ts';
import { SharedObjects, type Look, type Tampering } from './shared-objects.ts';

/** A run of a tool, and everything that it has begun. */
export interface ToolAtWork {
  tool: string;
  /** The phone call's id. */
  callId: string;
  carrierCallId?: string | undefined;
  turn: number;
  /** Told that something of it has failed that nobody waits for. */
  strayed?: (() => void) | undefined;
}

export interface ToolWatch {
  /** An event loop that one callback holds for so long is blocked. */
  blockedMs: number;
  /** `tool` undefined: it was no tool, or cannot be told. */
  blocked(tool: ToolAtWork | undefined, forMs: number): void;
  /** What all code shares was changed; `tool` as above. Told when it has been put back as far as it can be. Default: it is put back. */
  tampered?(tool: ToolAtWork | undefined, tampering: Tampering): void;
}

/** After the last run has ended, its timers are followed for so long. */
const LINGER_MS = 30_000;

const atWork = new AsyncLocalStorage<ToolAtWork | undefined>();
let watch: ToolWatch | undefined;
let shared: SharedObjects | undefined;
let hook: AsyncHook | undefined;
let running = 0;
let linger: NodeJS.Timeout | undefined;
/** The callback that runs, since when, and whose it is. */
let callback: { id: number; sinceMs: number; tool: ToolAtWork | undefined } | undefined;
/** Whose the callback is, or was, that was entered last. */
let latest: ToolAtWork | undefined;

/**
 * The run that the code which runs right now belongs to; also in a handler of uncaught errors. There it may be known by the
 * callback alone: Node leaves that of a microtask before it tells of the error.
 */
export function toolAtWork(): ToolAtWork | undefined {
  return atWork.getStore() ?? latest;
}

/** Files of tools, as a stack names them, with the tool's name. */
const files = new Map<string, string>();

/** What is thrown from this file (an absolute path) is this tool's, also where no run of it has begun what threw. */
export function knowToolFile(path: string, tool: string): void {
  for (const written of [path, pathToFileURL(path).href]) files.set(written, tool);
}

/** The tool whose file the places of a stack lead to, innermost first, before they lead to Parley itself. */
export function toolAmong(places: readonly string[]): string | undefined {
  for (const place of places) {
    const file = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]{1,400}|[A-Za-z]:\\[^()]{1,400}):\d+:\d+\)?$/.exec(
      place,
    )?.[1];
    if (file === undefined) continue; // Node's own
    const tool = files.get(file);
    if (tool !== undefined) return tool;
    if (OWN.some((folder) => file.startsWith(folder))) return undefined;
  }
  return undefined;
}

/** Of this package's code, as a stack names it. */
const OWN = [OWN_FOLDER + sep, `${pathToFileURL(OWN_FOLDER).href}/`];

/** From now on runs are followed, until the returned function is called. One watch at a time. */
export function watchTools(options: ToolWatch): () => void {
  watch = options;
  shared = new SharedObjects();
  hook = createHook({
    before(id) {
      latest = atWork.getStore();
      callback ??= { id, sinceMs: performance.now(), tool: latest };
    },
    after(id) {
      try {
        left(id, options);
      } catch {
        // a hook that throws ends the process, whoever's fault it is
      }
    },
  });
  return () => {
    stopHook();
    hook = undefined;
    watch = undefined;
    shared = undefined;
  };
}

/** A callback has run. */
function left(id: number, options: ToolWatch): void {
  const tool = atWork.getStore();
  if (tool) mend(tool, 'object');
  if (callback && callback.id !== id) latest = callback.tool;
  if (callback?.id !== id) return; // one inside of another
  const forMs = performance.now() - callback.sinceMs;
  callback = undefined;
  if (forMs >= options.blockedMs) options.blocked(tool, forMs);
}

/** Runs a handler, in this tick; what it begins bears its name. Returns, or throws, what the handler does. */
export function runAsTool(tool: ToolAtWork, run: () => unknown): unknown {
  return watch ? follow(tool, run) : run();
}

/**
 * Runs a piece of a tool's code that is not its handler, such as a check of its input or a listener to its signal, in this
 * tick. Returns, or throws, what that does.
 */
export function asTool<Result>(tool: ToolAtWork, run: () => Result): Result {
  if (!watch) return run();
  startHook();
  try {
    return atWork.run(tool, () => measure(tool, run));
  } finally {
    settle();
  }
}

/** Runs what is Parley's own and begun by a tool: what comes of it is not the tool's. */
export function outsideTools(run: () => void): void {
  if (watch) atWork.run(undefined, run);
  else run();
}

async function follow(tool: ToolAtWork, run: () => unknown): Promise<unknown> {
  startHook();
  running++;
  mend(undefined, 'all'); // so that nobody is blamed for it who comes after
  try {
    return await atWork.run(tool, () => measure(tool, run));
  } finally {
    mend(tool, 'all');
    running--;
    settle();
  }
}

/** Nothing more is begun for now. */
function settle(): void {
  linger ??= setTimeout(rest, LINGER_MS).unref();
}

/** What runs before its first `await` does so within the callback of whoever has called it. */
function measure<Result>(tool: ToolAtWork, run: () => Result): Result {
  const sinceMs = performance.now();
  try {
    return run();
  } finally {
    mend(tool, 'all');
    const nowMs = performance.now();
    if (watch && nowMs - sinceMs >= watch.blockedMs) {
      if (callback) callback.sinceMs = nowMs; // told here, and not again when the callback ends
      watch.blocked(tool, nowMs - sinceMs);
    }
  }
}

/** What `tool` has changed that is not its own is put back before anybody else sees it. */
function mend(tool: ToolAtWork | undefined, look: Look): void {
  const tampering = shared?.mend(look);
  if (tampering) watch?.tampered?.(tool, tampering);
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
  latest = undefined;
}
