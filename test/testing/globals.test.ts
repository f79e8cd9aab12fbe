/** What code of a call knows of time, beside code that is none of it. */
import { setTimeout as sleep, setImmediate as soon, setInterval as every } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { inScope, installGlobals, newScope } from '../../src/testing/time/globals.ts';
import { drained } from '../../src/testing/time/drain.ts';

const REAL = { Date, setTimeout, fetch, timeout: Reflect.get(AbortSignal, 'timeout') as unknown };
let uninstall = () => {};
beforeEach(() => (uninstall = installGlobals()));
afterEach(() => uninstall());

const NOON = Date.parse('2026-03-01T12:00:00Z');
const scopeAt = (epochMs = NOON) => newScope(new VirtualClock({ epochMs }));

/** Moves the time of `scope` until `work` is done. */
async function drive<T>(scope: ReturnType<typeof newScope>, work: Promise<T>): Promise<T> {
  let isDone = false;
  void work.finally(() => (isDone = true)).catch(() => {});
  for (;;) {
    await drained();
    if (isDone) return work;
    (scope.clock as VirtualClock).runNext();
  }
}

test('timers of every kind take no time of ours', async () => {
  const scope = scopeAt();
  const begun = performance.now();
  const told: unknown[] = [];
  const work = inScope(scope, async () => {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    told.push(Date.now() - NOON);
    told.push(await sleep(60_000, 'slept'));
    told.push(await promisify(setTimeout)(60_000, 'promisified'));
    await soon();
    await new Promise((resolve) => setImmediate(resolve));
    for await (const tick of every(10_000, 'tick')) {
      told.push(tick);
      if (told.length > 4) break;
    }
    const stopped = setTimeout(() => told.push('never'), 5);
    clearTimeout(stopped);
    const twice = setInterval(() => told.push('twice'), 5);
    await sleep(12);
    clearInterval(twice);
    return Math.round(performance.now());
  });
  expect(await drive(scope, work)).toBe(200_012);
  expect(told).toEqual([60_000, 'slept', 'promisified', 'tick', 'tick', 'twice', 'twice']);
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(scope.sleeping).toBe(0);
});

test('the date is that of the call, for all that it begins, and of nobody else', async () => {
  const scope = scopeAt();
  const [one, text, own, class_] = await inScope(scope, async () => {
    await Promise.resolve();
    class Day extends Date {}
    return [new Date(), Date(), new Date(0), new Day()] as const;
  });
  expect(one.toISOString()).toBe('2026-03-01T12:00:00.000Z');
  expect(text).toContain('2026');
  expect(own.getTime()).toBe(0);
  expect([class_.getTime(), class_ instanceof Date, one instanceof REAL.Date]).toEqual([NOON, true, true]);
  expect(Math.abs(Date.now() - REAL.Date.now())).toBeLessThan(50);
  expect(new Date().getTime()).toBeGreaterThan(NOON);
});

test('a bound is kept in the time of the call, as Node keeps it', async () => {
  const scope = scopeAt();
  const work = inScope(scope, async () => {
    const signal = AbortSignal.timeout(2_000);
    const error: unknown = await sleep(5_000, undefined, { signal }).catch((thrown: unknown) => thrown);
    return [(error as Error).name, (signal.reason as Error).name, Date.now() - NOON];
  });
  expect(await drive(scope, work)).toEqual(['AbortError', 'TimeoutError', 2_000]);
});

test('two calls side by side have each their own, and nothing is left when the last is over', async () => {
  const scopes = [scopeAt(0), scopeAt(NOON)];
  const asked = scopes.map((scope) =>
    drive(
      scope,
      inScope(scope, () => sleep(1_000).then(() => Date.now())),
    ),
  );
  const again = installGlobals();
  again();
  again();
  expect(await Promise.all(asked)).toEqual([1_000, NOON + 1_000]);
  uninstall();
  expect({ Date, setTimeout, fetch, timeout: Reflect.get(AbortSignal, 'timeout') }).toEqual(REAL);
  expect(sleep).toBe((await import('node:timers/promises')).setTimeout);
});

test('what Intl takes for now, and what measures, are of the call', async () => {
  const scope = scopeAt();
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' });
  const look = async () => {
    const [begun, begunBig] = [process.hrtime(), process.hrtime.bigint()];
    await sleep(86_400_000);
    const parts = format.formatToParts().map(({ value }) => value);
    const [seconds] = process.hrtime(begun);
    return [format.format(), parts.join(''), seconds, Number(process.hrtime.bigint() - begunBig) / 1e9];
  };
  expect(await drive(scope, inScope(scope, look))).toEqual(['2026-03-02', '2026-03-02', 86_400, 86_400]);
  expect(format.format(NOON)).toBe('2026-03-01');
  expect(format.format()).toBe(format.format(new REAL.Date()));
  uninstall();
  expect(format.format()).toBe(format.format(new REAL.Date()));
});

test('a timer is cleared by its number, too', async () => {
  const scope = scopeAt();
  let rings = 0;
  const work = inScope(scope, async () => {
    const [one, other] = [setTimeout(() => rings++, 500), setInterval(() => rings++, 500)];
    clearTimeout(+one);
    clearInterval(String(+other));
    await sleep(2_000);
  });
  await drive(scope, work);
  expect(rings).toBe(0);
  expect(scope.sleeping).toBe(0);
});
