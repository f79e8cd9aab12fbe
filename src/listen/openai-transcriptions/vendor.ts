/**
 * Servers that speak OpenAI's transcriptions in the list of vendors: OpenAI's own, and those of one's own. What hears is
 * loaded when it is first made.
 */
import { z } from 'zod';
import { lacksServerKey, OPENAI_BASE_URL, OPENAI_PROVIDER } from '../../lib/openai.ts';
import { httpUrl, number, setting, URL_EXPECTED } from '../../lib/settings.ts';
import { KEY_FORM } from '../../lib/smallest.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { EarVendor } from '../contract.ts';
import { SERVER_NAMES, TranscriptionListen } from './options.ts';

const STANDARD_MODEL = 'gpt-4o-mini-transcribe';
const MOST_REQUESTS = 100;

const Account = z.object({
  transcriptionsBaseUrl: z.string().default(OPENAI_BASE_URL),
  transcriptionsApiKey: z.string().optional(),
  transcriptionsModel: z.string().default(STANDARD_MODEL),
});
/** Requests at once that the server serves. */
const Limits = z.object({ transcriptionsRequests: z.int().min(1).default(MOST_REQUESTS) });
const REQUESTS = 'openai-transcriptions';

export const openAiTranscriptions = {
  provider: OPENAI_PROVIDER,
  label: 'OpenAI-compatible transcriptions',
  options: TranscriptionListen,
  account: {
    transcriptionsBaseUrl: setting(SERVER_NAMES.baseUrl, httpUrl.default(OPENAI_BASE_URL), {
      help: "where callers of agents with listen.vendor openai-transcriptions are understood: any server that speaks OpenAI's /audio/transcriptions",
      expected: URL_EXPECTED,
    }),
    transcriptionsApiKey: setting(SERVER_NAMES.apiKey, z.string().regex(KEY_FORM).optional(), {
      help: 'key of that server (default: none is shown; OpenAI wants one)',
      expected: 'a key, one word of plain letters',
      isSecret: true,
    }),
    transcriptionsModel: setting('PARLEY_TRANSCRIPTIONS_MODEL', z.string().min(1).default(STANDARD_MODEL), {
      help: 'what hears there, for agents whose listen.model names nothing',
      expected: 'a name',
    }),
  },
  limits: {
    transcriptionsRequests: number(
      'PARLEY_TRANSCRIPTIONS_REQUESTS',
      [1, 100_000, MOST_REQUESTS],
      'transcriptions at once that that server serves',
    ),
  },
  resources: (settings) => ({
    [REQUESTS]: { type: 'places', concurrent: readVendorSettings(Limits, settings).transcriptionsRequests },
  }),
  lacks(settings) {
    const { transcriptionsBaseUrl: baseUrl, transcriptionsApiKey: apiKey } = readVendorSettings(Account, settings);
    return lacksServerKey({ baseUrl, apiKey }, SERVER_NAMES);
  },
  async create({ settings, places, clock, log }) {
    const account = readVendorSettings(Account, settings);
    const { transcriptionsBaseUrl: baseUrl, transcriptionsApiKey: apiKey, transcriptionsModel: model } = account;
    const { createOpenAiTranscriptions } = await import('./transcriber.ts');
    return createOpenAiTranscriptions({ baseUrl, apiKey, model, places: places(REQUESTS), clock, log });
  },
} satisfies EarVendor;
