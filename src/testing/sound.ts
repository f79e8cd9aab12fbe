/**
 * Where there is sound in a voice: what all metrics begin with. Sound is a sample over -42 dB of full scale: a quiet voice
 * is louder, line noise is not.
 */
import type { SoundStretch } from './result.ts';

/** Of 32,768. The quietest mu-law code that `VoiceTrack` takes for a sound stands for it too. */
const AUDIBLE = 260;

/** Silence that does not end a stretch, where it is not told otherwise: the pause between two words, a letter that fades. */
export const JOINED_MS = 200;
/** The shortest silence that is told apart at all: waves have zeros, and a tone's bursts have gaps. */
export const FINEST_GAP_MS = 20;

/** From each first audible sample to behind the last; silences shorter than `gapMs` (20) do not end a stretch. */
export function stretchesOf(samples: Int16Array, sampleRateHz: number, gapMs = FINEST_GAP_MS): SoundStretch[] {
  const stretches: SoundStretch[] = [];
  const sampleMs = 1_000 / sampleRateHz;
  for (let index = 0; index < samples.length; index++) {
    if (Math.abs(samples[index] ?? 0) < AUDIBLE) continue;
    const atMs = index * sampleMs;
    const last = stretches.at(-1);
    if (last && atMs - last.toMs < gapMs) last.toMs = atMs + sampleMs;
    else stretches.push({ fromMs: atMs, toMs: atMs + sampleMs });
  }
  return stretches;
}

/** The same stretches with the silences closed that are shorter than `gapMs`. */
export function joined(stretches: readonly SoundStretch[], gapMs = JOINED_MS): SoundStretch[] {
  const list: SoundStretch[] = [];
  for (const { fromMs, toMs } of stretches) {
    const last = list.at(-1);
    if (last && fromMs - last.toMs < gapMs) last.toMs = Math.max(last.toMs, toMs);
    else list.push({ fromMs, toMs });
  }
  return list;
}

/** What is left of `within` where none of `sounds` is; `sounds` in any order. */
export function silencesIn(within: SoundStretch, sounds: readonly SoundStretch[]): SoundStretch[] {
  const silences: SoundStretch[] = [];
  let fromMs = within.fromMs;
  for (const sound of sounds.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (sound.toMs <= fromMs) continue;
    if (sound.fromMs >= within.toMs) break;
    if (sound.fromMs > fromMs) silences.push({ fromMs, toMs: sound.fromMs });
    fromMs = sound.toMs;
  }
  if (fromMs < within.toMs) silences.push({ fromMs, toMs: within.toMs });
  return silences;
}

/** How much of one lies in the other, in milliseconds; 0 when they do not touch. */
export const overlapMs = (one: SoundStretch, other: SoundStretch): number =>
  Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));

export const lengthMs = ({ fromMs, toMs }: SoundStretch): number => toMs - fromMs;
