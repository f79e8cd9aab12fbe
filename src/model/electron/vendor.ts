/** Electron in the list of vendors; with another address, any server that speaks OpenAI's chat completions. */
import { z } from 'zod';
import { SMALLEST_PROVIDER } from '../../lib/smallest.ts';
import { setting } from '../../lib/settings.ts';
import { withoutSecrets } from '../../lib/public-url.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { ModelVendor } from '../contract.ts';
import { limitsOf } from '../plan.ts';
import { createElectron, type ElectronOptions } from './client.ts';
import { ModelOptions } from './request.ts';
import { ELECTRON_MODEL } from './wire.ts';
import { requireKey, SERVER_SETTINGS, serverOf } from './server.ts';

const REQUESTS = 'electron';
const PLANS = ['standard', 'enterprise', 'none'] as const;

const numbers = z.object({ requestsPerMinute: z.number().optional(), concurrent: z.number().optional() });
/** Not of the environment: what a call in virtual time puts in the place of the network and of chance. */
export type ElectronSeams = Pick<ElectronOptions, 'dispatcher' | 'random' | 'newId' | 'deadlines'>;
const Seams = z.object({ electronSeams: z.custom<ElectronSeams>().optional() });

const Limits = z.object({ plan: z.union([z.enum(PLANS), numbers]).optional() });

export const electron = {
  provider: SMALLEST_PROVIDER,
  label: 'Electron',
  options: ModelOptions,
  account: SERVER_SETTINGS,
  limits: {
    plan: setting('PARLEY_PLAN', z.enum(PLANS).optional(), {
      help: 'requests that the account allows: standard, enterprise or none, no limit (default: standard; none where the model is elsewhere)',
      expected: 'standard, enterprise or none',
    }),
  },
  resources(settings) {
    const { isElsewhere } = serverOf(settings);
    const { plan = isElsewhere ? 'none' : 'standard' } = readVendorSettings(Limits, settings);
    return { [REQUESTS]: { type: 'requests', ...limitsOf(plan) } };
  },
  asks(options, settings) {
    const { baseUrl, model = ELECTRON_MODEL } = serverOf(settings);
    return `${options.model ?? model} at ${withoutSecrets(baseUrl)}`;
  },
  create({ settings, budget, clock, log }) {
    const server = serverOf(settings);
    requireKey(server);
    const { baseUrl, apiKey, model } = server;
    const { electronSeams } = readVendorSettings(Seams, settings);
    return createElectron({ apiKey, baseUrl, model, budget: budget(REQUESTS), clock, log, ...electronSeams });
  },
} satisfies ModelVendor;
