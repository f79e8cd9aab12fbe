/** How much room a text takes on a terminal, and how it is broken or cut to fit. */

/** Marks and joiners stand on the letter before them. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
const DOUBLE_WIDTH =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]$/u;

const widthOf = (character: string): number => (NO_WIDTH.test(character) ? 0 : DOUBLE_WIDTH.test(character) ? 2 : 1);

/** What colours a text takes no room in it. */
const COLOURS = /\u001b\[\d{1,2}m/g;

/** In columns. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(COLOURS, '')) width += widthOf(character);
  return width;
}

/** A word of so many characters is left out whole when it would be cut; of a longer one its beginning is worth showing. */
const LONGEST_WORD = 24;

/** The text, or as much of it, in whole words, as leaves room for dots. Line breaks become blanks. */
export function fitText(text: string, columns: number): string {
  const line = text.replace(/\s+/g, ' ');
  if (textWidth(line) <= columns) return line;
  let width = 3;
  let kept = '';
  for (const character of line) {
    width += widthOf(character);
    if (width > columns) break;
    kept += character;
  }
  return `${withoutCutWord(line, kept)}...`;
}

function withoutCutWord(line: string, kept: string): string {
  const [start = ''] = /[\p{L}\p{M}\p{N}_-]*$/u.exec(kept) ?? [];
  const [end = ''] = /^[\p{L}\p{M}\p{N}_-]*/u.exec(line.slice(kept.length)) ?? [];
  const isCut = start !== '' && end !== '' && start.length + end.length <= LONGEST_WORD && start !== kept;
  return isCut ? kept.slice(0, -start.length) : kept;
}

/** Each line broken between its words, what goes on being set in a little. Without an edge it stays as it is. */
export function wrapText(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split('\n')
    .map((line) => {
      const lead = /^\s*/.exec(line)?.[0] ?? '';
      const wrap = new WordWrap({ columns, indent: `${lead}  `, column: lead.length });
      return lead + wrap.add(line.slice(lead.length)) + wrap.flush();
    })
    .join('\n');
}

export interface WrapOptions {
  columns: number | undefined;
  indent: string;
  column?: number;
}

/**
 * Words that stream in, broken before the edge. It holds back the last word until it is whole, since a word that has been
 * shown cannot be moved to the next line.
 */
export class WordWrap {
  readonly #columns: number;
  readonly #indent: string;
  #column: number;
  #startOfLine: number;
  #gap = '';
  #word = '';

  /**
   * `columns`: of the line; undefined for a line without an edge. It begins at `column`: default, after an indent that is
   * already there.
   */
  constructor({ columns, indent, column = indent.length }: WrapOptions) {
    this.#columns = columns ?? Infinity;
    this.#indent = indent;
    this.#column = this.#startOfLine = column;
  }

  /** What may be shown of it now. */
  add(text: string): string {
    if (this.#columns === Infinity) return text.replace(/\r?\n/g, `\n${this.#indent}`);
    let shown = '';
    for (const [piece] of text.matchAll(/\n|[^\S\n]+|\S+/g)) {
      if (piece === '\n') shown += this.flush() + this.#newLine();
      else if (/^\s/.test(piece)) {
        shown += this.flush();
        this.#gap += piece;
      } else this.#word += piece;
    }
    return shown;
  }

  /** The word that was held back. */
  flush(): string {
    if (this.#word === '') return '';
    const word = this.#word;
    this.#word = '';
    const width = textWidth(word);
    const isStart = this.#column === this.#startOfLine;
    const fits = this.#column + this.#gap.length + width <= this.#columns;
    const before = isStart ? '' : fits ? this.#gap : this.#newLine();
    this.#column += (before === this.#gap ? this.#gap.length : 0) + width;
    this.#gap = '';
    return before + word;
  }

  #newLine(): string {
    this.#column = this.#startOfLine = this.#indent.length;
    this.#gap = '';
    return `\n${this.#indent}`;
  }
}
