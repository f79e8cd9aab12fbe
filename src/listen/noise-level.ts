/**
 * How loud the noise on a line is between the voices, and how steady. The steadier it is, the less a voice must rise above
 * it: hiss alone never strays by 3 dB, rumble and music do.
 */

/** Energies and their squares, added up: how much do they scatter? */
export class Scatter {
  count = 0;
  #sum = 0;
  #squares = 0;

  static of(parts: readonly Scatter[]): Scatter {
    const whole = new Scatter();
    for (const part of parts) {
      whole.count += part.count;
      whole.#sum += part.#sum;
      whole.#squares += part.#squares;
    }
    return whole;
  }

  add(energy: number): void {
    this.count++;
    this.#sum += energy;
    this.#squares += energy * energy;
  }

  clear(): void {
    this.count = this.#sum = this.#squares = 0;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  get square(): number {
    return this.count === 0 ? 0 : this.#squares / this.count;
  }

  /** Standard deviation over mean. */
  get spread(): number {
    return spreadOf(this.mean, this.square);
  }
}

/** Noise is learned over about so many blocks, and trusted once it was heard for so many. */
const LEARN_BLOCKS = 200;
const TRUSTED_BLOCKS = 150;
/** Over the noise, as powers: 4.8 and 2.3 dB when it is steady, up to 9 and 6 dB when it wavers. */
const START_LEAST = 3;
const START_MOST = 8;
const START_BY_SPREAD = 12;
const KEEP_LEAST = 1.7;
const KEEP_MOST = 4;
const KEEP_BY_SPREAD = 6;

export class NoiseLevel {
  #mean = 0;
  #square = 0;
  #blocks = 0;

  /** A block without a voice. */
  learn(energy: number): void {
    if (this.#blocks < LEARN_BLOCKS) this.#blocks++;
    this.#mean += (energy - this.#mean) / this.#blocks;
    this.#square += (energy * energy - this.#square) / this.#blocks;
  }

  /** What looked like a voice was noise. */
  relearn({ mean, square }: Scatter): void {
    this.#mean = mean;
    this.#square = square;
    this.#blocks = LEARN_BLOCKS;
  }

  forget(): void {
    this.#blocks = 0;
    this.#mean = this.#square = 0;
  }

  /** Energies over which a sound may be a voice, and may still be one. Infinity while the noise is not known. */
  thresholds(): { startAbove: number; keepAbove: number } {
    if (this.#blocks < TRUSTED_BLOCKS) return { startAbove: Infinity, keepAbove: Infinity };
    const spread = spreadOf(this.#mean, this.#square);
    return {
      startAbove: this.#mean * Math.min(START_MOST, Math.max(START_LEAST, 1 + START_BY_SPREAD * spread)),
      keepAbove: this.#mean * Math.min(KEEP_MOST, Math.max(KEEP_LEAST, 1 + KEEP_BY_SPREAD * spread)),
    };
  }
}

function spreadOf(mean: number, square: number): number {
  return mean > 0 ? Math.sqrt(Math.max(0, square - mean * mean)) / mean : 0;
}
