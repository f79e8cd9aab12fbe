/**
 * Text as it should be said: the model's markdown, emoji, links and list bullets go, its words stay, and signs that mean
 * something are said in words (`signs.ts`). Fed with deltas cut anywhere; what cannot be judged yet waits for more, but
 * never for more than a link's length, so that a text costs in proportion to its length, whatever the pieces. Keeps a map
 * from each cleaned character to where it came from, so that "heard so far" can be told in the characters of the text as
 * it was given.
 */
import { CleanedText } from './cleaned-text.ts';
import { LONGEST_LINE_MARKUP, readLineStart } from './line-markup.ts';
import {
  isStarHeard,
  isTimes,
  isUnderscoreHeard,
  keyCodeLength,
  LOOK_AHEAD,
  standsAlone,
  type Around,
  type Sign,
  type Verdict,
} from './signs.ts';

/** What a rule does with the characters at the cursor: takes so many of them, or cannot tell before more has come. */
type Taken = number;
const WAIT: Taken = 0;

/** A link that is longer without a space is cut here. */
const LONGEST_LINK = 1_000;
/** Of one mark, and of blanks between the cells of a table: more than that is taken in parts. */
const LONGEST_RUN = 64;

const EMPHASIS_NEIGHBOUR = /[\p{L}\p{N}]/u;
const PICTURE = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\u{E0020}-\u{E007F}])/u;
const LINK = /^(?:https?:\/\/|www\.)[^\s<>"'`|]*/i;
const LINK_HEADS = ['https://', 'http://', 'www.'];
const AFTER_LINK = '.,;:!?)]}*_~।';
/** A tag that is longer without its end is none. */
const TAG = /^<\/?[a-zA-Z][^<>\n]{0,118}>/;
const OPEN_TAG = /^<(?:\/?(?:[a-zA-Z][^<>\n]{0,118})?)?$/;
const AUTOLINK = /^<((?:https?:\/\/|mailto:)[^<>\s]{0,110}|[\w.+-]{1,64}@[\w.-]{1,48}\.[a-z]{2,})>/i;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&nbsp;': ' ',
};
const LONGEST_ENTITY = 6;

export class SpeechCleaner {
  readonly #cleaned: CleanedText;
  #pending = '';
  /** Where `#pending` begins in the text as it was given. */
  #pendingAt = 0;
  /** The character before the cursor, as it was given. */
  #before = '\n';
  /** The last characters before `#pending`, as they were given. */
  #behindUs = '';
  /** A single star has begun emphasis on this line, and none has ended it. */
  #isStarOpen = false;
  #isLineStart = true;
  /** A heading, a bullet or a table row: its end is a pause, whether it says so or not. */
  #isItem = false;
  #isTable = false;
  /** Where, in the text as it was given, the last emoji ended. */
  #pictureEnd = -1;
  /** What ends the part that is being left out: a link's address, a footnote. */
  #leftOutUntil: string | undefined;
  #isEnded = false;

  /** @param language Of the voice, which says signs in its words. Default, and for `auto`: that of the text's script. */
  constructor(language?: string) {
    this.#cleaned = new CleanedText(language);
  }

  /** Returns the cleaned text that has become certain. */
  push(delta: string): string {
    this.#pending += delta;
    return this.#scan(false);
  }

  /** Returns what was held back. Nothing may be pushed afterwards. */
  end(): string {
    this.#isEnded = true;
    return this.#scan(true);
  }

  /** How many cleaned characters there are so far. */
  get length(): number {
    return this.#cleaned.length;
  }

  /**
   * How many of the given characters are covered by the first `count` cleaned ones, with the markup that closes right
   * behind them; all of them once everything was cleaned and counted.
   */
  originalLength(count: number): number {
    if (count <= 0) return 0;
    if (count < this.#cleaned.length) return this.#cleaned.originOf(count);
    return this.#isEnded ? this.#pendingAt + this.#pending.length : this.#pendingAt;
  }

  #scan(isFinal: boolean): string {
    const text = this.#pending;
    let at = 0;
    while (at < text.length) {
      const taken = this.#take(text, at, isFinal);
      if (taken === WAIT) break;
      at += taken;
      this.#before = text[at - 1]!;
    }
    if (at > 0) this.#behindUs = (this.#behindUs + text.slice(Math.max(0, at - LOOK_AHEAD), at)).slice(-LOOK_AHEAD);
    this.#pending = text.slice(at);
    this.#pendingAt += at;
    return this.#cleaned.takeFresh();
  }

  #take(text: string, at: number, isFinal: boolean): Taken {
    const char = text[at]!;
    if (this.#leftOutUntil !== undefined) return this.#leaveOut(char);
    if (this.#isLineStart) {
      const taken = this.#takeLineStart(text, at, isFinal);
      if (taken !== undefined) return taken;
    }
    return this.#takeMarkup(text, at, char, isFinal);
  }

  #leaveOut(char: string): Taken {
    if (char === this.#leftOutUntil || char === '\n') this.#leftOutUntil = undefined;
    return 1;
  }

  /** Undefined: the line begins with words. */
  #takeLineStart(text: string, at: number, isFinal: boolean): Taken | undefined {
    const rest = text.slice(at, at + LONGEST_LINE_MARKUP);
    const start = readLineStart(rest, isFinal || rest.length === LONGEST_LINE_MARKUP);
    if (start.type === 'wait') return WAIT;
    if (start.type === 'drawing') return start.length;
    this.#isLineStart = false;
    this.#isItem ||= start.type !== 'words';
    if (start.type !== 'item') return undefined;
    this.#isTable ||= start.isTable;
    return start.length;
  }

  #takeMarkup(text: string, at: number, char: string, isFinal: boolean): Taken {
    const next = text[at + 1];
    const mustWait = next === undefined && !isFinal;
    switch (char) {
      case '\n':
        return this.#endLine(at);
      case '\r':
      case '\u20e3': // the key around a digit
      case '\ufeff':
        return 1;
      case '\ufe0f': // asks for the coloured form of the character before
      case '\u200d': // joins pictures, but Indic letters too
        if (this.#pendingAt + at !== this.#pictureEnd) return char === '\ufe0f' ? 1 : this.#emit(char, at);
        this.#pictureEnd++;
        return 1;
      case ' ':
      case '\t':
      case '\u00a0':
      case '\u202f':
        return this.#isTable ? this.#takeCellSpace(text, at, isFinal) : this.#space(at);
      case '*':
      case '_':
      case '~':
        return this.#takeRun(text, at, char, isFinal);
      case '#':
        return this.#takeHash(text, at, isFinal);
      case '`':
        return 1;
      case '[':
        if (mustWait) return WAIT;
        if (next === '^') this.#leftOutUntil = ']';
        return 1;
      case ']':
        if (mustWait) return WAIT;
        if (next === '(') this.#leftOutUntil = ')';
        return next === '(' ? 2 : 1;
      case '!':
        if (mustWait) return WAIT;
        return next === '[' ? 1 : this.#emit(char, at);
      case '(':
        return 1;
      case ')':
        if (mustWait) return WAIT;
        return next !== undefined && /[\p{L}\p{N}(]/u.test(next) ? this.#space(at) : 1;
      case ':':
      case ';':
        return this.#takeSmiley(text, at, isFinal);
      case '<':
        return this.#takeTag(text, at, isFinal);
      case '&':
        return this.#takeEntity(text, at, isFinal);
      case '\\':
        if (mustWait) return WAIT;
        if (next === undefined || !/[!-/:-@[-`{-~]/.test(next)) return 1;
        return this.#takeEscaped(text, at, next, isFinal);
      case '|':
        return this.#takeBar(text, at, isFinal);
      case '•':
      case '→':
        return this.#comma(at);
      case '—':
      case '–':
        return this.#takeDash(text, at, isFinal);
      case 'h':
      case 'H':
      case 'w':
      case 'W':
        return EMPHASIS_NEIGHBOUR.test(this.#before) ? this.#emit(char, at) : this.#takeLink(text, at, isFinal);
      default:
        return char < '\u00a9' ? this.#emit(char, at) : this.#takeSymbol(text, at, char, isFinal);
    }
  }

  /** The pause that a line break is to the eye is said with a full stop where a list item or a heading ends. */
  #endLine(at: number): Taken {
    if (this.#isItem && /[\p{L}\p{N}\p{S}%]/u.test(this.#cleaned.last)) this.#emit('.', at);
    this.#isItem = false;
    this.#isTable = false;
    this.#isLineStart = true;
    this.#isStarOpen = false;
    if (this.#cleaned.last !== '\n' && this.#cleaned.last !== '') this.#emit('\n', at);
    return 1;
  }

  #space(at: number): Taken {
    this.#cleaned.addSpace(this.#pendingAt + at);
    return 1;
  }

  #comma(at: number): Taken {
    this.#cleaned.addComma(this.#pendingAt + at);
    return 1;
  }

  /** Emphasis goes; a star or an underscore that is to be heard is said, and "about" (~5) stays. */
  #takeRun(text: string, at: number, mark: string, isFinal: boolean): Taken {
    let end = at;
    while (text[end] === mark && end < at + LONGEST_RUN) end++;
    if (end === text.length && !isFinal && end < at + LONGEST_RUN) return WAIT;
    const isSingle = end - at === 1;
    if (mark === '*' && isSingle) return this.#takeStar(text, at, isFinal);
    if (mark === '_') return this.#takeUnderscores(text, at, end, isFinal);
    if (mark === '~' && isSingle) this.#emit(mark, at);
    return end - at;
  }

  #takeStar(text: string, at: number, isFinal: boolean): Taken {
    const around = this.#around(text, at, at + 1, isFinal);
    const { before, behind } = around;
    if (/\d$/.test(before) && /^\d/.test(behind)) return this.#emit('*', at);
    const code = keyCodeLength('*', around);
    if (code === 'wait') return WAIT;
    if (code > 0) return this.#sayCode(text, at, code);
    const isOperator = /\s$/.test(before) && /^\s/.test(behind) && isTimes(around);
    if (isOperator === 'wait') return WAIT;
    if (isOperator) return this.#emit('*', at);
    const isHeard = isStarHeard(around, this.#isStarOpen);
    if (isHeard === 'wait') return WAIT;
    if (isHeard) return this.#sayWord('*', before, at);
    this.#isStarOpen = !this.#isStarOpen && /^\S/.test(behind);
    return 1;
  }

  /** A key, `press #` and `1234#`; a number (`#5`), a tag and a name (`C#`) stay as they are. */
  #takeHash(text: string, at: number, isFinal: boolean): Taken {
    const around = this.#around(text, at, at + 1, isFinal);
    const code = keyCodeLength('#', around);
    if (code === 'wait') return WAIT;
    if (code > 0) return this.#sayCode(text, at, code);
    const isKey = standsAlone(/\d$/.test(around.before) ? { ...around, before: ' ' } : around);
    if (isKey === 'wait') return WAIT;
    return isKey ? this.#sayWord('#', around.before, at) : this.#emit('#', at);
  }

  #takeUnderscores(text: string, at: number, end: number, isFinal: boolean): Taken {
    const around = this.#around(text, at, end, isFinal);
    const isHeard = this.#isUnderscoreHeard(around);
    if (isHeard === 'wait') return WAIT;
    if (isHeard) for (let i = at; i < end; i++) this.#sayWord('_', around.before, i);
    else if (isBetweenWords(around)) this.#space(at);
    return end - at;
  }

  #isUnderscoreHeard(around: Around): Verdict {
    const { before, behind } = around;
    if (/["'“‘«„`(]$/.test(before)) return standsAlone(around);
    const isWithin = EMPHASIS_NEIGHBOUR.test(before.slice(-1)) && /^[\p{L}\p{N}@]/u.test(behind);
    return isWithin && isUnderscoreHeard(around);
  }

  /** Behind a backslash a character stands for itself: what is no markup may still be a sign. */
  #takeEscaped(text: string, at: number, char: string, isFinal: boolean): Taken {
    const around = this.#around(text, at, at + 2, isFinal);
    let isHeard: Verdict = false;
    if (char === '_') isHeard = this.#isUnderscoreHeard(around);
    // markup that ends behind it is not said: **Press \\***
    if (char === '*' || char === '#')
      isHeard = standsAlone({ ...around, behind: around.behind.replace(/^[*_`]+/, '') });
    if (around.behind === '' && around.isOpen) return WAIT;
    if (isHeard === 'wait') return WAIT;
    if (isHeard) this.#sayWord(char as Sign, around.before, at + 1);
    else if (char === '_' && isBetweenWords(around)) this.#space(at);
    else this.#emit(char, at + 1);
    return 2;
  }

  #around(text: string, from: number, to: number, isFinal: boolean): Around {
    const before = text.slice(Math.max(0, from - LOOK_AHEAD), from);
    return {
      before: before.length < LOOK_AHEAD ? (this.#behindUs + before).slice(-LOOK_AHEAD) : before,
      behind: text.slice(to, to + LOOK_AHEAD),
      isOpen: !isFinal && to + LOOK_AHEAD > text.length,
    };
  }

  /** `*67` key by key. */
  #sayCode(text: string, at: number, length: number): Taken {
    for (let i = at; i < at + length; i++) {
      const key = text[i]!;
      if (key === '*' || key === '#') this.#sayWord(key, this.#around(text, i, i, true).before, i);
      else this.#emit(key, i);
    }
    return length;
  }

  #sayWord(sign: Sign, before: string, at: number): Taken {
    this.#cleaned.addSign(sign, before, this.#pendingAt + at);
    return 1;
  }

  /** `:)` and `;-)` are pictures too. */
  #takeSmiley(text: string, at: number, isFinal: boolean): Taken {
    const char = text[at]!;
    if (!/\s/.test(this.#before)) return this.#emit(char, at);
    const rest = text.slice(at, at + 4);
    if (!isFinal && /^[:;]-?[)(DPp]?$/.test(rest)) return WAIT;
    const smiley = /^[:;]-?[)(DPp](?=[\s.,!?]|$)/.exec(rest);
    return smiley ? smiley[0].length : this.#emit(char, at);
  }

  #takeTag(text: string, at: number, isFinal: boolean): Taken {
    const rest = text.slice(at, at + LONGEST_LINK);
    const autolink = AUTOLINK.exec(rest);
    if (autolink) return this.#sayLink(autolink[1]!, at, autolink[0].length);
    const tag = TAG.exec(rest);
    if (tag && /^<\/?(?:br|p|li|div)\b/i.test(tag[0])) this.#space(at);
    if (tag) return tag[0].length;
    return OPEN_TAG.test(rest) && !isFinal ? WAIT : this.#emit('<', at);
  }

  #takeEntity(text: string, at: number, isFinal: boolean): Taken {
    const rest = text.slice(at, at + LONGEST_ENTITY);
    const end = rest.indexOf(';');
    const said = end > 0 ? ENTITIES[rest.slice(0, end + 1)] : undefined;
    if (said !== undefined) {
      if (said === ' ') this.#space(at);
      else this.#emit(said, at);
      return end + 1;
    }
    const isOpen = rest.length < LONGEST_ENTITY && /^&(?:[a-z]*|#\d*)$/.test(rest);
    return isOpen && !isFinal ? WAIT : this.#emit('&', at);
  }

  /** The space before a bar belongs to the drawing. */
  #takeCellSpace(text: string, at: number, isFinal: boolean): Taken {
    let end = at;
    while ((text[end] === ' ' || text[end] === '\t') && end < at + LONGEST_RUN) end++;
    if (end === at + LONGEST_RUN) return LONGEST_RUN;
    if (end === text.length && !isFinal) return WAIT;
    if (end < text.length && text[end] !== '|' && text[end] !== '\n') this.#space(at);
    return Math.max(1, end - at);
  }

  /** Cells of a table are said with commas between them. */
  #takeBar(text: string, at: number, isFinal: boolean): Taken {
    if (!this.#isTable) return this.#space(at);
    let end = at + 1;
    while ((text[end] === ' ' || text[end] === '\t') && end < at + LONGEST_RUN) end++;
    if (end === text.length && !isFinal && end < at + LONGEST_RUN) return WAIT;
    if (end < text.length && text[end] !== '\n') this.#comma(at);
    return end - at;
  }

  /** A dash that joins two words is a pause; one with spaces around it, and that of a range of numbers, stays. */
  #takeDash(text: string, at: number, isFinal: boolean): Taken {
    const next = text[at + 1];
    if (next === undefined && !isFinal) return WAIT;
    const isJoin = /[^\s\d]/.test(this.#before) && next !== undefined && /[^\s\d]/.test(next);
    return isJoin ? this.#comma(at) : this.#emit(text[at]!, at);
  }

  #takeLink(text: string, at: number, isFinal: boolean): Taken {
    const rest = text.slice(at, at + LONGEST_LINK);
    const link = LINK.exec(rest);
    if (!link) {
      const isOpen =
        !isFinal && LINK_HEADS.some((head) => rest.length < head.length && head.startsWith(rest.toLowerCase()));
      return isOpen ? WAIT : this.#emit(text[at]!, at);
    }
    if (link[0].length === rest.length && rest.length < LONGEST_LINK && !isFinal) return WAIT;
    let { length } = link[0];
    while (length > 0 && AFTER_LINK.includes(link[0][length - 1]!)) length--;
    const address = link[0].slice(0, length);
    return this.#sayLink(address, at, address.length);
  }

  /** Of a web address the caller is told where, not the path: `acme.com`. */
  #sayLink(address: string, at: number, taken: Taken): Taken {
    const said = address
      .replace(/^(?:https?:\/\/|mailto:)/i, '')
      .replace(/^www\./i, '')
      .replace(/[/?#].*$/, '');
    for (let i = 0; i < said.length; i++) {
      if (said[i] === '_' && said.includes('@')) this.#sayWord('_', said.slice(0, i), at);
      else this.#emit(said[i]!, at);
    }
    return Math.max(1, taken);
  }

  #takeSymbol(text: string, at: number, char: string, isFinal: boolean): Taken {
    if (isHighSurrogate(char) && text[at + 1] === undefined && !isFinal) return WAIT;
    if (char >= '\u0300' && char < '\u2000') return this.#emit(char, at); // letters, for the most part
    const picture = PICTURE.exec(text.slice(at, at + 2));
    if (picture) {
      this.#pictureEnd = this.#pendingAt + at + picture[0].length;
      return picture[0].length;
    }
    if (!isHighSurrogate(char)) return this.#emit(char, at);
    this.#emit(char, at);
    if (text[at + 1] !== undefined) this.#emit(text[at + 1]!, at + 1);
    return text[at + 1] === undefined ? 1 : 2;
  }

  #emit(char: string, at: number): Taken {
    this.#cleaned.add(char, this.#pendingAt + at);
    return 1;
  }
}

const isBetweenWords = ({ before, behind }: Around): boolean =>
  EMPHASIS_NEIGHBOUR.test(before.slice(-1)) && /^[\p{L}\p{N}]/u.test(behind);

const isHighSurrogate = (char: string): boolean => char >= '\ud800' && char <= '\udbff';
