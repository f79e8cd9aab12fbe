/** What an agent file's `listen` may say of Pulse. */
import { z } from 'zod';
import { isLiveLanguage, LIVE_LANGUAGES, type LiveLanguage } from './languages.ts';

/** Of the agent file's `listen`; a field's comment is what an editor shows and what `docs/agent.md` says. */
const LISTEN_FIELDS = {
  /** What is listened for: one language, or several by one code. Default `en`. */
  language: z
    .custom<LiveLanguage>(isLiveLanguage, {
      error: ({ input }) =>
        `Expected \`listen.language\` to be one that Pulse hears live (${LIVE_LANGUAGES.join(' ')}), got \`${String(input)}\``,
    })
    .default('en'),
  /** Words that are easily misheard, such as names: `word`, or `word:boost`. At most 100; default: none. */
  keywords: z.array(z.string().min(1)).max(100).default([]),
};
/** Named, so that the comments of its fields reach whoever installs the package. */
export interface ListenSchema extends z.ZodObject<typeof LISTEN_FIELDS, z.core.$strict> {}

export const PulseOptions: ListenSchema = z.strictObject(LISTEN_FIELDS);
