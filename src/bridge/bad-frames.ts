/** Frames that nobody can read: a few are survived, as long as good ones come between them, and none fills the log. */
import { VoiceError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** In all: a peer that is right now and then is still not one of ours. */
const MOST_IN_ALL = 1_000;
const LONGEST_COMPLAINT = 500;

export class BadFrames {
  /** So far. */
  count = 0;
  readonly #mostInRow: number;
  readonly #log: Log;
  #inRow = 0;

  constructor(mostInRow: number, log: Log) {
    this.#mostInRow = mostInRow;
    this.#log = log;
  }

  /** Returns why the line ends, when this is one too many. */
  add(message: string): VoiceError | undefined {
    this.count++;
    if (isWorthALine(this.count))
      this.#log.warn({ code: 'frame-invalid', badFrames: this.count, why: excerptOf(message) }, 'bad frame');
    if (++this.#inRow <= this.#mostInRow && this.count <= MOST_IN_ALL) return undefined;
    const most = `${this.#mostInRow} bad frames in a row and ${MOST_IN_ALL} in all`;
    return new VoiceError('frame-invalid', `Expected at most ${most}, got one more; the last: ${excerptOf(message)}`);
  }

  /** A good one has come. */
  endRow(): void {
    this.#inRow = 0;
  }
}

/** Of what a peer may do again and again: the first, the second, the fourth, the eighth, so that it does not fill the log. */
export function isWorthALine(count: number): boolean {
  return (count & (count - 1)) === 0;
}

/** A frame's complaint may name a key of the frame's, and that may be as long as the peer likes. */
function excerptOf(message: string): string {
  return message.length <= LONGEST_COMPLAINT ? message : `${message.slice(0, LONGEST_COMPLAINT)}...`;
}
