/** A read that was let go when the caller spoke, and is asked for again: it is not begun anew (R15). */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../src/tool/define.ts';
import { createBench } from './helpers/runner.ts';

/** A read of `ms`, with how often it was begun and what became of it. */
function readOf(ms: number) {
  const begun: AbortSignal[] = [];
  const waits: (() => void)[] = [];
  const bench = createBench([
    defineTool({
      name: 'look',
      description: 'Looks.',
      input: z.object({ id: z.string().default('a') }),
      effect: 'read',
      async run({ id }, { signal }) {
        begun.push(signal);
        await new Promise<void>((resolve) => waits.push(resolve));
        return { found: id };
      },
    }),
  ]);
  const passMs = async (time: number) => {
    bench.clock.advanceBy(time);
    if (bench.clock.nowMs() >= ms) for (const end of waits.splice(0)) end();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { bench, begun, passMs };
}

describe('"hello?" every 3 s during a read of 3.5 s: the read is begun once, and its result comes', () => {
  test('asked for again with the same arguments, it is joined', async () => {
    const { bench, begun, passMs } = readOf(3_500);
    const first = bench.call('look', { id: 'a' });
    await passMs(3_000);
    bench.runner.letGo(first);
    await passMs(300);
    const second = bench.call('look', { id: 'a' });
    await passMs(200);
    expect(await bench.outcome(first)).toMatchObject({ ok: false, failure: 'cancelled' });
    expect(await bench.outcome(second)).toMatchObject({ ok: true, content: '{"found":"a"}' });
    expect([begun.length, begun[0]?.aborted]).toEqual([1, false]);
    expect([bench.runner.running, bench.clock.pending]).toEqual([0, 0]);
  });

  test('three times over, with the arguments in other words', async () => {
    const { bench, begun, passMs } = readOf(3_500);
    let id = bench.call('look', {});
    for (const args of [{ id: 'a' }, {}, '{ "id" : "a" }']) {
      await passMs(900);
      bench.runner.letGo(id);
      await passMs(100);
      id = bench.call('look', args);
    }
    await passMs(1_000);
    expect(await bench.outcome(id)).toMatchObject({ ok: true, content: '{"found":"a"}' });
    expect(begun).toHaveLength(1);
  });

  test('other arguments begin another read', async () => {
    const { bench, begun, passMs } = readOf(3_500);
    bench.runner.letGo(bench.call('look', { id: 'a' }));
    const other = bench.call('look', { id: 'b' });
    await passMs(3_500);
    expect(await bench.outcome(other)).toMatchObject({ content: '{"found":"b"}' });
    expect(begun).toHaveLength(2);
  });

  test('nobody asks again: it is aborted after 5 s, and nothing is left', async () => {
    const { bench, begun, passMs } = readOf(60_000);
    bench.runner.letGo(bench.call('look'));
    await passMs(4_900);
    expect(begun[0]?.aborted).toBe(false);
    await passMs(200);
    expect([begun[0]?.aborted, bench.clock.pending, bench.runner.running]).toEqual([true, 0, 0]);
  });

  test('the end of the call aborts it at once', async () => {
    const { bench, begun } = readOf(60_000);
    bench.runner.letGo(bench.call('look'));
    bench.runner.dispose();
    expect([begun[0]?.aborted, bench.clock.pending]).toEqual([true, 0]);
  });

  test('what it returns when nobody has asked again goes nowhere, and the next call begins anew', async () => {
    const { bench, begun, passMs } = readOf(1_000);
    bench.runner.letGo(bench.call('look'));
    await passMs(1_000);
    const next = bench.call('look');
    await passMs(0);
    expect(await bench.outcome(next)).toMatchObject({ ok: true });
    expect(begun).toHaveLength(2);
    expect(bench.settled.map(({ callId }) => callId)).toEqual(['t1', 't2']);
  });
});

test('a tool that waits for the caller stops at once: the keys are not its own any more', () => {
  let signal: AbortSignal | undefined;
  const bench = createBench([
    defineTool({
      name: 'keys',
      description: 'Waits.',
      input: z.object({}),
      effect: 'read',
      waitsForCaller: true,
      run: (_input, context) => ((signal = context.signal), new Promise(() => undefined)),
    }),
  ]);
  bench.runner.letGo(bench.call('keys'));
  expect([signal?.aborted, bench.clock.pending]).toEqual([true, 0]);
});
