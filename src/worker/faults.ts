/**
 * What escapes from every promise and every call: an error in a timer of a tool, a rejection that nobody handles. It ends
 * a process unless somebody takes it, and a process has more than one caller. For `parley serve` alone; a library does not
 * decide what becomes of a process.
 *
 * - A tool's: its name is logged and counted, and everything goes on; a run of it that does not end soon is given up. What
 *   a tool has broken is the tool's.
 * - What all code shares, such as `Object.prototype`, changed by a tool: it is put back at once, before anybody else sees it;
 *   where it cannot be, as with an error of unknown origin.
 * - `process.exit()` called by a tool, or by what it uses: it throws there, and the process goes on.
 * - A rejection of unknown origin: logged and counted. Nothing was left half done, for whoever awaits a promise goes on.
 * - An error of unknown origin: something may be half done. No new calls; the running ones may end, then the process does,
 *   and another takes its place. More than a few in a row: at once, since nothing can be trusted any more.
 */
import { isWorthALine } from '../bridge/bad-frames.ts';
import { readThrown, type Thrown } from '../lib/thrown.ts';
import { toolAmong, toolAtWork, watchTools, type ToolAtWork } from '../tool/blame.ts';
import type { Log } from '../lib/log.ts';

export type FaultKind = 'uncaught' | 'unhandled-rejection' | 'blocked' | 'tampered' | 'exit';

export interface FaultOptions {
  log: Log;
  metrics: { fault(kind: FaultKind, tool: string | undefined): void };
  /** The process should take no more calls, and end. */
  isTainted: () => void;
  /** The process cannot go on. */
  isLost: () => void;
}

/** A tool, and its run as far as that is known. */
type Blamed = Pick<ToolAtWork, 'tool'> & Partial<ToolAtWork>;

/** One callback that holds the event loop for so long has delayed ten frames of every call. */
const BLOCKED_MS = 200;
const MOST_ERRORS = 20;

/** Of one tool, so many faults are logged one by one; then each time that their number has doubled. */
const MOST_LINES = 10;

/** Takes what nobody else does, until the returned function is called. */
export function guardProcess({ log, metrics, isTainted, isLost }: FaultOptions): () => void {
  let errors = 0;
  const counts = new Map<string, number>();
  const blame = ({ strayed: _, ...facts }: Blamed, kind: FaultKind, told: Record<string, unknown>, message: string) => {
    metrics.fault(kind, facts.tool);
    const times = (counts.get(facts.tool) ?? 0) + 1;
    counts.set(facts.tool, times);
    const isTold = times <= MOST_LINES || isWorthALine(times);
    if (isTold) log.error({ ...facts, ...told, ...(times > 1 && { times }) }, message);
  };
  /** Of a run of which something has thrown: it may never end. */
  const blameForThrow = (tool: Blamed, kind: FaultKind, err: Thrown, message: string) => {
    blame(tool, kind, { err }, message);
    tool.strayed?.();
  };
  const uncaught = (thrown: unknown) => {
    const err = readThrown(thrown);
    const tool = whoThrew(err);
    if (tool) return blameForThrow(tool, 'uncaught', err, 'a tool threw when nobody waited for it');
    metrics.fault('uncaught', undefined);
    log.fatal({ err }, 'an error that nobody caught: no new calls, and the process ends after its last one');
    if (++errors > MOST_ERRORS) return isLost();
    isTainted();
  };
  const rejected = (thrown: unknown) => {
    const err = readThrown(thrown);
    const tool = whoThrew(err);
    if (tool) return blameForThrow(tool, 'unhandled-rejection', err, 'a tool left a rejection unhandled');
    metrics.fault('unhandled-rejection', undefined);
    log.error({ err }, 'a rejection that nobody handles: please report this');
  };
  const stopWatch = watchTools({
    blockedMs: BLOCKED_MS,
    blocked(tool, exactMs) {
      const forMs = Math.round(exactMs);
      if (tool) return blame(tool, 'blocked', { forMs }, 'a tool blocked the event loop, and every call with it');
      metrics.fault('blocked', undefined);
      log.error({ forMs }, 'the event loop was blocked');
    },
    tampered(tool, { what, isUndone }) {
      const then = isUndone ? 'it was put back' : 'no new calls, and the process ends after its last one';
      const message = `${tool ? 'a tool' : 'something'} changed what all code shares (${what}): ${then}`;
      if (tool) blame(tool, 'tampered', { what }, message);
      else {
        metrics.fault('tampered', undefined);
        log.error({ what }, message);
      }
      if (!isUndone) isTainted();
    },
  });
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const tool = toolAtWork();
    if (!tool) return exit(code);
    blame(tool, 'exit', {}, 'a tool wanted the process to exit, and every call with it');
    throw new Error('process.exit() is not for tools: the process has other callers');
  };
  process.on('uncaughtException', uncaught);
  process.on('unhandledRejection', rejected);
  return () => {
    stopWatch();
    process.exit = exit;
    process.off('uncaughtException', uncaught);
    process.off('unhandledRejection', rejected);
  };
}

/** By its run, or, when it has begun before any, by the file that the error comes from. */
function whoThrew({ places }: Thrown): Blamed | undefined {
  const tool = toolAtWork();
  if (tool) return tool;
  const name = toolAmong(places);
  return name === undefined ? undefined : { tool: name };
}
