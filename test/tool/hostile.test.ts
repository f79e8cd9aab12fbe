/** Tools that mean harm, one by one: each call of them settles once, at once, in words that the model can act on. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { defineTool, say, type ToolOptions } from '../../src/tool/define.ts';
import { MOST_CONTENT_BYTES } from '../../src/tool/result.ts';
import { asTool, toolAmong, knowToolFile, toolAtWork, watchTools, type ToolAtWork } from '../../src/tool/blame.ts';
import { costOf } from '../helpers/cost.ts';
import { HOSTILE_VALUES } from '../helpers/hostile-values.ts';
import { createBench, flush } from './helpers/runner.ts';

type Run = ToolOptions<z.ZodObject>['run'];
const tool = (run: Run, more: Partial<ToolOptions<z.ZodObject>> = {}) =>
  defineTool({ name: 'hostile', description: 'Means harm.', input: z.looseObject({}), effect: 'read', ...more, run });

/** Nobody may stand still for 200 ms; a core that others use at the same time is half as fast. */
const MOST_MS = 400;
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.restoreAllMocks();
});

async function settle(run: Run, more: Partial<ToolOptions<z.ZodObject>> = {}, args: unknown = {}) {
  const bench = createBench([tool(run, more)]);
  const costMs = costOf();
  const outcome = await bench.outcome(bench.call('hostile', args));
  expect(costMs()).toBeLessThan(3 * MOST_MS); // with what the test itself makes
  expect(bench.settled).toHaveLength(1);
  return { ...bench, outcome };
}

describe.each(Object.entries(HOSTILE_VALUES))('%s', (_name, make) => {
  test('thrown by a tool: a result in general words at once, one bounded line', async () => {
    for (const effect of ['read', 'write'] as const) {
      for (const run of [
        () => {
          throw make();
        },
        async () => {
          await Promise.resolve();
          throw make();
        },
      ]) {
        const { outcome, lines } = await settle(run, { effect });
        expect(outcome).toMatchObject({ ok: false, failure: 'internal-error' });
        expect(outcome?.content).toContain('`hostile` failed');
        expect(lines).toHaveLength(1);
        expect(JSON.stringify(lines).length).toBeLessThan(60_000);
      }
    }
  });

  test('thrown by the toJSON or a getter of a result: the same', async () => {
    const fail = () => {
      throw make();
    };
    for (const result of [
      () => ({ toJSON: fail }),
      () => Object.defineProperty({}, 'field', { get: fail, enumerable: true }),
      () => [{ deep: { toJSON: fail } }],
      () => say('Done.', { toJSON: fail }),
    ]) {
      const { outcome, lines } = await settle(result);
      expect(outcome).toMatchObject({ ok: false, failure: 'invalid-result' });
      expect(outcome?.content.length).toBeLessThan(500);
      expect(lines).toHaveLength(1);
      expect(JSON.stringify(lines).length).toBeLessThan(20_000);
    }
  });

  test('returned by a tool: a result, or general words; never a throw', async () => {
    const { outcome } = await settle(make);
    expect(outcome).toBeDefined();
    expect(Buffer.byteLength(outcome?.content ?? '')).toBeLessThanOrEqual(MOST_CONTENT_BYTES);
  });

  test('thrown by the check of its input: it was not run', async () => {
    const input = z.looseObject({}).check(() => {
      throw make();
    });
    const { outcome } = await settle(() => 'ran', { input });
    expect(outcome).toMatchObject({ ok: false, failure: 'internal-error' });
    expect(outcome?.content).toContain('It was not run');
  });
});

describe('results without end', () => {
  const deep = (levels: number) => {
    let tree: unknown = 1;
    for (let level = 0; level < levels; level++) tree = { a: tree };
    return tree;
  };
  test.each<[what: string, make: () => unknown, ok: boolean]>([
    ['a text of 50 MB', () => 'x'.repeat(50_000_000), true],
    ['a list of 50 MB', () => Array.from({ length: 1_000_000 }, () => 'x'.repeat(50)), true],
    ['a list of a thousand million holes', () => new Array<number>(1_000_000_000), true],
    ['100,000 keys', () => Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key-${at}`, at])), true],
    ['a key of 5 MB', () => ({ ['k'.repeat(5_000_000)]: 1 }), true],
    ['100 levels', () => deep(100), true],
    ['100,000 levels', () => deep(100_000), false],
    ['a Buffer of 50 MB', () => Buffer.alloc(50_000_000), false],
    ['a class name of 5 MB', () => new Map(Object.entries({ a: Symbol('x'.repeat(5_000_000)) })), false],
    ['say() of 50 MB', () => say('word '.repeat(10_000_000)), true],
    ['say() with a result of 50 MB', () => say('Done.', 'x'.repeat(50_000_000)), true],
  ])('%s: cut or refused, and nobody waits for it', async (_what, make, ok) => {
    const value = make();
    const bench = createBench([tool(() => value)]);
    const costMs = costOf();
    const outcome = await bench.outcome(bench.call('hostile'));
    expect(costMs()).toBeLessThan(MOST_MS);
    expect(outcome?.ok).toBe(ok);
    expect(Buffer.byteLength(outcome?.content ?? '')).toBeLessThanOrEqual(MOST_CONTENT_BYTES);
    expect(JSON.parse(outcome?.content ?? '')).toBeDefined();
  });

  test.each<[what: string, args: string]>([
    ['50 MB', JSON.stringify({ text: 'x'.repeat(50_000_000) })],
    ['64 kB of nulls in a list', JSON.stringify({ list: Array.from({ length: 6_000 }, () => ({ a: null })) })],
    [
      '64 kB of nulls by name',
      JSON.stringify({ names: Object.fromEntries(Array.from({ length: 4_500 }, (_, at) => [`k${at}`, null])) }),
    ],
    [
      '64 kB of names that nobody knows',
      JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, at]))),
    ],
    ['60,000 levels', `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
  ])('arguments of %s: answered at once', async (_what, args) => {
    const input = z.strictObject({
      text: z.string().optional(),
      list: z.array(z.object({ a: z.string().optional() })).optional(),
      names: z.record(z.string(), z.string()).optional(),
    });
    const bench = createBench([tool(() => 'ran', { input })]);
    const costMs = costOf();
    const outcome = await bench.outcome(bench.call('hostile', args));
    expect(costMs()).toBeLessThan(MOST_MS);
    expect(Buffer.byteLength(outcome?.content ?? '')).toBeLessThanOrEqual(MOST_CONTENT_BYTES);
  });

  test('progress() 20,000 times, and of 5 MB each: what a caller listens to', async () => {
    const text = 'word '.repeat(1_000_000);
    const costMs = costOf();
    const { progress } = await settle((_input, context) => {
      for (let times = 0; times < 20_000; times++) context.progress(times % 2 === 0 ? 'Soon.' : text);
      return 'done';
    });
    expect(costMs()).toBeLessThan(MOST_MS);
    expect(progress.length).toBeLessThanOrEqual(10);
    expect(progress.join('').length).toBeLessThan(9_000);
  });
});

describe('what a tool does to what it was given', () => {
  test('its input, its signal and its context, spoiled, keep nobody else from anything', async () => {
    const fail = () => {
      throw new Error('spoiled');
    };
    const bench = createBench([
      tool(
        (input, context) => {
          input['self'] = input;
          Object.defineProperty(input, 'field', { get: fail, enumerable: true });
          Object.defineProperties(context.signal, {
            aborted: { get: fail },
            addEventListener: { get: fail },
            removeEventListener: { get: fail },
          });
          return new Promise(() => undefined);
        },
        { retries: 2 },
      ),
    ]);
    const id = bench.call('hostile', { a: 1 });
    bench.runner.letGo(id);
    expect(await bench.outcome(id)).toMatchObject({ failure: 'cancelled' });
    const other = bench.call('hostile', { a: 2 });
    bench.runner.cancel(other);
    expect(await bench.outcome(other)).toMatchObject({ failure: 'cancelled' });
  });

  test("`context.state` has no prototype: a key of the model's is a key", async () => {
    const seen: unknown[] = [];
    const { outcome } = await settle(
      (input, { state }) => {
        const { key } = input as { key: string };
        state[key] = { isAdmin: true };
        seen.push(state['constructor'], Object.keys(state), ({} as Record<string, unknown>)['isAdmin']);
        return state;
      },
      {},
      { key: '__proto__' },
    );
    expect(outcome?.ok).toBe(true);
    expect(seen).toEqual([undefined, ['__proto__'], undefined]);
  });

  test('arguments named `__proto__` are arguments', async () => {
    const { outcome } = await settle(
      (input) => Object.keys(input),
      {},
      '{"__proto__":{"isAdmin":true},"constructor":1}',
    );
    expect(outcome?.ok).toBe(true);
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });
});

describe('what escapes from a run', () => {
  test('a handler that never ends after that is given up within a second, a write is still joined', async () => {
    stops.push(watchTools({ blockedMs: 10_000, blocked: () => undefined }));
    for (const effect of ['read', 'write'] as const) {
      let atWork: ToolAtWork | undefined;
      const bench = createBench([tool(() => ((atWork = toolAtWork()), new Promise(() => undefined)), { effect })]);
      const id = bench.call('hostile');
      atWork?.strayed?.();
      atWork?.strayed?.();
      bench.clock.advanceBy(999);
      expect(await bench.outcome(id)).toBeUndefined();
      bench.clock.advanceBy(1);
      expect(await bench.outcome(id)).toMatchObject({ ok: false, failure: 'internal-error' });
      const again = bench.call('hostile');
      bench.clock.advanceBy(1_000);
      const outcome = await bench.outcome(again);
      if (effect === 'write') expect(outcome).toMatchObject({ failure: 'internal-error' });
      bench.clock.advanceBy(60_000);
      await flush();
      expect(bench.settled.map(({ callId }) => callId)).toEqual(effect === 'write' ? [id, again] : [id, again]);
    }
  });

  test('a handler that ends all the same has its result', async () => {
    stops.push(watchTools({ blockedMs: 10_000, blocked: () => undefined }));
    let atWork: ToolAtWork | undefined;
    let end: (value: unknown) => void = () => undefined;
    const bench = createBench([
      tool(() => {
        atWork = toolAtWork();
        return new Promise((resolve) => (end = resolve));
      }),
    ]);
    const id = bench.call('hostile');
    atWork?.strayed?.();
    bench.clock.advanceBy(500);
    end('here');
    expect(await bench.outcome(id)).toMatchObject({ ok: true, content: '"here"' });
    bench.clock.advanceBy(60_000);
    await flush();
    expect(bench.settled).toHaveLength(1);
  });

  test('listeners to its signal run in its name', async () => {
    stops.push(watchTools({ blockedMs: 10_000, blocked: () => undefined }));
    const seen: (string | undefined)[] = [];
    const bench = createBench([
      tool((_input, { signal }) => {
        signal.addEventListener('abort', () => seen.push(toolAtWork()?.tool));
        return new Promise(() => undefined);
      }),
    ]);
    bench.runner.cancel(bench.call('hostile'));
    await flush();
    expect(seen).toEqual(['hostile']);
  });

  test('a tool is known by its file where no run has begun what threw, unless Parley threw', () => {
    knowToolFile('/srv/my tools/lookup.ts', 'lookup');
    expect(
      toolAmong(['    at listOnTimeout (node:internal/timers:569:17)', '    at f (/srv/my tools/lookup.ts:3:5)']),
    ).toBe('lookup');
    expect(
      toolAmong(['    at f (/srv/node_modules/x/index.js:1:1)', '    at file:///srv/my%20tools/lookup.ts:3:5']),
    ).toBe('lookup');
    const own = new URL('../../src/call/call.ts', import.meta.url).href;
    expect(toolAmong([`    at Call.feed (${own}:3:5)`, '    at f (/srv/my tools/lookup.ts:3:5)'])).toBeUndefined();
    expect(toolAmong(['    at f (/srv/my tools/other.ts:3:5)'])).toBeUndefined();
  });

  test('a piece of a tool is run in this tick, and what it returns or throws is handed on', () => {
    stops.push(watchTools({ blockedMs: 10_000, blocked: () => undefined }));
    const one = { tool: 'one', callId: 'CA1', turn: 1 };
    expect(asTool(one, () => toolAtWork())).toBe(one);
    expect(() =>
      asTool(one, () => {
        throw new RangeError('x');
      }),
    ).toThrow(RangeError);
    expect(toolAtWork()).toBeUndefined();
  });
});
