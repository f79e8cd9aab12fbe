/** What an agent file's `listen` may say of Pulse. */
import { z } from 'zod';
import { isLiveLanguage, LIVE_LANGUAGES } from './languages.ts';

export const PulseOptions = z.strictObject({
  language: z
    .string()
    .refine(isLiveLanguage, {
      error: ({ input }) =>
        `Expected \`listen.language\` to be one that Pulse hears live (${LIVE_LANGUAGES.join(' ')}), got \`${String(input)}\``,
    })
    .default('en'),
  /** `word` or `word:boost`, at most 100. */
  keywords: z.array(z.string().min(1)).max(100).default([]),
});
