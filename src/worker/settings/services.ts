/** Settings of the services: whose accounts they are, where they are, and what is allowed there. */
import { z } from 'zod';
import { ACCOUNT_SETTINGS, LIMIT_SETTINGS } from '../../call/vendors.ts';
import { setting, whole } from '../../lib/settings.ts';

const redisUrl = z
  .string()
  .regex(/^rediss?:\/\/\S+$/)
  .refine((text) => URL.canParse(text));

export const ACCOUNT = ACCOUNT_SETTINGS;

export const QUOTA = {
  ...LIMIT_SETTINGS,
  redisUrl: setting('PARLEY_REDIS_URL', redisUrl.optional(), {
    help: 'Redis by which the workers of one account share its limits; while it cannot be asked, each goes by its part',
    expected: 'an address such as redis://:password@redis:6379/0',
    isSecret: true,
  }),
  workersExpected: setting('PARLEY_WORKERS_EXPECTED', whole(1, 10_000).optional(), {
    help: 'workers that use the account: by so many at least each divides its limits while Redis does not tell (default: 1; 2 with PARLEY_REDIS_URL)',
    expected: 'a whole number from 1 to 10000',
  }),
} as const;
