/** What a client may ask, checked as the service checks it: on the WebSocket, and over HTTP. */
import { z } from 'zod';

const Id = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z0-9_\-.]+$/);

const STANDARD_LANGUAGES = 'auto en es fr de it nl sv pt pl ru hi mr gu pa bn or ta te kn ml'.split(' ');
const PRO_LANGUAGES = [...STANDARD_LANGUAGES, ...'el fi no zh ja ko id ms vi tr ar'.split(' ')];

const shared = {
  voice_id: z.string().min(1),
  model: z.enum(['lightning_v3.1', 'lightning_v3.1_pro']).default('lightning_v3.1'),
  language: z.enum(PRO_LANGUAGES).optional(),
  sample_rate: z.literal([8_000, 16_000, 24_000, 44_100]).default(44_100),
  speed: z.number().min(0.5).max(2).default(1),
  pronunciation_dicts: z.array(z.string()).optional(),
  session_id: Id.optional(),
  request_id: Id.optional(),
};

export const SocketRequest = z.object({
  ...shared,
  text: z.string().max(8_000).default(''),
  word_timestamps: z.boolean().default(false),
  output_format: z.literal('pcm').optional(),
  continue: z.boolean().default(false),
  flush: z.boolean().default(false),
  max_buffer_flush_ms: z.int().min(0).max(1_000).default(0),
  complete_backoff_ms: z.number().min(0).max(10_000).optional(),
});
export type SocketRequest = z.output<typeof SocketRequest>;

/** Over HTTP the language is checked against the model, which the socket does not do. */
export const HttpRequest = z
  .object({
    ...shared,
    text: z
      .string()
      .max(8_000)
      .refine((text) => text.trim() !== '', 'Text is required'),
    output_format: z.enum(['pcm', 'wav', 'ulaw', 'alaw']).default('pcm'),
  })
  .refine(({ model, language }) => model !== 'lightning_v3.1' || !language || STANDARD_LANGUAGES.includes(language), {
    path: ['language'],
    message: `Supported languages: ${STANDARD_LANGUAGES.join(', ')}`,
  });
export type HttpRequest = z.output<typeof HttpRequest>;

/** Voices that tell when each word was spoken; the others keep silent about it. */
export const TIMED_VOICES = new Set(['meher', 'devansh', 'kartik', 'maithili', 'liam', 'avery']);

/** The service's list of what is wrong, in the shape that clients have seen. */
export function issuesOf(error: z.ZodError): { code: string; path: (string | number)[]; message: string }[] {
  return error.issues.map(({ code, path, message }) => ({
    code,
    path: path.map((part) => part as string | number),
    message,
  }));
}
