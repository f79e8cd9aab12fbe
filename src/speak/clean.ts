/**
 * Text as it should be said: the model's markdown, emoji, links and list bullets go, its words stay. Fed with deltas cut
 * anywhere; what cannot be judged yet waits for more. Keeps a map from each cleaned character to where it came from, so
 * that "heard so far" can be told in the characters of the text as it was given.
 */

/** What a rule does with the characters at the cursor: takes so many of them, or cannot tell before more has come. */
type Taken = number;
const WAIT: Taken = 0;

/** A link that is longer without a space is cut here. */
const LONGEST_LINK = 2_000;

const EMPHASIS_NEIGHBOUR = /[\p{L}\p{N}]/u;
const PICTURE = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|[\u{E0020}-\u{E007F}])/u;
const LINK = /^(?:https?:\/\/|www\.)[^\s<>"'`|]*/i;
const LINK_HEADS = ['https://', 'http://', 'www.'];
const AFTER_LINK = /[.,;:!?)\]}*_~।]+$/;
/** A tag that is longer without its end is none. */
const TAG = /^<\/?[a-zA-Z][^<>\n]{0,118}>/;
const OPEN_TAG = /^<(?:\/?(?:[a-zA-Z][^<>\n]{0,118})?)?$/;
const BULLET = /^[-*+•●▪◦‣·–—][ \t]+/;
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
  #pending = '';
  /** Where `#pending` begins in the text as it was given. */
  #pendingAt = 0;
  /** Where each cleaned character came from. */
  #origins: number[] = [];
  #out = '';
  #last = '';
  /** The character before the cursor, as it was given. */
  #before = '\n';
  #isLineStart = true;
  /** A heading, a bullet or a table row: its end is a pause, whether it says so or not. */
  #isItem = false;
  #isTable = false;
  /** Where, in the text as it was given, the last emoji ended. */
  #pictureEnd = -1;
  /** What ends the part that is being left out: a link's address, a footnote. */
  #leftOutUntil: string | undefined;
  #isEnded = false;

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
    return this.#origins.length;
  }

  /**
   * How many of the given characters are covered by the first `count` cleaned ones, with the markup that closes right
   * behind them; all of them once everything was cleaned and counted.
   */
  originalLength(count: number): number {
    if (count <= 0) return 0;
    if (count < this.#origins.length) return this.#origins[count]!;
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
    this.#pending = text.slice(at);
    this.#pendingAt += at;
    const out = this.#out;
    this.#out = '';
    return out;
  }

  #take(text: string, at: number, isFinal: boolean): Taken {
    const char = text[at]!;
    if (this.#leftOutUntil !== undefined) return this.#leaveOut(char);
    if (this.#isLineStart) {
      const taken = this.#takeLineMarkup(text.slice(at), isFinal);
      if (taken !== undefined) return taken;
      this.#isLineStart = false;
    }
    return this.#takeMarkup(text, at, char, isFinal);
  }

  #leaveOut(char: string): Taken {
    if (char === this.#leftOutUntil || char === '\n') this.#leftOutUntil = undefined;
    return 1;
  }

  /** Headings, bullets, quotes, rules, fences and tables. Undefined: the line begins with words. */
  #takeLineMarkup(rest: string, isFinal: boolean): Taken | undefined {
    if (/^[ \t\r]/.test(rest)) return 1;
    if (rest[0] === '\n') return undefined;
    const canTell = (isOpen: RegExp) => isFinal || !isOpen.test(rest);
    if (!canTell(/^`+[\w+#.-]{0,20}$/)) return WAIT;
    const fence = /^`{3,}[\w+#.-]{0,20}/.exec(rest);
    if (fence) return fence[0].length;
    if (/^[-*_=|]/.test(rest)) {
      if (!canTell(/^(?:([-*_=])(?:[ \t]*\1)*[ \t]*|\|[ \t|:-]*)$/)) return WAIT;
      const rule = /^(?:([-*_=])(?:[ \t]*\1){2,}[ \t]*|\|[ \t|:-]*-[ \t|:-]*)(?=\n|$)/.exec(rest);
      if (rule) return rule[0].length;
    }
    if (rest[0] === '#') {
      if (!canTell(/^#{1,6}$/)) return WAIT;
      const heading = /^#{1,6}[ \t]+/.exec(rest);
      if (heading) return this.#itemBegins(heading[0].length);
    }
    if (rest[0] === '>') return 1;
    if (rest[0] === '|') {
      this.#isTable = true;
      return this.#itemBegins(1);
    }
    if (rest.length === 1 && !isFinal && BULLET.test(`${rest} `)) return WAIT;
    const bullet = BULLET.exec(rest);
    if (bullet) return this.#itemBegins(bullet[0].length);
    if (/^\d{1,3}[.)][ \t]/.test(rest)) this.#isItem = true;
    else if (!canTell(/^\d{1,3}[.)]?$/)) return WAIT;
    return undefined;
  }

  #itemBegins(taken: Taken): Taken {
    this.#isItem = true;
    this.#isLineStart = false;
    return taken;
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
        this.#emit(next, at + 1);
        return 2;
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
    if (this.#isItem && /[\p{L}\p{N}\p{S}%]/u.test(this.#last)) this.#emit('.', at);
    this.#isItem = false;
    this.#isTable = false;
    this.#isLineStart = true;
    if (this.#last !== '\n' && this.#last !== '') this.#emit('\n', at);
    return 1;
  }

  #space(at: number): Taken {
    if (!/^\s?$/.test(this.#last)) this.#emit(' ', at);
    return 1;
  }

  #comma(at: number): Taken {
    if (/[\p{L}\p{N}]/u.test(this.#last)) this.#emit(',', at);
    return this.#space(at);
  }

  /** Emphasis goes; a multiplication, a name_with_underscores (said as words) and "about" (~5) stay. */
  #takeRun(text: string, at: number, mark: string, isFinal: boolean): Taken {
    let end = at;
    while (text[end] === mark) end++;
    if (end === text.length && !isFinal) return WAIT;
    const next = text[end] ?? ' ';
    const before = this.#before;
    const isSingle = end - at === 1;
    const isBetweenWords = EMPHASIS_NEIGHBOUR.test(before) && EMPHASIS_NEIGHBOUR.test(next);
    const isTimes = (/\s/.test(before) && /\s/.test(next)) || (/\d/.test(before) && /\d/.test(next));
    if (mark === '*' && isSingle && isTimes) this.#emit(mark, at);
    if (mark === '_' && isBetweenWords) this.#space(at);
    if (mark === '~' && isSingle) this.#emit(mark, at);
    return end - at;
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
    const autolink = /^<((?:https?:\/\/|mailto:)[^<>\s]{0,110})>/i.exec(rest);
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
    while (text[end] === ' ' || text[end] === '\t') end++;
    if (end === text.length && !isFinal) return WAIT;
    if (end < text.length && text[end] !== '|' && text[end] !== '\n') this.#space(at);
    return Math.max(1, end - at);
  }

  /** Cells of a table are said with commas between them. */
  #takeBar(text: string, at: number, isFinal: boolean): Taken {
    if (!this.#isTable) return this.#space(at);
    let end = at + 1;
    while (text[end] === ' ' || text[end] === '\t') end++;
    if (end === text.length && !isFinal) return WAIT;
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
    const address = link[0].replace(AFTER_LINK, '');
    return this.#sayLink(address, at, address.length);
  }

  /** Of a web address the caller is told where, not the path: `acme.com`. */
  #sayLink(address: string, at: number, taken: Taken): Taken {
    const said = address
      .replace(/^(?:https?:\/\/|mailto:)/i, '')
      .replace(/^www\./i, '')
      .replace(/[/?#].*$/, '');
    for (let i = 0; i < said.length; i++) this.#emit(said[i]!, at);
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
    this.#out += char;
    this.#origins.push(this.#pendingAt + at);
    this.#last = char;
    return 1;
  }
}

function isHighSurrogate(char: string): boolean {
  return char >= '\ud800' && char <= '\udbff';
}
