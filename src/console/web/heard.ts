/**
 * How much has been heard: the worklet says which samples leave it at which frame, and the browser which frame is sounding
 * now, a device behind. Pure.
 */

interface Point {
  frame: number;
  samples: number;
}

/** Reports that are kept: two seconds of them, longer than any device is behind. */
const MOST_POINTS = 64;

export class Heard {
  #points: Point[] = [];
  #most = 0;

  /** All samples up to `samples` have left by `frame`. */
  left(samples: number, frame: number): void {
    this.#points.push({ samples, frame });
    if (this.#points.length > MOST_POINTS) this.#points.shift();
  }

  /** What is cleared will not be heard, and what has left will. */
  cleared(samples: number, frame: number): void {
    this.left(samples, frame);
    this.#most = Math.max(this.#most, samples);
  }

  /** So many have been heard when this frame sounds; never fewer than was said before. */
  at(frame: number): number {
    const after = this.#points.findIndex((point) => point.frame > frame);
    const next = this.#points[after];
    const last = after === -1 ? this.#points.at(-1) : this.#points[after - 1];
    const heard = !last ? 0 : next ? between(last, next, frame) : last.samples;
    this.#most = Math.max(this.#most, Math.floor(heard));
    return this.#most;
  }
}

function between(from: Point, to: Point, frame: number): number {
  return from.samples + ((to.samples - from.samples) * (frame - from.frame)) / (to.frame - from.frame);
}
