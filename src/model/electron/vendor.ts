/** Electron in the list of vendors; with another address, any server that speaks OpenAI's chat completions. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { SMALLEST_PROVIDER } from '../../lib/smallest.ts';
import { setting } from '../../lib/settings.ts';
import { withoutSecrets } from '../../lib/public-url.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { ModelVendor } from '../contract.ts';
import { limitsOf } from '../plan.ts';
import { createElectron, type ElectronOptions } from './client.ts';
import { ModelOptions } from './request.ts';
import { ELECTRON_MODEL } from './wire.ts';
import { lacksKeyFor, requireKey, SERVER_SETTINGS, serverOf } from './server.ts';

/** A server of one's own, for an agent's `model`. */
export interface ModelServerOptions {
  /** What `/chat/completions` is appended to: an http or https address. */
  baseUrl: string;
  /** Its key, sent to it alone. Default: none. */
  apiKey?: string | undefined;
  /** The model's name there, for options that name none. Default `electron`. */
  model?: string | undefined;
  /** As events, logs, metrics and traces name it. Default: the host of its address. */
  name?: string | undefined;
  /** Requests a minute that it allows. Default: no limit. */
  requestsPerMinute?: number | undefined;
  /** Requests at once that it allows. Default: no limit. */
  concurrent?: number | undefined;
}

/**
 * Any server that speaks OpenAI's chat completions, as a vendor with an address and a key of its own: for one agent among
 * several, or for the second in a list, to which those of the environment (`PARLEY_MODEL_BASE_URL`) do not belong.
 * @throws {VoiceError} `options-invalid`, when the address is none. What else is wrong is told when it is first asked.
 */
export function modelServer(options: ModelServerOptions): ModelVendor {
  const { baseUrl, apiKey, model = ELECTRON_MODEL, requestsPerMinute = Infinity, concurrent = Infinity } = options;
  if (!URL.canParse(baseUrl)) {
    throw new VoiceError('options-invalid', `Expected \`baseUrl\` to be an http or https address, got \`${baseUrl}\``);
  }
  const name = options.name ?? new URL(baseUrl).host;
  return {
    provider: name,
    options: ModelOptions,
    resources: () => ({ [name]: { type: 'requests', requestsPerMinute, concurrent } }),
    asks: (asked) => `${asked.model ?? model} at ${withoutSecrets(baseUrl)}`,
    create: ({ budget, clock, log }) => createElectron({ apiKey, baseUrl, model, budget: budget(name), clock, log }),
  };
}

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
  lacks: (settings) => lacksKeyFor(serverOf(settings)),
  create({ settings, budget, clock, log }) {
    const server = serverOf(settings);
    requireKey(server);
    const { baseUrl, apiKey, model } = server;
    const { electronSeams } = readVendorSettings(Seams, settings);
    return createElectron({ apiKey, baseUrl, model, budget: budget(REQUESTS), clock, log, ...electronSeams });
  },
} satisfies ModelVendor;
