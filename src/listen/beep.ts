/**
 * Is there the beep of an answering machine? A beep is one pure tone, and nearly all the power of a block of it lies at one
 * pitch, which of no voice is true; and it stays at that pitch for as long as beeps last.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { SampleReader } from '../audio/convert.ts';

const BLOCK_MS = 20;
/** Of the pitches of beeps, in Hz: below are hums, above are the tones of fax machines. */
const LEAST_HZ = 350;
const MOST_HZ = 2_050;
/** In dB of full scale. */
const LEAST_DB = -36;
/** Of the power of a block, the tone's: noise takes some of it; of a vowel, which is of many tones, no single one has half. */
const LEAST_SHARE = 0.85;
/** Two blocks are of one pitch. */
const SAME_HZ = 25;
/** Beeps last from 0.2 to 2 seconds; what is longer is a tone of the network's. */
const LEAST_BLOCKS = 8;
const MOST_BLOCKS = 125;
const LEAST_ENERGY = 32_768 ** 2 * 10 ** (LEAST_DB / 10);

export class BeepDetector {
  readonly #sampleRateHz: number;
  readonly #reader: SampleReader;
  readonly #heard: () => void;
  readonly #block: Int16Array;
  #filled = 0;
  /** Of the tone that sounds. */
  #hz = 0;
  #blocks = 0;

  /** `heard`: a beep has just ended. Called from inside `push`. */
  constructor(format: AudioFormat, heard: () => void) {
    this.#sampleRateHz = format.sampleRateHz;
    this.#reader = new SampleReader(format);
    this.#heard = heard;
    this.#block = new Int16Array(Math.round((format.sampleRateHz * BLOCK_MS) / 1_000));
  }

  /** Audio of any length and cutting. */
  push(audio: Uint8Array): void {
    for (const sample of this.#reader.read(audio)) {
      this.#block[this.#filled++] = sample;
      if (this.#filled < this.#block.length) continue;
      this.#filled = 0;
      this.#judge(pitchOf(this.#block, this.#sampleRateHz));
    }
  }

  #judge(hz: number | undefined): void {
    const isSame = hz !== undefined && Math.abs(hz - this.#hz) <= SAME_HZ;
    if (isSame) {
      this.#blocks++;
      return;
    }
    const wasBeep = this.#blocks >= LEAST_BLOCKS && this.#blocks <= MOST_BLOCKS;
    this.#blocks = hz === undefined ? 0 : 1;
    this.#hz = hz ?? 0;
    if (wasBeep) this.#heard();
  }
}

/** Of the tone that the block is; undefined when it is none that a beep could be. */
function pitchOf(block: Int16Array, sampleRateHz: number): number | undefined {
  const energy = power(block);
  if (energy < LEAST_ENERGY) return undefined;
  const radians = angleOf(block);
  const hz = (radians * sampleRateHz) / (2 * Math.PI);
  if (!(hz >= LEAST_HZ && hz <= MOST_HZ)) return undefined;
  return toneIn(block, radians) / energy >= LEAST_SHARE ? hz : undefined;
}

function power(block: Int16Array): number {
  let sum = 0;
  for (const sample of block) sum += sample * sample;
  return sum / block.length;
}

/**
 * From one sample of the strongest tone to the next, by Pisarenko: from how a block goes with itself one and two samples
 * later, which white noise does not. NaN for a block that goes with itself in no such way.
 */
function angleOf(block: Int16Array): number {
  let once = 0;
  let twice = 0;
  for (let n = 2; n < block.length; n++) {
    once += block[n]! * block[n - 1]!;
    twice += block[n]! * block[n - 2]!;
  }
  const root = Math.sqrt(twice * twice + 8 * once * once);
  return Math.acos(twice < 0 ? (2 * once) / (root - twice) : (twice + root) / (4 * once)); // the same, where it can be told exactly
}

/** The power of the tone of this pitch alone. */
function toneIn(block: Int16Array, radians: number): number {
  let even = 0;
  let odd = 0;
  for (let n = 0; n < block.length; n++) {
    even += block[n]! * Math.cos(radians * n);
    odd += block[n]! * Math.sin(radians * n);
  }
  return (2 * (even * even + odd * odd)) / (block.length * block.length);
}
