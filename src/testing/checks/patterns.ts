/** Words that are looked for in what was said: a text in any case and with any spaces, an expression as it is. */

export type Wanted = string | RegExp;

export function matches(text: string, wanted: Wanted): boolean {
  if (wanted instanceof RegExp) return new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, '')).test(text);
  return plain(text).includes(plain(wanted));
}

const plain = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();

export const quoted = (wanted: Wanted): string => (wanted instanceof RegExp ? String(wanted) : `"${wanted}"`);
