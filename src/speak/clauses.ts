/**
 * Where a text that is still being written may be cut for the synthesizer (`wire/lightning.md` 3.3). A cut depends only
 * on the characters, never on how they were divided into deltas: a full stop waits for the character that tells a
 * sentence from a decimal. The clauses, joined, are the text, white space included.
 */

/** The service's most for one piece. */
const LONGEST = 250;
/** A comma, semicolon, colon or dash cuts from here on. */
const SOFT_FROM = 40;
/** The same in the first clause, which the caller is waiting for. */
const FIRST_SOFT_FROM = 20;

const ENDS = '.!?।॥…。！？\n';
const SOFT_ENDS = ',;:،؛、，；：—–';
/** Scripts that put no space behind these. */
const NO_SPACE_BEHIND = '।॥。！？、，；：\n';
const CLOSERS = '"\'”’»)]}';
const SAYABLE = /[\p{L}\p{N}\p{S}]/u;

/** Never the end of a sentence. */
const TITLES = new Set(
  words(`dr mr mrs ms prof st sr jr rev hon gen col capt lt sgt vs e.g i.e viz cf shri smt km.s
    डॉ श्री श्रीमती प्रो`),
);
/** No end before a number: "No. 5", but "No. I cannot." */
const BEFORE_NUMBERS = new Set(
  words(`no nos fig ext tel rs pg pp p vol ch sec art par ca jan feb mar apr jun jul aug sep sept oct nov dec रु`),
);
/** An end only before a capital. */
const PERHAPS = new Set(
  words(`etc inc ltd co corp pvt bros dept est govt approx min max hr hrs sec mins ave blvd rd sq ft`),
);

function words(list: string): string[] {
  return list.trim().split(/\s+/);
}

export class ClauseCutter {
  #text = '';
  /** Everything before it has been judged. */
  #at = 0;
  #isFirst = true;

  /** Returns the clauses that are complete, each with its trailing space. */
  push(text: string): string[] {
    this.#text += text;
    return this.#cut(false);
  }

  /** Returns what is left, whatever its punctuation (R2). What cannot be said is kept for what may follow. */
  flush(): string[] {
    const clauses = this.#cut(true);
    if (SAYABLE.test(this.#text)) clauses.push(this.#take(this.#text.length));
    return clauses;
  }

  #cut(isFinal: boolean): string[] {
    const clauses: string[] = [];
    while (this.#at < this.#text.length) {
      if (this.#at >= LONGEST - 1) {
        clauses.push(this.#take(lastPlaceToCut(this.#text)));
        continue;
      }
      const end = this.#judge(isFinal);
      if (end === 'wait') break;
      if (end === 'none') this.#at++;
      else if (end > LONGEST || !SAYABLE.test(this.#text.slice(0, end)))
        this.#at = Math.max(this.#at + 1, Math.min(end, LONGEST - 1));
      else clauses.push(this.#take(end));
    }
    return clauses;
  }

  #take(length: number): string {
    const clause = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    this.#at = 0;
    this.#isFirst = false;
    return clause;
  }

  /** Whether the clause ends with the character at the cursor; if so, its length. */
  #judge(isFinal: boolean): number | 'wait' | 'none' {
    const char = this.#text[this.#at]!;
    if (SOFT_ENDS.includes(char)) return this.#judgeSoft(char, isFinal);
    if (!ENDS.includes(char)) return 'none';
    if (char === '\n') return this.#at + 1;
    let end = this.#at + 1;
    while (end < this.#text.length && (ENDS + CLOSERS).includes(this.#text[end]!) && this.#text[end] !== '\n') end++;
    const next = this.#text[end];
    if (next === undefined) return isFinal ? end : 'wait';
    const isSpaced = /\s/.test(next);
    if (!isSpaced && !NO_SPACE_BEHIND.includes(this.#text[end - 1]!)) return 'none';
    if (char === '.' && end === this.#at + 1) {
      const isEnd = this.#isSentenceEnd(end, isFinal);
      if (isEnd !== true) return isEnd === 'wait' ? 'wait' : 'none';
    }
    return isSpaced ? end + 1 : end;
  }

  #judgeSoft(char: string, isFinal: boolean): number | 'wait' | 'none' {
    if (this.#text.slice(0, this.#at).trimStart().length + 1 < (this.#isFirst ? FIRST_SOFT_FROM : SOFT_FROM))
      return 'none';
    const next = this.#text[this.#at + 1];
    if (NO_SPACE_BEHIND.includes(char)) return this.#at + 1;
    if (next === undefined) return isFinal ? 'none' : 'wait';
    return /\s/.test(next) ? this.#at + 2 : 'none';
  }

  /** Of a full stop with white space behind it. */
  #isSentenceEnd(end: number, isFinal: boolean): boolean | 'wait' {
    const before = this.#text.slice(0, this.#at);
    const word = /\S*$/.exec(before)![0].replace(/^[("'“‘[]+/, '');
    const lower = word.toLowerCase();
    if (/^\d{1,2}$/.test(word) && before.trim() === word) return false; // "1. First"
    if (TITLES.has(lower)) return false;
    const isInitial = /^\p{Lu}$/u.test(word);
    const isDotted = /^(?:\p{L}\.)+\p{L}$/u.test(word);
    if (!isInitial && !isDotted && !BEFORE_NUMBERS.has(lower) && !PERHAPS.has(lower)) return true;
    const next = /^\s*(\S)/u.exec(this.#text.slice(end))?.[1];
    if (next === undefined) return isFinal ? true : 'wait';
    if (isInitial) return !/[\p{Lu}\p{Ll}\d]/u.test(next);
    if (BEFORE_NUMBERS.has(lower)) return !/\d/.test(next);
    return !/[\p{Ll}\d]/u.test(next);
  }
}

/** Of a text that is too long: behind its last space, else where no letter and its marks are torn apart. */
function lastPlaceToCut(text: string): number {
  const piece = text.slice(0, LONGEST);
  const space = piece.search(/\s\S*$/);
  if (space > 0 && SAYABLE.test(piece.slice(0, space))) return space + 1;
  let end = LONGEST;
  while (end > LONGEST - 20 && /^[\p{M}\u200d\u200c\udc00-\udfff]/u.test(text.slice(end, end + 1))) end--;
  return end;
}
