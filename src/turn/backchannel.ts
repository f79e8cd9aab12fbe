/**
 * The small sounds and words of a listener, which mean "go on" and interrupt nobody (R11), in the language that is
 * listened for. What is one in one language may be an answer in another, so each has words of its own (`listening/`).
 */
import { wordsFor } from './listening/languages.ts';

/** More than so many different ones in a row are something else. */
const MOST_UNITS = 4;
/** Words of a phrase, at most. */
const MOST_WORDS = 6;
/** More than that is no listener's: what is longer is not looked at. */
const MOST_CHARACTERS = 200;
/** Written without spaces: what stands there as one word may be several. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** "Mhmhm", in any length. */
const HUM = /^[hm]*m[hm]*$/;
/** So many characters of what is written without spaces make a word. */
const CHARACTERS_A_WORD = 2;

/**
 * The words of `text`: lower case, without punctuation and accents; "mm-hm" is one word, "हां" is "हाँ", "はーい" is "はい".
 */
export function wordsOf(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\u0901\u0981\u0a01\u0a81\u0b01\u0c01]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 1))
    .replace(/[-'’`ー〜～\u200c\u200d]/g, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
}

type Kind = 'answer' | 'sound' | 'call';

const known = new Map<string, Backchannels>();

/** The same for every call in a language. */
export function backchannelsOf(language = 'en'): Backchannels {
  let found = known.get(language);
  if (!found) known.set(language, (found = new Backchannels(language)));
  return found;
}

export class Backchannels {
  readonly #kinds = new Map<string, Kind>();
  #longest = 1;

  /** @param language Code of the language that is listened for. Default English. */
  constructor(language?: string) {
    const words = wordsFor(language);
    for (const { calls } of words) this.#add(calls, 'call');
    for (const { sounds } of words) this.#add(sounds, 'sound');
    for (const { answers } of words) this.#add(answers, 'answer'); // what may be one, is one
  }

  #add(phrases: string, kind: Kind): void {
    for (const phrase of phrases.split(',')) {
      const words = wordsOf(phrase);
      if (words.length === 0) continue;
      this.#kinds.set(words.join(' '), kind);
      this.#longest = Math.max(this.#longest, words.join('').length);
    }
  }

  /** Whether `text` has words, and all of them only say that its speaker is listening. */
  isBackchannel(text: string): boolean {
    const kinds = this.#kindsOf(text);
    return kinds !== undefined && !kinds.has('call');
  }

  /** Whether it is a listener's, and an answer too when a question was asked. */
  mayAnswer(text: string): boolean {
    return this.isBackchannel(text) && this.#kindsOf(text)?.has('answer') === true;
  }

  /** "Hello?", "Are you there?": whether it asks nothing but that. */
  isCall(text: string): boolean {
    return this.#kindsOf(text)?.has('call') === true;
  }

  /** How many words of `text` say something. Where no spaces are written, two characters count as a word. */
  meaningfulWords(text: string): number {
    const words = wordsOf(text.slice(0, MOST_CHARACTERS));
    let count = 0;
    for (let at = 0; at < words.length;) {
      const phrase = this.#phraseAt(words, at);
      if (!phrase) count += this.#meaningIn(words[at] ?? '');
      else if (phrase.kinds.includes('call')) count += phrase.length;
      at += phrase?.length ?? 1;
    }
    return count;
  }

  /** Undefined when there is anything else in it, or nothing. */
  #kindsOf(text: string): Set<Kind> | undefined {
    if (text.length > MOST_CHARACTERS) return undefined;
    const words = wordsOf(text);
    const kinds = new Set<Kind>();
    const units: string[] = [];
    for (let at = 0; at < words.length;) {
      const phrase = this.#phraseAt(words, at);
      if (!phrase) return undefined;
      for (const kind of phrase.kinds) kinds.add(kind);
      const unit = words.slice(at, at + phrase.length).join(' ');
      if (units.at(-1) !== unit) units.push(unit);
      at += phrase.length;
    }
    return units.length > 0 && units.length <= MOST_UNITS ? kinds : undefined;
  }

  /** The longest of its phrases that begins there. */
  #phraseAt(words: readonly string[], at: number): { length: number; kinds: readonly Kind[] } | undefined {
    for (let length = Math.min(MOST_WORDS, words.length - at); length > 1; length--) {
      const kind = this.#kinds.get(words.slice(at, at + length).join(' '));
      if (kind) return { length, kinds: [kind] };
    }
    const kinds = this.#kindsOfWord(words[at] ?? '');
    return kinds && { length: 1, kinds };
  }

  #kindsOfWord(word: string): readonly Kind[] | undefined {
    const kind = this.#kindOf(word);
    if (kind) return [kind];
    if (HUM.test(word)) return ['sound'];
    if (UNSPACED.test(word)) {
      const parts = this.#partsOf(word);
      return parts.rest === 0 ? parts.kinds : undefined;
    }
    return this.#kindOfRepeated(word);
  }

  /** However long a letter is drawn: "siii", "okayyy", "mmmm". */
  #kindOf(word: string): Kind | undefined {
    const once = word.replace(/(.)\1{2,}/gu, '$1');
    return (
      this.#kinds.get(word) ??
      this.#kinds.get(once) ??
      this.#kinds.get(word.replace(/(.)\1{2,}/gu, '$1$1')) ??
      this.#kinds.get(once.replace(/(.)\1$/u, '$1'))
    );
  }

  /** One of them, several times, as one word: "jaja", "네네네". */
  #kindOfRepeated(word: string): readonly Kind[] | undefined {
    const letters = [...word];
    for (let length = 1; length <= letters.length / 2; length++) {
      if (letters.length % length !== 0 || (length === 1 && letters[0]! < '\u0400')) continue;
      const part = letters.slice(0, length).join('');
      const kind = this.#kinds.get(part);
      if (kind && part.repeat(letters.length / length) === word) return [kind];
    }
    return undefined;
  }

  /** Several of them without spaces between. `rest`: the fewest characters that are none of them. */
  #partsOf(word: string): { rest: number; kinds: readonly Kind[] } {
    const letters = [...word];
    const best: { rest: number; kinds: readonly Kind[] }[] = [{ rest: 0, kinds: [] }];
    for (let end = 1; end <= letters.length; end++) {
      const before = best[end - 1]!;
      let found = { rest: before.rest + 1, kinds: before.kinds };
      for (let start = Math.max(0, end - this.#longest); start < end; start++) {
        const kind = this.#kinds.get(letters.slice(start, end).join(''));
        const from = best[start]!;
        if (kind && from.rest < found.rest) found = { rest: from.rest, kinds: [...from.kinds, kind] };
      }
      best.push(found);
    }
    return best[letters.length]!;
  }

  #meaningIn(word: string): number {
    return UNSPACED.test(word) ? Math.ceil(this.#partsOf(word).rest / CHARACTERS_A_WORD) : 1;
  }
}
