/**
 * How long a text takes to say, learned from the audio that really came. Spoken time is modelled as so many milliseconds
 * a letter, a dense letter (one that is a syllable, as in Indic scripts), a digit, and everything else; four numbers for
 * each voice, corrected by every synthesis that comes back whole (recursive least squares, which is a Kalman filter
 * without movement). Pauses are not part of it: they are heard in the audio itself.
 *
 * A rate belongs to whoever made it: each call has its own, a copy of what the agent's prepared phrases taught, so that
 * nothing in a call depends on which calls came before it.
 */
/** How much of each kind of character a text holds. */
export type SpeechFeatures = readonly [letters: number, dense: number, digits: number, other: number];

const KINDS = 4;
/** An English voice says 15 characters a second, spaces included; a digit is the better part of a word; an Indic letter most of a syllable. */
const BEFORE_ANY_AUDIO_MS: SpeechFeatures = [70, 110, 190, 25];
/** How far a voice may lie from that (standard deviation). */
const SPREAD_MS: SpeechFeatures = [15, 40, 120, 40];
/** A text does not tell its length better than this, relative to it and at least. */
const NOISE_SHARE = 0.04;
const NOISE_MS = 30;
/** What is shorter teaches nothing. */
const LEAST_MS = 400;

export class SpeechRate {
  #ms: number[];
  #covariance: number[][];

  /** `speed`: as in the voice's options, 1 is normal. */
  constructor(speed = 1) {
    this.#ms = BEFORE_ANY_AUDIO_MS.map((ms) => ms / speed);
    this.#covariance = SPREAD_MS.map((ms, row) =>
      SPREAD_MS.map((_, column) => (row === column ? (ms / speed) ** 2 : 0)),
    );
  }

  /** One that knows the same, and learns on its own from now on. */
  copy(): SpeechRate {
    const copy = new SpeechRate();
    copy.#ms = this.#ms.slice();
    copy.#covariance = this.#covariance.map((row) => row.slice());
    return copy;
  }

  /** Spoken time of a text, in milliseconds. */
  expectMsOf(text: string): number {
    const features: [number, number, number, number] = [0, 0, 0, 0];
    addFeatures(text, 0, text.length, features);
    return this.expectMs(features);
  }

  /** The same of a text with these features. */
  expectMs(features: SpeechFeatures): number {
    let sum = 0;
    for (let kind = 0; kind < KINDS; kind++) sum += Math.max(0, this.#ms[kind]!) * features[kind]!;
    return sum;
  }

  /** A text with these features took `spokenMs`, pauses left out. */
  learn(features: SpeechFeatures, spokenMs: number): void {
    if (!(spokenMs >= LEAST_MS)) return;
    const spread = this.#covariance.map((row) => row.reduce((sum, value, kind) => sum + value * features[kind]!, 0));
    const noise = (NOISE_MS + spokenMs * NOISE_SHARE) ** 2;
    const total = features.reduce((sum, count, kind) => sum + count * spread[kind]!, noise);
    const surprise = spokenMs - features.reduce((sum, count, kind) => sum + count * this.#ms[kind]!, 0);
    if (Math.abs(surprise) > spokenMs) return; // cut audio, or a text that the voice reads in its own way
    for (let row = 0; row < KINDS; row++) {
      this.#ms[row]! += (spread[row]! / total) * surprise;
      for (let column = 0; column < KINDS; column++) {
        this.#covariance[row]![column]! -= (spread[row]! * spread[column]!) / total;
      }
    }
  }
}

/** Adds the features of `text` from `from` to `to` to `into`. */
export function addFeatures(text: string, from: number, to: number, into: [number, number, number, number]): void {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) into[2]++;
    else if (code >= 0x0900) into[1]++;
    else if ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a) into[0]++;
    else if (code >= 0xc0) into[0]++;
    else into[3]++;
  }
}
