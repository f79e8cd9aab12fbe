/**
 * Where the model is asked, with which key, and by which name: at Smallest AI with the account's own, or at a server of its
 * own, which need not be told the account's key.
 */
import { z } from 'zod';
import { isLocalName } from '../../lib/local-name.ts';
import {
  isSmallestAi,
  keyMissing,
  KEY_FORM,
  LACKED_KEY,
  SMALLEST_SETTINGS,
  SmallestAccount,
} from '../../lib/smallest.ts';
import { httpUrl, setting, URL_EXPECTED } from '../../lib/settings.ts';
import { readVendorSettings, type LackedSetting, type VendorSettings } from '../../lib/vendor.ts';

export const SERVER_SETTINGS = {
  ...SMALLEST_SETTINGS,
  modelBaseUrl: setting('PARLEY_MODEL_BASE_URL', httpUrl.optional(), {
    help: "where the model is, if elsewhere: any server that speaks OpenAI's chat completions; speech stays at SMALLEST_BASE_URL",
    expected: URL_EXPECTED,
  }),
  modelApiKey: setting('PARLEY_MODEL_API_KEY', z.string().regex(KEY_FORM).optional(), {
    help: 'key of that server (default: none; SMALLEST_API_KEY at Smallest AI, its SMALLEST_BASE_URL, and on this machine)',
    expected: 'a key, one word of plain letters',
    isSecret: true,
  }),
  modelName: setting('PARLEY_MODEL_NAME', z.string().min(1).optional(), {
    help: "the model's name there, for agents that name none (default: electron)",
    expected: 'a name',
  }),
};

const Account = SmallestAccount.extend({
  modelBaseUrl: z.string().optional(),
  modelApiKey: z.string().optional(),
  modelName: z.string().optional(),
});

export interface ModelServer {
  baseUrl: string;
  apiKey: string | undefined;
  /** Of requests whose options name no model. */
  model: string | undefined;
  /** It has limits of its own, which no plan of Smallest AI's tells. */
  isElsewhere: boolean;
}

/** Whether there is a key where one is needed is left to `requireKey`. */
export function serverOf(settings: VendorSettings): ModelServer {
  const account = readVendorSettings(Account, settings);
  const { baseUrl, modelBaseUrl = baseUrl, modelApiKey, modelName: model } = account;
  const isElsewhere = modelBaseUrl !== baseUrl && !isSmallestAi(modelBaseUrl);
  const apiKey = modelApiKey ?? (mayHaveKey(modelBaseUrl, baseUrl) ? account.apiKey : undefined);
  return { baseUrl: modelBaseUrl, apiKey, model, isElsewhere };
}

/** @throws {VoiceError} `options-invalid`, when Smallest AI is to be asked without a key. */
export function requireKey(server: ModelServer): void {
  if (lacksKeyFor(server)) throw keyMissing();
}

/** Smallest AI wants a key; any other server says so itself. */
export function lacksKeyFor({ baseUrl, apiKey }: ModelServer): LackedSetting | undefined {
  return apiKey === undefined && isSmallestAi(baseUrl) ? LACKED_KEY : undefined;
}

/** The account's key is for nobody else, but for stand-ins of this machine. */
function mayHaveKey(modelBaseUrl: string, accountUrl: string): boolean {
  if (isSmallestAi(modelBaseUrl) || !URL.canParse(modelBaseUrl) || !URL.canParse(accountUrl)) return true;
  const { origin, hostname } = new URL(modelBaseUrl);
  return origin === new URL(accountUrl).origin || isLocalName(hostname);
}
