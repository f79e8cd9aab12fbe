/** What counts as a silence within an answer, as a caller hears it: from the sound, whatever the reason. */
import type { VoiceTrack } from '../simulate/telephone.ts';
import { seconds } from './units.ts';

/** Shorter ones are part of speech: a breath, a stop before a consonant. */
const SILENCE_MS = 200;

/** Times in milliseconds on the caller's clock. */
export interface Answer {
  fromMs: number;
  /** Where the caller speaks again; Infinity for the last. */
  toMs: number;
}

/** Of what was heard, each silence between two sounds of one answer, in milliseconds. */
export function silencesIn(heard: Pick<VoiceTrack, 'stretches'>, answers: readonly Answer[]): number[] {
  const sounds = heard.stretches({ minGapMs: SILENCE_MS });
  return answers.flatMap(({ fromMs, toMs }) => {
    const own = sounds.filter((sound) => sound.toMs > fromMs && sound.fromMs < toMs);
    return own.slice(1).map((sound, index) => sound.fromMs - (own[index]?.toMs ?? sound.fromMs));
  });
}

/** In a sentence, with what is counted. */
export function tellSilences(silences: readonly number[]): string {
  const where = 'within an answer, as between filler and result';
  const rule = `(shorter than ${seconds(SILENCE_MS)} is not counted)`;
  if (silences.length === 0) return `No silence was heard ${where} ${rule}.`;
  return `Heard ${where}: silence of ${silences.map(seconds).join(', ')} ${rule}.`;
}
