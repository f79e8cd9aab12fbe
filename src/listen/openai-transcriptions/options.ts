/** What an agent file's `listen` may say of a server that speaks OpenAI's transcriptions. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import type { ListenOptions } from '../contract.ts';

/** Of the agent file's `listen`; a field's comment is what an editor shows; `docs/own-servers.md` says the same. */
const LISTEN_FIELDS = {
  /** What is listened for, by its code of two or three letters; `auto`: the server finds out. Default `en`. */
  language: z
    .string()
    .regex(/^([a-z]{2,3}|auto)$/, {
      error: ({ input }) =>
        `Expected \`listen.language\` to be a code of two or three letters, such as \`en\`, or \`auto\`, got \`${String(input)}\``,
    })
    .default('en'),
  /** Words that are easily misheard, such as names: they are put before the server as the beginning of what was said. At most 100; default: none. */
  keywords: z.array(z.string().min(1)).max(100).default([]),
  /** What hears, by the server's name for it. Default: PARLEY_TRANSCRIPTIONS_MODEL. */
  model: z.string().min(1).optional(),
  /**
   * While the caller speaks, what has been said so far is asked for every so many milliseconds of it, and all of it once more at
   * its end: 500 to 10,000; default 1,000. More often costs more.
   */
  interimEveryMs: z.int().min(500).max(10_000).default(1_000),
  /** In which form the answer is asked for; `verbose_json` tells how sure the server is, and when each word was said. Default `json`. */
  responseFormat: z.enum(['json', 'verbose_json', 'text']).default('json'),
  /** What else this server wants in each request, such as `{ vad_filter: 'true' }`. Default: nothing. */
  extra: z.record(z.string(), z.string()).default({}),
};
/** Named, so that the comments of its fields reach whoever installs the package. */
export interface TranscriptionListenSchema extends z.ZodObject<typeof LISTEN_FIELDS, z.core.$strict> {}

export const TranscriptionListen: TranscriptionListenSchema = z.strictObject(LISTEN_FIELDS);
export type TranscriptionListen = z.output<TranscriptionListenSchema>;

const known = new WeakMap<ListenOptions, TranscriptionListen>();

/**
 * What an agent expects is one object for its whole life, so it is read once.
 * @throws {VoiceError} `options-invalid`, when a field is not right.
 */
export function readListen(listen: ListenOptions): TranscriptionListen {
  const read = known.get(listen);
  if (read) return read;
  const { success, data, error } = TranscriptionListen.safeParse(listen);
  if (!success) throw new VoiceError('options-invalid', `Expected another \`listen\`: ${z.prettifyError(error)}`);
  known.set(listen, data);
  return data;
}

/** Where the server is and its key, as the environment has them. */
export const SERVER_NAMES = { baseUrl: 'PARLEY_TRANSCRIPTIONS_BASE_URL', apiKey: 'PARLEY_TRANSCRIPTIONS_API_KEY' };
