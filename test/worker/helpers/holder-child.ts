/** A worker that takes every place of Standard and keeps it until it is killed. */
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLog } from '../../../src/lib/log.ts';
import { createBudget } from '../../../src/model/budget.ts';
import { limitsOf } from '../../../src/model/plan.ts';
import { RedisQuota } from '../../../src/worker/quota/redis-quota.ts';

const [url = '', scope = ''] = process.argv.slice(2);
const quota = new RedisQuota({
  url,
  scope,
  clock: systemClock,
  log: silentLog,
  settleMs: 0,
  beatMs: 100,
  workerTtlMs: 1_000,
});
const shared = quota.limit({ name: 'electron', ...limitsOf('standard') });
const budget = createBudget({ plan: 'standard', shared });
await quota.start();
for (let i = 0; i < 3; i++) await budget.admit('answer', { deadlineMs: 5_000, signal: new AbortController().signal });
process.stdout.write('holds\n');
setInterval(() => {}, 1_000);
