/** Settings of the services: whose account it is, where they are, and what it allows. */
import { z } from 'zod';
import { number, setting, url, URL_EXPECTED, whole } from '../../lib/settings.ts';

const PLANS = ['standard', 'enterprise', 'none'] as const;
const redisUrl = z
  .string()
  .regex(/^rediss?:\/\/\S+$/)
  .refine((text) => URL.canParse(text));

export const ACCOUNT = {
  apiKey: setting('SMALLEST_API_KEY', z.string().min(1).optional(), {
    help: 'key of the Smallest AI account',
    expected: 'a key',
    isSecret: true,
  }),
  baseUrl: setting('SMALLEST_BASE_URL', url.default('https://api.smallest.ai/waves/v1'), {
    help: 'where its services are',
    expected: URL_EXPECTED,
  }),
} as const;

export const QUOTA = {
  plan: setting('PARLEY_PLAN', z.enum(PLANS).default('standard'), {
    help: 'requests that the account allows: standard, enterprise or none (no limit)',
    expected: 'standard, enterprise or none',
  }),
  syntheses: number('PARLEY_SYNTHESES', [1, 10_000, 1], 'syntheses at once that the account allows'),
  pulseSockets: number(
    'PARLEY_PULSE_SOCKETS',
    [1, 100_000, 100],
    'live transcriptions at once that the account allows',
  ),
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
