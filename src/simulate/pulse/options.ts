/** How the stand-in behaves. Everything has a default, and the defaults are a service in good health. */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import type { KnownAudio } from './known-audio.ts';

const ms = (standard: number) => z.number().min(0).max(600_000).default(standard);

export const PulseSimulatorOptions = z.strictObject({
  host: z.string().default('127.0.0.1'),
  /** 0: any that is free. */
  port: z.int().min(0).max(65_535).default(0),
  /** Keys that are let in. Default: any that begins with `sk_`. */
  keys: z.array(z.string()).optional(),
  /** Which host it plays. `any` serves every language. */
  region: z.enum(['any', 'india', 'us']).default('any'),
  /** From a word's end to its interim. */
  interimDelayMs: ms(120),
  /** From a final's cause to the final. */
  finalDelayMs: ms(100),
  /** Before the upgrade is answered. */
  connectDelayMs: ms(0),
  /** Live sockets at once; one more is closed with 1008. */
  maxSockets: z.int().min(0).default(100_000),
  /** Closes a socket that sends no audio for so long, with 1000. Default: never. */
  idleTimeoutMs: z.number().positive().optional(),
  /** Sends VAD events to those who ask for them. */
  vadEvents: z.boolean().default(true),
  /** The official samples leave `type` out now and then. */
  frameType: z.enum(['always', 'never', 'alternate']).default('always'),
  textField: z.enum(['transcript', 'transcription', 'both']).default('transcript'),
  /** Finals end in a space: usual, but not dependable. */
  trailingSpace: z.enum(['always', 'never', 'alternate']).default('alternate'),
  shrinkingInterims: z.boolean().default(false),
  repeatInterims: z.int().min(1).max(5).default(1),
  /** Word-count finals come although `finalize_on_words=false` was asked for. */
  maxWords: z.int().min(1).optional(),
  /** Recordings that it knows by heart. */
  transcripts: z.array(z.custom<KnownAudio>()).default([]),
  /** Told each time that a voice has said something of which no word is known. Default: nobody is. */
  notUnderstood: z.custom<() => void>((value) => typeof value === 'function').optional(),
});
export type PulseSimulatorOptions = z.output<typeof PulseSimulatorOptions>;
export type PulseSimulatorInput = z.input<typeof PulseSimulatorOptions>;

/** @throws {VoiceError} `options-invalid`. */
export function readOptions(options: PulseSimulatorInput): PulseSimulatorOptions {
  const { success, data, error } = PulseSimulatorOptions.safeParse(options);
  if (!success) throw new VoiceError('options-invalid', `pulse simulator: ${z.prettifyError(error)}`);
  return data;
}
