/** Plain tones, and what of them is found in samples: their frequency, their beginning and their length. */

const AMPLITUDE = 8_000;
/** Below this a sample is silence; a sine is below it for a moment at each crossing only. */
const SILENT = 400;
const LONGEST_CROSSING_MS = 5;

/** `durationMs` of a sine of `frequencyHz`. */
export function sine(frequencyHz: number, durationMs: number, sampleRateHz: number): Int16Array {
  const angle = (2 * Math.PI * frequencyHz) / sampleRateHz;
  return Int16Array.from({ length: Math.round((durationMs * sampleRateHz) / 1_000) }, (_, i) =>
    Math.round(AMPLITUDE * Math.sin(angle * i)),
  );
}

export interface FoundTone {
  frequencyHz: number;
  startMs: number;
  durationMs: number;
}

/** Every stretch of sound, and how often it crosses zero. */
export function tonesIn(samples: Int16Array, sampleRateHz: number): FoundTone[] {
  const toMs = 1_000 / sampleRateHz;
  const found: { from: number; to: number }[] = [];
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]!) < SILENT) continue;
    const last = found.at(-1);
    if (last && (i - last.to) * toMs <= LONGEST_CROSSING_MS) last.to = i;
    else found.push({ from: i, to: i });
  }
  return found.map(({ from, to }) => ({
    frequencyHz: risesIn(samples.subarray(from, to + 1), sampleRateHz),
    startMs: from * toMs,
    durationMs: (to + 1 - from) * toMs,
  }));
}

/** Waves a second, from the first rise through zero to the last. */
function risesIn(samples: Int16Array, sampleRateHz: number): number {
  const rises: number[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1]!, samples[i]!];
    if (before < 0 && after >= 0) rises.push(i - after / (after - before));
  }
  const [first = 0, last = first] = [rises[0], rises.at(-1)];
  return last > first ? ((rises.length - 1) * sampleRateHz) / (last - first) : 0;
}
