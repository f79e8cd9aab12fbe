/** Markdown, and plain text, which is Markdown without marks: paragraphs under the headings that they stand under. */
import type { Block } from './passage.ts';

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/;
const UNDERLINE = /^ {0,3}(=+|-+)\s*$/;
const FENCE = /^ {0,3}(```|~~~)/;
/** Between a table's head and its rows. */
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** Total: every text is Markdown. */
export function readMarkdown(text: string): Block[] {
  const lines = text.split(/\r\n|\r|\n/);
  const reader = new Reader();
  let isFenced = false;
  for (let at = frontMatterOf(lines); at < lines.length; at++) {
    const line = lines[at] ?? '';
    const heading = isFenced ? undefined : HEADING.exec(line);
    const isTitle = !isFenced && reader.isOneLine && UNDERLINE.test(line);
    if (FENCE.test(line)) isFenced = !isFenced;
    else if (heading) reader.head(heading[1]?.length ?? 1, heading[2] ?? '');
    else if (isTitle) reader.headByLast(line.trim().startsWith('=') ? 1 : 2);
    else if (line.trim() === '' && !isFenced) reader.end();
    else if (!TABLE_RULE.test(line) || isFenced) reader.add(at + 1, line);
  }
  reader.end();
  return reader.blocks;
}

/** Lines of settings that stand before the text, as generators of sites have them. */
function frontMatterOf([first, ...rest]: readonly string[]): number {
  if (first?.trim() !== '---') return 0;
  const end = rest.findIndex((line) => /^(---|\.\.\.)\s*$/.test(line));
  return end < 0 ? 0 : end + 2;
}

class Reader {
  readonly blocks: Block[] = [];
  /** Of each level, what is open. */
  #headings: string[] = [];
  #lines: string[] = [];
  #from = 0;

  /** What is being read might be a heading, were it underlined. */
  get isOneLine(): boolean {
    return this.#lines.length === 1 && !/^\s*([-*+>|]|\d+[.)])/.test(this.#lines[0] ?? '');
  }

  head(level: number, title: string): void {
    this.end();
    this.#headings = [...Array.from({ length: level - 1 }, (_, at) => this.#headings[at] ?? ''), plain(title)];
  }

  headByLast(level: number): void {
    const [title = ''] = this.#lines.splice(0);
    this.head(level, title);
  }

  add(line: number, text: string): void {
    if (this.#lines.length === 0) this.#from = line;
    this.#lines.push(plain(text));
  }

  end(): void {
    const text = this.#lines.splice(0).join('\n').trim();
    const heading = this.#headings.filter((one) => one !== '').join(' > ');
    if (text !== '') this.blocks.push({ line: this.#from, heading, text });
  }
}

/** Without what is for the eye: emphasis, addresses of links, pictures, bars of tables. */
function plain(line: string): string {
  return line
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<!--.*?-->/g, '')
    .replace(/(\*\*|__|`)/g, '')
    .replace(/^\s*\|(.*)\|\s*$/, '$1')
    .replace(/\s*\|\s*/g, ' | ')
    .trimEnd();
}
