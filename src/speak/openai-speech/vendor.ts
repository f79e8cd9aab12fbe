/**
 * Servers that speak OpenAI's audio API in the list of vendors: OpenAI's own, and those of one's own. What speaks is loaded
 * when it is first made.
 */
import { z } from 'zod';
import { lacksServerKey, OPENAI_BASE_URL, OPENAI_PROVIDER } from '../../lib/openai.ts';
import { httpUrl, number, setting, URL_EXPECTED } from '../../lib/settings.ts';
import { KEY_FORM } from '../../lib/smallest.ts';
import { readVendorSettings } from '../../lib/vendor.ts';
import type { VoiceVendor } from '../contract.ts';
import { SERVER_NAMES, SpeechVoice } from './options.ts';

const STANDARD_MODEL = 'gpt-4o-mini-tts';
const MOST_REQUESTS = 100;

const Account = z.object({
  speechBaseUrl: z.string().default(OPENAI_BASE_URL),
  speechApiKey: z.string().optional(),
  speechModel: z.string().default(STANDARD_MODEL),
});
/** Requests at once that the server serves. */
const Limits = z.object({ speechRequests: z.int().min(1).default(MOST_REQUESTS) });
const REQUESTS = 'openai-speech';

export const openAiSpeech = {
  provider: OPENAI_PROVIDER,
  label: 'OpenAI-compatible speech',
  options: SpeechVoice,
  account: {
    speechBaseUrl: setting(SERVER_NAMES.baseUrl, httpUrl.default(OPENAI_BASE_URL), {
      help: "where agents with voice.vendor openai-speech are given their voice: any server that speaks OpenAI's /audio/speech",
      expected: URL_EXPECTED,
    }),
    speechApiKey: setting(SERVER_NAMES.apiKey, z.string().regex(KEY_FORM).optional(), {
      help: 'key of that server (default: none is shown; OpenAI wants one)',
      expected: 'a key, one word of plain letters',
      isSecret: true,
    }),
    speechModel: setting('PARLEY_SPEECH_MODEL', z.string().min(1).default(STANDARD_MODEL), {
      help: 'what speaks there, for agents whose voice.model names nothing',
      expected: 'a name',
    }),
  },
  limits: {
    speechRequests: number(
      'PARLEY_SPEECH_REQUESTS',
      [1, 100_000, MOST_REQUESTS],
      'syntheses at once that that server serves',
    ),
  },
  resources: (settings) => ({
    [REQUESTS]: { type: 'places', concurrent: readVendorSettings(Limits, settings).speechRequests },
  }),
  lacks(settings) {
    const { speechBaseUrl: baseUrl, speechApiKey: apiKey } = readVendorSettings(Account, settings);
    return lacksServerKey({ baseUrl, apiKey }, SERVER_NAMES);
  },
  async create({ settings, places, clock, log }) {
    const { speechBaseUrl: baseUrl, speechApiKey: apiKey, speechModel: model } = readVendorSettings(Account, settings);
    const { createOpenAiSpeech } = await import('./synthesizer.ts');
    return createOpenAiSpeech({ baseUrl, apiKey, model, places: places(REQUESTS), clock, log });
  },
} satisfies VoiceVendor;
