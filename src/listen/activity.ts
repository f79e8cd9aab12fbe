/**
 * Is the caller making a sound? Judged on the frames as they come, in well under 5 us each, so that a pause on
 * interruption does not wait for the network. Knows voices from steady noise by loudness over a floor that follows the
 * noise; it does not know a voice from a cough, which ends soon, nor from a television.
 *
 * The floor is the quietest 5 ms of the last 1.5 s: voices have holes that deep, fans and hiss have not. Under noise that
 * fills those holes it rises with the voice. So the noise between the voices is learned as well (`noise-level.ts`), and
 * a sound that rises and falls over it as only voices do is one, though it never comes far above the floor. What was
 * learned holds while a voice lasts, until the sound is as steady as only noise is, or has not come down to it for 4 s.
 *
 * The quietest 5 ms of a rumble lie far below its mean, and noise that swells, as a street does, leaves them behind: what is
 * barely loud over the floor is the beginning of a voice only if it is over the noise as well.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { decodeAlaw, decodeMulaw } from '../audio/g711.ts';
import { NoiseLevel, Scatter } from './noise-level.ts';

/** @param atMs Of the change itself, in ms of audio since the first sample: an end is known only a while after it. */
export type ActivityListener = (phase: 'start' | 'end', atMs: number) => void;

const BLOCK_MS = 5;
/** Levels are smoothed over so many blocks, so that the pitch of a low voice does not make it flicker. */
const SMOOTH_BLOCKS = 4;
/** Blocks with voice, less those without, that make a start: 50 ms, longer than a click, shorter than any word. */
const START_BLOCKS = 10;
/** From so many on it may become one; what has not become one after so many is crackle. */
const MAYBE_BLOCKS = 2;
const MOST_DOUBT_BLOCKS = 16;
/** Holes in a voice are shorter: stops before a plosive take up to 150 ms. */
const END_MS = 180;
/** The same behind one short word, where one is all that was asked for. A voice no longer than this is one word. */
const SHORT_END_MS = 150;
const SHORT_VOICE_MS = 600;
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
/** What is so far over the floor's threshold is loud, whatever is known of the noise, which may have been learned from a voice. */
const SURELY_DB = 2;
/** The floor is never taken to be lower: a line that is quite still. */
const LEAST_FLOOR_DB = -62;
/** A faint voice: so many blocks over the noise, but for holes so long, that scatter as a voice's loudness does. */
const FAINT_BLOCKS = 16;
const FAINT_HOLE_BLOCKS = 24;
const FAINT_SPREAD = 0.2;
/** What does not scatter for so long is noise that has become louder. */
const LOUDER_BLOCKS = 200;
/** Below this a voice of 1.5 s is noise that has set in. Hiss has 0.1, rumble 0.3; a voice, also one in noise, 0.6 and more. */
const STEADY_SPREAD = 0.4;
/** Speech comes down to the noise between phrases. What does not for so long is judged by the floor alone. */
const DOUBT_BLOCKS = 800;
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
  /** Thresholds as energies, so that no block needs a logarithm: by the floor, and by what is known of the noise. */
  #startAbove = 0;
  #keepAbove = 0;
  readonly #noise = new NoiseLevel();
  #overNoise = 0;
  #faintAbove = Infinity;
  #keepFaintAbove = Infinity;
  /** What may be a faint voice, and for how long it has been silent. */
  readonly #faint = new Scatter();
  #faintHole = 0;
  /** The last windows of a voice: is it as steady as noise? */
  readonly #spoken = Array.from({ length: WINDOWS }, () => new Scatter());
  #blocksAboveNoise = 0;
  #score = 0;
  /** For how long it has looked like the beginning of a voice. */
  #doubtBlocks = 0;
  #inARow = 0;
  #isVoice = false;
  #startMs = 0;
  #lastVoiceMs = 0;
  readonly #isForOneWord: () => boolean;

  /** @param isForOneWord Whether one word is all that is waited for: then a short voice is over sooner. Default: it is not. */
  constructor(format: AudioFormat, listener: ActivityListener, isForOneWord = () => false) {
    this.#listener = listener;
    this.#isForOneWord = isForOneWord;
    this.#table = tableOf(format);
    this.#samplesPerBlock = Math.round((format.sampleRateHz * BLOCK_MS) / 1_000);
    this.#pole = Math.exp((-2 * Math.PI * 100) / format.sampleRateHz);
    this.#setThresholds();
  }

  /** How much audio has been heard, in whole blocks. */
  get heardMs(): number {
    return this.#blocks * BLOCK_MS;
  }

  /** What is heard right now may turn out to be the beginning of a voice, within some 40 ms. */
  get mayBeVoice(): boolean {
    return this.#doubtBlocks > 0 && this.#doubtBlocks <= MOST_DOUBT_BLOCKS;
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
    if (this.#blocks % WINDOW_BLOCKS === 0) this.#openWindow();
    this.#followFloor(energy);
    let smooth = 0;
    for (let i = 0; i < SMOOTH_BLOCKS; i++) smooth += this.#recent[i]!;
    this.#judge(smooth / SMOOTH_BLOCKS);
  }

  #followFloor(energy: number): void {
    if (energy >= this.#leasts[this.#window]!) return;
    this.#leasts[this.#window] = energy;
    this.#setThresholds();
  }

  #openWindow(): void {
    if (this.#isVoice) this.#doubtVoice();
    this.#window = (this.#window + 1) % WINDOWS;
    this.#leasts[this.#window] = Infinity;
    this.#spoken[this.#window]!.clear();
    const { startAbove, keepAbove } = this.#noise.thresholds();
    this.#overNoise = Number.isFinite(keepAbove) ? keepAbove : 0;
    this.#faintAbove = Math.max(startAbove, LEAST_ENERGY);
    this.#keepFaintAbove = Math.max(keepAbove, LEAST_KEEP_ENERGY);
  }

  /** Noise that has set in, or grown, looks like a voice until it has been steady for all the windows. */
  #doubtVoice(): void {
    if (this.#spoken.every(({ count }) => count === WINDOW_BLOCKS)) {
      const all = Scatter.of(this.#spoken);
      if (all.spread < STEADY_SPREAD) this.#noise.relearn(all);
    }
    if (this.#blocksAboveNoise > DOUBT_BLOCKS) this.#noise.forget();
  }

  #setThresholds(): void {
    let least = Infinity;
    for (let i = 0; i < WINDOWS; i++) least = Math.min(least, this.#leasts[i]!);
    const floor = Math.max(least * LEAST_TO_MEAN, LEAST_FLOOR_ENERGY);
    this.#startAbove = Math.max(floor * START_OVER, LEAST_ENERGY);
    this.#keepAbove = Math.max(floor * KEEP_OVER, LEAST_KEEP_ENERGY);
  }

  #judge(energy: number): void {
    if (this.#isVoice) return this.#judgeEnd(energy);
    const isLoud = energy > this.#startAbove && energy > Math.min(this.#overNoise, SURELY_OVER * this.#startAbove);
    this.#score = isLoud ? this.#score + 1 : Math.max(0, this.#score - 2);
    this.#doubtBlocks = this.#score >= MAYBE_BLOCKS ? this.#doubtBlocks + 1 : 0;
    if (this.#score >= START_BLOCKS) return this.#start(START_BLOCKS);
    if (energy > this.#faintAbove) return this.#judgeFaint(energy);
    if (!isLoud) this.#noise.learn(energy);
    if (this.#faint.count > 0 && ++this.#faintHole > FAINT_HOLE_BLOCKS) this.#faint.clear();
  }

  #judgeFaint(energy: number): void {
    if (this.#faint.count === 0) this.#faintHole = 0;
    this.#faint.add(energy);
    const { count } = this.#faint;
    if (count < FAINT_BLOCKS) return;
    if (this.#faint.spread >= FAINT_SPREAD) return this.#start(count + this.#faintHole);
    if (count < LOUDER_BLOCKS) return;
    this.#noise.relearn(this.#faint);
    this.#faint.clear();
  }

  #start(blocksAgo: number): void {
    this.#score = this.#doubtBlocks = 0;
    this.#faint.clear();
    for (const window of this.#spoken) window.clear();
    this.#inARow = 0;
    this.#blocksAboveNoise = 0;
    this.#isVoice = true;
    this.#lastVoiceMs = this.heardMs;
    this.#startMs = Math.max(0, this.heardMs - blocksAgo * BLOCK_MS);
    this.#listener('start', this.#startMs);
  }

  #judgeEnd(energy: number): void {
    this.#spoken[this.#window]!.add(energy);
    const isLoud = energy > Math.min(this.#keepAbove, this.#keepFaintAbove);
    this.#inARow = isLoud ? this.#inARow + 1 : 0;
    this.#blocksAboveNoise = isLoud ? this.#blocksAboveNoise + 1 : 0;
    if (this.#inARow >= KEEP_BLOCKS) this.#lastVoiceMs = this.heardMs;
    const silentMs = this.heardMs - this.#lastVoiceMs;
    if (silentMs < SHORT_END_MS || (silentMs < END_MS && !this.#isOneWord)) return;
    this.#isVoice = false;
    this.#listener('end', this.#lastVoiceMs);
  }

  get #isOneWord(): boolean {
    return this.#lastVoiceMs - this.#startMs <= SHORT_VOICE_MS && this.#isForOneWord();
  }
}

const LEAST_TO_MEAN = power(LEAST_TO_MEAN_DB);
const START_OVER = power(START_DB);
const SURELY_OVER = power(SURELY_DB);
const KEEP_OVER = power(KEEP_DB);
const LEAST_ENERGY = energyOf(LEAST_DB);
const LEAST_KEEP_ENERGY = energyOf(LEAST_DB - 4);
const LEAST_FLOOR_ENERGY = energyOf(LEAST_FLOOR_DB);

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
