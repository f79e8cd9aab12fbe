import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ToolError, defineTool, hangUp, say, type ToolContext } from '../../src/tool/define.ts';
import { caller, createBench, flush, gate } from './helpers/runner.ts';

const unhandled = vi.fn();
beforeEach(() => {
  unhandled.mockClear();
  process.on('unhandledRejection', unhandled);
});
afterEach(async () => {
  await flush();
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

const content = (text: string | undefined) => JSON.parse(text ?? 'null') as Record<string, unknown>;

const base = { description: 'Does it.', input: z.object({}), effect: 'read' } as const;

describe('start and result', () => {
  test('R3: the handler starts in the tick of the call, with its input parsed', async () => {
    const inputs: unknown[] = [];
    const bench = createBench([
      defineTool({
        ...base,
        name: 'look',
        input: z.object({ id: z.string(), guests: z.int().default(2) }),
        run: (input) => {
          inputs.push(input);
          return { found: true };
        },
      }),
    ]);
    const id = bench.call('look', { id: '7', more: 1 });
    expect(inputs).toEqual([{ id: '7', guests: 2 }]);
    expect(bench.settled).toEqual([]); // never within `run`
    expect(await bench.outcome(id)).toEqual({ ok: true, content: '{"found":true}' });
  });

  test('parallel calls are independent, and each settles once', async () => {
    const [first, second] = [gate(), gate()];
    const gates = [first, second];
    const bench = createBench([defineTool({ ...base, name: 'look', run: () => gates.shift()?.promise })]);
    const [a, b] = [bench.call('look'), bench.call('look')];
    expect(bench.runner.running).toBe(2);
    bench.clock.advanceBy(40);
    second.open('second');
    expect(await bench.outcome(b)).toMatchObject({ content: '"second"' });
    expect(bench.settled).toHaveLength(1);
    bench.clock.advanceBy(60);
    first.open('first');
    await flush();
    expect(bench.settled.map(({ callId, durationMs }) => [callId, durationMs])).toEqual([
      [b, 40],
      [a, 100],
    ]);
    expect(bench.runner.running).toBe(0);
    expect(bench.clock.pending).toBe(0);
  });

  test('the context holds all that a handler may need', async () => {
    let context: ToolContext | undefined;
    const bench = createBench([
      defineTool({
        ...base,
        name: 'look',
        run(_input, given) {
          context = given;
          given.state.count = Number(given.state.count ?? 0) + 1;
          given.log.info({ orders: 3 }, 'looked');
          return given.state.count;
        },
      }),
    ]);
    bench.call('look');
    expect(await bench.outcome(bench.call('look'))).toMatchObject({ content: '2' });
    expect(context).toMatchObject({ callId: 'call-7', turn: 1, idempotencyKey: 'call-7-2', caller, line: {} });
    expect(context?.env.ORDERS_URL).toBe('http://orders');
    expect(context?.signal.aborted).toBe(false);
    expect(bench.lines).toMatchObject([
      { callId: 'call-7', tool: 'look', toolCallId: 't1', turn: 1, orders: 3, msg: 'looked' },
      { toolCallId: 't2' },
    ]);
  });

  test('say() ends in words to speak, and hangUp() of a terminal tool in control', async () => {
    const bench = createBench([
      defineTool({ ...base, name: 'tell', run: () => say('It is open.') }),
      defineTool({ ...base, name: 'bye', effect: 'terminal', run: () => hangUp('all done') }),
      defineTool({ ...base, name: 'wrong', run: () => hangUp() }),
    ]);
    expect(await bench.outcome(bench.call('tell'))).toMatchObject({ ok: true, say: 'It is open.' });
    expect(await bench.outcome(bench.call('bye'))).toMatchObject({ control: { type: 'hang-up', reason: 'all done' } });
    expect(await bench.outcome(bench.call('wrong'))).toMatchObject({ ok: false, failure: 'invalid-result' });
    expect(bench.lines.at(-1)).toMatchObject({ tool: 'wrong', reason: expect.stringContaining('terminal') as string });
  });

  test('progress is handed on while the call runs, never within `run`, and not afterwards', async () => {
    const open = gate();
    let late: ToolContext | undefined;
    const bench = createBench([
      defineTool({
        ...base,
        name: 'look',
        async run(_input, context) {
          late = context;
          context.progress('Half way.');
          context.progress('  ');
          await open.promise;
          context.progress('Nearly.');
          return 1;
        },
      }),
    ]);
    bench.call('look');
    expect(bench.progress).toEqual([]);
    await flush();
    expect(bench.progress).toEqual(['t1: Half way.']);
    open.open(1);
    await flush();
    late?.progress('Too late.');
    await flush();
    expect(bench.progress).toEqual(['t1: Half way.', 't1: Nearly.']);
  });
});

describe('R9: a failure is a result that the model can act on', () => {
  test('an unknown tool is answered with the names of the known', async () => {
    const bench = createBench([
      defineTool({ ...base, name: 'look', run: () => 1 }),
      defineTool({ ...base, name: 'book', run: () => 1 }),
    ]);
    const outcome = await bench.outcome(bench.call('lookup'));
    expect(outcome).toMatchObject({ ok: false, failure: 'unknown-tool' });
    expect(content(outcome?.content)).toEqual({ error: 'There is no tool `lookup`. The tools are: look, book.' });
  });

  test('invalid arguments are answered with the failing paths, and nothing is run', async () => {
    const run = vi.fn();
    const input = z.object({ day: z.iso.date(), guests: z.array(z.object({ age: z.int() })) });
    const bench = createBench([defineTool({ ...base, name: 'book', input, run })]);
    const outcome = await bench.outcome(bench.call('book', { day: 'soon', guests: [{ age: 1 }, { age: 'two' }] }));
    expect(outcome).toMatchObject({ ok: false, failure: 'invalid-arguments' });
    expect(content(outcome?.content).error).toBe(
      'The arguments of `book` are not valid, and it was not run. `day`: Invalid ISO date; ' +
        '`guests[1].age`: Invalid input: expected number, received string. ' +
        'Correct them, or ask the caller for what is missing.',
    );
    expect(run).not.toHaveBeenCalled();
  });

  test.each(['', '{"a":', '[1]', '"{}"', 'null', '7'])(
    'arguments that are no JSON object are refused: %s',
    async (text) => {
      const bench = createBench([defineTool({ ...base, name: 'look', run: () => 1 })]);
      const outcome = await bench.outcome(bench.call('look', text));
      expect(outcome).toMatchObject({ ok: false, failure: 'invalid-arguments' });
      expect(content(outcome?.content).error).toContain(`got \`${text}\``);
    },
  );

  test('a check that throws is an internal error, and is logged', async () => {
    const input = z.object({ a: z.string() }).refine(() => {
      throw new Error('bad check');
    });
    const bench = createBench([defineTool({ ...base, name: 'look', input, run: () => 1 })]);
    expect(await bench.outcome(bench.call('look', { a: 'x' }))).toMatchObject({ failure: 'internal-error' });
    expect(bench.lines).toMatchObject([{ tool: 'look', err: { message: 'bad check' } }]);
  });

  test('a ToolError goes to the model as it is', async () => {
    const bench = createBench([
      defineTool({
        ...base,
        name: 'book',
        effect: 'write',
        run: () => {
          throw new ToolError('That slot is taken. Free: 9:00, 11:30.');
        },
      }),
    ]);
    const outcome = await bench.outcome(bench.call('book'));
    expect(outcome).toMatchObject({ ok: false, failure: 'tool-error' });
    expect(content(outcome?.content)).toEqual({ error: 'That slot is taken. Free: 9:00, 11:30.' });
    expect(bench.lines).toEqual([]);
  });

  test.each([
    [
      'thrown at once',
      () => {
        throw new Error('password=hunter2');
      },
    ],
    ['rejected', () => Promise.reject(new Error('password=hunter2'))],
    ['returned', () => new Error('password=hunter2')],
  ])('any other error, %s, becomes a generic sentence; its details go to the log', async (_name, run) => {
    const bench = createBench([defineTool({ ...base, name: 'look', run })]);
    const outcome = await bench.outcome(bench.call('look'));
    expect(outcome).toMatchObject({ ok: false, failure: 'internal-error' });
    expect(outcome?.content).not.toMatch(/hunter2|\.ts/);
    expect(content(outcome?.content).error).toContain('The tool `look` failed.');
    expect(bench.lines).toMatchObject([
      { tool: 'look', turn: 1, err: { message: 'password=hunter2' }, msg: 'a tool failed' },
    ]);
  });

  test.each([undefined, null, 'text', 0])('even %s may be thrown', async (thrown) => {
    const bench = createBench([
      defineTool({
        ...base,
        name: 'look',
        run: () => {
          throw thrown; // eslint-disable-line @typescript-eslint/only-throw-error -- as users do
        },
      }),
    ]);
    expect(await bench.outcome(bench.call('look'))).toMatchObject({ failure: 'internal-error' });
  });

  test('a listener that throws breaks nothing', async () => {
    const settled = vi.fn(() => {
      throw new Error('listener');
    });
    const bench = createBench([defineTool({ ...base, name: 'look', run: () => 1 })], {
      listener: { settled, progress: () => undefined },
    });
    bench.call('look');
    bench.call('gone');
    await flush();
    expect(settled).toHaveBeenCalledTimes(2);
    expect(bench.runner.running).toBe(0);
  });
});

describe('time-out', () => {
  test('a read that does not answer in time is aborted and settled; its late end is only logged', async () => {
    const never = gate();
    let signal: AbortSignal | undefined;
    const bench = createBench([
      defineTool({
        ...base,
        name: 'look',
        timeoutMs: 4_000,
        run: (_input, context) => {
          signal = context.signal;
          return never.promise;
        },
      }),
    ]);
    const id = bench.call('look');
    bench.clock.advanceBy(3_999);
    expect(await bench.outcome(id)).toBeUndefined();
    bench.clock.advanceBy(1);
    const outcome = await bench.outcome(id);
    expect(outcome).toMatchObject({ ok: false, failure: 'timeout' });
    expect(content(outcome?.content).error).toBe('The tool `look` did not answer within 4 s. Nothing was changed.');
    expect(signal?.aborted).toBe(true);
    expect(bench.settled).toMatchObject([{ durationMs: 4_000 }]);
    expect([bench.runner.running, bench.clock.pending]).toEqual([0, 0]);
    never.fail(new Error('very late'));
    await flush();
    expect(bench.settled).toHaveLength(1);
    expect(bench.lines.at(-1)).toMatchObject({ tool: 'look', msg: 'a tool ended after its call had settled' });
  });

  test('a write is not aborted: the model learns that its outcome is unknown, and may join it', async () => {
    const backend = gate();
    const run = vi.fn((_input: unknown, _context: ToolContext) => backend.promise);
    const bench = createBench([defineTool({ ...base, name: 'book', effect: 'write', timeoutMs: 2_000, run })]);
    const first = bench.call('book');
    bench.clock.advanceBy(2_000);
    const outcome = await bench.outcome(first);
    expect(outcome).toMatchObject({ ok: false, failure: 'timeout' });
    expect(content(outcome?.content).error).toContain('still running: it may yet be done');
    expect(run.mock.calls[0]?.[1].signal.aborted).toBe(false);

    const second = bench.call('book');
    bench.clock.advanceBy(500);
    backend.open({ id: 9 });
    expect(await bench.outcome(second)).toMatchObject({ ok: true, isFromJournal: true });
    expect(run).toHaveBeenCalledTimes(1);
    expect(bench.clock.pending).toBe(0);
  });

  test('a write that ended late is answered from its journal', async () => {
    const backend = gate();
    const run = vi.fn(() => backend.promise);
    const bench = createBench([defineTool({ ...base, name: 'book', effect: 'write', timeoutMs: 2_000, run })]);
    bench.call('book');
    bench.clock.advanceBy(9_000);
    backend.open({ id: 9 });
    await flush();
    bench.clock.advanceBy(1_000);
    const outcome = await bench.outcome(bench.call('book'));
    expect(outcome).toMatchObject({ ok: true, isFromJournal: true });
    expect(content(outcome?.content)).toMatchObject({
      result: { id: 9 },
      note: expect.stringContaining('1 s ago') as string,
    });
    expect(run).toHaveBeenCalledTimes(1);
  });

  test('a handler that never settles leaves no timer behind', async () => {
    const bench = createBench([
      defineTool({ ...base, name: 'look', timeoutMs: 100, run: () => new Promise(() => undefined) }),
    ]);
    for (let i = 0; i < 50; i++) bench.call('look');
    bench.clock.advanceBy(100);
    await flush();
    expect(bench.settled).toHaveLength(50);
    expect([bench.runner.running, bench.clock.pending]).toEqual([0, 0]);
  });
});

describe('cancel', () => {
  test('R13: a read is aborted and settles as cancelled, whatever its handler does', async () => {
    const open = gate();
    let signal: AbortSignal | undefined;
    const bench = createBench([
      defineTool({ ...base, name: 'look', run: (_input, context) => ((signal = context.signal), open.promise) }),
    ]);
    const id = bench.call('look');
    bench.runner.cancel(id);
    expect(signal?.aborted).toBe(true);
    expect(bench.settled).toEqual([]); // the machine is in the middle of an event
    open.open('done all the same');
    expect(await bench.outcome(id)).toMatchObject({ ok: false, failure: 'cancelled' });
    expect(bench.settled).toHaveLength(1);
    expect([bench.runner.running, bench.clock.pending]).toEqual([0, 0]);
    bench.runner.cancel(id);
    bench.runner.cancel('unknown');
    await flush();
    expect(bench.settled).toHaveLength(1);
  });

  test('a handler that rejects because it was cancelled is no failure in the log', async () => {
    const bench = createBench([
      defineTool({
        ...base,
        name: 'look',
        run: (_input, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      }),
    ]);
    bench.runner.cancel(bench.call('look'));
    await flush();
    expect(bench.settled).toHaveLength(1);
    expect(bench.lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });

  test('R13: a write goes on and settles with its result', async () => {
    const open = gate();
    const bench = createBench([defineTool({ ...base, name: 'book', effect: 'write', run: () => open.promise })]);
    const id = bench.call('book');
    bench.runner.cancel(id);
    expect(await bench.outcome(id)).toBeUndefined();
    open.open('booked');
    expect(await bench.outcome(id)).toEqual({ ok: true, content: '"booked"' });
  });

  test('R20: whenIdle waits for the writes, and after dispose nothing is reported', async () => {
    const open = gate();
    const signals: AbortSignal[] = [];
    const bench = createBench([
      defineTool({ ...base, name: 'book', effect: 'write', run: () => open.promise }),
      defineTool({
        ...base,
        name: 'look',
        run: (_i, { signal }) => (signals.push(signal), new Promise(() => undefined)),
      }),
    ]);
    bench.call('book');
    bench.call('look');
    bench.runner.dispose();
    bench.runner.dispose();
    let isIdle = false;
    const idle = bench.runner.whenIdle().then(() => (isIdle = true));
    await flush();
    expect(signals[0]?.aborted).toBe(true);
    expect([bench.runner.running, isIdle]).toEqual([1, false]);
    open.open('booked');
    await idle;
    expect(bench.settled).toEqual([]);
    expect(bench.clock.pending).toBe(0);
    expect(bench.lines).toMatchObject([{ tool: 'book', ok: true, msg: 'a tool ended after its call had settled' }]);
    await bench.runner.whenIdle();
    bench.call('look');
    expect(bench.runner.running).toBe(0);
  });
});

describe('retries of a read', () => {
  function flaky(failures: number, error: () => Error, retries: number, timeoutMs = 10_000) {
    let attempts = 0;
    const keys: string[] = [];
    const tool = defineTool({
      ...base,
      name: 'look',
      retries,
      timeoutMs,
      run(_input, { idempotencyKey }) {
        keys.push(idempotencyKey);
        if (attempts++ < failures) throw error();
        return { attempts };
      },
    });
    return { bench: createBench([tool]), keys, attempts: () => attempts };
  }

  test('each waits twice as long as the one before', async () => {
    const { bench, keys, attempts } = flaky(3, () => new Error('busy'), 3);
    const id = bench.call('look');
    for (const [waitMs, count] of [
      [199, 1],
      [1, 2],
      [399, 2],
      [1, 3],
      [799, 3],
      [1, 4],
    ] as const) {
      await flush();
      bench.clock.advanceBy(waitMs);
      await flush();
      expect(attempts()).toBe(count);
    }
    expect(await bench.outcome(id)).toEqual({ ok: true, content: '{"attempts":4}' });
    expect(new Set(keys)).toEqual(new Set(['call-7-1']));
    expect(bench.lines).toHaveLength(3);
    expect(bench.clock.pending).toBe(0);
  });

  test('when they are used up, the failure counts', async () => {
    const { bench, attempts } = flaky(9, () => new Error('busy'), 1);
    const id = bench.call('look');
    await flush();
    bench.clock.advanceBy(200);
    expect(await bench.outcome(id)).toMatchObject({ failure: 'internal-error' });
    expect(attempts()).toBe(2);
  });

  test('a ToolError is an answer and is not retried', async () => {
    const { bench, attempts } = flaky(9, () => new ToolError('No such order.'), 3);
    expect(await bench.outcome(bench.call('look'))).toMatchObject({ failure: 'tool-error' });
    expect(attempts()).toBe(1);
  });

  test('a cancel or the time-out ends the waiting for the next one', async () => {
    const one = flaky(9, () => new Error('busy'), 3);
    const id = one.bench.call('look');
    await flush();
    one.bench.runner.cancel(id);
    expect(await one.bench.outcome(id)).toMatchObject({ failure: 'cancelled' });
    expect(one.bench.clock.pending).toBe(0);

    const two = flaky(9, () => new Error('busy'), 3, 100);
    const other = two.bench.call('look');
    await flush();
    two.bench.clock.advanceBy(100);
    expect(await two.bench.outcome(other)).toMatchObject({ failure: 'timeout' });
    two.bench.clock.advanceBy(10_000);
    await flush();
    expect([two.attempts(), two.bench.clock.pending]).toEqual([1, 0]);
  });
});

describe('concurrency', () => {
  function limited(fields: { timeoutMs?: number; effect?: 'read' | 'write' } = {}) {
    const gates: ReturnType<typeof gate>[] = [];
    const started: unknown[] = [];
    const tool = defineTool({
      ...base,
      name: 'look',
      input: z.object({ id: z.int() }),
      concurrency: 2,
      ...fields,
      run({ id }) {
        started.push(id);
        const own = gate();
        gates.push(own);
        return own.promise;
      },
    });
    return { tool, gates, started };
  }

  test('no more than so many run at once in the whole process, over calls and toolboxes', async () => {
    const { tool, gates, started } = limited();
    const [one, other] = [createBench([tool]), createBench([tool])];
    one.call('look', { id: 1 });
    other.call('look', { id: 2 });
    expect(started).toEqual([1, 2]); // room: in this tick
    one.call('look', { id: 3 });
    other.call('look', { id: 4 });
    await flush();
    expect(started).toEqual([1, 2]);
    gates[1]?.open('second');
    await flush();
    expect(started).toEqual([1, 2, 3]);
    gates[0]?.open(0);
    gates[2]?.open(0);
    await flush();
    expect(started).toEqual([1, 2, 3, 4]);
    gates[3]?.open(0);
    await flush();
    expect(one.settled.length + other.settled.length).toBe(4);
  });

  test('one that is cancelled, or whose time is over, while it waits is never started', async () => {
    const { tool, gates, started } = limited({ timeoutMs: 1_000 });
    const bench = createBench([tool]);
    bench.call('look', { id: 1 });
    bench.call('look', { id: 2 });
    bench.clock.advanceBy(500);
    const third = bench.call('look', { id: 3 });
    const fourth = bench.call('look', { id: 4 });
    bench.runner.cancel(third);
    expect(await bench.outcome(third)).toMatchObject({ failure: 'cancelled' });
    bench.clock.advanceBy(1_000);
    const outcome = await bench.outcome(fourth);
    expect(outcome).toMatchObject({ failure: 'timeout' });
    expect(content(outcome?.content).error).toBe('The tool `look` was too busy to start within 1 s. Nothing was done.');
    for (const open of gates) open.open(0);
    await flush();
    expect(started).toEqual([1, 2]);
    bench.call('look', { id: 5 });
    expect(started).toEqual([1, 2, 5]);
  });

  test('a write that never got its turn may be tried again', async () => {
    const { tool, gates, started } = limited({ timeoutMs: 1_000, effect: 'write' });
    const bench = createBench([tool]);
    bench.call('look', { id: 1 });
    bench.call('look', { id: 2 });
    bench.call('look', { id: 3 });
    bench.clock.advanceBy(1_000);
    for (const open of gates) open.open(0);
    await flush();
    bench.call('look', { id: 3 });
    await flush();
    expect(started).toEqual([1, 2, 3]);
  });

  test('a run that was left behind keeps its place for as long again as its time-out, then gives it away', async () => {
    const { tool, started } = limited({ timeoutMs: 1_000 });
    const bench = createBench([tool]);
    bench.call('look', { id: 1 });
    bench.call('look', { id: 2 });
    bench.clock.advanceBy(1_000);
    await flush();
    expect(bench.settled).toHaveLength(2);
    bench.call('look', { id: 3 });
    bench.clock.advanceBy(999);
    await flush();
    expect(started).toEqual([1, 2]);
    bench.clock.advanceBy(1);
    await flush();
    expect(bench.settled).toHaveLength(3); // its own time was over in the same instant
    bench.call('look', { id: 4 });
    expect(started).toEqual([1, 2, 4]);
    bench.clock.advanceBy(5_000);
    await flush();
    expect([bench.runner.running, bench.clock.pending]).toEqual([0, 0]);
  });
});

describe('R15: an effect happens once', () => {
  function book(extra: { repeatable?: boolean; timeoutMs?: number } = {}) {
    const gates: ReturnType<typeof gate>[] = [];
    const keys: string[] = [];
    const tool = defineTool({
      ...base,
      name: 'book',
      effect: 'write',
      input: z.object({ day: z.string(), guests: z.int().default(2) }),
      ...extra,
      run(_input, { idempotencyKey }) {
        keys.push(idempotencyKey);
        const own = gate();
        gates.push(own);
        return own.promise;
      },
    });
    return { bench: createBench([tool]), gates, keys };
  }

  test('a write that is running is joined: both calls get the one result', async () => {
    const { bench, gates, keys } = book();
    const first = bench.call('book', { day: 'monday' });
    bench.clock.advanceBy(400);
    const second = bench.call('book', '{"guests":2,"day":"monday"}');
    const other = bench.call('book', { day: 'monday', guests: 3 });
    expect(keys).toHaveLength(2);
    expect(bench.runner.running).toBe(3);
    gates[0]?.open(say('Booked.', { id: 1 }));
    expect(await bench.outcome(first)).toMatchObject({ ok: true, say: 'Booked.' });
    const joined = await bench.outcome(second);
    expect(joined).toMatchObject({ ok: true, isFromJournal: true });
    expect(joined).not.toHaveProperty('say');
    expect(content(joined?.content)).toMatchObject({ result: { result: { id: 1 } } });
    expect(await bench.outcome(other)).toBeUndefined();
    expect(bench.settled.map(({ durationMs }) => durationMs)).toEqual([400, 0]);
  });

  test('one that was done is answered from the journal for 30 s, in a later tick', async () => {
    const { bench, gates, keys } = book();
    bench.call('book', { day: 'monday' });
    gates[0]?.open({ id: 1 });
    await flush();
    bench.clock.advanceBy(29_999);
    const count = bench.settled.length;
    const again = bench.call('book', { day: 'monday' });
    expect(bench.settled).toHaveLength(count);
    const outcome = await bench.outcome(again);
    expect(outcome).toMatchObject({ ok: true, isFromJournal: true });
    expect(content(outcome?.content)).toEqual({
      note: 'Already done 30 s ago in this call, with this result: it was not done again.',
      result: { id: 1 },
    });
    bench.clock.advanceBy(1);
    bench.call('book', { day: 'monday' });
    expect(keys).toEqual(['call-7-1', 'call-7-2']);
  });

  test('one that was refused is new when it is tried again; one that broke keeps its idempotency key', async () => {
    const { bench, gates, keys } = book();
    bench.call('book', { day: 'monday' });
    gates[0]?.fail(new ToolError('Closed on mondays.'));
    await flush();
    bench.call('book', { day: 'monday' });
    gates[1]?.fail(new Error('socket hang up'));
    await flush();
    bench.call('book', { day: 'monday' });
    expect(keys).toEqual(['call-7-1', 'call-7-2', 'call-7-2']);
  });

  test('a failure is shared by those who joined', async () => {
    const { bench, gates } = book();
    const calls = [bench.call('book', { day: 'monday' }), bench.call('book', { day: 'monday' })];
    gates[0]?.fail(new ToolError('Closed.'));
    for (const id of calls) expect(await bench.outcome(id)).toMatchObject({ ok: false, failure: 'tool-error' });
  });

  test('one who joined has a time-out of their own', async () => {
    const { bench, keys } = book({ timeoutMs: 1_000 });
    bench.call('book', { day: 'monday' });
    bench.clock.advanceBy(600);
    bench.call('book', { day: 'monday' });
    bench.clock.advanceBy(400);
    await flush();
    expect(bench.settled).toMatchObject([{ callId: 't1', outcome: { failure: 'timeout' }, durationMs: 1_000 }]);
    bench.clock.advanceBy(600);
    await flush();
    expect(bench.settled[1]).toMatchObject({ callId: 't2', outcome: { failure: 'timeout' }, durationMs: 1_000 });
    expect([keys.length, bench.clock.pending]).toEqual([1, 0]);
  });

  test('one that is done although its result is unreadable is not done again', async () => {
    const { bench, gates, keys } = book();
    bench.call('book', { day: 'monday' });
    gates[0]?.open(10n);
    await flush();
    const outcome = await bench.outcome(bench.call('book', { day: 'monday' }));
    expect(outcome).toMatchObject({ ok: false, failure: 'invalid-result' });
    expect(keys).toHaveLength(1);
  });

  test('`repeatable` opts out', () => {
    const { bench, keys } = book({ repeatable: true });
    bench.call('book', { day: 'monday' });
    bench.call('book', { day: 'monday' });
    expect(keys).toEqual(['call-7-1', 'call-7-2']);
  });
});
