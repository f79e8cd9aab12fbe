/** What an agent file's `voice` may say of Lightning. */
import { z } from 'zod';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import type { VoiceOptions } from '../contract.ts';
import { checkVoice, type LightningVoiceOptions } from './voices.ts';

export const LightningOptions = z
  .strictObject({
    /** Catalogue or clone id. */
    id: z.string().min(1).default('magnus'),
    model: z.string().min(1).default('lightning_v3.1'),
    language: z.string().min(2).default('en'),
    speed: z.number().min(0.5).max(2).default(1),
    /** Ids of pronunciation dictionaries, as `parley voices` lists them. For the agent's own phrases. */
    pronunciations: z.array(z.string().min(1)).default([]),
    /** Ask for them in live speech too; the service's documents differ on whether it takes them there. */
    livePronunciations: z.boolean().default(false),
  })
  .superRefine((voice, context) => {
    try {
      checkVoice(voice);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  });

const known = new WeakMap<VoiceOptions, LightningVoiceOptions>();

/**
 * A voice is one object for an agent's whole life, so it is read once.
 * @throws {VoiceError} `options-invalid`, when Lightning has no such voice.
 */
export function readVoice(voice: VoiceOptions): LightningVoiceOptions {
  const read = known.get(voice);
  if (read) return read;
  const { success, data, error } = LightningOptions.safeParse(voice);
  if (!success) throw new VoiceError('options-invalid', error.issues[0]?.message ?? z.prettifyError(error));
  known.set(voice, data);
  return data;
}
