/**
 * The caller's mouth: mu-law of any length goes in, frames of 20 ms come out, one a beat, silence when there is nothing to
 * say. Pure but for the promises that tell when something has been said in full.
 */
import { FRAME_MS } from '../../audio/contract.ts';
import { MULAW_SILENCE } from '../../audio/g711.ts';
import { SAMPLES_PER_MS, type Stretch } from './voice-track.ts';

const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;

interface Saying {
  audio: Uint8Array;
  said: number;
  fromMs: number | undefined;
  settle: (said: Stretch) => void;
}

export class CallerVoice {
  #queue: Saying[] = [];
  /** The one frame that is handed out, again and again. */
  readonly #frame = new Uint8Array(FRAME_SAMPLES);

  get isSpeaking(): boolean {
    return this.#queue.length > 0;
  }

  /** Behind everything said before. Done when its last frame is out, with the time from its first to its last sample. */
  say(audio: Uint8Array): Promise<Stretch> {
    return new Promise((settle) => {
      if (audio.length === 0) settle({ fromMs: 0, toMs: 0 });
      else this.#queue.push({ audio, said: 0, fromMs: undefined, settle });
    });
  }

  /** Falls silent in the middle of the word. What was being said is done with the time it came to; the rest never was. */
  stop(): void {
    for (const { fromMs, said, settle } of this.#queue.splice(0)) {
      settle({ fromMs: fromMs ?? 0, toMs: (fromMs ?? 0) + said / SAMPLES_PER_MS });
    }
  }

  /** The frame that ends at `atMs`; undefined for silence. Good until the next call. */
  nextFrame(atMs: number): Uint8Array | undefined {
    if (this.#queue.length === 0) return undefined;
    const frame = this.#frame;
    let filled = 0;
    for (let saying = this.#queue[0]; saying && filled < FRAME_SAMPLES; saying = this.#queue[0]) {
      const part = saying.audio.subarray(saying.said, saying.said + FRAME_SAMPLES - filled);
      saying.fromMs ??= atMs - FRAME_MS + filled / SAMPLES_PER_MS;
      frame.set(part, filled);
      filled += part.length;
      saying.said += part.length;
      if (saying.said < saying.audio.length) break;
      this.#queue.shift();
      saying.settle({ fromMs: saying.fromMs, toMs: atMs - FRAME_MS + filled / SAMPLES_PER_MS });
    }
    return filled < FRAME_SAMPLES ? frame.fill(MULAW_SILENCE, filled) : frame;
  }
}
