/**
 * Markup that is safe by construction: what is put into an `html` template is escaped, unless it is markup itself. All
 * that callers, models and tools have said passes through here, in text and in quoted attributes alike.
 */

/** Text that may go into a page as it is. Only `html` and `trusted` make it. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template takes. `undefined` and `false` are left out, lists are joined. */
export type Part = Markup | string | number | undefined | false | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  const fixed = compact(strings);
  let text = fixed[0] ?? '';
  for (const [index, part] of parts.entries()) text += shown(part) + (fixed[index + 1] ?? '');
  return new Markup(text);
}

/** Templates are laid out for those who read them here; in the page, white space is one space. */
const compacted = new WeakMap<TemplateStringsArray, readonly string[]>();

function compact(strings: TemplateStringsArray): readonly string[] {
  const known = compacted.get(strings);
  if (known) return known;
  const fixed = strings.map((text) => text.replace(/\s+/g, ' '));
  compacted.set(strings, fixed);
  return fixed;
}

/** For our own style, script and SVG definitions: nothing from outside. */
export const trusted = (text: string): Markup => new Markup(text);

function shown(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'number') return String(part);
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'object') return part.map(shown).join('');
  return escapeText(part);
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Control characters are not allowed in HTML, and the marks that turn the direction of writing around would let one
 * caller's words rearrange the line of another: both are shown as the replacement character.
 */
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Without what must not be in a page; lone halves of characters are among it. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');

/** Safe as text and as the value of a quoted attribute. */
export function escapeText(text: string): string {
  return printable(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
