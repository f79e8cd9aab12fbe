/** The agent's sound that a page has been sent and has not played: what a page that was loaded again is sent once more. Pure. */

const SAMPLE_BYTES = 2;
/** Older sound is forgotten, of a page that never says what it has played: no line is sent so much ahead. */
const MOST_BYTES = 4_194_304;

export class SentAudio {
  /** Since the last clear, from its sample on. */
  #pieces: { from: number; audio: Uint8Array }[] = [];
  #sent = 0;
  /** What was played when the last clear was answered. */
  #base = 0;
  /** Clears that were not answered. */
  #owed = 0;

  /** Of clears, how many the page has not answered. */
  get owedClears(): number {
    return this.#owed;
  }

  add(audio: Uint8Array): void {
    this.#pieces.push({ from: this.#sent, audio });
    this.#sent += audio.length / SAMPLE_BYTES;
    const firstKept = this.#sent - MOST_BYTES / SAMPLE_BYTES;
    while (this.#pieces[0] && this.#pieces[0].from < firstKept) this.#pieces.shift();
  }

  clear(): void {
    this.#pieces = [];
    this.#sent = 0;
    this.#owed++;
  }

  cleared(samples: number): void {
    if (this.#owed > 0) this.#owed--;
    this.#base = samples;
  }

  /** So many have been played in all: what they are is forgotten. */
  played(samples: number): void {
    if (this.#owed > 0) return; // of what was sent before the clear
    const played = samples - this.#base;
    const first = this.#pieces.findIndex(({ from, audio }) => from + audio.length / SAMPLE_BYTES > played);
    this.#pieces.splice(0, first === -1 ? this.#pieces.length : first);
  }

  /** What is still to be played, from the very sample on. */
  rest(samples: number): Uint8Array[] {
    this.played(samples);
    const played = samples - this.#base;
    return this.#pieces.map(({ from, audio }) => audio.subarray(Math.max(0, played - from) * SAMPLE_BYTES));
  }
}
