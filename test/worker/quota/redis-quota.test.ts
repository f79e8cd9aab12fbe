/** Workers that share one account through a real Redis, and what becomes of their calls when it fails. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock, VirtualClock, type Clock } from '../../../src/lib/clock.ts';
import { createLog, silentLog, type Log } from '../../../src/lib/log.ts';
import { Places } from '../../../src/lib/places.ts';
import { PLACE_MARGIN_MS } from '../../../src/model/allowance.ts';
import { createBudget } from '../../../src/model/budget.ts';
import type { Budget, Release } from '../../../src/model/contract.ts';
import { limitsOf, type Plan } from '../../../src/model/plan.ts';
import { openQuota } from '../../../src/worker/quota/quota.ts';
import { RedisQuota, scopeOf, type RedisQuotaOptions } from '../../../src/worker/quota/redis-quota.ts';
import { freePort, hasRedis, startRedis, type RedisServer } from '../../helpers/redis.ts';
import { until } from '../../helpers/until.ts';

const children = join(import.meta.dirname, '../helpers/holder-child.ts');

let scopes = 0;
const cleanUps: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface WorkerOptions extends Partial<RedisQuotaOptions> {
  url: string;
  scope: string;
  plan?: Plan;
  clock?: Clock;
}

/** One worker's part of the quota: a budget and places, as `services.ts` has them. */
function workerOf({ plan = 'standard', clock = systemClock, log = silentLog, ...options }: WorkerOptions) {
  const quota = new RedisQuota({ settleMs: 0, ...options, clock, log });
  const extras = { keepsForCallers: true, releaseAfterMs: PLACE_MARGIN_MS };
  const shared = quota.limit({ name: 'electron', ...limitsOf(plan), ...extras });
  const budget = createBudget({ plan, shared, clock });
  const places = new Places(2, clock, quota.limit({ name: 'pulse-sockets', concurrent: 2 }));
  cleanUps.push(() => quota.close());
  return { quota, budget, places };
}

const admit = (budget: Budget, deadlineMs = 5_000): Promise<Release> => {
  const release = budget.admitNow('answer');
  return release
    ? Promise.resolve(release)
    : budget.admit('answer', { deadlineMs, signal: new AbortController().signal });
};

/** So many requests, one after the other, by both budgets in turn. */
async function ask(times: number, budgets: [Budget, Budget], advance: (ms: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) {
    const admitted = admit(budgets[i % 2 ? 1 : 0]);
    await advance(250);
    (await admitted)();
  }
}

function logInto(lines: { level: number; msg: string }[]): Log {
  return createLog({
    stream: { write: (line) => void lines.push(JSON.parse(line) as { level: number; msg: string }) },
  });
}

describe.skipIf(!hasRedis)('workers share the plan', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.close());

  /** In virtual time, which is Redis' time too. */
  async function crowd(count: number, options: Partial<WorkerOptions> = {}) {
    const clock = new VirtualClock();
    const scope = `crowd-${++scopes}`;
    let setByMs = 0;
    const timeMs = () => 1e12 + clock.nowMs() + setByMs;
    const setClock = (byMs: number) => void (setByMs += byMs);
    const workers = Array.from({ length: count }, () =>
      workerOf({ url: server.url, scope, clock, timeMs, commandTimeoutMs: 1e9, ...options }),
    );
    for (const { quota } of workers) await quota.start();
    async function settle() {
      for (const { quota } of workers) await quota.settled();
      await new Promise((resolve) => setImmediate(resolve));
    }
    async function advance(ms: number, stepMs = 50): Promise<void> {
      const untilMs = clock.nowMs() + ms;
      await settle();
      while (clock.nowMs() < untilMs) {
        clock.advanceTo(Math.min(untilMs, clock.nowMs() + stepMs));
        await settle();
      }
    }
    return { clock, workers, settle, advance, setClock };
  }

  test('the minute and the places are those of all workers together', async () => {
    const { workers, advance, settle } = await crowd(2);
    const [a, b] = workers.map(({ budget }) => budget) as [Budget, Budget];
    const held = [await admit(a), await admit(b), await admit(a)];
    let isIn = false;
    void admit(b).then((release) => {
      isIn = true;
      release();
    });
    await advance(500);
    expect(isIn).toBe(false); // three are in flight
    for (const release of held) release();
    await advance(250);
    expect(isIn).toBe(true);
    await ask(6, [b, a], advance);
    await settle();
    const eleventh = expect(admit(a, 10_000)).rejects.toMatchObject({ code: 'queue-timeout' });
    await settle();
    await eleventh;
  });

  test('a place goes to whoever waits longest, whichever worker it is', async () => {
    const { workers, advance } = await crowd(3, { plan: { concurrent: 1 } });
    const [a, b, c] = workers.map(({ budget }) => budget) as [Budget, Budget, Budget];
    const order: string[] = [];
    let release = await admit(a);
    const queue = (name: string, budget: Budget) =>
      void admit(budget, 60_000).then((next) => {
        order.push(name);
        release = next;
      });
    for (const [name, budget] of [
      ['c', c],
      ['b', b],
      ['a', a],
      ['c again', c],
    ] as const) {
      queue(name, budget);
      await advance(60);
    }
    for (let i = 0; i < 4; i++) {
      release();
      await advance(300);
    }
    expect(order).toEqual(['c', 'b', 'a', 'c again']);
  });

  test('a 429 that one worker gets lowers the rate for all', async () => {
    const { workers, advance, settle } = await crowd(2, { plan: 'enterprise' });
    const [a, b] = workers.map(({ budget }) => budget) as [Budget, Budget];
    for (let i = 0; i < 4; i++) (await admit(a))({});
    const refused = await admit(a);
    a.lower({ isConcurrency: false });
    refused({ wasSent: false });
    await advance(300);
    (await admit(b))();
    const tooMany = expect(admit(b, 10_000)).rejects.toMatchObject({ code: 'queue-timeout' });
    await settle();
    await tooMany;
    await advance(61_000, 500);
    (await admit(b))();
  });

  test('places at once are shared too, and who ends gives them back at once', async () => {
    const { workers, advance, settle } = await crowd(2);
    const [a, b] = workers as [(typeof workers)[0], (typeof workers)[0]];
    const told: string[] = [];
    const ask = (places: Places, name: string) =>
      places.request({
        waitMs: 5_000,
        granted: () => told.push(`granted ${name}`),
        expired: () => told.push(`expired ${name}`),
      });
    ask(a.places, 'a1');
    ask(a.places, 'a2');
    await settle();
    ask(b.places, 'b1');
    ask(b.places, 'b2');
    await advance(1_000);
    expect(told).toEqual(['granted a1', 'granted a2']);
    await a.quota.close();
    await advance(200);
    expect(told.slice(2)).toEqual(['granted b1', 'granted b2']);
    ask(b.places, 'b3');
    await advance(5_000);
    expect(told.at(-1)).toBe('expired b3');
  });

  test('a worker that gives signs of life keeps its places; without any they are free within seconds', async () => {
    for (const [beatMs, isInAfterMs] of [
      [1_000, Infinity],
      [1e9, 5_000],
    ] as const) {
      const { clock, workers, advance } = await crowd(2, { plan: { concurrent: 1 }, beatMs });
      const [a, b] = workers.map(({ budget }) => budget) as [Budget, Budget];
      await admit(a);
      let inAtMs = Infinity;
      void admit(b, 60_000).then(() => (inAtMs = clock.nowMs()));
      await advance(10_000);
      if (isInAfterMs === Infinity) expect(inAtMs).toBe(Infinity);
      else expect(Math.abs(inAtMs - isInAfterMs)).toBeLessThan(200);
    }
  });

  test('a connection that breaks again and again is trusted later each time', async () => {
    const { clock, workers, advance } = await crowd(1);
    const { quota } = workers[0]!;
    const tookMs: number[] = [];
    for (let i = 0; i < 3; i++) {
      const breaks = quota.counts.lost + 1;
      await server.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await until(() => expect(quota.counts.lost).toBe(breaks));
      await until(() => expect(quota.isConnected).toBe(true));
      const startedAtMs = clock.nowMs();
      for (let ms = 0; ms < 20_000 && !quota.isShared; ms += 500) await advance(500, 500);
      tookMs.push(clock.nowMs() - startedAtMs);
    }
    expect(tookMs).toEqual([1_000, 3_000, 7_000]);
  });

  test('after kill -9 the places of the process are free within seconds', async () => {
    const scope = `killed-${++scopes}`;
    const child = spawn(process.execPath, ['--import', 'tsx', children, server.url, scope], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanUps.push(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data'); // holds all three
    const { quota, budget } = workerOf({ url: server.url, scope, workerTtlMs: 1_000 });
    await quota.start();
    await expect(admit(budget, 300)).rejects.toMatchObject({ code: 'queue-timeout' });
    child.kill('SIGKILL');
    const killedAtMs = performance.now();
    (await admit(budget, 8_000))();
    expect(performance.now() - killedAtMs).toBeLessThan(6_000);
    expect(quota.isShared).toBe(true);
  });

  test('a refused name or password is an error at the start, which does not show it', async () => {
    const locked = await startRedis({ password: 'right-secret' });
    cleanUps.push(() => locked.close());
    const account = {
      resources: { electron: { type: 'requests', ...limitsOf('standard') } },
      clock: systemClock,
      log: silentLog,
      apiKey: 'sk_1',
      baseUrl: 'http://x',
    } as const;
    const share = async (redisUrl: string) => {
      const quota = await openQuota({ ...account, redisUrl });
      await quota.share();
      return quota;
    };
    const wrong = share(`redis://:wrong-secret@127.0.0.1:${locked.port}`);
    await expect(wrong).rejects.toMatchObject({ code: 'options-invalid' });
    await expect(wrong).rejects.toThrow(/PARLEY_REDIS_URL: Redis refuses this worker: .*WRONGPASS/);
    await expect(wrong).rejects.not.toThrow(/secret/);
    const none = share(`redis://127.0.0.1:${locked.port}`);
    await expect(none).rejects.toThrow(/NOAUTH/);
    const right = await share(locked.url);
    cleanUps.push(() => right.redis?.close());
    expect(right.redis?.workersSeen).toBe(1);
  });

  describe.each([
    ['back by an hour', -3_600_000],
    ['back by five seconds', -5_000],
    ['forward by half a minute', 30_000],
    ['forward by an hour', 3_600_000],
  ])("Redis' clock is set %s", (_, byMs) => {
    test('the minute still counts, the plan is not blocked, and nothing is unshared for it', async () => {
      const { workers, advance, setClock } = await crowd(2);
      const [a, b] = workers as [(typeof workers)[0], (typeof workers)[0]];
      await ask(10, [b.budget, a.budget], advance);
      setClock(byMs);
      const eleventh = expect(admit(a.budget, 20_000)).rejects.toMatchObject({ code: 'queue-timeout' });
      await advance(21_000, 250);
      await eleventh;
      await advance(41_000, 250); // now the minute is over
      const admitted = admit(b.budget, 2_000);
      await advance(500);
      (await admitted)();
      for (const { quota } of workers) expect([quota.isShared, quota.counts.lost]).toEqual([true, 0]);
    });

    test('the places of a worker that is gone are free when its time is over', async () => {
      const { workers, advance, setClock } = await crowd(2);
      const [a, b] = workers as [(typeof workers)[0], (typeof workers)[0]];
      const held = [admit(a.budget), admit(a.budget), admit(a.budget)];
      await advance(100);
      await Promise.all(held);
      await a.quota.settled();
      Reflect.set(a.quota, 'run', () => {}); // as if it had been killed
      setClock(byMs);
      const waits = admit(b.budget, 20_000);
      await advance(7_000, 250);
      (await waits)();
    });

    test('it has lost its data too: the workers tell it all again, and the minute still counts', async () => {
      const { workers, advance, setClock } = await crowd(2);
      const [a, b] = workers as [(typeof workers)[0], (typeof workers)[0]];
      await ask(10, [b.budget, a.budget], advance);
      await server.client.flushall();
      setClock(byMs);
      await advance(5_000, 250);
      for (const { quota } of workers) expect(quota.isShared).toBe(true);
      const eleventh = expect(admit(a.budget, 20_000)).rejects.toMatchObject({ code: 'queue-timeout' });
      await advance(21_000, 250);
      await eleventh;
      await advance(37_000, 250);
      const admitted = admit(b.budget, 2_000);
      await advance(1_000);
      (await admitted)();
    });

    test('a 429 holds as long as it said', async () => {
      const { workers, advance, setClock } = await crowd(2);
      const [a, b] = workers as [(typeof workers)[0], (typeof workers)[0]];
      a.budget.lower({ retryAfterMs: 8_000, isConcurrency: false });
      await advance(100);
      setClock(byMs);
      const early = expect(admit(b.budget, 5_000)).rejects.toMatchObject({ code: 'queue-timeout' });
      await advance(6_000, 250);
      await early;
      const admitted = admit(b.budget, 5_000);
      await advance(4_000, 250);
      (await admitted)();
    });
  });
});

describe.skipIf(!hasRedis)('when Redis fails', () => {
  /** A time-out that no loaded machine reaches; the test that needs it has a shorter one. */
  const quick = { beatMs: 40, commandTimeoutMs: 3_000 };

  async function setUp(options: Partial<WorkerOptions> = {}) {
    const server = await startRedis();
    cleanUps.push(() => server.close());
    const lines: { level: number; msg: string }[] = [];
    const log = logInto(lines);
    const scope = `failing-${++scopes}`;
    const worker = workerOf({ url: server.url, scope, log, ...quick, ...options });
    const other = workerOf({ url: server.url, scope, ...quick, ...options });
    for (const { quota } of [worker, other]) await quota.start();
    await until(() =>
      expect([worker.quota.isShared, other.quota.isShared, worker.quota.workers]).toEqual([true, true, 2]),
    );
    const warnings = () => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg);
    return { server, worker, other, lines, warnings };
  }

  test('it hangs: a call waits for it once and no longer than the time-out, and it recovers by itself', async () => {
    const { server, worker, lines, warnings } = await setUp({
      plan: { concurrent: 20, requestsPerMinute: 200 },
      commandTimeoutMs: 300,
    });
    server.hang();
    const startedAtMs = performance.now();
    (await admit(worker.budget))();
    expect(performance.now() - startedAtMs).toBeLessThan(4_000);
    expect(worker.quota.isShared).toBe(false);
    for (let i = 0; i < 5; i++) {
      const release = worker.budget.admitNow('answer'); // without any wait, not even a tick
      expect(release).toBeDefined();
      release!();
    }
    expect(worker.budget.limits.concurrent).toBe(10);
    expect(warnings()).toEqual([
      'the quota is not shared: until Redis answers again, this worker goes by 1/2 of the plan',
    ]);
    server.goOn();
    await until(() => expect(worker.quota.isShared).toBe(true));
    expect(worker.budget.limits.concurrent).toBe(20);
    expect(lines.at(-1)!.msg).toBe('the quota is shared again through Redis');
    const { failed, lost } = worker.quota.counts;
    expect([failed >= 1, lost]).toEqual([true, 1]);
    // What was asked before it hung, and granted after all, has been given back: six were sent.
    await until(async () => expect(await sentIn(server)).toBe(6));
  });

  test('it is killed: calls go on at once, on a part that counts what the others had sent; restarted, it learns it all', async () => {
    const { server, worker, other, warnings } = await setUp({ plan: { requestsPerMinute: 10 } });
    for (let i = 0; i < 6; i++) (await admit(other.budget))();
    await until(() => expect(worker.budget.counts.queued).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 3 * quick.beatMs)); // a sign of life tells of them
    await server.kill();
    await until(() => expect(worker.quota.isShared || other.quota.isShared).toBe(false));
    (await admit(worker.budget, 10))();
    (await admit(worker.budget, 10))(); // half of the four that are left
    await expect(admit(worker.budget, 10)).rejects.toMatchObject({ code: 'queue-timeout' });
    await server.restart();
    await until(() => expect([worker.quota.isShared, other.quota.isShared]).toEqual([true, true]));
    await until(async () => expect(await sentIn(server)).toBe(8));
    (await admit(worker.budget))();
    (await admit(other.budget))();
    await expect(admit(worker.budget, 1_000)).rejects.toMatchObject({ code: 'queue-timeout' });
    expect(warnings()).toHaveLength(1);
  });

  test('places that are held outlast it', async () => {
    const { server, worker, other } = await setUp();
    const held = await granted(worker.places);
    await server.restart();
    await until(() => expect([worker.quota.isShared, other.quota.isShared]).toEqual([true, true]));
    const second = await granted(other.places);
    const expired = new Promise<void>((resolve) =>
      other.places.request({ waitMs: 200, granted: () => {}, expired: resolve }),
    );
    await expired;
    held();
    (await granted(other.places))();
    second();
  });

  test('it is not there at the start: the worker starts on its part, and shares when it comes', async () => {
    const port = await freePort();
    const lines: { level: number; msg: string }[] = [];
    const { quota, budget } = workerOf({
      url: `redis://127.0.0.1:${port}`,
      scope: 'late',
      workersExpected: 3,
      log: logInto(lines),
      ...quick,
    });
    await quota.start();
    expect(quota.isShared).toBe(false);
    (await admit(budget, 10))();
    expect(budget.limits.concurrent).toBe(1);
    expect(lines.map(({ msg }) => msg)).toEqual([
      'the quota is not shared: until Redis answers again, this worker goes by 1/3 of the plan',
    ]);
    const server = await startRedis({ port });
    cleanUps.push(() => server.close());
    await until(() => expect(quota.isShared).toBe(true));
    expect(budget.limits.concurrent).toBe(3);
  });

  test('it hangs at the start: the worker starts a second later on its part, and shares when it answers', async () => {
    const server = await startRedis();
    cleanUps.push(() => server.close());
    server.hang();
    const { quota, budget } = workerOf({ url: server.url, scope: 'hung', ...quick });
    await quota.start();
    expect(quota.isShared).toBe(false);
    budget.admitNow('answer')!();
    server.goOn();
    await until(() => expect(quota.isShared).toBe(true));
    await until(async () => expect(await sentIn(server)).toBe(1));
  });

  test('an address that is none is refused before anything else', () => {
    for (const url of ['localhost:6379', 'http://redis', 'redis://']) {
      expect(() => new RedisQuota({ url, scope: 'x', clock: systemClock, log: silentLog })).toThrow(
        'Expected an address such as redis://:password@redis:6379/0',
      );
    }
  });
});

test('a scope tells accounts apart and does not tell the key', () => {
  expect(scopeOf('sk_1', 'https://a')).toBe(scopeOf('sk_1', 'https://a'));
  expect(scopeOf('sk_1', 'https://a')).not.toBe(scopeOf('sk_2', 'https://a'));
  expect(scopeOf('sk_1', 'https://a')).toMatch(/^[0-9a-f]{12}$/);
});

/** Model requests of the last minute, as Redis knows them. */
async function sentIn({ client }: RedisServer): Promise<number> {
  const [key = ''] = await client.keys('*electron:sent');
  return client.zcard(key);
}

function granted(places: Places): Promise<() => void> {
  return new Promise((resolve, reject) =>
    places.request({ waitMs: 5_000, granted: resolve, expired: () => reject(new Error('no place')) }),
  );
}
