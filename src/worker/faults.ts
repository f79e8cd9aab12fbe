/**
 * What escapes from every promise and every call: an error in a timer of a tool, a rejection that nobody handles. It ends
 * a process unless somebody takes it, and a process has more than one caller. For `parley serve` alone; a library does not
 * decide what becomes of a process.
 *
 * - A tool's: its name is logged and counted, and everything goes on. What a tool has broken is the tool's.
 * - A rejection of unknown origin: logged and counted. Nothing was left half done, for whoever awaits a promise goes on.
 * - An error of unknown origin: something may be half done. No new calls; the running ones may end, then the process does,
 *   and another takes its place. More than a few in a row: at once, since nothing can be trusted any more.
 */
import { watchTools, toolAtWork } from '../tool/blame.ts';
import type { Log } from '../lib/log.ts';

export type FaultKind = 'uncaught' | 'unhandled-rejection' | 'blocked';

export interface FaultOptions {
  log: Log;
  metrics: { fault(kind: FaultKind, tool: string | undefined): void };
  /** The process should take no more calls, and end. */
  isTainted: () => void;
  /** The process cannot go on. */
  isLost: () => void;
}

/** One callback that holds the event loop for so long has delayed ten frames of every call. */
const BLOCKED_MS = 200;
const MOST_ERRORS = 20;

/** Takes what nobody else does, until the returned function is called. */
export function guardProcess({ log, metrics, isTainted, isLost }: FaultOptions): () => void {
  let errors = 0;
  const uncaught = (err: unknown) => {
    const tool = toolAtWork();
    metrics.fault('uncaught', tool?.tool);
    if (tool) return log.error({ ...tool, err }, 'a tool threw when nobody waited for it');
    log.fatal({ err }, 'an error that nobody caught: no new calls, and the process ends after its last one');
    if (++errors > MOST_ERRORS) return isLost();
    isTainted();
  };
  const rejected = (err: unknown) => {
    const tool = toolAtWork();
    metrics.fault('unhandled-rejection', tool?.tool);
    if (tool) log.error({ ...tool, err }, 'a tool left a rejection unhandled');
    else log.error({ err }, 'a rejection that nobody handled: please report this');
  };
  const stopWatch = watchTools({
    blockedMs: BLOCKED_MS,
    blocked(tool, forMs) {
      metrics.fault('blocked', tool?.tool);
      const facts = { ...tool, forMs: Math.round(forMs) };
      log.error(facts, tool ? 'a tool blocked the event loop, and every call with it' : 'the event loop was blocked');
    },
  });
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', rejected);
  return () => {
    stopWatch();
    process.off('uncaughtException', uncaught);
    process.off('unhandledRejection', rejected);
  };
}
