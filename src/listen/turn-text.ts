/**
 * The words of the caller's turn as they are understood: finals, and the interim that the next final will replace. A final
 * that did not come in time is replaced by its interim; what then comes late says the same stretch of sound once more, in
 * whatever words, and is told from new words by when it was spoken. Pure.
 */
import type { HeardWord } from './contract.ts';
import { hasWords, wordsIn } from './words.ts';

/** Longest text of a turn, in characters: ten minutes of speech. What is said beyond it is not kept. */
export const MOST_CHARACTERS = 10_000;
/** Later than this, a final is of something else: by then a lost connection has been replaced and heard everything again. */
const LATEST_MS = 8_000;
/** Two texts that are alike at their end, so far, say the same. */
const END_CHARACTERS = 300;
/** Of the words of an interim that was taken for final, so many must be in a text for it to begin with them. */
const SAME_WORDS_SHARE = 0.5;

/** What has been understood, and when it was spoken if that is known. Times are those of the line. */
export interface Understood {
  text: string;
  words?: readonly HeardWord[] | undefined;
}

interface Taken {
  words: readonly string[];
  /** In the silence behind it: what was spoken before is of the turn that is over. */
  beforeMs: number;
  atMs: number;
  /** A voice has been heard since. */
  hasVoiceSince: boolean;
}

export class TurnText {
  readonly #separator: string;
  #finals = '';
  #interim = '';
  #text = '';
  #taken: Taken | undefined;

  /** @param separator Between segments. */
  constructor(separator: string) {
    this.#separator = separator;
  }

  /** Finals and the interim, joined. */
  get text(): string {
    return this.#text;
  }

  get hasInterim(): boolean {
    return this.#interim !== '';
  }

  voiceStarted(): void {
    if (this.#taken) this.#taken.hasVoiceSince = true;
  }

  /** Returns whether it says anything that was not known. */
  hearInterim(understood: Understood, atMs: number): boolean {
    const heard = whole(understood);
    const text = hasWords(heard.text) ? this.#newInInterim(heard, atMs) : '';
    const isNew = text !== '' && !isSameText(text, this.#interim);
    this.#interim = text;
    this.#join();
    return isNew;
  }

  /** `late`: all of it belongs to the turn before. `known`: nothing beyond its interim. */
  hearFinal(understood: Understood, atMs: number): 'late' | 'known' | 'new' {
    const heard = whole(understood);
    const text = hasWords(heard.text) ? this.#newInFinal(heard, atMs) : '';
    if (text === undefined) return 'late';
    this.#taken = undefined;
    const isNew = hasWords(text) && !isSameText(text, this.#interim);
    this.#interim = '';
    if (hasWords(text)) this.#finals = this.#joined(this.#finals, text);
    this.#join();
    return isNew ? 'new' : 'known';
  }

  /** The turn is over. @param silentSinceMs When its last word, or its voice, ended. */
  take(silentSinceMs: number, atMs: number): string {
    const text = this.#text;
    const words = wordsIn(this.#interim);
    const beforeMs = (silentSinceMs + atMs) / 2;
    if (words.length > 0) this.#taken = { words, beforeMs, atMs, hasVoiceSince: false };
    this.#finals = this.#interim = this.#text = '';
    return text;
  }

  #newInInterim({ text, words }: Understood, atMs: number): string {
    const taken = this.#recentlyTaken(atMs);
    if (!taken) return text;
    const byTime = beyond(text, words, taken, this.#separator);
    if (byTime !== undefined) return byTime;
    const heard = wordsIn(text);
    const common = commonStart(heard, taken.words);
    if (common === heard.length && !taken.hasVoiceSince) return '';
    // One word may well be said again: only several are known to be the same ones.
    if (common === taken.words.length && common < heard.length && (common > 1 || !taken.hasVoiceSince))
      return withoutWords(text, common, this.#separator);
    this.#taken = undefined;
    return text;
  }

  /** Undefined when the turn before has had it all. */
  #newInFinal({ text, words }: Understood, atMs: number): string | undefined {
    const taken = this.#recentlyTaken(atMs);
    if (!taken) return text;
    const byTime = beyond(text, words, taken, this.#separator);
    if (byTime) return byTime;
    const rest = behindTaken(text, taken.words, this.#separator);
    const isLate = byTime === '' || !taken.hasVoiceSince;
    if (rest === undefined) return isLate ? undefined : text;
    return rest === '' ? undefined : rest; // said before the turn was over, and not in its interim yet
  }

  #recentlyTaken(atMs: number): Taken | undefined {
    if (this.#taken && atMs - this.#taken.atMs > LATEST_MS) this.#taken = undefined;
    return this.#taken;
  }

  #join(): void {
    this.#text = this.#joined(this.#finals, this.#interim);
  }

  #joined(one: string, other: string): string {
    if (one === '' || other === '') return (one || other).slice(0, MOST_CHARACTERS);
    if (one.length >= MOST_CHARACTERS) return one;
    return (one + this.#separator + other).slice(0, MOST_CHARACTERS);
  }
}

/** As much of it as will be kept. */
const whole = ({ text, words }: Understood): Understood => ({ text: text.slice(0, MOST_CHARACTERS).trim(), words });

/** What of it was spoken after the turn before; undefined when no times are known. */
function beyond(
  text: string,
  words: readonly HeardWord[] | undefined,
  { beforeMs }: Taken,
  separator: string,
): string | undefined {
  if (words === undefined || words.length === 0) return undefined;
  const fresh = words.filter(({ startMs }) => startMs >= beforeMs);
  return fresh.length === words.length ? text : fresh.map(({ word }) => word).join(separator);
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  let at = 0;
  while (at < one.length && at < other.length && one[at] === other[at]) at++;
  return at;
}

/** What follows the taken words in a text that begins with them, more or less; undefined when it does not. */
function behindTaken(text: string, taken: readonly string[], separator: string): string | undefined {
  const words = wordsIn(text);
  const known = new Set(taken);
  const same = words.filter((word) => known.has(word)).length;
  if (same === 0 || same < Math.min(taken.length, words.length) * SAME_WORDS_SHARE) return undefined;
  const last = words.lastIndexOf(taken.at(-1) ?? '');
  return withoutWords(text, last === -1 ? taken.length : last + 1, separator);
}

/** Without its first words. A text without spaces cannot be cut: then nothing is left. */
function withoutWords(text: string, count: number, separator: string): string {
  const parts = text.trim().split(/\s+/);
  return parts.slice(count).join(parts.length > 1 ? ' ' : separator);
}

/** The same words, whatever their punctuation and capitals; a long text goes on at its end, and is told by that. */
function isSameText(one: string, other: string): boolean {
  return one === other || plain(one) === plain(other);
}

const plain = (text: string): string =>
  text
    .slice(-END_CHARACTERS)
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
