/**
 * Recorded speech that the stand-in knows by heart. It cannot understand a voice, but it can find out that what it hears is
 * this recording, and where in it: by how the loudness of five bands rises and falls, which survives mu-law, resampling,
 * gain and cutting. Only words whose audio has really come are told, so a caller who is cut off is cut off. Pure.
 */
import { decodeMulaw, encodeMulaw } from '../../audio/g711.ts';
import { createResampler, resampleWhole, type Resampler } from '../../audio/resample.ts';
import type { SpokenWord } from '../../audio/tone-speech.ts';

/** A recording that the stand-in for Pulse knows by its sound. */
export interface KnownAudio {
  samples: Int16Array;
  sampleRateHz: number;
  /** What is said in it. Without times, the words are spread over its loud stretches by their length. */
  text: string;
  words?: readonly SpokenWord[];
}

const RATE_HZ = 8_000;
const FRAME = 80;
const FRAME_MS = 10;
/** Centres of the bands, and of each its width. The first value of a frame is the whole band. */
const CENTRES_HZ = [350, 700, 1_200, 1_900, 2_900];
const WIDTH = 1.6;
const BANDS = CENTRES_HZ.length + 1;
/** So much sound is compared before a place is believed. */
const WINDOW_FRAMES = 70;
/** A short answer is compared as a whole when it is over, if it was at least so long. */
const LEAST_FRAMES = 20;
/** Frames of silence around a short answer that are compared with it. */
const MARGIN_FRAMES = 8;
const TRY_EVERY_FRAMES = 10;
/** Correlation of what is heard with the place: the same recording over the phone at half the level gives 0.984 and more,
 * the likest of other voices 0.94. */
const FOUND = 0.96;
const LOST = 0.8;
/** A recording is lost when it has not matched for so many tries. */
const LOST_TRIES = 4;
const QUIET_DB = 45;
const SILENT_FRAMES = 30;

interface Fingerprint {
  words: readonly SpokenWord[];
  frames: number;
  features: Float32Array;
}

interface Place {
  recording: Fingerprint;
  /** Frame of the recording minus frame of what is heard. */
  shift: number;
  score: number;
}

const fingerprints = new WeakMap<KnownAudio, Fingerprint>();

export class KnownAudioFinder {
  readonly #resampler: Resampler;
  readonly #known: Fingerprint[];
  readonly #frame = new Int16Array(FRAME);
  #filled = 0;
  readonly #bands = new BandMeter();
  readonly #features: number[] = [];
  #place: Place | undefined;
  #misses = 0;
  /** Frame at which the sound began; undefined in silence. */
  #onset: number | undefined;
  #lastLoud = -Infinity;
  #toldUntil = -Infinity;

  constructor(sampleRateHz: number, known: readonly KnownAudio[]) {
    this.#resampler = createResampler(sampleRateHz, RATE_HZ);
    this.#known = known.map(fingerprintOf);
  }

  /** Words that became certain with these samples, with times in what is heard. */
  push(samples: Int16Array): SpokenWord[] {
    const found: SpokenWord[] = [];
    for (const sample of this.#resampler.process(samples)) {
      this.#frame[this.#filled++] = sample;
      if (this.#filled < FRAME) continue;
      this.#filled = 0;
      this.#bands.measure(this.#frame, this.#features);
      this.#look(found);
    }
    return found;
  }

  /** A short answer need not wait for the silence behind it. */
  flush(): SpokenWord[] {
    const found: SpokenWord[] = [];
    if (!this.#place) this.#findShort(found);
    return found;
  }

  get #now(): number {
    return this.#features.length / BANDS;
  }

  #look(found: SpokenWord[]): void {
    const isLoud = this.#features[this.#features.length - BANDS]! > QUIET_DB;
    if (isLoud) {
      this.#onset ??= this.#now - 1;
      this.#lastLoud = this.#now;
    }
    if (this.#place) this.#follow(found);
    else if (this.#onset !== undefined) this.#search(found);
    if (this.#onset !== undefined && this.#now - this.#lastLoud > SILENT_FRAMES) {
      if (!this.#place) this.#findShort(found);
      this.#onset = undefined;
    }
  }

  #search(found: SpokenWord[]): void {
    const heard = this.#now - this.#onset!;
    if (heard < WINDOW_FRAMES || this.#now % TRY_EVERY_FRAMES !== 0) return;
    this.#settle(this.#best(this.#now - WINDOW_FRAMES, this.#now), found);
  }

  #findShort(found: SpokenWord[]): void {
    if (this.#onset === undefined || this.#lastLoud - this.#onset < LEAST_FRAMES) return;
    const from = Math.max(0, this.#onset - MARGIN_FRAMES);
    this.#settle(this.#best(from, Math.min(this.#now, this.#lastLoud + MARGIN_FRAMES)), found);
  }

  #settle(place: Place | undefined, found: SpokenWord[]): void {
    if (!place || place.score < FOUND) return;
    this.#place = place;
    this.#misses = 0;
    this.#toldUntil = Math.max(-Infinity, this.#onset! + place.shift - MARGIN_FRAMES) * FRAME_MS;
    this.#tell(found);
  }

  #best(from: number, until: number): Place | undefined {
    let best: Place | undefined;
    for (const recording of this.#known) {
      for (let start = 0; start + (until - from) <= recording.frames; start++) {
        const score = this.#score(recording, start - from, from, until);
        if (score > (best?.score ?? 0)) best = { recording, shift: start - from, score };
      }
    }
    return best;
  }

  #follow(found: SpokenWord[]): void {
    this.#tell(found);
    const place = this.#place!;
    const at = this.#now + place.shift;
    if (at >= place.recording.frames) return this.#lose();
    if (this.#now % TRY_EVERY_FRAMES !== 0 || this.#now < WINDOW_FRAMES) return;
    const score = this.#score(place.recording, place.shift, this.#now - WINDOW_FRAMES, this.#now);
    this.#misses = score < LOST ? this.#misses + 1 : 0;
    if (this.#misses >= LOST_TRIES) this.#lose();
  }

  #lose(): void {
    this.#place = undefined;
    this.#onset = undefined;
  }

  /** A word is told when its end has been heard, and its sound has: silence after a cut says nothing. */
  #tell(found: SpokenWord[]): void {
    const { recording, shift } = this.#place!;
    const heardMs = Math.min(this.#now, this.#lastLoud + MARGIN_FRAMES) + shift;
    for (const word of recording.words) {
      if (word.startMs < this.#toldUntil || word.endMs > heardMs * FRAME_MS) continue;
      this.#toldUntil = word.startMs + 1;
      const offsetMs = shift * FRAME_MS;
      found.push({ text: word.text, startMs: word.startMs - offsetMs, endMs: word.endMs - offsetMs });
    }
  }

  /** Correlation over all bands, each without its mean, so that gain does not matter. */
  #score(recording: Fingerprint, shift: number, from: number, until: number): number {
    const count = until - from;
    let product = 0;
    let ours = 0;
    let theirs = 0;
    for (let band = 0; band < BANDS; band++) {
      let sumA = 0;
      let sumB = 0;
      let sumAA = 0;
      let sumBB = 0;
      let sumAB = 0;
      for (let frame = from; frame < until; frame++) {
        const at = frame + shift;
        const a = this.#features[frame * BANDS + band]!;
        const b = at < 0 || at >= recording.frames ? 0 : recording.features[at * BANDS + band]!;
        sumA += a;
        sumB += b;
        sumAA += a * a;
        sumBB += b * b;
        sumAB += a * b;
      }
      product += sumAB - (sumA * sumB) / count;
      ours += sumAA - (sumA * sumA) / count;
      theirs += sumBB - (sumB * sumB) / count;
    }
    return ours > 0 && theirs > 0 ? product / Math.sqrt(ours * theirs) : 0;
  }
}

function fingerprintOf(known: KnownAudio): Fingerprint {
  const ready = fingerprints.get(known);
  if (ready) return ready;
  const samples = resampleWhole(known.samples, known.sampleRateHz, RATE_HZ);
  const phone = decodeMulaw(encodeMulaw(samples));
  const features: number[] = [];
  const bands = new BandMeter();
  for (let at = 0; at + FRAME <= phone.length; at += FRAME) bands.measure(phone.subarray(at, at + FRAME), features);
  const frames = features.length / BANDS;
  const words = known.words ?? spreadWords(known.text, features);
  const fingerprint = { words, frames, features: Float32Array.from(features) };
  fingerprints.set(known, fingerprint);
  return fingerprint;
}

/** Loudness in dB, frame by frame, of the whole band and of each part; never below the idling of a line. */
class BandMeter {
  /** Band-passes of second order: how much of the newest input, and of the two outputs before, is in each output. */
  readonly #filters = CENTRES_HZ.map((hz) => {
    const angle = (2 * Math.PI * hz) / RATE_HZ;
    const alpha = (Math.sin(angle) * WIDTH) / 4;
    return {
      gain: alpha / (1 + alpha),
      one: (2 * Math.cos(angle)) / (1 + alpha),
      two: (alpha - 1) / (1 + alpha),
      y1: 0,
      y2: 0,
    };
  });
  #x1 = 0;
  #x2 = 0;

  measure(frame: Int16Array, into: number[]): void {
    const sums = new Float64Array(BANDS);
    for (const sample of frame) {
      const input = sample - this.#x2;
      this.#x2 = this.#x1;
      this.#x1 = sample;
      sums[0]! += sample * sample;
      this.#filters.forEach((filter, i) => {
        const output = filter.gain * input + filter.one * filter.y1 + filter.two * filter.y2;
        filter.y2 = filter.y1;
        filter.y1 = output;
        sums[i + 1]! += output * output;
      });
    }
    for (const sum of sums) into.push(10 * Math.log10(sum / FRAME + 1_000));
  }
}

/** Each word gets a share of the loud frames by its number of letters. */
function spreadWords(text: string, features: readonly number[]): SpokenWord[] {
  const loud: number[] = [];
  for (let at = 0; at < features.length; at += BANDS) if (features[at]! > QUIET_DB) loud.push(at / BANDS);
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const letters = words.reduce((sum, word) => sum + word.length + 1, 0);
  let told = 0;
  return words.map((word) => {
    const startMs = (loud[Math.floor((told / letters) * loud.length)] ?? 0) * FRAME_MS;
    told += word.length + 1;
    const end = loud[Math.max(0, Math.ceil((told / letters) * loud.length) - 1)] ?? 0;
    return { text: word, startMs, endMs: (end + 1) * FRAME_MS };
  });
}
