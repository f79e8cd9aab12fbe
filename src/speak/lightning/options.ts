/** What an agent file's `voice` may say of Lightning. */
import { z } from 'zod';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import type { VoiceOptions } from '../contract.ts';
import { checkVoice, type LightningLanguage, type LightningModel, type LightningVoiceOptions } from './voices.ts';

/** One of these names, for whoever writes it in an editor; what it is not is said in words of our own, below. */
const named = <Name extends string>() =>
  z.custom<Name>((name) => typeof name === 'string' && name !== '', 'expected a text that is not empty');

/** Of the agent file's `voice`; a field's comment is what an editor shows and what `docs/agent.md` says. */
const VOICE_FIELDS = {
  /** The voice: an id of the catalogue (`parley voices`), or of a clone. Default `magnus`. */
  id: z.string().min(1).default('magnus'),
  /** What speaks: each voice belongs to one of the two. Default `lightning_v3.1`. */
  model: named<LightningModel>().default('lightning_v3.1'),
  /** What it speaks, by its code; `lightning_v3.1_pro` speaks more of them. Default `en`. */
  language: named<LightningLanguage>().default('en'),
  /** How fast. 0.5 to 2; default 1. */
  speed: z.number().min(0.5).max(2).default(1),
  /** Ids of pronunciation dictionaries, as `parley voices` lists them, for the agent's own phrases. Default: none. */
  pronunciations: z.array(z.string().min(1)).default([]),
  /** Asks for them in live speech too; the service's documents differ on whether it takes them there. Default: false. */
  livePronunciations: z.boolean().default(false),
  /** Takes an `id` that no list of this version has: a voice that is newer. The service refuses none, and speaks a wrong one wrongly. Default: false. */
  unlisted: z.boolean().default(false),
};
/** Named, so that the comments of its fields reach whoever installs the package. */
export interface VoiceSchema extends z.ZodObject<typeof VOICE_FIELDS, z.core.$strict> {}

export const LightningOptions: VoiceSchema = z.strictObject(VOICE_FIELDS).superRefine((voice, context) => {
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
