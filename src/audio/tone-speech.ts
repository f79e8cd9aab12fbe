/**
 * Speech that a program can understand: text as pairs of tones in the telephone band, at the pace of a voice, that can
 * be decoded again after mu-law, resampling and cutting. The stand-ins speak and hear it, so that a test measures at the
 * caller's end of the line which words were played and when, and never has to assume it.
 *
 * Each byte of the UTF-8 text is one burst: one of 16 low tones for its upper half, one of 16 high tones for the lower,
 * then a short silence, by which a decoder that joins in the middle finds the next burst.
 */

/** The pace of a brisk voice. */
const CHARACTER_MS = 1_000 / 15;
/** Each byte of a character outside ASCII: 3 of them make 132 ms, a syllable. */
const PART_MS = 44;
/** One of four bytes, of the slowest voice. */
const LONGEST_CHARACTER_MS = (4 * PART_MS) / 0.5;
/** Below this a burst is too short to tell its tones apart. */
const LEAST_BYTE_MS = 34;
const GAP_SHARE = 0.2;
/** Resampling rings for 1 to 2 ms on either side; what is left must be longer than `GAP_BLOCKS`. */
const LEAST_GAP_MS = 8;
const RAMP_MS = 2;

/** Wide apart against the width of a tone as long as the shortest burst (1 / 26 ms = 38 Hz). */
const TONE_STEP_HZ = 85;
const LOW_HZ = 350;
/** The step between the groups is wider, so that no two tones beat slower than the gap detector sees. */
const HIGH_HZ = 1_850;
const TONES = 16;
/** Of full scale, each of the two. Together -9 dB at their peaks: a voice. */
const AMPLITUDE = 0.17 * 32_767;

export interface ToneSpeechOptions {
  /** 1 is 15 ASCII characters a second; 0.5 to 2 can be decoded. */
  speed?: number;
}

/** One character where it lies in time. */
export interface SpokenCharacter {
  text: string;
  startMs: number;
  /** Its last burst is over; the gap behind it is not counted. */
  endMs: number;
}

/** A word of a voice that speaks in tones, and when it was heard, in milliseconds. */
export interface SpokenWord {
  text: string;
  startMs: number;
  endMs: number;
}

/** When each character of `text` is spoken, and how long all of it takes, the last gap included. */
export function layOutToneSpeech(
  text: string,
  options: ToneSpeechOptions = {},
): { characters: SpokenCharacter[]; durationMs: number } {
  let atMs = 0;
  const characters = Array.from(text, (character) => {
    const count = utf8.encode(character).length;
    const byteMs = byteMsOf(count, options);
    const startMs = atMs;
    atMs += byteMs * count;
    return { text: character, startMs, endMs: atMs - gapMsOf(byteMs) };
  });
  return { characters, durationMs: atMs };
}

/** Speaks `text` at any rate from 8,000 Hz up. Empty text is empty audio. */
export function encodeToneSpeech(text: string, sampleRateHz: number, options: ToneSpeechOptions = {}): Int16Array {
  const { durationMs } = layOutToneSpeech(text, options);
  const samples = new Int16Array(Math.round((durationMs * sampleRateHz) / 1_000));
  let atMs = 0;
  for (const character of text) {
    const bytes = utf8.encode(character);
    const byteMs = byteMsOf(bytes.length, options);
    for (const byte of bytes) {
      const from = Math.round((atMs * sampleRateHz) / 1_000);
      const until = Math.round(((atMs + byteMs - gapMsOf(byteMs)) * sampleRateHz) / 1_000);
      writeBurst(samples.subarray(from, until), byte, sampleRateHz);
      atMs += byteMs;
    }
  }
  return samples;
}

const utf8 = new TextEncoder();

function byteMsOf(bytesOfCharacter: number, { speed = 1 }: ToneSpeechOptions): number {
  return Math.max(LEAST_BYTE_MS, (bytesOfCharacter === 1 ? CHARACTER_MS : PART_MS) / speed);
}

function gapMsOf(byteMs: number): number {
  return Math.max(LEAST_GAP_MS, byteMs * GAP_SHARE);
}

/** Each sine is the one before it turned by its angle: a stand-in that speaks for 300 calls computes no sine a sample. */
function writeBurst(into: Int16Array, byte: number, sampleRateHz: number): void {
  const low = (2 * Math.PI * toneHz(LOW_HZ, byte >> 4)) / sampleRateHz;
  const high = (2 * Math.PI * toneHz(HIGH_HZ, byte & 15)) / sampleRateHz;
  const [lowCos, lowSin, highCos, highSin] = [Math.cos(low), Math.sin(low), Math.cos(high), Math.sin(high)];
  const ramp = (RAMP_MS * sampleRateHz) / 1_000;
  let [lowX, lowY, highX, highY] = [1, 0, 1, 0];
  for (let i = 0; i < into.length; i++) {
    const edge = (Math.min(i, into.length - 1 - i) + 0.5) / ramp;
    const level = edge < 1 ? AMPLITUDE * 0.5 * (1 - Math.cos(Math.PI * edge)) : AMPLITUDE;
    into[i] = Math.round(level * (lowY + highY));
    const [wasLowX, wasHighX] = [lowX, highX];
    lowX = lowX * lowCos - lowY * lowSin;
    lowY = lowY * lowCos + wasLowX * lowSin;
    highX = highX * highCos - highY * highSin;
    highY = highY * highCos + wasHighX * highSin;
  }
}

function toneHz(groupHz: number, index: number): number {
  return groupHz + TONE_STEP_HZ * index;
}

/** Loudness is judged in blocks of this length. */
const BLOCK_MS = 1;
/** So many quiet blocks in a row end a burst. Two tones 225 Hz apart beat to nothing for less than 1 ms. */
const GAP_BLOCKS = 4;
/** Root mean square below which a block is quiet whatever came before: mu-law idles well below it. */
const QUIET_LEVEL = 120;
/** A block this far below the loudest of its burst is quiet, for lines with noise. */
const QUIET_SHARE = 0.22;
/** What is shorter was cut too much to be told. */
const LEAST_BURST_MS = 13;
/** What is longer is no burst of ours: a voice, music. The slowest burst (speed 0.5) is 107 ms. */
const MOST_BURST_MS = 160;
/** The share of a burst's energy that must lie in its two tones; speech and noise stay far below. */
const LEAST_TONALITY = 0.72;

/** Hears tone speech in audio that comes in pieces of any length, from any point on. */
export class ToneSpeechDecoder {
  readonly sampleRateHz: number;
  readonly #quietLevel: number;
  readonly #burst: Int16Array;
  #burstLength = 0;
  #burstStart = 0;
  #loudest = 0;
  #quietBlocks = 0;
  #position = 0;
  #blockSum = 0;
  #blockEnd: number;
  #blocks = 0;
  #isOverlong = false;
  #bytes: number[] = [];
  #characterStartMs = 0;

  /** `quietLevel`: of a line with noise, the root mean square that only a voice is over. Default: of a line without. */
  constructor(sampleRateHz: number, { quietLevel = 0 }: { quietLevel?: number } = {}) {
    this.sampleRateHz = sampleRateHz;
    this.#quietLevel = Math.max(QUIET_LEVEL, quietLevel);
    this.#burst = new Int16Array(Math.ceil(((MOST_BURST_MS + 20) * sampleRateHz) / 1_000));
    this.#blockEnd = this.#endOfBlock(0);
  }

  /** How much audio has been pushed, in milliseconds. */
  get heardMs(): number {
    return (this.#position * 1_000) / this.sampleRateHz;
  }

  /**
   * How long nothing may follow a character until its word is over, in milliseconds: `wordEndsMs`, or longer while another
   * character is being spoken, which is heard when all its bytes are.
   */
  patienceMs(wordEndsMs: number): number {
    return this.#bytes.length > 0 ? Math.max(wordEndsMs, LONGEST_CHARACTER_MS) : wordEndsMs;
  }

  /** Returns the characters that became complete, with times since the first sample ever pushed. */
  push(samples: Int16Array): SpokenCharacter[] {
    const found: SpokenCharacter[] = [];
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      this.#blockSum += sample * sample;
      if (this.#burstLength < this.#burst.length) this.#burst[this.#burstLength++] = sample;
      if (++this.#position >= this.#blockEnd) this.#closeBlock(found);
    }
    return found;
  }

  /** Says what the last samples were when no more will come. The decoder may go on afterwards. */
  flush(): SpokenCharacter[] {
    const found: SpokenCharacter[] = [];
    this.#closeBurst(found);
    return found;
  }

  #endOfBlock(block: number): number {
    return Math.round(((block + 1) * BLOCK_MS * this.sampleRateHz) / 1_000);
  }

  #closeBlock(found: SpokenCharacter[]): void {
    const samples = (this.sampleRateHz * BLOCK_MS) / 1_000;
    const level = Math.sqrt(this.#blockSum / samples);
    this.#blockSum = 0;
    this.#blockEnd = this.#endOfBlock(++this.#blocks);
    const isQuiet = level < Math.max(this.#quietLevel, this.#loudest * QUIET_SHARE);
    if (isQuiet) {
      this.#quietBlocks++;
      if (this.#loudest === 0) this.#forgetBurst(samples);
      else if (this.#quietBlocks >= GAP_BLOCKS) this.#closeBurst(found);
      return;
    }
    this.#quietBlocks = 0;
    this.#loudest = Math.max(this.#loudest, level);
    if (this.#burstLength >= this.#burst.length) {
      this.#isOverlong = true; // not ours: wait for the next silence
      this.#loudest *= 0.995; // a steady noise must not raise the bar for ever
    }
  }

  /** Silence before a burst: only its last block is kept, since a soft onset may lie in it. */
  #forgetBurst(keep: number): void {
    const kept = Math.min(Math.round(keep), this.#burstLength);
    this.#burst.copyWithin(0, this.#burstLength - kept, this.#burstLength);
    this.#burstLength = kept;
    this.#burstStart = this.#position - kept;
  }

  #closeBurst(found: SpokenCharacter[]): void {
    const burst = this.#burst.subarray(0, this.#burstLength);
    const startMs = (this.#burstStart * 1_000) / this.sampleRateHz;
    const isOurs = this.#loudest > 0 && !this.#isOverlong;
    this.#loudest = 0;
    this.#isOverlong = false;
    if (isOurs) for (const part of readBurst(burst, this.sampleRateHz)) this.#addByte(part, startMs, found);
    this.#forgetBurst(0);
  }

  #addByte(part: ReadByte, burstStartMs: number, found: SpokenCharacter[]): void {
    const startMs = burstStartMs + part.startMs;
    const endMs = burstStartMs + part.endMs;
    const isContinuation = (part.byte & 0xc0) === 0x80;
    if (isContinuation && this.#bytes.length === 0) return; // the head of this character was cut off
    if (!isContinuation) {
      this.#bytes.length = 0;
      this.#characterStartMs = startMs;
    }
    this.#bytes.push(part.byte);
    if (this.#bytes.length < utf8Length(this.#bytes[0]!)) return;
    const text = readUtf8(this.#bytes);
    this.#bytes.length = 0;
    if (text !== undefined) found.push({ text, startMs: this.#characterStartMs, endMs });
  }
}

interface ReadByte {
  byte: number;
  /** From the first sample of the burst. */
  startMs: number;
  endMs: number;
}

/** A burst is one byte, or, when the line was cut and spliced, the end of one and the beginning of another. */
function readBurst(samples: Int16Array, sampleRateHz: number): ReadByte[] {
  const [from, until] = trim(samples);
  const least = (LEAST_BURST_MS * sampleRateHz) / 1_000;
  if (until - from < least || until - from > (MOST_BURST_MS * sampleRateHz) / 1_000) return [];
  const toMs = 1_000 / sampleRateHz;
  const whole = findTones(samples.subarray(from, until), sampleRateHz);
  if (whole.tonality >= LEAST_TONALITY) return [{ byte: whole.byte, startMs: from * toMs, endMs: until * toMs }];
  const cut = findCut(samples.subarray(from, until), sampleRateHz);
  const parts: [number, number][] = [
    [from, from + cut],
    [from + cut, until],
  ];
  return parts
    .filter(([start, end]) => end - start >= least)
    .map(([start, end]) => ({ start, end, tones: findTones(samples.subarray(start, end), sampleRateHz) }))
    .filter(({ tones }) => tones.tonality >= LEAST_TONALITY)
    .map(({ start, end, tones }) => ({ byte: tones.byte, startMs: start * toMs, endMs: end * toMs }));
}

/** Without the silence at either end. */
function trim(samples: Int16Array): [number, number] {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const floor = Math.max(QUIET_LEVEL, peak * 0.15);
  let from = 0;
  while (from < samples.length && Math.abs(samples[from]!) < floor) from++;
  let until = samples.length;
  while (until > from && Math.abs(samples[until - 1]!) < floor) until--;
  return [from, until];
}

/** Where two bursts were spliced: the cut that leaves each side most like one. */
function findCut(samples: Int16Array, sampleRateHz: number): number {
  const step = Math.round(sampleRateHz / 500);
  let best = { cut: 0, score: 0 };
  for (let cut = step; cut < samples.length; cut += step) {
    const before = findTones(samples.subarray(0, cut), sampleRateHz);
    const after = findTones(samples.subarray(cut), sampleRateHz);
    const score = (before.tonality * cut + after.tonality * (samples.length - cut)) / samples.length;
    if (score > best.score) best = { cut, score };
  }
  return best.cut;
}

/** The strongest tone of each group, and how much of all the energy the two of them explain (1 when all of it). */
function findTones(samples: Int16Array, sampleRateHz: number): { byte: number; tonality: number } {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const low = strongest(samples, LOW_HZ, sampleRateHz);
  const high = strongest(samples, HIGH_HZ, sampleRateHz);
  const share = (power: number) => (2 * power) / (samples.length * energy);
  const balance = Math.min(low.power, high.power) / Math.max(low.power, high.power);
  const isPair = balance > 0.1;
  return {
    byte: (low.index << 4) | high.index,
    tonality: energy > 0 && isPair ? share(low.power) + share(high.power) : 0,
  };
}

/** Goertzel's filter for each tone of a group. */
function strongest(samples: Int16Array, groupHz: number, sampleRateHz: number): { index: number; power: number } {
  const best = { index: 0, power: -1 };
  for (let index = 0; index < TONES; index++) {
    const coefficient = 2 * Math.cos((2 * Math.PI * toneHz(groupHz, index)) / sampleRateHz);
    let last = 0;
    let beforeLast = 0;
    for (let i = 0; i < samples.length; i++) {
      const next = samples[i]! + coefficient * last - beforeLast;
      beforeLast = last;
      last = next;
    }
    const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
    if (power > best.power) {
      best.index = index;
      best.power = power;
    }
  }
  return best;
}

function utf8Length(head: number): number {
  if (head < 0x80) return 1;
  if (head >= 0xc2 && head < 0xe0) return 2;
  if (head >= 0xe0 && head < 0xf0) return 3;
  return head >= 0xf0 && head < 0xf5 ? 4 : 1; // what is none of these is refused when it is read
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readUtf8(bytes: number[]): string | undefined {
  try {
    return strictUtf8.decode(Uint8Array.from(bytes));
  } catch {
    return undefined;
  }
}

/** Words, cut at white space; a word that has no more characters behind it is one as well. */
export function wordsOf(characters: readonly SpokenCharacter[]): SpokenWord[] {
  const words: SpokenWord[] = [];
  let current: SpokenWord | undefined;
  for (const { text, startMs, endMs } of characters) {
    if (/^\s$/.test(text)) {
      current = undefined;
      continue;
    }
    if (!current) words.push((current = { text: '', startMs, endMs }));
    current.text += text;
    current.endMs = endMs;
  }
  return words;
}

/** All of a piece of audio at once, as a test wants it. */
export function decodeToneSpeech(samples: Int16Array, sampleRateHz: number): SpokenCharacter[] {
  const decoder = new ToneSpeechDecoder(sampleRateHz);
  return [...decoder.push(samples), ...decoder.flush()];
}
