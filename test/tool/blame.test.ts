import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runAsTool, toolAtWork, watchTools, type ToolAtWork } from '../../src/tool/blame.ts';

const ONE: ToolAtWork = { tool: 'one', callId: 'CA1', turn: 1 };
const OTHER: ToolAtWork = { tool: 'other', callId: 'CA2', turn: 3 };
const BLOCKED_MS = 80;

/** What the watch takes for the time: it moves only while somebody blocks, whatever else this machine has to do. */
let nowMs = 0;
let stop = () => {};
beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => nowMs));
afterEach(() => {
  stop();
  vi.restoreAllMocks();
});

/** Follows tools until the end of the test; returns what has blocked, as it is told. */
function watch(): { tool: string | undefined; forMs: number }[] {
  const told: { tool: string | undefined; forMs: number }[] = [];
  stop = watchTools({ blockedMs: BLOCKED_MS, blocked: (tool, forMs) => told.push({ tool: tool?.tool, forMs }) });
  return told;
}

function block(ms = BLOCKED_MS): void {
  nowMs += ms;
}

test('unless somebody watches, a handler is run as it is and nothing is followed', () => {
  const result = Promise.resolve();
  expect(runAsTool(ONE, () => (expect(toolAtWork()).toBeUndefined(), result))).toBe(result);
  expect(() =>
    runAsTool(ONE, () => {
      throw new RangeError('at once');
    }),
  ).toThrow('at once');
});

test('a handler starts in this tick, and what it returns or throws is handed on', async () => {
  watch();
  let hasStarted = false;
  const running = runAsTool(ONE, () => ((hasStarted = true), 7));
  expect(hasStarted).toBe(true);
  expect(await running).toBe(7);
  await expect(
    runAsTool(ONE, () => {
      throw new RangeError('at once');
    }),
  ).rejects.toThrow('at once');
  await expect(runAsTool(ONE, () => Promise.reject(new Error('later')))).rejects.toThrow('later');
});

test('what a run has begun bears its name, also after its end; another run has its own', async () => {
  watch();
  const seen: (ToolAtWork | undefined)[] = [];
  let later: Promise<unknown> | undefined;
  await Promise.all([
    runAsTool(ONE, () => void (later = wait(20).then(() => seen.push(toolAtWork())))),
    runAsTool(OTHER, async () => {
      await wait(5);
      seen.push(toolAtWork());
    }),
  ]);
  await later;
  expect(new Set(seen)).toEqual(new Set([OTHER, ONE])); // a busy machine may ring two timers in one moment
  expect(seen).toHaveLength(2);
  expect(toolAtWork()).toBeUndefined();
});

test('who blocks the event loop is named once: before the first await, between two, or in a timer left behind', async () => {
  const told = watch();
  await runAsTool(ONE, () => block());
  const expected = [{ tool: 'one', forMs: BLOCKED_MS }];
  expect(told).toEqual(expected);
  await runAsTool(OTHER, async () => {
    await wait(1);
    block();
    await wait(1);
  });
  await wait(1);
  expected.push({ tool: 'other', forMs: BLOCKED_MS });
  expect(told).toEqual(expected);
  let later: Promise<void> | undefined;
  await runAsTool(ONE, () => void (later = wait(5).then(() => block())));
  await later;
  await wait(1);
  expected.push({ tool: 'one', forMs: BLOCKED_MS });
  expect(told).toEqual(expected);
});

test('what takes less than that is not told', async () => {
  const told = watch();
  await runAsTool(ONE, async () => {
    block(BLOCKED_MS - 1);
    await wait(1);
    block(BLOCKED_MS - 1);
    await wait(1);
  });
  await wait(1);
  expect(told).toEqual([]);
});

test('who blocks it while a tool waits, and is none, is not blamed on the tool', async () => {
  const told = watch();
  const waiting = runAsTool(ONE, () => wait(30));
  await new Promise<void>((resolve) =>
    setTimeout(() => {
      block();
      resolve();
    }, 5),
  );
  await waiting;
  expect(told).toEqual([{ tool: undefined, forMs: BLOCKED_MS }]);
});
