/** What an on-call engineer sees of the quota: for each product, how near it is to its limit and what that has cost. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Quota, QuotaPart } from './quota/quota.ts';

interface Figures {
  waitedMs: number;
  timedOut: number;
  rateLimited: number;
  overShare: number;
  queued: number;
  inFlight: number;
  limit: number;
}

/** Registers the metrics of `quota`; they are read at every scrape, and cost nothing between two. */
export function registerQuotaMetrics(registry: Registry, quota: Quota): void {
  const registers = [registry];
  const labelNames = ['resource'];

  function total(name: string, help: string, read: (figures: Figures) => number): void {
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset(); // our own totals only grow
        for (const [resource, part] of quota.parts) this.inc({ resource }, read(figuresOf(part)));
      },
    });
  }

  function now(name: string, help: string, read: (figures: Figures) => number): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        for (const [resource, part] of quota.parts) this.set({ resource }, read(figuresOf(part)));
      },
    });
  }

  total(
    'parley_quota_waited_seconds_total',
    'Time spent waiting for room, all waits together.',
    (of) => of.waitedMs / 1_000,
  );
  total('parley_quota_timeouts_total', 'Gave up, because there was no room in time.', (of) => of.timedOut);
  total(
    'parley_quota_refused_total',
    'Refusals by the service for being too many (429, 1008).',
    (of) => of.rateLimited,
  );
  total(
    'parley_quota_over_share_total',
    'Model requests that had to wait, or were refused, because their call had had its part of the plan.',
    (of) => of.overShare,
  );
  now('parley_quota_queued', 'Waiting for room now.', (of) => of.queued);
  now('parley_quota_in_flight', 'Requests, syntheses or sockets of this worker now.', (of) => of.inFlight);
  now('parley_quota_limit', 'What this worker may have at once at this moment.', (of) => of.limit);
  new Gauge({
    name: 'parley_quota_requests_per_minute_limit',
    help: 'Model requests a minute that are allowed at this moment, before the part of the other workers.',
    registers,
    collect() {
      this.set(Math.min(...[...quota.parts.values()].map(requestsPerMinuteOf)));
    },
  });
  new Gauge({
    name: 'parley_quota_shared',
    help: '1 while the limits are those of all workers together, by way of Redis; 0 while this worker goes by its own.',
    registers,
    collect() {
      this.set(quota.redis?.isShared ? 1 : 0);
    },
  });
  if (quota.redis) registerRedisMetrics(registry, quota.redis);
}

function registerRedisMetrics(registry: Registry, redis: NonNullable<Quota['redis']>): void {
  const registers = [registry];
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  new Gauge({
    name: 'parley_quota_workers',
    help: 'Workers that share the quota, as far as this one knows.',
    registers,
    collect() {
      this.set(redis.workers);
    },
  });
  total('parley_quota_redis_commands_total', 'Commands that Redis has answered in time.', () => redis.counts.asked);
  total('parley_quota_redis_seconds_total', 'Time until these answers, together.', () => redis.counts.askedMs / 1_000);
  total('parley_quota_redis_failures_total', 'Commands without an answer in time.', () => redis.counts.failed);
  total('parley_quota_redis_lost_total', 'How often the quota ceased to be shared.', () => redis.counts.lost);
}

function figuresOf(part: QuotaPart): Figures {
  if (part.type === 'places') return { ...part.places.counts, overShare: 0 };
  return { ...part.budget.counts, limit: part.budget.limits.concurrent };
}

/** Infinity for what has no minute. */
function requestsPerMinuteOf(part: QuotaPart): number {
  return part.type === 'requests' ? part.budget.limits.requestsPerMinute : Infinity;
}
