/** How much room a text takes on a terminal, and how it is broken or cut to fit. */

/** Marks and joiners stand on the letter before them. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
const DOUBLE_WIDTH =
  /^[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]$/u;

const widthOf = (character: string): number => (NO_WIDTH.test(character) ? 0 : DOUBLE_WIDTH.test(character) ? 2 : 1);

/** In columns. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** The text, or as much of it as leaves room for dots. Line breaks become blanks. */
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
  return `${kept}...`;
}

/**
 * Words that stream in, broken before the edge. It holds back the last word until it is whole, since a word that has been
 * shown cannot be moved to the next line.
 */
export class WordWrap {
  readonly #columns: number;
  readonly #indent: string;
  #column: number;
  #gap = '';
  #word = '';

  /** `columns`: of the line; undefined for a line without an edge. It begins after an indent that is already there. */
  constructor({ columns, indent }: { columns: number | undefined; indent: string }) {
    this.#columns = columns ?? Infinity;
    this.#indent = indent;
    this.#column = indent.length;
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
    const isStart = this.#column === this.#indent.length;
    const fits = this.#column + this.#gap.length + width <= this.#columns;
    const before = isStart ? '' : fits ? this.#gap : this.#newLine();
    this.#column += (before === this.#gap ? this.#gap.length : 0) + width;
    this.#gap = '';
    return before + word;
  }

  #newLine(): string {
    this.#column = this.#indent.length;
    this.#gap = '';
    return `\n${this.#indent}`;
  }
}
