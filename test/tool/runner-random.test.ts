import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ToolError, defineTool, type ToolContext } from '../../src/tool/define.ts';
import { createBench, flush, gate } from './helpers/runner.ts';

const DEDUPE_MS = 1_500;

type Ending = 'ok' | 'refuse' | 'break';
type Action =
  | { type: 'call'; tool: 'look' | 'book' | 'limited'; id: number }
  | { type: 'end'; pick: number; ending: Ending }
  | { type: 'cancel'; pick: number }
  | { type: 'wait'; ms: number };

const action = fc.oneof<fc.Arbitrary<Action>[]>(
  fc.record({
    type: fc.constant('call' as const),
    tool: fc.constantFrom('look' as const, 'book' as const, 'limited' as const),
    id: fc.nat({ max: 2 }),
  }),
  fc.record({
    type: fc.constant('end' as const),
    pick: fc.nat(),
    ending: fc.constantFrom<Ending>('ok', 'ok', 'refuse', 'break'),
  }),
  fc.record({ type: fc.constant('cancel' as const), pick: fc.nat() }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.nat({ max: 600 }) }),
);

/** Tools whose handlers end when the test says so, and a note of every write that overlapped or came too soon. */
function createTools(now: () => number) {
  const open: { key: string; settle: (ending: Ending) => void }[] = [];
  const writing = new Set<string>();
  const doneAt = new Map<string, number>();
  const faults: string[] = [];
  const begin = (tool: string, id: number, context: ToolContext) => {
    const key = `${tool} ${id}`;
    const own = gate();
    const last = doneAt.get(key);
    if (tool !== 'look' && writing.has(key)) faults.push(`${key} overlaps`);
    if (tool !== 'look' && last !== undefined && now() - last < DEDUPE_MS) faults.push(`${key} again too soon`);
    if (tool !== 'look' && context.signal.aborted) faults.push(`${key} aborted`);
    writing.add(key);
    open.push({
      key,
      settle(ending) {
        writing.delete(key);
        if (ending === 'ok') doneAt.set(key, now());
        if (ending === 'ok') own.open(id);
        else own.fail(ending === 'refuse' ? new ToolError('no') : new Error('broken'));
      },
    });
    return own.promise;
  };
  const shape = { description: 'Does it.', input: z.object({ id: z.int() }), timeoutMs: 1_000 };
  const tools = [
    defineTool({ ...shape, name: 'look', effect: 'read', retries: 1, run: ({ id }, c) => begin('look', id, c) }),
    defineTool({ ...shape, name: 'book', run: ({ id }, c) => begin('book', id, c) }),
    defineTool({ ...shape, name: 'limited', concurrency: 1, run: ({ id }, c) => begin('limited', id, c) }),
  ];
  return { tools, open, faults };
}

test('R15: whatever happens, each call settles once, and no write is done twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), async (actions) => {
      let now = () => 0;
      const { tools, open, faults } = createTools(() => now());
      const bench = createBench(tools, { dedupeMs: DEDUPE_MS });
      now = () => bench.clock.nowMs();
      const calls: string[] = [];
      for (const step of actions) {
        if (step.type === 'call') calls.push(bench.call(step.tool, { id: step.id }));
        else if (step.type === 'wait') bench.clock.advanceBy(step.ms);
        else if (step.type === 'end') open.splice(step.pick % Math.max(1, open.length), 1)[0]?.settle(step.ending);
        else if (calls.length > 0) bench.runner.cancel(calls[step.pick % calls.length] ?? '');
        await flush();
      }
      for (let i = 0; i < 5 || open.length > 0; i++) {
        for (const one of open.splice(0)) one.settle('ok');
        bench.clock.advanceBy(1_000);
        await flush();
      }
      expect(faults).toEqual([]);
      expect(bench.settled.map(({ callId }) => callId).sort()).toEqual([...calls].sort());
      expect([bench.runner.running, bench.clock.pending]).toEqual([0, 0]);
    }),
    { numRuns: 150 },
  );
});
