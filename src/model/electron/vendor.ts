/** Electron in the list of vendors; with another address, any server that speaks OpenAI's chat completions. */
import { z } from 'zod';
import { isSmallestAi, SMALLEST_PROVIDER, SMALLEST_SETTINGS, SmallestAccount } from '../../lib/smallest.ts';
import { setting } from '../../lib/settings.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { ModelVendor } from '../contract.ts';
import { limitsOf } from '../plan.ts';
import { createElectron } from './client.ts';
import { ModelOptions } from './request.ts';

const REQUESTS = 'electron';
const PLANS = ['standard', 'enterprise', 'none'] as const;

const numbers = z.object({ requestsPerMinute: z.number().optional(), concurrent: z.number().optional() });
/** Default: `standard` at Smallest AI; no limit at any other server, whose limits are its own. */
const Account = SmallestAccount.extend({
  plan: z.union([z.enum(PLANS), numbers]).optional(),
});

export const electron = {
  provider: SMALLEST_PROVIDER,
  label: 'Electron',
  options: ModelOptions,
  account: SMALLEST_SETTINGS,
  limits: {
    plan: setting('PARLEY_PLAN', z.enum(PLANS).default('standard'), {
      help: 'requests that the account allows: standard, enterprise or none (no limit)',
      expected: 'standard, enterprise or none',
    }),
  },
  resources(settings) {
    const { baseUrl, plan = isSmallestAi(baseUrl) ? 'standard' : 'none' } = readVendorSettings(Account, settings);
    return { [REQUESTS]: { type: 'requests', ...limitsOf(plan) } };
  },
  create({ settings, budget, clock, log }) {
    const { apiKey, baseUrl } = readVendorSettings(Account, settings);
    return createElectron({ apiKey, baseUrl, budget: budget(REQUESTS), clock, log });
  },
} satisfies ModelVendor;
