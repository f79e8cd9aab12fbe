/**
 * The other end of the line in a clock's time: buffers what it is sent, plays it in real time, throws it away on clear,
 * returns marks when they are reached and, like Twilio, also when they are cleared. Knows sample by sample what was heard.
 */
import type { AudioFormat } from '../../src/audio/contract.ts';
import { bytesPerSample } from '../../src/audio/contract.ts';
import { SampleReader } from '../../src/audio/convert.ts';
import { decodeToneSpeech, wordsOf, type SpokenWord } from '../../src/audio/tone-speech.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { LineFeed } from '../../src/bridge/contract.ts';
import type { AudioSink, SinkCapabilities } from '../../src/speak/feeder.ts';

/** A line that buffers, and takes what it is given. */
export const BUFFERED: LineFeed = {
  pacing: 'peer',
  leastBytes: 0,
  mostBytes: 8_000,
  multipleOfBytes: 1,
  tail: 'as-is',
};

/** What a line that we pace can do less than the others. */
export const PACED: Omit<SinkCapabilities, 'outFormat'> = {
  feed: { ...BUFFERED, pacing: 'us', tail: 'pad' },
  clear: false,
  reports: 'nothing',
};

export interface PeerOptions {
  format?: AudioFormat;
  /** The network's way to the peer. */
  wayMs?: number;
  /** The peer's own delay before sound comes out of a silent line. */
  startMs?: number;
  /** The way back of a mark. */
  backMs?: number;
  /** Marks are swallowed. */
  losesMarks?: boolean;
  /** How often it tells how many samples were heard; then it answers a clear with that too. Default: never. */
  countEveryMs?: number;
}

interface Piece {
  atMs: number;
  bytes: Uint8Array;
}

export class SimulatedPeer implements AudioSink {
  readonly format: AudioFormat;
  readonly messages: { atMs: number; bytes: number }[] = [];
  clears = 0;
  onMark: (name: string) => void = () => {};
  onPlayed: (samples: number) => void = () => {};
  onCleared: (samples: number) => void = () => {};
  readonly #clock: Clock;
  readonly #options: Required<PeerOptions>;
  #pieces: Piece[] = [];
  #endMs = -Infinity;
  #marks: { name: string; stop: () => void }[] = [];

  constructor(clock: Clock, options: PeerOptions = {}) {
    this.#clock = clock;
    const format: AudioFormat = options.format ?? { encoding: 'mulaw', sampleRateHz: 8_000 };
    this.format = format;
    this.#options = { wayMs: 0, startMs: 0, backMs: 0, losesMarks: false, countEveryMs: 0, ...options, format };
    if (this.#options.countEveryMs > 0) this.#count();
  }

  sendAudio(audio: Uint8Array): void {
    this.messages.push({ atMs: this.#clock.nowMs(), bytes: audio.length });
    this.#arrive(() => {
      const nowMs = this.#clock.nowMs();
      const atMs = nowMs > this.#endMs ? nowMs + this.#options.startMs : this.#endMs;
      this.#pieces.push({ atMs, bytes: audio });
      this.#endMs = atMs + this.#msOf(audio.length);
    });
  }

  sendMark(name: string): void {
    if (this.#options.losesMarks) return;
    this.#arrive(() => {
      const mark = {
        name,
        stop: this.#clock.after(this.#endMs - this.#clock.nowMs(), () => {
          this.#marks = this.#marks.filter((other) => other !== mark);
          this.#return(name);
        }),
      };
      this.#marks.push(mark);
    });
  }

  clear(): void {
    this.clears++;
    this.#arrive(() => {
      const nowMs = this.#clock.nowMs();
      for (const piece of this.#pieces) {
        const heard = Math.max(
          0,
          Math.floor(((nowMs - piece.atMs) * this.#bytesPerMs) / this.#sampleBytes) * this.#sampleBytes,
        );
        piece.bytes = piece.bytes.subarray(0, heard);
      }
      this.#pieces = this.#pieces.filter(({ bytes }) => bytes.length > 0);
      this.#endMs = Math.min(this.#endMs, nowMs);
      for (const { name, stop } of this.#marks.splice(0)) {
        stop();
        this.#return(name);
      }
      if (this.#options.countEveryMs > 0) this.#sendBack(this.samplesPlayed, (samples) => this.onCleared(samples));
    });
  }

  /** Silence included. */
  get samplesPlayed(): number {
    return this.played().length / this.#sampleBytes;
  }

  #count(): void {
    this.#clock.after(this.#options.countEveryMs, () => {
      this.#sendBack(this.samplesPlayed, (samples) => this.onPlayed(samples));
      this.#count();
    });
  }

  #sendBack(samples: number, tell: (samples: number) => void): void {
    if (this.#options.backMs === 0) tell(samples);
    else this.#clock.after(this.#options.backMs, () => tell(samples));
  }

  /** Bytes that have sounded by now, silence on the line left out. */
  played(untilMs = this.#clock.nowMs()): Uint8Array {
    return Buffer.concat(
      this.#pieces.map(({ atMs, bytes }) => {
        const heard = Math.floor(((untilMs - atMs) * this.#bytesPerMs) / this.#sampleBytes) * this.#sampleBytes;
        return bytes.subarray(0, Math.max(0, heard));
      }),
    );
  }

  /** Silent stretches between the first sound and the last, longer than a sample. */
  gaps(): { atMs: number; forMs: number }[] {
    const found: { atMs: number; forMs: number }[] = [];
    for (let i = 1; i < this.#pieces.length; i++) {
      const before = this.#pieces[i - 1]!;
      const endMs = before.atMs + this.#msOf(before.bytes.length);
      const forMs = this.#pieces[i]!.atMs - endMs;
      if (forMs > 0.2) found.push({ atMs: endMs, forMs });
    }
    return found;
  }

  /** The words that were heard to their end, by the ear. */
  words(fromByte = 0): SpokenWord[] {
    const samples = new SampleReader(this.format).read(this.played().subarray(fromByte));
    return wordsOf(decodeToneSpeech(samples, this.format.sampleRateHz));
  }

  /** How far ahead of the sound we have sent. */
  get aheadMs(): number {
    return Math.max(0, this.#endMs - this.#clock.nowMs());
  }

  #arrive(run: () => void): void {
    if (this.#options.wayMs === 0) run();
    else this.#clock.after(this.#options.wayMs, run);
  }

  #return(name: string): void {
    this.#clock.after(this.#options.backMs, () => this.onMark(name));
  }

  #msOf(bytes: number): number {
    return bytes / this.#bytesPerMs;
  }

  get #sampleBytes(): number {
    return bytesPerSample(this.format);
  }

  get #bytesPerMs(): number {
    return (this.#sampleBytes * this.format.sampleRateHz) / 1_000;
  }
}
