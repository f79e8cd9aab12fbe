/**
 * From one sampling rate to another, piece by piece, without clicks at the seams: SpeexDSP's resampler as WebAssembly, one
 * instance for the whole process. What comes out lies where it lay before: the filter's own delay is taken away, and
 * `flush` brings the end that the filter still holds.
 */
import { VoiceError } from '../lib/errors.ts';
import { speex, type Speex } from './speex.ts';

export interface Resampler {
  readonly fromHz: number;
  readonly toHz: number;
  /** The result is good until the next call: copy what you keep. With equal rates it is `samples` itself. */
  process(samples: Int16Array): Int16Array;
  /** The rest of what was pushed, so that all output together is as long as all input. Then the stream is over. */
  flush(): Int16Array;
  /** Gives the filter's memory back. Safe to call twice; nothing else may be called afterwards. */
  free(): void;
}

/** SpeexDSP's scale, 0 to 10. At 4 the filter looks 4 ms ahead and aliases lie 80 dB down, below what mu-law can carry. */
const QUALITY = 4;
/** Samples that fit in the heap's buffers; longer input is taken in pieces. */
const PIECE = 4_096;

/** What all resamplers of the process share: they take turns, each for one call of `process`. */
interface Bench {
  speex: Speex;
  inputAt: number;
  outputAt: number;
  /** Two 32-bit numbers: how many samples lie in the input, how many fit in the output. */
  lengthsAt: number;
}

let bench: Bench | undefined;

/** Starts what resamples, so that no audio waits for it: a few milliseconds, once in a process. */
export function prepareResampler(): void {
  shared();
}

function shared(): Bench {
  return (bench ??= setUp(speex()));
}

function setUp(own: Speex): Bench {
  return { speex: own, inputAt: own.malloc(PIECE * 2), outputAt: own.malloc(PIECE * 2), lengthsAt: own.malloc(8) };
}

/**
 * @throws {VoiceError} `options-invalid`, when a rate is not a whole number from 4,000 to 96,000.
 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  for (const rateHz of [fromHz, toHz]) {
    if (!Number.isInteger(rateHz) || rateHz < 4_000 || rateHz > 96_000) {
      throw new VoiceError('options-invalid', `Expected a sampling rate from 4,000 to 96,000 Hz, got \`${rateHz}\``);
    }
  }
  return fromHz === toHz ? new SameRate(fromHz) : new SpeexResampler(fromHz, toHz);
}

/** All of a piece of audio at once; with equal rates it is `samples` itself. @throws as `createResampler` does */
export function resampleWhole(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const resampler = createResampler(fromHz, toHz);
  try {
    const head = resampler.process(samples).slice();
    const tail = resampler.flush();
    const whole = new Int16Array(head.length + tail.length);
    whole.set(head);
    whole.set(tail, head.length);
    return whole;
  } finally {
    resampler.free();
  }
}

class SameRate implements Resampler {
  readonly fromHz: number;
  readonly toHz: number;
  constructor(rateHz: number) {
    this.fromHz = this.toHz = rateHz;
  }
  process(samples: Int16Array): Int16Array {
    return samples;
  }
  flush(): Int16Array {
    return NOTHING;
  }
  free(): void {
    // holds nothing
  }
}

const NOTHING = new Int16Array(0);

class SpeexResampler implements Resampler {
  readonly fromHz: number;
  readonly toHz: number;
  readonly #bench = shared();
  #state: number;
  #out = new Int16Array(960);
  #outLength = 0;
  /** All samples in and out so far, by which `flush` knows what is missing. */
  #totalIn = 0;
  #totalOut = 0;

  constructor(fromHz: number, toHz: number) {
    this.fromHz = fromHz;
    this.toHz = toHz;
    const { speex, lengthsAt } = this.#bench;
    this.#state = speex.init(1, fromHz, toHz, QUALITY, lengthsAt);
    if (this.#state === 0) throw new VoiceError('internal', `No resampler from ${fromHz} to ${toHz} Hz`);
    speex.skipZeros(this.#state);
  }

  process(samples: Int16Array): Int16Array {
    this.#outLength = 0;
    this.#totalIn += samples.length;
    this.#run(samples);
    this.#totalOut += this.#outLength;
    return this.#out.subarray(0, this.#outLength);
  }

  flush(): Int16Array {
    this.#outLength = 0;
    this.#run(new Int16Array(this.#bench.speex.inputLatency(this.#state) + 1));
    const missing = Math.round((this.#totalIn * this.toHz) / this.fromHz) - this.#totalOut;
    const rest = this.#out.slice(0, Math.max(0, Math.min(missing, this.#outLength)));
    this.#totalOut += rest.length;
    return rest;
  }

  free(): void {
    if (this.#state !== 0) this.#bench.speex.destroy(this.#state);
    this.#state = 0;
  }

  #run(samples: Int16Array): void {
    if (this.#state === 0) throw new VoiceError('closed', 'This resampler was freed');
    const { speex, inputAt, outputAt, lengthsAt } = this.#bench;
    for (let at = 0; at < samples.length;) {
      const count = Math.min(PIECE, samples.length - at);
      const input = speex.heap();
      input.int16.set(count === samples.length ? samples : samples.subarray(at, at + count), inputAt >> 1);
      input.int32[lengthsAt >> 2] = count;
      input.int32[(lengthsAt >> 2) + 1] = PIECE;
      speex.processInt(this.#state, 0, inputAt, lengthsAt, outputAt, lengthsAt + 4);
      const { int16, int32 } = speex.heap();
      at += int32[lengthsAt >> 2]!;
      this.#keep(int16.subarray(outputAt >> 1, (outputAt >> 1) + int32[(lengthsAt >> 2) + 1]!));
    }
  }

  #keep(samples: Int16Array): void {
    const length = this.#outLength + samples.length;
    if (length > this.#out.length) {
      const larger = new Int16Array(length * 2);
      larger.set(this.#out.subarray(0, this.#outLength));
      this.#out = larger;
    }
    this.#out.set(samples, this.#outLength);
    this.#outLength = length;
  }
}
