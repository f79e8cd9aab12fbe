/** What a caller of a test can be heard to do: to speak, in tones that carry the words, and to make noises. Pure; 8 kHz. */
import { encodeToneSpeech } from '../../audio/tone-speech.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { CallerSound } from '../caller-end.ts';
import { seededRandom } from '../../simulate/electron/random.ts';

const RATE_HZ = 8_000;
const SAMPLES_PER_MS = 8;
/** A cough: a burst of noise that dies away. */
const COUGH_MS = 300;
const COUGH_PEAK = 0.25 * 32_767;

/** A silence within what is said, in milliseconds from its beginning. */
export interface SpokenPause {
  fromMs: number;
  toMs: number;
}

/** What is said, and where the caller falls silent in it. */
export interface SpokenText {
  samples: Int16Array;
  pauses: SpokenPause[];
}

/** `text` as a voice in tones; where `...` or `…` stands in it the caller falls silent for `pauseMs`. */
export const speakCaller = (text: string, pauseMs: number): SpokenText =>
  withPauses(
    partsOf(text).map((part) => encodeToneSpeech(part, RATE_HZ)),
    pauseMs,
  );

/** The same. @throws {VoiceError} `options-invalid`, when there is nothing to say in it */
export function speakTones(text: string, pauseMs: number): SpokenText {
  const spoken = speakCaller(text, pauseMs);
  if (spoken.samples.length > 0) return spoken;
  throw new VoiceError('options-invalid', `Expected words to say, got \`${text}\``);
}

/** The same in a voice that takes its time. */
export async function speakCallerBy(
  voice: (text: string) => Promise<Int16Array>,
  text: string,
  pauseMs: number,
): Promise<SpokenText> {
  const spoken: Int16Array[] = [];
  for (const part of partsOf(text)) spoken.push(await voice(part));
  return withPauses(spoken, pauseMs);
}

const partsOf = (text: string): string[] => text.split(/\s*(?:\.{3}|…)\s*/u).filter((part) => part.trim() !== '');

function withPauses(spoken: readonly Int16Array[], pauseMs: number): SpokenText {
  const gap = Math.round(pauseMs * SAMPLES_PER_MS);
  const length = spoken.reduce((sum, { length }) => sum + length, 0) + gap * Math.max(0, spoken.length - 1);
  const samples = new Int16Array(length);
  const pauses: SpokenPause[] = [];
  let at = 0;
  for (const [index, part] of spoken.entries()) {
    if (index > 0) {
      pauses.push({ fromMs: at / SAMPLES_PER_MS, toMs: (at + gap) / SAMPLES_PER_MS });
      at += gap;
    }
    samples.set(part, at);
    at += part.length;
  }
  return { samples, pauses };
}

/** How long a caller is silent where `...` stands, unless told otherwise. */
export const PAUSE_MS = 600;

/** What sounds when a caller makes it. */
export function soundOf(sound: CallerSound): Int16Array {
  if (sound === 'mm-hm') return speakCaller(sound, 0).samples;
  return sound === 'cough' ? cough() : sound;
}

/** The same each time. */
function cough(): Int16Array {
  const random = seededRandom(7);
  return Int16Array.from({ length: COUGH_MS * SAMPLES_PER_MS }, (_, index) =>
    Math.round((2 * random() - 1) * COUGH_PEAK * (1 - index / (COUGH_MS * SAMPLES_PER_MS))),
  );
}
