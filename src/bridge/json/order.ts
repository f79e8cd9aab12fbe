/**
 * Puts in order what a carrier sends out of it. The caller's audio, by the number of its chunk: what comes early waits for
 * what is missing, but for no more than three frames (60 ms), and what comes after it was given up, or twice, is thrown
 * away. Keys, by their place among all that was sent: one that comes early waits as long. Pure, and without a timer: audio
 * comes all the time.
 */
import type { JsonEvent } from './wire.ts';

type Audio = Extract<JsonEvent, { type: 'audio' }>;
type Key = Extract<JsonEvent, { type: 'digit' }>;

/** Frames that wait for the one before them. */
const MOST_WAITING = 3;
/** So many frames back, two seconds, is no frame that was late: the carrier counts from the beginning again. */
const BEGINNING_AGAIN = 100;

export class EventOrder {
  readonly #waiting = new Map<number, Audio>();
  /** The chunk that is due; undefined before the first. */
  #due: number | undefined;
  /** In their order. `patience`: so many messages may come before the key is told. */
  #keys: { key: Key; sequence: number; patience: number }[] = [];
  /** Of all that has come. */
  #lastSequence: number | undefined;

  /** What can be told now, in order: most often what was pushed, and nothing else. */
  push(event: Audio | Key): readonly (Audio | Key)[] {
    const { sequence } = event;
    const isEarly = sequence !== undefined && this.#lastSequence !== undefined && sequence > this.#lastSequence + 1;
    if (sequence !== undefined) this.#lastSequence = Math.max(sequence, this.#lastSequence ?? sequence);
    if (event.type === 'digit') return this.#pushKey(event, isEarly ? MOST_WAITING : 0);
    const audio = this.#pushAudio(event);
    return this.#keys.length === 0 ? audio : [...audio, ...this.#patientKeys()];
  }

  /** The stream is over: whatever still waits, in order. */
  flush(): readonly (Audio | Key)[] {
    const audio = [...this.#waiting].sort(([one], [other]) => one - other).map(([, event]) => event);
    this.#waiting.clear();
    return [...audio, ...this.#keys.splice(0).map(({ key }) => key)];
  }

  /** A key that was missing settles the order of those behind it. */
  #pushKey(key: Key, patience: number): Key[] {
    const { sequence } = key;
    if (sequence === undefined) return [...this.#keys.splice(0).map((one) => one.key), key];
    const before = this.#keys.filter((one) => one.sequence < sequence);
    const behind = this.#keys.filter((one) => one.sequence > sequence);
    if (patience > 0 && behind.length === 0) {
      this.#keys.push({ key, sequence, patience });
      return [];
    }
    this.#keys = [];
    return [...before.map((one) => one.key), key, ...behind.map((one) => one.key)];
  }

  #patientKeys(): Key[] {
    for (const one of this.#keys) one.patience--;
    const end = this.#keys.findLastIndex(({ patience }) => patience <= 0);
    return this.#keys.splice(0, end + 1).map(({ key }) => key);
  }

  #pushAudio(event: Audio): readonly Audio[] {
    const { chunk } = event;
    if (chunk === undefined) return [event];
    if (this.#due === undefined || chunk < this.#due - BEGINNING_AGAIN) this.#due = chunk;
    if (chunk === this.#due && this.#waiting.size === 0) {
      this.#due++;
      return [event];
    }
    if (chunk < this.#due) return [];
    this.#waiting.set(chunk, event);
    if (this.#waiting.size > MOST_WAITING) this.#due = Math.min(...this.#waiting.keys());
    return this.#take();
  }

  #take(): Audio[] {
    const ready: Audio[] = [];
    for (let due = this.#due ?? 0; ; due++) {
      this.#due = due;
      const event = this.#waiting.get(due);
      if (!event) return ready;
      this.#waiting.delete(due);
      ready.push(event);
    }
  }
}
