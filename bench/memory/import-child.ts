/** What an import takes, in a process that has imported nothing else. Needs `--expose-gc`. */
import { setTimeout as wait } from 'node:timers/promises';
import { answer } from '../frame/child.ts';

/** Resident bytes before and after the import, each after collections. */
export type ImportAnswer = [before: number, after: number];

answer(async (module: string): Promise<ImportAnswer> => {
  const before = await resident();
  await import(module);
  return [before, await resident()];
});

async function resident(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    await wait(10);
    globalThis.gc?.();
  }
  return process.memoryUsage.rss();
}
