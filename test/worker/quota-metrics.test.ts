import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/lib/clock.ts';
import { registerQuotaMetrics } from '../../src/worker/quota-metrics.ts';
import { vendorsWith } from '../../src/call/vendors.ts';
import { createQuota, type QuotaOptions } from '../../src/worker/quota/quota.ts';

async function setUp(workersExpected?: number) {
  const clock = new VirtualClock();
  const settings = { baseUrl: 'https://api.smallest.ai', plan: 'standard', syntheses: 1, pulseSockets: 4 };
  const { models, voices, ears } = vendorsWith();
  const vendors = [models['electron'], voices['lightning'], ears['pulse']];
  const resources = Object.assign(
    {},
    ...vendors.map((vendor) => vendor?.resources?.(settings)),
  ) as QuotaOptions['resources'];
  const quota = createQuota({ resources, workersExpected, clock });
  const registry = new Registry();
  registerQuotaMetrics(registry, quota);
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('parley_'));
  return { clock, quota, lines };
}

test('of each product: waited, given up, refused, in flight and the limit', async () => {
  const { clock, quota, lines } = await setUp();
  const never = new AbortController().signal;
  const releases = [1, 2, 3].map(() => quota.budget('electron').admitNow('answer')!);
  const waits = quota.budget('electron').admit('answer', { deadlineMs: 5_000, signal: never });
  const gaveUp = quota
    .budget('electron')
    .admit('answer', { deadlineMs: 1_000, signal: never })
    .catch(() => {});
  clock.advanceBy(1_000);
  await gaveUp;
  quota.budget('electron').lower({ isConcurrency: true });
  releases[0]!({ wasSent: false });
  clock.advanceBy(5_000);
  await waits.catch(() => {});
  quota.places('lightning').request({ waitMs: 500, granted: () => {}, expired: () => {} });
  quota.places('lightning').request({ waitMs: 500, granted: () => {}, expired: () => {} });
  quota.places('pulse-sockets').takeNow();
  quota.places('pulse-sockets').refused();
  clock.advanceBy(500);
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'parley_quota_timeouts_total{resource="electron"} 2',
      'parley_quota_refused_total{resource="electron"} 1',
      'parley_quota_in_flight{resource="electron"} 2',
      'parley_quota_limit{resource="electron"} 3',
      'parley_quota_waited_seconds_total{resource="lightning"} 0.5',
      'parley_quota_timeouts_total{resource="lightning"} 1',
      'parley_quota_limit{resource="lightning"} 1',
      'parley_quota_limit{resource="lightning-sockets"} 5',
      'parley_quota_in_flight{resource="pulse-sockets"} 1',
      'parley_quota_refused_total{resource="pulse-sockets"} 1',
      'parley_quota_limit{resource="pulse-sockets"} 4',
      'parley_quota_requests_per_minute_limit 10',
      'parley_quota_shared 0',
    ]),
  );
});

test('a second scrape says the same, not twice as much', async () => {
  const { quota, lines } = await setUp();
  quota.places('pulse-sockets').refused();
  await lines();
  expect(await lines()).toContain('parley_quota_refused_total{resource="pulse-sockets"} 1');
});

test('workers that were announced, without Redis, go by their part', async () => {
  const { quota, lines } = await setUp(2);
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'parley_quota_limit{resource="electron"} 1',
      'parley_quota_limit{resource="lightning-sockets"} 2',
      'parley_quota_limit{resource="pulse-sockets"} 2',
    ]),
  );
  expect(quota.budget('electron').admitNow('answer')).toBeDefined();
  expect(quota.budget('electron').admitNow('answer')).toBeUndefined();
});
