/**
 * Which characters of an utterance lie at which millisecond of its audio. Three sources, the better one counts: word
 * timestamps; pauses found in the audio, which lie at punctuation; and the voice's rate, stretched to the audio that
 * really came. Positions are those of the cleaned text.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { SampleReader } from '../audio/convert.ts';
import { addFeatures, type SpeechRate } from './speech-rate.ts';

/** A word, or one character of a script without spaces. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
const PAUSE_BEHIND = /[.,;:!?।॥…—–，。；：！？、]["'”’)\]]*$/;
const NOT_SPOKEN = /[^\p{L}\p{N}\p{M}]/gu;

/** Loudness is judged in blocks of this length. */
const BLOCK_MS = 10;
/** Mean absolute sample below which a block is silent. Synthetic speech is digital silence between phrases. */
const SILENT_LEVEL = 60;
/** Shorter silences belong to the words: stops, and the gaps of single letters. */
const LEAST_PAUSE_MS = 120;
/** Between words there is often a moment of silence; a cut is heard least there. */
const LEAST_GAP_MS = 30;
/** How far a moment of silence may be from where a word ends, by its timestamp or pause, and by the voice's rate. */
const GAP_REACH_MS = 60;
const GUESSED_GAP_REACH_MS = 150;
/** A pause marks a punctuation no farther off than this, and this share of the way since the last mark. */
const PAUSE_REACH_MS = 250;
const PAUSE_REACH_SHARE = 0.22;
/** What came before a mark tells how this voice's pace differs from the expected, as much as so much speech of the past. */
const PACE_WEIGHT_MS = 8_000;
/** A word counts as heard this much before its computed end: rounding, and the fall of its last sound. */
const TOLERANCE_MS = 10;
/** Words that a timestamp may skip, because the service split or joined them. */
const LOOK_AHEAD = 4;

interface Word {
  /** Position behind its last character. */
  end: number;
  /** Letters and digits alone, for the comparison with timestamps. */
  key: string;
  /** Spoken time from the utterance's start to its end, as the voice's rate has it. */
  expectedMs: number;
}

/** The end of word `word` lies at `atMs` of the audio. */
interface Anchor {
  word: number;
  atMs: number;
}

export class Alignment {
  readonly #rate: SpeechRate;
  #length = 0;
  #words: Word[] = [];
  /** The words that a pause may lie behind. */
  #pausable: number[] = [];
  /** Of all words, and of the white space since the last one. */
  #features: [number, number, number, number] = [0, 0, 0, 0];
  #uncounted: [number, number, number, number] = [0, 0, 0, 0];
  #anchors: Anchor[] = [{ word: -1, atMs: 0 }];
  #isTimed = false;
  #nextTimed = 0;
  #audioMs = 0;
  #isComplete = false;
  /** Closed pauses, from and to, one behind the other; `beforeMs`: how long those before it are together. */
  #pauses: { fromMs: number; toMs: number; beforeMs: number }[] = [];
  /** Closed silences of any kind, shorter than pauses too. */
  #gaps: { fromMs: number; toMs: number }[] = [];
  #silentFromMs: number | undefined = 0;
  #block = { sum: 0, samples: 0 };
  /** Both of the audio, from its first piece on. */
  #reader: SampleReader | undefined;
  #samplesPerMs = 1;

  constructor(rate: SpeechRate) {
    this.#rate = rate;
  }

  /** How much audio has come. */
  get audioMs(): number {
    return this.#audioMs;
  }

  /** Whether all audio of all the text has come. */
  get isWhole(): boolean {
    return this.#isComplete;
  }

  /** What the text so far should take, pauses left out. */
  get expectedMs(): number {
    return this.#words.at(-1)?.expectedMs ?? 0;
  }

  /** The next clause of the cleaned text. */
  addText(clause: string): void {
    const counts = this.#uncounted;
    let expectedMs = this.expectedMs;
    let from = 0;
    for (const match of clause.matchAll(WORD)) {
      const text = match[0];
      const to = match.index + text.length;
      addFeatures(clause, from, to, counts);
      expectedMs += this.#rate.expectMs(counts);
      this.#count();
      from = to;
      if (PAUSE_BEHIND.test(text)) this.#pausable.push(this.#words.length);
      this.#words.push({ end: this.#length + to, key: keyOf(text), expectedMs });
    }
    addFeatures(clause, from, clause.length, counts);
    this.#length += clause.length;
  }

  /** The next audio. All that is added to one utterance is of one format. */
  addAudio(audio: Uint8Array, format: AudioFormat): void {
    this.#reader ??= new SampleReader(format);
    this.#samplesPerMs = format.sampleRateHz / 1_000;
    const perBlock = this.#samplesPerMs * BLOCK_MS;
    const samples = this.#reader.read(audio);
    const block = this.#block;
    for (let i = 0; i < samples.length; i++) {
      block.sum += Math.abs(samples[i]!);
      if (++block.samples >= perBlock) this.#closeBlock(block.sum / block.samples, block.samples / this.#samplesPerMs);
    }
  }

  /** When a word was spoken, from the utterance's first sample. */
  addWord(word: string, endMs: number): void {
    const key = keyOf(word);
    const until = Math.min(this.#nextTimed + LOOK_AHEAD, this.#words.length);
    for (let i = this.#nextTimed; i < until; i++) {
      if (this.#words[i]!.key !== key) continue;
      if (!this.#isTimed) this.#anchors.length = 1; // what was guessed from pauses
      this.#isTimed = true;
      this.#nextTimed = i + 1;
      if (endMs >= this.#anchors.at(-1)!.atMs) this.#anchors.push({ word: i, atMs: endMs });
      return;
    }
  }

  /** All audio has come. `isWhole`: of all the text; then the voice's rate learns from it. */
  complete(isWhole: boolean): void {
    this.#audioMs += this.#block.samples / this.#samplesPerMs; // the last block is not full
    this.#block.samples = 0;
    this.#isComplete = isWhole;
    this.#count();
    if (isWhole) this.#rate.learn(this.#features, this.#spokenAt(this.#audioMs));
  }

  /** All of it was thrown away and comes anew. */
  restart(): { characters: number; atMs: number } {
    this.#anchors = [{ word: -1, atMs: 0 }];
    this.#isTimed = false;
    this.#nextTimed = 0;
    this.#audioMs = 0;
    this.#pauses = [];
    this.#gaps = [];
    this.#silentFromMs = 0;
    this.#block = { sum: 0, samples: 0 };
    this.#reader = undefined;
    return { characters: 0, atMs: 0 };
  }

  /**
   * The audio broke off, and will go on with other audio. Keeps what is surely there of whole words, and all up to `fromMs`;
   * tells how many characters that is, and where the audio is to be cut.
   */
  cut(fromMs: number): { characters: number; atMs: number } {
    const known = this.#anchors.findLast(({ word, atMs }) => word >= 0 && atMs >= fromMs && atMs <= this.#audioMs);
    const word = known?.word ?? this.#wordAt(this.#audioMs);
    const endMs = known?.atMs ?? this.#endOf(word);
    const reachMs = known ? GAP_REACH_MS : GUESSED_GAP_REACH_MS;
    const atMs = Math.min(this.#audioMs, Math.max(fromMs, this.#gapNear(endMs, reachMs)?.toMs ?? endMs));
    this.#cutAudio(word, atMs);
    return { characters: word < 0 ? 0 : this.#words[word]!.end, atMs };
  }

  #cutAudio(word: number, atMs: number): void {
    this.#audioMs = atMs;
    this.#block = { sum: 0, samples: 0 };
    this.#reader = undefined;
    this.#anchors = this.#anchors.filter((anchor) => anchor.word < word && anchor.atMs <= atMs);
    this.#anchors.push({ word, atMs });
    const isKept = ({ toMs }: { toMs: number }) => toMs <= atMs;
    this.#pauses = this.#pauses.filter(isKept);
    this.#gaps = this.#gaps.filter(isKept);
    if (this.#silentFromMs !== undefined && this.#silentFromMs >= atMs) this.#silentFromMs = undefined;
    if (this.#isTimed) this.#nextTimed = word + 1;
  }

  /** When a word is over, as far as can be told. */
  #endOf(word: number): number {
    let ms = this.#audioMs;
    while (ms >= BLOCK_MS && this.#wordAt(ms - BLOCK_MS) >= word) ms -= BLOCK_MS;
    return ms;
  }

  #gapNear(ms: number, reachMs: number): { fromMs: number; toMs: number } | undefined {
    const open = this.#silentFromMs === undefined ? [] : [{ fromMs: this.#silentFromMs, toMs: this.#audioMs }];
    let nearest: { fromMs: number; toMs: number } | undefined;
    for (const gap of [...this.#gaps, ...open]) {
      const offMs = Math.abs(gap.fromMs - ms);
      if (offMs <= reachMs && offMs <= Math.abs((nearest?.fromMs ?? Infinity) - ms)) nearest = gap;
    }
    return nearest;
  }

  /** Characters whose word is over `ms` into the audio. All of them at the end of whole audio. */
  charactersAt(ms: number): number {
    if (this.#isComplete && ms >= this.#audioMs - TOLERANCE_MS) return this.#length;
    const word = this.#wordAt(ms);
    return word < 0 ? 0 : this.#words[word]!.end;
  }

  /** The last word that is over at `ms`, or -1. */
  #wordAt(ms: number): number {
    const index = Math.max(0, countWhile(this.#anchors, ({ atMs }) => atMs <= ms + TOLERANCE_MS) - 1);
    const from = this.#anchors[index]!;
    const to = this.#anchors[index + 1];
    const fromExpectedMs = this.#expectedAt(from.word);
    const fromSpokenMs = this.#spokenAt(from.atMs);
    const goalMs = fromExpectedMs + (this.#spokenAt(ms) - fromSpokenMs + TOLERANCE_MS) / this.#stretch(from, to);
    let low = from.word;
    let high = to ? to.word - 1 : this.#words.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#words[middle]!.expectedMs <= goalMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How much slower than expected the words between two anchors are. */
  #stretch(from: Anchor, to: Anchor | undefined): number {
    const lastWord = to?.word ?? this.#words.length - 1;
    const expectedMs = this.#expectedAt(lastWord) - this.#expectedAt(from.word);
    const spokenMs = this.#spokenAt(to?.atMs ?? this.#audioMs) - this.#spokenAt(from.atMs);
    if (expectedMs <= 0 || spokenMs <= 0) return this.#paceUpTo(from);
    if (to || this.#isComplete) return spokenMs / expectedMs;
    return Math.max(this.#paceUpTo(from), spokenMs / expectedMs); // more is to come, so what came is all of the text at the most
  }

  #count(): void {
    for (let i = 0; i < this.#uncounted.length; i++) this.#features[i]! += this.#uncounted[i]!;
    this.#uncounted.fill(0);
  }

  /** How much slower than expected the words up to a mark were. */
  #paceUpTo(anchor: Anchor): number {
    const expectedMs = this.#expectedAt(anchor.word);
    return (this.#spokenAt(anchor.atMs) + PACE_WEIGHT_MS) / (expectedMs + PACE_WEIGHT_MS);
  }

  #expectedAt(word: number): number {
    return word < 0 ? 0 : this.#words[word]!.expectedMs;
  }

  /** Time spent speaking, pauses left out, up to `ms`. */
  #spokenAt(ms: number): number {
    const last = this.#pauses[countWhile(this.#pauses, ({ fromMs }) => fromMs < ms) - 1];
    let spokenMs = last ? ms - last.beforeMs - (Math.min(last.toMs, ms) - last.fromMs) : ms;
    const openMs = this.#silentFromMs;
    if (openMs !== undefined && ms > openMs && (openMs === 0 || this.#audioMs - openMs >= LEAST_PAUSE_MS)) {
      spokenMs -= ms - openMs;
    }
    return Math.max(0, spokenMs);
  }

  #closeBlock(level: number, lengthMs: number): void {
    const atMs = this.#audioMs;
    this.#audioMs += lengthMs;
    this.#block.sum = 0;
    this.#block.samples = 0;
    if (level < SILENT_LEVEL) this.#silentFromMs ??= atMs;
    else if (this.#silentFromMs !== undefined) this.#closePause(this.#silentFromMs, atMs);
  }

  #closePause(fromMs: number, toMs: number): void {
    this.#silentFromMs = undefined;
    const isLead = fromMs === 0;
    if (!isLead && toMs - fromMs >= LEAST_GAP_MS) this.#gaps.push({ fromMs, toMs });
    if (toMs === fromMs || (!isLead && toMs - fromMs < LEAST_PAUSE_MS)) return;
    const last = this.#pauses.at(-1);
    this.#pauses.push({ fromMs, toMs, beforeMs: last ? last.beforeMs + last.toMs - last.fromMs : 0 });
    if (!isLead && !this.#isTimed) this.#anchorPause(fromMs);
  }

  /** The pause that begins at `fromMs` lies behind the punctuation that is expected nearest to it. */
  #anchorPause(fromMs: number): void {
    const last = this.#anchors.at(-1)!;
    const spokenMs = (this.#spokenAt(fromMs) - this.#spokenAt(last.atMs)) / this.#paceUpTo(last);
    const goalMs = this.#expectedAt(last.word) + spokenMs;
    const reachMs = PAUSE_REACH_MS + (goalMs - this.#expectedAt(last.word)) * PAUSE_REACH_SHARE;
    const best = this.#pausableNear(goalMs, last.word);
    const offMs = Math.abs(this.#expectedAt(best) - goalMs);
    if (best >= 0 && offMs < reachMs) this.#anchors.push({ word: best, atMs: fromMs });
  }

  /** The word behind `afterWord` whose end is expected nearest to `goalMs`, of those that a pause may lie behind; or -1. */
  #pausableNear(goalMs: number, afterWord: number): number {
    const words = this.#pausable;
    const next = countWhile(words, (word) => this.#expectedAt(word) < goalMs);
    const near = [words[next - 1], words[next]].filter((word) => word !== undefined && word > afterWord);
    const off = (word = -1) => Math.abs(this.#expectedAt(word) - goalMs);
    return near.reduce((best, word) => (off(word) < off(best) ? word : best), near[0]) ?? -1;
  }
}

function keyOf(word: string): string {
  return word.toLowerCase().replace(NOT_SPOKEN, '');
}

/** How many of a list's first items fit, where all that fit come first. */
function countWhile<Item>(items: readonly Item[], fits: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
