/** The text as it will be said, while it is written: with the map from each of its characters to where it came from. */
import { isSaidAlready, UNSPACED, wordOf, type Sign } from './signs.ts';

export class CleanedText {
  readonly #language: string | undefined;
  /** Where each character came from, in the text as it was given. */
  readonly #origins: number[] = [];
  #fresh = '';
  #last = '';
  /** A word was said for a sign: a letter right behind it needs a space. */
  #owesSpace = false;

  /** @param language Whose words are said for signs; undefined: by the script of the text. */
  constructor(language: string | undefined) {
    this.#language = language;
  }

  get length(): number {
    return this.#origins.length;
  }

  /** The last character; empty at the beginning. */
  get last(): string {
    return this.#last;
  }

  /** Where the character at `index` came from. */
  originOf(index: number): number {
    return this.#origins[index]!;
  }

  /** What was added since this was last asked. */
  takeFresh(): string {
    const fresh = this.#fresh;
    this.#fresh = '';
    return fresh;
  }

  /** Adds one character (UTF-16 unit), which came from `origin`. */
  add(char: string, origin: number): void {
    if (this.#owesSpace) {
      this.#owesSpace = false;
      if (/^[\p{L}\p{M}\p{N}\ud800-\udbff]/u.test(char)) this.add(' ', origin);
    }
    this.#fresh += char;
    this.#origins.push(origin);
    this.#last = char;
  }

  /** A space, unless there is white space already. */
  addSpace(origin: number): void {
    if (!/^\s?$/.test(this.#last)) this.add(' ', origin);
  }

  /** The pause that joins two parts of a sentence. */
  addComma(origin: number): void {
    if (/[\p{L}\p{N}]/u.test(this.#last)) this.add(',', origin);
    this.addSpace(origin);
  }

  /** The word for a sign. `before`: what it stands behind, as it was given. */
  addSign(sign: Sign, before: string, origin: number): void {
    const word = wordOf(sign, this.#language, before);
    if (isSaidAlready(sign, word, before)) return;
    this.#owesSpace = false;
    const isSpaced = !UNSPACED.test(word);
    if (isSpaced && /[\p{L}\p{M}\p{N}]$/u.test(this.#last)) this.add(' ', origin);
    for (let i = 0; i < word.length; i++) this.add(word[i]!, origin);
    this.#owesSpace = isSpaced;
  }
}
