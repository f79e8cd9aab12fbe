/** Whether the caller waits for words that were said: told once when nothing is heard of them, and once when it goes on. */

/** From the first word of an utterance to its sound: a synthesizer far away takes 800. */
const FIRST_SOUND_MS = 1_000;
/** The same in the middle of an utterance, where what is to come should have been there already. */
const NEXT_SOUND_MS = 400;
/** Two beats: a longer time between two looks is a process that stood still. */
const MOST_LOOK_MS = 40;

export class StallWatch {
  #isStalled = false;
  /** How long nothing was heard while this process was awake, and when that was last looked at. */
  #quietMs = 0;
  #lookedAtMs = 0;

  /** Nothing is waited for any more, or it is heard. */
  end(): void {
    this.#isStalled = false;
  }

  /** `quietMs`: for how long nothing has been heard of what was said, 0 when it is; `hasSounded`: a part of it was. */
  look(
    quietMs: number,
    { hasSounded, nowMs }: { hasSounded: boolean; nowMs: number },
  ): 'stalled' | 'sounding' | undefined {
    // when this process stood still, the sound may have come, and waits to be read
    this.#quietMs = quietMs === 0 ? 0 : this.#quietMs + Math.min(nowMs - this.#lookedAtMs, MOST_LOOK_MS);
    this.#lookedAtMs = nowMs;
    if (quietMs === 0) return this.#isStalled ? 'sounding' : undefined;
    if (this.#isStalled || this.#quietMs < (hasSounded ? NEXT_SOUND_MS : FIRST_SOUND_MS)) return undefined;
    this.#isStalled = true;
    return 'stalled';
  }
}
