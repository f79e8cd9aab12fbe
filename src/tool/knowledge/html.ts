/**
 * HTML, read for its words: headings, and what stands between them. Pages of one's own are searched here, not pages of
 * strangers: what is not understood is left out, and nothing is run or fetched.
 */
import type { Block } from './passage.ts';

/** What people do not read. A script that has no end goes to the end of the page, and so does a comment. */
const UNREAD =
  /<(script|style)\b[^>]*>[^]*?(?:<\/\1\s*>|$)|<(template|noscript|svg|head|nav|iframe|title)\b[^>]*>[^]*?<\/\2\s*>/gi;
const COMMENTS = /<!--[^]*?(?:-->|$)/g;
/** A tag whose element nobody sees. */
const HIDDEN = /\s(?:hidden(?=[\s=/>])|style\s*=\s*["'][^"']*(?:display\s*:\s*none|visibility\s*:\s*hidden))/i;
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
/** These may be left open: they end where the next block begins. */
const LEFT_OPEN = new Set('p li dt dd tr td th'.split(' '));
const TAG = /<\/?([a-z][a-z0-9-]*)\b(?:"[^"]*"|'[^']*'|[^'">])*>/gi;
/** Each begins a new paragraph. */
const BLOCKS = new Set(
  'p div section article main header footer li ul ol dl dt dd table tr blockquote pre figure figcaption hr address details summary form fieldset'.split(
    ' ',
  ),
);
const CELLS = new Set(['td', 'th']);
const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ndash: '–', mdash: '—', hellip: '…', euro: '€' },
  ...{
    lsquo: '‘',
    rsquo: '’',
    ldquo: '“',
    rdquo: '”',
    pound: '£',
    copy: '©',
    reg: '®',
    deg: '°',
    middot: '·',
    bull: '•',
  },
  ...{ szlig: 'ß', iquest: '¿', iexcl: '¡', inr: '₹', aelig: 'æ', oslash: 'ø' },
};

/** `Ouml` is an O with the mark of that name. */
const MARKED = /^([A-Za-z])(acute|grave|circ|uml|tilde|ring|cedil|caron)$/;
const MARKS: Readonly<Record<string, string>> = {
  ...{ acute: '\u0301', grave: '\u0300', circ: '\u0302', uml: '\u0308' },
  ...{ tilde: '\u0303', ring: '\u030a', cedil: '\u0327', caron: '\u030c' },
};

/** Total: what is no HTML is text. */
export function readHtml(html: string): Block[] {
  const blank = (part: string) => part.replace(/[^\n]/g, ' '); // lines stay where they are
  const title = /<title[^>]*>([^]*?)<\/title\s*>/i.exec(html)?.[1];
  const text = html.replace(COMMENTS, blank).replace(UNREAD, blank);
  const reader = new Reader(title === undefined ? '' : wordsIn(title));
  const unseen = new Unseen();
  let from = 0;
  for (const { 0: tag, 1: written = '', index } of text.matchAll(TAG)) {
    const name = written.toLowerCase();
    reader.add(unseen.isWithin ? blank(text.slice(from, index)) : text.slice(from, index));
    unseen.tag(name, tag);
    if (!unseen.isWithin) reader.tag(name, tag.startsWith('</'));
    from = index + tag.length;
    reader.skip(tag);
  }
  reader.add(unseen.isWithin ? '' : text.slice(from));
  reader.end();
  return reader.blocks;
}

/** Elements that are there and not to be seen, from their tag to its end. */
class Unseen {
  #name = '';
  /** Of the same name within it, and itself. */
  #open = 0;

  get isWithin(): boolean {
    return this.#open > 0;
  }

  tag(name: string, tag: string): void {
    const isEnd = tag.startsWith('</');
    if (this.isWithin && !isEnd && LEFT_OPEN.has(this.#name) && BLOCKS.has(name)) this.#open = 0;
    if (this.isWithin) {
      if (name === this.#name) this.#open += isEnd ? -1 : 1;
    } else if (!isEnd && !VOID.has(name) && HIDDEN.test(tag)) [this.#name, this.#open] = [name, 1];
  }
}

class Reader {
  readonly blocks: Block[] = [];
  readonly #title: string;
  #headings: string[] = [];
  /** The level of the heading that is being read; 0: none is. */
  #level = 0;
  #text = '';
  #line = 1;
  #from = 1;

  constructor(title: string) {
    this.#title = title;
  }

  add(text: string): void {
    if (this.#text.trim() === '') {
      this.#text = '';
      this.#from = this.#line + (text.length - text.trimStart().length > 0 ? linesIn(/^\s*/.exec(text)?.[0] ?? '') : 0);
    }
    this.#text += text;
    this.#line += linesIn(text);
  }

  /** A tag that goes over several lines. */
  skip(tag: string): void {
    this.#line += linesIn(tag);
  }

  tag(name: string, isEnd: boolean): void {
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level !== undefined && !isEnd) {
      this.end();
      this.#level = Number(level);
    } else if (level !== undefined) this.#head();
    else if (CELLS.has(name) && isEnd) this.#text += ' | ';
    else if (name === 'br') this.#text += ' ';
    else if (BLOCKS.has(name)) this.end();
  }

  end(): void {
    const text = wordsIn(this.#text).replace(/ \|$/, '');
    const headings = this.#headings.filter((one) => one !== '');
    const heading = (headings.length > 0 ? headings : [this.#title]).join(' > ');
    if (text !== '') this.blocks.push({ line: this.#from, heading, text });
    this.#text = '';
  }

  #head(): void {
    const above = Array.from({ length: Math.max(0, this.#level - 1) }, (_, at) => this.#headings[at] ?? '');
    this.#headings = [...above, wordsIn(this.#text)];
    this.#level = 0;
    this.#text = '';
  }
}

const linesIn = (text: string): number => text.split('\n').length - 1;

function wordsIn(html: string): string {
  return html
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => entity(name) ?? whole)
    .replace(/\s+/g, ' ')
    .trim();
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) {
    const [, letter = '', mark = ''] = MARKED.exec(name) ?? [];
    const known = name.toLowerCase();
    if (mark === '') return Object.hasOwn(ENTITIES, known) ? ENTITIES[known] : undefined;
    return (letter + MARKS[mark]).normalize('NFC');
  }
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
}
