/** What an agent file's `voice` may say of a server that speaks OpenAI's audio API. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import type { VoiceOptions } from '../contract.ts';
import { PCM_RATE_HZ } from './wire.ts';

/** Of the agent file's `voice`; a field's comment is what an editor shows; `docs/own-servers.md` says the same. */
const VOICE_FIELDS = {
  /** The voice, by the name that the server has for it. Default `alloy`, OpenAI's. */
  id: z.string().min(1).default('alloy'),
  /** What speaks, by the server's name for it. Default: PARLEY_SPEECH_MODEL. */
  model: z.string().min(1).optional(),
  /** What is spoken, by its code: numbers and signs are read out in it. The server is not told. Default `en`. */
  language: z.string().min(2).default('en'),
  /** How fast. 0.25 to 4; default 1, of which the server is not told. */
  speed: z.number().min(0.25).max(4).default(1),
  /** How it should sound, in words, where the model can be told. Default: nothing is said. */
  instructions: z.string().min(1).optional(),
  /** Of the server's bare samples, in Hz; the header of a WAV answer tells its own. Default 24,000, OpenAI's. */
  sampleRateHz: z.int().min(8_000).max(48_000).default(PCM_RATE_HZ),
  /** What else this server wants in each request, such as `{ lang_code: 'e' }`. Default: nothing. */
  extra: z.record(z.string(), z.json()).default({}),
};
/** Named, so that the comments of its fields reach whoever installs the package. */
export interface SpeechVoiceSchema extends z.ZodObject<typeof VOICE_FIELDS, z.core.$strict> {}

export const SpeechVoice: SpeechVoiceSchema = z.strictObject(VOICE_FIELDS);
export type SpeechVoice = z.output<SpeechVoiceSchema>;

const known = new WeakMap<VoiceOptions, SpeechVoice>();

/**
 * A voice is one object for an agent's whole life, so it is read once.
 * @throws {VoiceError} `options-invalid`, when a field is not right.
 */
export function readSpeechVoice(voice: VoiceOptions): SpeechVoice {
  const read = known.get(voice);
  if (read) return read;
  const { success, data, error } = SpeechVoice.safeParse(voice);
  if (!success) throw new VoiceError('options-invalid', `Expected another \`voice\`: ${z.prettifyError(error)}`);
  known.set(voice, data);
  return data;
}

/** Where the server is and its key, as the environment has them. */
export const SERVER_NAMES = { baseUrl: 'PARLEY_SPEECH_BASE_URL', apiKey: 'PARLEY_SPEECH_API_KEY' };
