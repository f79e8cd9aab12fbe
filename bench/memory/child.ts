/** Memory in a process of its own: with calls open, and over many calls. Needs `--expose-gc`. */
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../frame/child.ts';
import { noSamples, TurnProbe } from '../text/probe.ts';

export type MemoryQuestion =
  | { what: 'open-calls'; url: string; calls: number }
  | { what: 'many-calls'; url: string; calls: number; every: number };

/** In bytes. */
export interface Memory {
  rss: number;
  heap: number;
}

export type MemoryAnswer = Memory[];

answer((question: MemoryQuestion): Promise<MemoryAnswer> => {
  switch (question.what) {
    case 'open-calls':
      return openCalls(question.url, question.calls);
    case 'many-calls':
      return manyCalls(question.url, question.calls, question.every);
  }
});

/** Without and with so many calls that have had a turn and wait for the caller. */
async function openCalls(url: string, calls: number): Promise<Memory[]> {
  const { create } = await import('../text/parley.ts');
  const contestant = await create(url);
  const atOnce = 50;
  const open = async (count: number) => {
    const opened = [];
    for (let at = 0; at < count; at += atOnce) {
      const batch = Array.from({ length: Math.min(atOnce, count - at) }, () => contestant.openCall());
      await Promise.all(batch.map((call) => call.turn(new TurnProbe(noSamples(), 0))));
      opened.push(...batch);
    }
    return opened;
  };
  for (const call of await open(4 * atOnce)) call.close(); // code, pools and sockets, which are not a call's
  const before = await settled();
  const opened = await open(calls);
  const after = await settled();
  for (const call of opened) call.close();
  return [before, after];
}

/** One call after the other; the memory after every so many. */
async function manyCalls(url: string, calls: number, every: number): Promise<Memory[]> {
  const { create } = await import('../text/parley.ts');
  const contestant = await create(url);
  const memory: Memory[] = [];
  for (let count = 0; count <= calls; count++) {
    if (count > 0 && count % every === 0) memory.push(await settled());
    const call = contestant.openCall();
    await call.turn(new TurnProbe(noSamples(), 0));
    call.close();
  }
  return memory;
}

/** What is really held: finalizers and weak references need a few rounds. */
async function settled(): Promise<Memory> {
  for (let round = 0; round < 4; round++) {
    await wait(10);
    globalThis.gc?.();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
