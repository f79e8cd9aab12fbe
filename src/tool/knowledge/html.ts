/**
 * HTML, read for its words: headings, and what stands between them. Pages of one's own are searched here, not pages of
 * strangers: what is not understood is left out, and nothing is run or fetched.
 */
import type { Block } from './passage.ts';

/** What people do not read. */
const UNREAD = /<(script|style|template|noscript|svg|head|nav|iframe)\b[^>]*>[^]*?<\/\1\s*>/gi;
const COMMENTS = /<!--[^]*?-->/g;
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
  ...{ aacute: 'á', eacute: 'é', iacute: 'í', oacute: 'ó', uacute: 'ú', ntilde: 'ñ', uuml: 'ü', ouml: 'ö', auml: 'ä' },
  ...{ szlig: 'ß', iquest: '¿', iexcl: '¡', ccedil: 'ç', agrave: 'à', egrave: 'è', ecirc: 'ê', inr: '₹' },
};

/** Total: what is no HTML is text. */
export function readHtml(html: string): Block[] {
  const blank = (part: string) => part.replace(/[^\n]/g, ' '); // lines stay where they are
  const title = /<title[^>]*>([^]*?)<\/title\s*>/i.exec(html)?.[1];
  const text = html.replace(COMMENTS, blank).replace(UNREAD, blank);
  const reader = new Reader(title === undefined ? '' : wordsIn(title));
  let from = 0;
  for (const { 0: tag, 1: name = '', index } of text.matchAll(TAG)) {
    reader.add(text.slice(from, index));
    reader.tag(name.toLowerCase(), tag.startsWith('</'));
    from = index + tag.length;
    reader.skip(tag);
  }
  reader.add(text.slice(from));
  reader.end();
  return reader.blocks;
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
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
}
