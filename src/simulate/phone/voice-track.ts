/**
 * One voice of a line from its first sample to now, without a gap: what was said or heard, when, and where in it there
 * was sound. Pure; mu-law, 8 kHz; times in milliseconds since the line was opened.
 */
import { FRAME_MS } from '../../audio/contract.ts';
import { decodeMulaw, MULAW_SILENCE } from '../../audio/g711.ts';

export const SAMPLES_PER_MS = 8;
const FRAME_SAMPLES = FRAME_MS * SAMPLES_PER_MS;

/** Sound, from its first audible sample to its last. */
export interface Stretch {
  fromMs: number;
  toMs: number;
}

/** Of the seven magnitude bits of a code: 260 of 32,767, or -42 dB. A quiet voice is louder, line noise is not. */
const AUDIBLE_CODE = 0x18;
/** Whether any sample of it is a sound. */
export function isAudible(audio: Uint8Array): boolean {
  return audio.some(isSound);
}

/** Without the silence behind its last sound, to a frame. A line goes on with silence by itself, and waits are measured from the last sound. */
export function withoutSilentEnd(audio: Uint8Array): Uint8Array {
  let end = audio.length;
  while (end > 0 && !isAudible(audio.subarray(Math.max(0, end - FRAME_SAMPLES), end))) end -= FRAME_SAMPLES;
  return audio.subarray(0, Math.max(0, end));
}

const isSound = (code: number): boolean => (~code & 0x7f) >= AUDIBLE_CODE;

const PAGE_SAMPLES = 8_000;
/** Sounds closer than this are kept as one: the finest that `stretches` can tell apart. */
const FINEST_GAP_MS = 20;

/** One side of a call: mu-law, 8 kHz, from its start without a gap. */
export class VoiceTrack {
  readonly #isKept: boolean;
  /** One second each; a silent one is not stored. */
  readonly #pages: (Uint8Array | undefined)[] = [];
  readonly #stretches: Stretch[] = [];
  #length = 0;

  /** `isKept` false: the samples are not kept, only where there was sound. */
  constructor(isKept = true) {
    this.#isKept = isKept;
  }

  /** In samples. */
  get length(): number {
    return this.#length;
  }

  get durationMs(): number {
    return this.#length / SAMPLES_PER_MS;
  }

  /** The end of the last sound; 0 when there was none. */
  get lastSoundMs(): number {
    return this.#stretches.at(-1)?.toMs ?? 0;
  }

  write(audio: Uint8Array): void {
    for (let i = 0; i < audio.length; i++) {
      if (isSound(audio[i]!)) this.#hear(this.#length + i);
    }
    if (this.#isKept) this.#store(audio);
    this.#length += audio.length;
  }

  writeSilence(samples: number): void {
    this.#length += samples;
  }

  /** Where there was sound. Pauses shorter than `minGapMs` (200) do not end a stretch. */
  stretches({ minGapMs = 200 }: { minGapMs?: number } = {}): Stretch[] {
    const joined: Stretch[] = [];
    for (const stretch of this.#stretches) {
      const last = joined.at(-1);
      if (last && stretch.fromMs - last.toMs < minGapMs) last.toMs = stretch.toMs;
      else joined.push({ ...stretch });
    }
    return joined;
  }

  /** When there is sound for the first time at `fromMs` or later. */
  nextSoundMs(fromMs: number): number | undefined {
    for (let i = this.#stretches.length - 1; i >= 0; i--) {
      if (this.#stretches[i]!.toMs <= fromMs) return this.#soundAfter(i + 1, fromMs);
    }
    return this.#soundAfter(0, fromMs);
  }

  /** The samples from `fromMs` to `toMs`; silence where nothing was kept. */
  read(fromMs = 0, toMs = this.durationMs): Uint8Array {
    const from = Math.max(0, Math.round(fromMs * SAMPLES_PER_MS));
    const until = Math.min(this.#length, Math.round(toMs * SAMPLES_PER_MS));
    const audio = new Uint8Array(Math.max(0, until - from)).fill(MULAW_SILENCE);
    for (let at = from; at < until;) {
      const offset = at % PAGE_SAMPLES;
      const count = Math.min(PAGE_SAMPLES - offset, until - at);
      const page = this.#pages[Math.floor(at / PAGE_SAMPLES)];
      if (page) audio.set(page.subarray(offset, offset + count), at - from);
      at += count;
    }
    return audio;
  }

  /** The same as 16-bit samples. */
  readSamples(fromMs?: number, toMs?: number): Int16Array {
    return decodeMulaw(this.read(fromMs, toMs));
  }

  #soundAfter(index: number, fromMs: number): number | undefined {
    const stretch = this.#stretches[index];
    return stretch && Math.max(stretch.fromMs, fromMs);
  }

  #hear(sample: number): void {
    const atMs = sample / SAMPLES_PER_MS;
    const last = this.#stretches.at(-1);
    if (last && atMs - last.toMs < FINEST_GAP_MS) last.toMs = atMs + 1 / SAMPLES_PER_MS;
    else this.#stretches.push({ fromMs: atMs, toMs: atMs + 1 / SAMPLES_PER_MS });
  }

  #store(audio: Uint8Array): void {
    for (let done = 0; done < audio.length;) {
      const at = this.#length + done;
      const offset = at % PAGE_SAMPLES;
      const part = audio.subarray(done, done + PAGE_SAMPLES - offset);
      this.#page(Math.floor(at / PAGE_SAMPLES)).set(part, offset);
      done += part.length;
    }
  }

  #page(index: number): Uint8Array {
    return (this.#pages[index] ??= new Uint8Array(PAGE_SAMPLES).fill(MULAW_SILENCE));
  }
}
