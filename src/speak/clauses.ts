/**
 * Where a text that is still being written may be cut for the synthesizer (`wire/lightning.md` 3.3). A cut depends only
 * on the characters, never on how they were divided into deltas: a full stop waits for the character that tells a
 * sentence from a decimal. (But when the writer pauses, `pause` takes what has ended for an end.) The clauses, joined, are the text, white space included.
 */

/** The service's most for one piece. */
const LONGEST = 250;
/** A comma, semicolon, colon or dash cuts from here on. */
const SOFT_FROM = 40;
/** The same in the first clause, which the caller is waiting for. */
const FIRST_SOFT_FROM = 20;

/**
 * Ends of sentences in the scripts that voices speak: Latin, Greek and Cyrillic, Indic, Arabic and Urdu, Chinese, Japanese
 * and Korean, and a few more that cost nothing.
 */
const ENDS = '.!?।॥…؟۔。！？．｡‼⁇⁈⁉\u037e։።፧។၊။᙮\n';
const SOFT_ENDS = ',;:،؛、，；：—–፣፤፥፦';
/** A sentence is over with these, whatever follows; they stand in scripts that put no space behind them. */
const ENDS_AT_ONCE = '。！？｡';
/** Scripts that put no space behind these. */
const NO_SPACE_BEHIND = '।॥。！？．｡、，；：។။\n';
const CLOSERS = '"\'”’»)]}」』）】〉》';
const CLOSERS_AT_END = /["'”’»)\]}」』）】〉》]+$/;
/** What is written as a semicolon asks in Greek. */
const GREEK = /\p{Script=Greek}/u;
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

  /**
   * Nothing more has come for a while. Returns what ends as a sentence does, though the space behind it is missing: but
   * not behind a number, which may have more digits, nor behind an abbreviation.
   */
  pause(): string[] {
    const text = this.#text.trimEnd();
    const end = text.replace(CLOSERS_AT_END, '').length - 1;
    const isEnd = text[end] !== '\n' && isEndAt(text, end) && SAYABLE.test(text);
    const isSure =
      text[end] !== '.' ||
      (!/\d\.$/.test(text.slice(0, end + 1)) && endsSentence(text.slice(0, end), undefined) === true);
    return isEnd && isSure ? [this.#take(this.#text.length)] : [];
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

  /** Whether the clause ends with the character at the cursor; if so, its length. No farther than a clause may be long. */
  #judge(isFinal: boolean): number | 'wait' | 'none' {
    const char = this.#text[this.#at]!;
    if (!isEndAt(this.#text, this.#at)) return SOFT_ENDS.includes(char) ? this.#judgeSoft(char, isFinal) : 'none';
    let end = this.#at + 1;
    if (char === '\n' || ENDS_AT_ONCE.includes(char)) return end;
    while (end <= LONGEST && isEndOrCloser(this.#text[end])) end++;
    if (end > LONGEST) return end;
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
    const behind = this.#text.slice(end, end + LONGEST);
    const next = /\S/u.exec(behind)?.[0] ?? (isFinal || behind.length === LONGEST ? '' : undefined);
    return endsSentence(this.#text.slice(0, this.#at), next);
  }
}

/** Of a full stop. `next`: the first character behind it and its space, empty when there is none; undefined: not known yet. */
function endsSentence(before: string, next: string | undefined): boolean | 'wait' {
  const word = /\S*$/.exec(before)![0].replace(/^[("'“‘[]+/, '');
  const lower = word.toLowerCase();
  if (/^\d{1,2}$/.test(word) && before.trim() === word) return false; // "1. First"
  if (TITLES.has(lower)) return false;
  const isInitial = /^\p{Lu}$/u.test(word);
  const isDotted = /^(?:\p{L}\.)+\p{L}$/u.test(word);
  if (!isInitial && !isDotted && !BEFORE_NUMBERS.has(lower) && !PERHAPS.has(lower)) return true;
  if (next === undefined) return 'wait';
  if (isInitial) return !/[\p{Lu}\p{Ll}\d]/u.test(next);
  if (BEFORE_NUMBERS.has(lower)) return !/\d/.test(next);
  return !/[\p{Ll}\d]/u.test(next);
}

const isEndAt = (text: string, at: number): boolean =>
  at >= 0 && (ENDS.includes(text[at]!) || (text[at] === ';' && GREEK.test(text[at - 1] ?? '')));

const isEndOrCloser = (char: string | undefined): boolean =>
  char !== undefined && char !== '\n' && (ENDS.includes(char) || CLOSERS.includes(char));

/** Of a text that is too long: behind its last space, else where no letter and its marks are torn apart. */
function lastPlaceToCut(text: string): number {
  const piece = text.slice(0, LONGEST);
  const space = piece.search(/\s\S*$/);
  if (space > 0 && SAYABLE.test(piece.slice(0, space))) return space + 1;
  let end = LONGEST;
  while (end > LONGEST - 20 && /^[\p{M}\u200d\u200c\udc00-\udfff]/u.test(text.slice(end, end + 1))) end--;
  return end;
}
