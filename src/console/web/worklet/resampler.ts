/**
 * Samples at one rate, read at another: a sinc under a Hann window, from a table. Pure; allocates nothing once it is made,
 * for it runs where sound is rendered.
 */

/** Zero crossings of the sinc on either side. More is sharper, and costs more. */
const CROSSINGS = 8;
/** Of the table, between two zero crossings; what lies between two of them is drawn straight. */
const STEPS = 64;

export class Resampler {
  /** How far the place to read moves for each sample out. */
  readonly step: number;
  /** So many samples before and behind the place are looked at. */
  readonly reach: number;
  readonly #scale: number;
  readonly #table: Float32Array;

  constructor(fromHz: number, toHz: number) {
    this.step = fromHz / toHz;
    this.#scale = Math.min(1, toHz / fromHz); // nothing is let through that the slower of the two cannot hold
    this.reach = Math.ceil(CROSSINGS / this.#scale);
    this.#table = Float32Array.from({ length: CROSSINGS * STEPS + 2 }, (_, i) => windowedSinc(i / STEPS));
  }

  /** The sound at `place` of the first `length` of `samples`; what lies outside is silence. */
  at(samples: Float32Array, length: number, place: number): number {
    const first = Math.max(0, Math.ceil(place - this.reach));
    const last = Math.min(length - 1, Math.floor(place + this.reach));
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const at = Math.abs(place - i) * this.#scale * STEPS;
      const step = Math.floor(at);
      const from = this.#table[step] ?? 0;
      sum += samples[i]! * (from + ((this.#table[step + 1] ?? 0) - from) * (at - step));
    }
    return sum * this.#scale;
  }
}

function windowedSinc(x: number): number {
  if (x === 0) return 1;
  if (x >= CROSSINGS) return 0;
  const angle = Math.PI * x;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / CROSSINGS));
}
