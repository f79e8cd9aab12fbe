/**
 * From one sampling rate to another, piece by piece, without clicks at the seams: SpeexDSP's resampler as WebAssembly, one
 * instance for the whole process. What comes out lies where it lay before: the filter's own delay is taken away, and
 * `flush` brings the end that the filter still holds.
 */
import createSpeexModule from '@echogarden/speex-resampler-wasm/simd';
import { VoiceError } from '../lib/errors.ts';

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

const speex = await createSpeexModule();
const inputAt = speex._malloc(PIECE * 2);
const outputAt = speex._malloc(PIECE * 2);
/** Two 32-bit numbers: how many samples lie in the input, how many fit in the output. */
const lengthsAt = speex._malloc(8);

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
  #state: number;
  #out = new Int16Array(960);
  #outLength = 0;
  /** All samples in and out so far, by which `flush` knows what is missing. */
  #totalIn = 0;
  #totalOut = 0;

  constructor(fromHz: number, toHz: number) {
    this.fromHz = fromHz;
    this.toHz = toHz;
    this.#state = speex._speex_resampler_init(1, fromHz, toHz, QUALITY, lengthsAt);
    if (this.#state === 0) throw new VoiceError('internal', `No resampler from ${fromHz} to ${toHz} Hz`);
    speex._speex_resampler_skip_zeros(this.#state);
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
    this.#run(new Int16Array(speex._speex_resampler_get_input_latency(this.#state) + 1));
    const missing = Math.round((this.#totalIn * this.toHz) / this.fromHz) - this.#totalOut;
    const rest = this.#out.slice(0, Math.max(0, Math.min(missing, this.#outLength)));
    this.#totalOut += rest.length;
    return rest;
  }

  free(): void {
    if (this.#state !== 0) speex._speex_resampler_destroy(this.#state);
    this.#state = 0;
  }

  #run(samples: Int16Array): void {
    if (this.#state === 0) throw new VoiceError('closed', 'This resampler was freed');
    for (let at = 0; at < samples.length;) {
      const count = Math.min(PIECE, samples.length - at);
      // The heap's views are looked up each time: they are new ones once the heap has grown.
      speex.HEAP16.set(count === samples.length ? samples : samples.subarray(at, at + count), inputAt >> 1);
      speex.HEAP32[lengthsAt >> 2] = count;
      speex.HEAP32[(lengthsAt >> 2) + 1] = PIECE;
      speex._speex_resampler_process_int(this.#state, 0, inputAt, lengthsAt, outputAt, lengthsAt + 4);
      at += speex.HEAP32[lengthsAt >> 2]!;
      this.#keep(speex.HEAP32[(lengthsAt >> 2) + 1]!);
    }
  }

  #keep(count: number): void {
    if (this.#outLength + count > this.#out.length) {
      const larger = new Int16Array((this.#outLength + count) * 2);
      larger.set(this.#out.subarray(0, this.#outLength));
      this.#out = larger;
    }
    const from = outputAt >> 1;
    this.#out.set(speex.HEAP16.subarray(from, from + count), this.#outLength);
    this.#outLength += count;
  }
}
