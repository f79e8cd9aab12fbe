/** The limits of the process's accounts, by resource: those of this process, or, with Redis, those of all workers together. */
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { Places } from '../../lib/places.ts';
import type { SharedLimit } from '../../lib/shared-limit.ts';
import type { Resource } from '../../lib/vendor.ts';
import { PLACE_MARGIN_MS } from '../../model/allowance.ts';
import { createBudget } from '../../model/budget.ts';
import type { Budget } from '../../model/contract.ts';
import { OwnPart } from './own-part.ts';
import type { RedisQuota } from './redis-quota.ts';

export interface QuotaOptions {
  /** By the names that keys and metrics have for them. */
  resources: Readonly<Record<string, Resource>>;
  /** How many workers use the accounts. Each takes its part while nothing else tells them of each other. Default 1. */
  workersExpected?: number | undefined;
  redis?: RedisQuota | undefined;
  clock: Clock;
  /** Told of calls that want more than their part of a plan. Default: nobody is. */
  log?: Log | undefined;
}

/** What keeps a limit: places at once, or a budget of requests. */
export type QuotaPart = { type: 'places'; places: Places } | { type: 'requests'; budget: Budget };

export class Quota {
  /** In the order in which they were named. */
  readonly parts: ReadonlyMap<string, QuotaPart>;
  readonly redis: RedisQuota | undefined;

  constructor(parts: ReadonlyMap<string, QuotaPart>, redis?: RedisQuota) {
    this.parts = parts;
    this.redis = redis;
  }

  /**
   * Begins to share, where a Redis is configured. Until then no other worker knows of this one.
   * @throws {VoiceError} `options-invalid`, when Redis refuses this worker; one that cannot be reached is no error.
   */
  async share(): Promise<void> {
    try {
      await this.redis?.start();
    } catch (error) {
      if (error instanceof VoiceError) throw error;
      throw new VoiceError('options-invalid', 'PARLEY_REDIS_URL: Redis cannot be used', { cause: error });
    }
  }

  /** @throws {VoiceError} `options-invalid`, when there are no places of this name. */
  readonly places = (name: string): Places => {
    const part = this.parts.get(name);
    if (part?.type === 'places') return part.places;
    throw this.#missing(name, 'places');
  };

  /** @throws {VoiceError} `options-invalid`, when there is no budget of this name. */
  readonly budget = (name: string): Budget => {
    const part = this.parts.get(name);
    if (part?.type === 'requests') return part.budget;
    throw this.#missing(name, 'requests');
  };

  #missing(name: string, type: QuotaPart['type']): VoiceError {
    const known = [...this.parts].filter(([, part]) => part.type === type).map(([each]) => `\`${each}\``);
    const expected = known.length === 0 ? 'one that the vendor names in `resources`' : known.join(' or ');
    return new VoiceError(
      'options-invalid',
      `Expected a resource of type \`${type}\` to be ${expected}, got \`${name}\``,
    );
  }
}

/** @throws {VoiceError} `options-invalid`, when a limit is not 1 or more. */
export function createQuota({ resources, workersExpected = 1, redis, clock, log }: QuotaOptions): Quota {
  const shared = (name: string, resource: Resource): SharedLimit | undefined => {
    if (redis) return redis.limit({ name, ...limitOf(resource) });
    return workersExpected > 1 ? new OwnPart(workersExpected) : undefined;
  };
  const parts = Object.entries(resources).map(
    ([name, resource]) => [name, partOf(resource, { clock, log, shared: shared(name, resource) })] as const,
  );
  return new Quota(new Map(parts), redis);
}

interface PartOptions {
  clock: Clock;
  log: Log | undefined;
  shared: SharedLimit | undefined;
}

function partOf(resource: Resource, { clock, log, shared }: PartOptions): QuotaPart {
  const onOverShare = (callId: string) =>
    log?.warn(
      { callId },
      'a call asks the model more often than its part of the plan; it waits, and the others do not',
    );
  switch (resource.type) {
    case 'places':
      return { type: 'places', places: new Places(resource.concurrent, clock, shared) };
    case 'requests':
      return { type: 'requests', budget: createBudget({ plan: resource, clock, shared, onOverShare }) };
  }
}

/** As Redis keeps it. */
function limitOf(resource: Resource) {
  const { concurrent } = resource;
  if (resource.type === 'places') return { concurrent };
  const { requestsPerMinute } = resource;
  return { requestsPerMinute, concurrent, keepsForCallers: true, releaseAfterMs: PLACE_MARGIN_MS };
}

export interface SharedQuotaOptions extends Omit<QuotaOptions, 'redis' | 'log'> {
  /** Without it nothing is shared. */
  redisUrl: string | undefined;
  /** Workers with the same key at the same address share. */
  apiKey: string;
  baseUrl: string;
  log: Log;
}

/** Shared by Redis, where one is configured, once it has been told to (`share`), which is before the first call is taken. */
export async function openQuota({ redisUrl, apiKey, baseUrl, log, ...options }: SharedQuotaOptions): Promise<Quota> {
  if (redisUrl === undefined) return createQuota({ ...options, log });
  const { RedisQuota, scopeOf } = await import('./redis-quota.ts');
  const { workersExpected, clock } = options;
  const redis = new RedisQuota({ url: redisUrl, scope: scopeOf(apiKey, baseUrl), workersExpected, clock, log });
  return createQuota({ ...options, redis, log });
}
