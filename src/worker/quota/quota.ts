/** The account's limits for each product: those of this process, or, with Redis, those of all workers together. */
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { Places } from '../../lib/places.ts';
import type { SharedLimit } from '../../lib/shared-limit.ts';
import { MOST_SOCKETS } from '../../listen/pulse/transcriber.ts';
import { PLACE_MARGIN_MS } from '../../model/allowance.ts';
import { createBudget, type Budget } from '../../model/budget.ts';
import { limitsOf, type Plan } from '../../model/plan.ts';
import { SOCKETS_PER_SYNTHESIS } from '../../speak/lightning/synthesizer.ts';
import { OwnPart } from './own-part.ts';
import type { RedisQuota } from './redis-quota.ts';

export interface QuotaOptions {
  plan: Plan;
  /** Syntheses at once that the account allows. */
  syntheses: number;
  /** Live sockets of Pulse that the account allows. Default 100. */
  pulseSockets?: number | undefined;
  /** How many workers use the account. Each takes its part while nothing else tells them of each other. Default 1. */
  workersExpected?: number | undefined;
  redis?: RedisQuota | undefined;
  clock: Clock;
}

export interface Quota {
  electron: Budget;
  lightning: { syntheses: Places; sockets: Places };
  /** Live sockets. */
  pulse: Places;
  readonly redis: RedisQuota | undefined;
}

/** Each product's parts by the name that keys and metrics have for them. */
export function createQuota(options: QuotaOptions): Quota {
  const { plan, syntheses, pulseSockets = MOST_SOCKETS, workersExpected = 1, redis, clock } = options;
  const shared = (
    name: string,
    limits: { requestsPerMinute?: number; concurrent: number },
  ): SharedLimit | undefined => {
    const isElectron = name === 'electron';
    const extras = isElectron ? { keepsForCallers: true, releaseAfterMs: PLACE_MARGIN_MS } : {};
    if (redis) return redis.limit({ name, ...limits, ...extras });
    return workersExpected > 1 ? new OwnPart(workersExpected) : undefined;
  };
  const places = (name: string, concurrent: number) => new Places(concurrent, clock, shared(name, { concurrent }));
  return {
    electron: createBudget({ plan, clock, shared: shared('electron', limitsOf(plan)) }),
    lightning: {
      syntheses: places('lightning', syntheses),
      sockets: places('lightning-sockets', SOCKETS_PER_SYNTHESIS * syntheses),
    },
    pulse: places('pulse-sockets', pulseSockets),
    redis,
  };
}

export interface SharedQuotaOptions extends Omit<QuotaOptions, 'redis'> {
  /** Without it nothing is shared. */
  redisUrl: string | undefined;
  apiKey: string;
  baseUrl: string;
  log: Log;
}

/**
 * Connects to Redis, where one is configured, before the first call is taken.
 * @throws {VoiceError} `options-invalid`, when Redis refuses this worker.
 */
export async function openQuota({ redisUrl, apiKey, baseUrl, log, ...options }: SharedQuotaOptions): Promise<Quota> {
  if (redisUrl === undefined) return createQuota(options);
  const { RedisQuota, scopeOf } = await import('./redis-quota.ts');
  const { workersExpected, clock } = options;
  const redis = new RedisQuota({ url: redisUrl, scope: scopeOf(apiKey, baseUrl), workersExpected, clock, log });
  const quota = createQuota({ ...options, redis });
  try {
    await redis.start();
  } catch (error) {
    if (error instanceof VoiceError) throw error;
    throw new VoiceError('options-invalid', 'PARLEY_REDIS_URL: Redis cannot be used', { cause: error });
  }
  return quota;
}
