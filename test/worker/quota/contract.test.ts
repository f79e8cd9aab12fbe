/** One suite for the budget of a process and for the one that workers share through a real Redis. */
import { afterAll, beforeAll, describe } from 'vitest';
import { createBudget } from '../../../src/model/budget.ts';
import { limitsOf } from '../../../src/model/plan.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { PLACE_MARGIN_MS } from '../../../src/model/allowance.ts';
import { RedisQuota } from '../../../src/worker/quota/redis-quota.ts';
import { describeBudget } from '../../contracts/budget.suite.ts';
import { hasRedis, startRedis, type RedisServer } from '../../helpers/redis.ts';

describeBudget('of one process', async ({ plan, clock }) => ({
  budget: createBudget({ plan, clock }),
  settle: async () => {},
  close: async () => {},
}));

describe.skipIf(!hasRedis)('with a Redis', () => {
  let server: RedisServer;
  let worlds = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.close());

  describeBudget('shared through Redis', async ({ plan, clock }) => {
    const scope = `contract-${++worlds}`;
    const quota = new RedisQuota({
      url: server.url,
      scope,
      clock,
      log: silentLog,
      settleMs: 0,
      timeMs: () => 1e12 + clock.nowMs(),
    });
    const shared = quota.limit({
      name: 'electron',
      ...limitsOf(plan),
      keepsForCallers: true,
      releaseAfterMs: PLACE_MARGIN_MS,
    });
    const budget = createBudget({ plan, shared, clock });
    await quota.start();
    if (!quota.isShared) throw new Error('not shared');
    return { budget, settle: () => quota.settled(), close: () => quota.close() };
  });
});
