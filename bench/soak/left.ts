/** What a process holds: memory after collections, sockets, timers, listeners, and warnings of leaks. Needs `--expose-gc`. */
import { createHook } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';

export interface Left {
  /** With what it holds outside, in bytes. */
  heap: number;
  /** Of TCP, idle ones too. */
  sockets: number;
  /** Those too that do not keep the process alive. */
  timers: number;
  /** On the process, which every call shares. */
  listeners: number;
  warnings: string[];
}

const GC_ROUNDS = 4;

/** Begins to watch; the returned function tells what there is now. Call it before anything else is set up. */
export function watchLeft(): () => Promise<Left> {
  const timers = new Set<number>();
  const sockets = new Set<number>();
  const warnings: string[] = [];
  createHook({
    init(id, type) {
      if (type === 'Timeout') timers.add(id);
      else if (type === 'TCPWRAP') sockets.add(id);
    },
    destroy(id) {
      timers.delete(id);
      sockets.delete(id);
    },
  }).enable();
  process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
  return async () => {
    for (let round = 0; round < GC_ROUNDS; round++) {
      await wait(10);
      globalThis.gc?.();
    }
    const { heapUsed, external } = process.memoryUsage();
    return {
      heap: heapUsed + external,
      sockets: sockets.size,
      timers: timers.size,
      listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
      warnings,
    };
  };
}
