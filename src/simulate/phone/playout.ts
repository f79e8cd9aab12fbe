/**
 * The buffer between the worker and the caller's ear: audio is played in real time, to the sample, in the order in which
 * it came; marks are reached when everything before them was played; clear empties it and gives its marks back. Pure:
 * times in milliseconds since the line was opened, and they never go back.
 */
import { isAudible, SAMPLES_PER_MS, type VoiceTrack } from './voice-track.ts';

/** One message of audio, from its arrival to the caller's ear. */
export interface PlayedAudio {
  type: 'audio';
  arrivedMs: number;
  /** When its first sample is played, unless a clear comes first. */
  playFromMs: number;
  samples: number;
  /** How many of them the caller has heard so far; the rest is still to come or was cleared. */
  heardSamples: number;
  isCleared: boolean;
}

export interface ReachedMark {
  type: 'mark';
  arrivedMs: number;
  name: string;
  /** Undefined until then. */
  returnedMs: number | undefined;
  isCleared: boolean;
}

/** The buffer ran dry, and more came soon: the caller heard a hole, or the pause between two utterances. */
export interface Gap {
  fromMs: number;
  durationMs: number;
}

type Queued = { audio: Uint8Array; played: number; entry: PlayedAudio } | { mark: ReachedMark };

/** A longer silence is a pause between turns and not a gap. */
const LONGEST_GAP_MS = 1_000;

export class Playout {
  readonly gaps: Gap[] = [];
  readonly #heard: VoiceTrack;
  readonly #onMark: (mark: ReachedMark) => void;
  #queue: Queued[] = [];
  #head = 0;
  #queuedSamples = 0;
  /** When the last sample that was played ended; undefined when a clear cut it off. */
  #lastPlayed: number | undefined;

  /** `heard` is written continuously; `onMark` is told of every mark once, played or cleared. */
  constructor(heard: VoiceTrack, onMark: (mark: ReachedMark) => void) {
    this.#heard = heard;
    this.#onMark = onMark;
  }

  /** How much there is to play. */
  get bufferedMs(): number {
    return this.#queuedSamples / SAMPLES_PER_MS;
  }

  /** Whether there is anything to play that is more than silence. */
  get hasSound(): boolean {
    return this.#queue.some((item) => 'audio' in item && isAudible(item.audio.subarray(item.played)));
  }

  push(audio: Uint8Array, atMs: number): PlayedAudio {
    this.advanceTo(atMs);
    const playFromMs = (this.#heard.length + this.#queuedSamples) / SAMPLES_PER_MS;
    const entry: PlayedAudio = {
      type: 'audio',
      arrivedMs: atMs,
      playFromMs,
      samples: audio.length,
      heardSamples: 0,
      isCleared: false,
    };
    if (audio.length === 0) return entry;
    this.#countGap(playFromMs);
    this.#queue.push({ audio, played: 0, entry });
    this.#queuedSamples += audio.length;
    return entry;
  }

  mark(name: string, atMs: number): ReachedMark {
    this.advanceTo(atMs);
    const mark: ReachedMark = { type: 'mark', arrivedMs: atMs, name, returnedMs: undefined, isCleared: false };
    this.#queue.push({ mark });
    this.advanceTo(atMs);
    return mark;
  }

  /** What was left of the audio, in milliseconds. */
  clear(atMs: number): number {
    this.advanceTo(atMs);
    const clearedMs = this.bufferedMs;
    const queue = this.#queue.splice(0).slice(this.#head);
    this.#head = 0;
    this.#queuedSamples = 0;
    if (clearedMs > 0) this.#lastPlayed = undefined;
    for (const item of queue) {
      if ('mark' in item) this.#reach(item.mark, true);
      else item.entry.isCleared = true;
    }
    return clearedMs;
  }

  /** Plays up to `atMs`: what was queued, silence where nothing was. */
  advanceTo(atMs: number): void {
    const until = Math.floor(atMs * SAMPLES_PER_MS);
    for (let item = this.#queue[this.#head]; item; item = this.#queue[this.#head]) {
      if ('mark' in item) {
        this.#head++;
        this.#reach(item.mark, false);
      } else {
        if (this.#heard.length >= until) break;
        this.#play(item, until - this.#heard.length);
      }
    }
    if (this.#head > 0) this.#forgetPlayed();
    if (this.#heard.length < until) this.#heard.writeSilence(until - this.#heard.length);
  }

  #play(item: Extract<Queued, { audio: Uint8Array }>, most: number): void {
    const part = item.audio.subarray(item.played, item.played + most);
    this.#heard.write(part);
    item.played += part.length;
    item.entry.heardSamples = item.played;
    this.#queuedSamples -= part.length;
    this.#lastPlayed = this.#heard.length;
    if (item.played === item.audio.length) this.#head++;
  }

  #reach(mark: ReachedMark, isCleared: boolean): void {
    mark.returnedMs = this.#heard.durationMs;
    mark.isCleared = isCleared;
    this.#onMark(mark);
  }

  /** The queue is short: dropping what was played costs less than holding it. */
  #forgetPlayed(): void {
    this.#queue.splice(0, this.#head);
    this.#head = 0;
  }

  #countGap(playFromMs: number): void {
    if (this.#queuedSamples > 0 || this.#lastPlayed === undefined) return;
    const fromMs = this.#lastPlayed / SAMPLES_PER_MS;
    const durationMs = playFromMs - fromMs;
    if (durationMs > 0 && durationMs <= LONGEST_GAP_MS) this.gaps.push({ fromMs, durationMs });
  }
}
