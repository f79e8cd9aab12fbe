/**
 * A caller's audio, cut where they are silent, by the voice activity of our own: for a service that is given whole stretches
 * of speech. Time is that of the audio. Each stretch begins a little before its voice, so that no soft beginning is lost, and
 * is kept as the service wants it. Silence costs nothing but the ring of its last half second. Pure.
 */
import { bytesOf, bytesPerSample, FRAME_MS, type AudioFormat } from '../../audio/contract.ts';
import { createConverter, type Converter } from '../../audio/convert.ts';
import { wavHeader } from '../../audio/wav.ts';
import { ActivityDetector } from '../activity.ts';
import { SENT_RATE_HZ } from './wire.ts';

/** Of a stretch: it begins so long before the voice is known, which takes 50 ms, and up to 200 of a faint one. */
const LEAD_MS = 500;
/** Longer, and it is cut at its most quiet place of the last `LOOK_BACK_MS`. */
export const MOST_SEGMENT_MS = 20_000;
const LOOK_BACK_MS = 3_000;
const WINDOW_MS = 20;
const STEP_MS = 2;
/** What is left of a voice behind a cut, if it is shorter, is no speech. */
const LEAST_VOICE_MS = 60;
const SENT: AudioFormat = { encoding: 'linear16', sampleRateHz: SENT_RATE_HZ };
const SENT_BYTES_PER_MS = (SENT_RATE_HZ * 2) / 1_000;

/** A stretch of speech. */
export class Segment {
  /** Where its first sample lies in the call, in milliseconds. */
  readonly atMs: number;
  /** Where its voice begins in the call, and how much of it was a voice, in milliseconds, as far as it is known. */
  voiceAtMs = 0;
  voiceMs = 0;
  /** What has been told of it so far. */
  told = '';
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(atMs: number) {
    this.atMs = atMs;
  }

  get lengthMs(): number {
    return this.#bytes / SENT_BYTES_PER_MS;
  }

  add(samples: Uint8Array): void {
    if (samples.length === 0) return;
    this.#pieces.push(samples.slice());
    this.#bytes += samples.length;
  }

  /** All of it so far, as a file. */
  wav(): Uint8Array<ArrayBuffer> {
    const header = wavHeader({ ...SENT, channels: 1, dataBytes: this.#bytes });
    const file = new Uint8Array(header.length + this.#bytes);
    file.set(header);
    let at = header.length;
    for (const piece of this.#pieces) {
      file.set(piece, at);
      at += piece.length;
    }
    return file;
  }

  /** Takes the end of it away, from its most quiet place on, as the beginning of the next. */
  split(): Segment {
    const audio = Buffer.concat(this.#pieces);
    const at = mostQuietIn(audio, Math.max(0, audio.length - LOOK_BACK_MS * SENT_BYTES_PER_MS));
    const next = new Segment(this.atMs + at / SENT_BYTES_PER_MS);
    next.add(audio.subarray(at));
    this.#pieces = [audio.subarray(0, at)];
    this.#bytes = at;
    return next;
  }
}

/** What a stretch comes to. */
export interface SegmentListener {
  /** It is over. */
  closed(segment: Segment): void;
  /** So much more of it has come that it may be asked for what has been said so far. Returns whether it was. */
  grown(segment: Segment): boolean;
}

export class Segments {
  readonly #format: AudioFormat;
  readonly #listener: SegmentListener;
  readonly #interimEveryMs: number;
  readonly #activity: ActivityDetector;
  readonly #frameBytes: number;
  readonly #bytesPerMs: number;
  /** The last frames of a silence. */
  #lead: Uint8Array[] = [];
  /** Less than a frame. */
  #rest: Uint8Array = NOTHING;
  #bytes = 0;
  /** Of the voice that is heard. */
  #converter: Converter | undefined;
  #segment: Segment | undefined;
  #askedAtMs = 0;

  /** @throws {VoiceError} `options-invalid`, when the format's rate is none. */
  constructor(
    format: AudioFormat,
    { interimEveryMs, listener }: { interimEveryMs: number; listener: SegmentListener },
  ) {
    createConverter(format, SENT).free(); // so that what cannot be heard is refused at once
    this.#format = format;
    this.#listener = listener;
    this.#interimEveryMs = interimEveryMs;
    this.#frameBytes = bytesOf(FRAME_MS, format);
    this.#bytesPerMs = (format.sampleRateHz * bytesPerSample(format)) / 1_000;
    this.#activity = new ActivityDetector(format, (phase, atMs) => this.#hearVoice(phase, atMs));
  }

  /** Audio of any length and cutting. */
  push(audio: Uint8Array): void {
    let from = 0;
    if (this.#rest.length > 0) {
      from = Math.min(audio.length, this.#frameBytes - this.#rest.length);
      this.#rest = Buffer.concat([this.#rest, audio.subarray(0, from)]);
      if (this.#rest.length < this.#frameBytes) return;
      this.#hear(this.#rest);
    }
    for (; from + this.#frameBytes <= audio.length; from += this.#frameBytes)
      this.#hear(audio.subarray(from, from + this.#frameBytes));
    this.#rest = from < audio.length ? audio.slice(from) : NOTHING;
  }

  /** Ends the stretch here, if the caller is speaking: what follows is another one. */
  cut(): void {
    this.#hear(this.#rest);
    this.#rest = NOTHING;
    if (!this.#segment) return;
    const next = new Segment(this.#heardMs);
    this.#close(this.#heardMs);
    this.#begin(next, this.#heardMs);
  }

  /** Gives the memory back. Nothing may be pushed afterwards. */
  free(): void {
    this.#converter?.free();
    this.#converter = undefined;
    this.#segment = undefined;
  }

  get #heardMs(): number {
    return this.#bytes / this.#bytesPerMs;
  }

  #hear(frame: Uint8Array): void {
    if (frame.length === 0) return;
    const wasOpen = this.#segment !== undefined;
    if (wasOpen) this.#add(frame);
    else this.#keepLead(frame);
    this.#bytes += frame.length;
    this.#activity.push(frame);
    if (wasOpen && this.#segment) this.#grow(this.#segment);
  }

  #keepLead(frame: Uint8Array): void {
    this.#lead.push(frame.slice());
    if (this.#lead.length > LEAD_MS / FRAME_MS) this.#lead.shift();
  }

  #add(frame: Uint8Array): void {
    this.#segment?.add(this.#converter!.convert(frame));
  }

  #hearVoice(phase: 'start' | 'end', atMs: number): void {
    if (phase === 'end') return this.#end(atMs);
    const leadMs = this.#lead.reduce((sum, frame) => sum + frame.length, 0) / this.#bytesPerMs;
    this.#converter ??= createConverter(this.#format, SENT);
    this.#begin(new Segment(Math.max(0, this.#heardMs - leadMs)), atMs);
    for (const frame of this.#lead.splice(0)) this.#add(frame);
  }

  #begin(segment: Segment, voiceAtMs: number): void {
    this.#segment = segment;
    segment.voiceAtMs = voiceAtMs;
    this.#askedAtMs = segment.lengthMs;
  }

  #grow(segment: Segment): void {
    if (segment.lengthMs >= MOST_SEGMENT_MS) {
      const next = segment.split();
      this.#close(next.atMs);
      return this.#begin(next, next.atMs);
    }
    if (segment.lengthMs - this.#askedAtMs < this.#interimEveryMs) return;
    segment.voiceMs = this.#heardMs - segment.voiceAtMs;
    if (this.#listener.grown(segment)) this.#askedAtMs = segment.lengthMs;
  }

  /** The caller is silent, since `atMs`. */
  #end(atMs: number): void {
    this.#close(atMs);
    this.#converter?.free();
    this.#converter = undefined;
  }

  #close(voiceEndMs: number): void {
    const segment = this.#segment;
    this.#segment = undefined;
    if (!segment) return;
    segment.voiceMs = voiceEndMs - segment.voiceAtMs;
    if (segment.voiceMs >= LEAST_VOICE_MS && segment.lengthMs > 0) this.#listener.closed(segment);
  }
}

const NOTHING = new Uint8Array(0);

/** Where in 16-bit samples the least is heard, from `from` on, in bytes; the last such place. */
function mostQuietIn(audio: Buffer, from: number): number {
  const window = WINDOW_MS * SENT_BYTES_PER_MS;
  let best = { at: audio.length, energy: Infinity };
  for (let at = from - (from % 2); at + window <= audio.length; at += STEP_MS * SENT_BYTES_PER_MS) {
    let energy = 0;
    for (let i = at; i < at + window; i += 2) energy += audio.readInt16LE(i) ** 2;
    if (energy <= best.energy) best = { at: at + window / 2, energy };
  }
  return best.at - (best.at % 2);
}
