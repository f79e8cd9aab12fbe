/**
 * Is the caller making a sound? Judged on the frames as they come, in well under 5 us each, so that a pause on
 * interruption does not wait for the network. Knows voices from steady noise by loudness over a floor that follows the
 * noise; it does not know a voice from a cough, which ends soon, nor from a television.
 *
 * The floor is the quietest 5 ms of the last 1.5 s: voices have holes that deep, fans and hiss have not.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { decodeAlaw, decodeMulaw } from '../audio/g711.ts';

/** @param atMs Of the change itself, in ms of audio since the first sample: an end is known only a while after it. */
export type ActivityListener = (phase: 'start' | 'end', atMs: number) => void;

const BLOCK_MS = 5;
/** Levels are smoothed over so many blocks, so that the pitch of a low voice does not make it flicker. */
const SMOOTH_BLOCKS = 4;
/** Blocks with voice, less those without, that make a start: 50 ms, longer than a click, shorter than any word. */
const START_BLOCKS = 10;
/** Holes in a voice are shorter: stops before a plosive take up to 150 ms. */
const END_MS = 180;
/** So many blocks in a row keep a voice alive; a single crackle does not. */
const KEEP_BLOCKS = 3;
/** Over the floor, in dB. The lower one holds on to the soft end of a word. */
const START_DB = 9;
const KEEP_DB = 6;
/** Below this, in dB of full scale, nothing is a voice: a quiet caller on a phone is near -40. */
const LEAST_DB = -50;
/** The floor is taken from the least of five windows of 300 ms, the newest of them unfinished. */
const WINDOW_BLOCKS = 60;
const WINDOWS = 5;
/** The quietest 5 ms of noise lie so far below its mean. */
const LEAST_TO_MEAN_DB = 3;
/** The floor is never taken to be lower: a line that is quite still. */
const LEAST_FLOOR_DB = -62;
const FULL_SCALE = 32_768;

export class ActivityDetector {
  readonly #listener: ActivityListener;
  /** Sample by code, for the two laws; undefined when there are two bytes a sample. */
  readonly #table: Float32Array | undefined;
  readonly #samplesPerBlock: number;
  /** One-pole high-pass at about 100 Hz: no hum, no offset. */
  readonly #pole: number;
  #lastIn = 0;
  #lastOut = 0;
  #oddByte = -1;
  #sum = 0;
  #count = 0;
  readonly #recent = new Float64Array(SMOOTH_BLOCKS);
  #blocks = 0;
  /** The least energy of each window, the current one at `#window`. */
  readonly #leasts = new Float64Array(WINDOWS).fill(Infinity);
  #window = 0;
  /** Thresholds as energies, so that no block needs a logarithm. */
  #startAbove = 0;
  #keepAbove = 0;
  #score = 0;
  #inARow = 0;
  #isVoice = false;
  #lastVoiceMs = 0;

  constructor(format: AudioFormat, listener: ActivityListener) {
    this.#listener = listener;
    this.#table = tableOf(format);
    this.#samplesPerBlock = Math.round((format.sampleRateHz * BLOCK_MS) / 1_000);
    this.#pole = Math.exp((-2 * Math.PI * 100) / format.sampleRateHz);
    this.#setThresholds();
  }

  /** How much audio has been heard, in whole blocks. */
  get heardMs(): number {
    return this.#blocks * BLOCK_MS;
  }

  /** Takes audio of any length and cutting. The listener is called from inside. */
  push(audio: Uint8Array): void {
    if (this.#table) for (let i = 0; i < audio.length; i++) this.#add(this.#table[audio[i]!]!);
    else this.#pushLinear(audio);
  }

  #pushLinear(audio: Uint8Array): void {
    let at = 0;
    if (this.#oddByte >= 0 && audio.length > 0) {
      this.#add(((this.#oddByte | (audio[at++]! << 8)) << 16) >> 16);
      this.#oddByte = -1;
    }
    for (; at + 1 < audio.length; at += 2) this.#add(((audio[at]! | (audio[at + 1]! << 8)) << 16) >> 16);
    if (at < audio.length) this.#oddByte = audio[at]!;
  }

  #add(sample: number): void {
    const out = sample - this.#lastIn + this.#pole * this.#lastOut;
    this.#lastIn = sample;
    this.#lastOut = out;
    this.#sum += out * out;
    if (++this.#count === this.#samplesPerBlock) this.#closeBlock();
  }

  #closeBlock(): void {
    const energy = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    this.#recent[this.#blocks % SMOOTH_BLOCKS] = energy;
    this.#blocks++;
    this.#followFloor(energy);
    let smooth = 0;
    for (let i = 0; i < SMOOTH_BLOCKS; i++) smooth += this.#recent[i]!;
    this.#judge(smooth / SMOOTH_BLOCKS);
  }

  #followFloor(energy: number): void {
    if (this.#blocks % WINDOW_BLOCKS === 0) {
      this.#window = (this.#window + 1) % WINDOWS;
      this.#leasts[this.#window] = energy;
      this.#setThresholds();
    } else if (energy < this.#leasts[this.#window]!) {
      this.#leasts[this.#window] = energy;
      this.#setThresholds();
    }
  }

  #setThresholds(): void {
    let least = Infinity;
    for (let i = 0; i < WINDOWS; i++) least = Math.min(least, this.#leasts[i]!);
    const floor = Math.max(least === Infinity ? 0 : least * power(LEAST_TO_MEAN_DB), energyOf(LEAST_FLOOR_DB));
    this.#startAbove = Math.max(floor * power(START_DB), energyOf(LEAST_DB));
    this.#keepAbove = Math.max(floor * power(KEEP_DB), energyOf(LEAST_DB - 4));
  }

  #judge(energy: number): void {
    const isLoud = energy > (this.#isVoice ? this.#keepAbove : this.#startAbove);
    this.#inARow = isLoud ? this.#inARow + 1 : 0;
    if (this.#isVoice) this.#judgeEnd();
    else this.#judgeStart(isLoud);
  }

  #judgeStart(isLoud: boolean): void {
    this.#score = isLoud ? this.#score + 1 : Math.max(0, this.#score - 2);
    if (this.#score < START_BLOCKS) return;
    this.#score = 0;
    this.#isVoice = true;
    this.#lastVoiceMs = this.heardMs;
    this.#listener('start', Math.max(0, this.heardMs - START_BLOCKS * BLOCK_MS));
  }

  #judgeEnd(): void {
    if (this.#inARow >= KEEP_BLOCKS) this.#lastVoiceMs = this.heardMs;
    if (this.heardMs - this.#lastVoiceMs < END_MS) return;
    this.#isVoice = false;
    this.#listener('end', this.#lastVoiceMs);
  }
}

const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);
const mulawTable = Float32Array.from(decodeMulaw(everyCode));
const alawTable = Float32Array.from(decodeAlaw(everyCode));

function tableOf({ encoding }: AudioFormat): Float32Array | undefined {
  if (encoding === 'linear16') return undefined;
  return encoding === 'mulaw' ? mulawTable : alawTable;
}

function power(db: number): number {
  return 10 ** (db / 10);
}

/** Mean square of samples that are so many dB below full scale. */
function energyOf(db: number): number {
  return FULL_SCALE * FULL_SCALE * power(db);
}
