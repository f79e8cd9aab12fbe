/**
 * A pattern that fits what a caller said, and nothing else, with its marks or without: whether a model was asked by the words of an
 * interim or by those of the final goes by the instant, and only the final has them all.
 */

/** That a service writes between words, not within them. */
const MARK = /(?<=\S)[,.;:!?…।]+(?=\s|$)|(?<=^|\s)[¡¿]+/gu;

/** `^Ten,? please\.?$` */
export function saidPattern(text: string): string {
  let pattern = '';
  let from = 0;
  for (const { 0: marks, index } of text.matchAll(MARK)) {
    pattern += escapeRegExp(text.slice(from, index)) + Array.from(marks, (mark) => `${escapeRegExp(mark)}?`).join('');
    from = index + marks.length;
  }
  return `^${pattern}${escapeRegExp(text.slice(from))}$`;
}

/** What it was made of; undefined for one of another make. */
export function saidIn(pattern: string): string | undefined {
  const [, inner] = /^\^([^]*)\$$/.exec(pattern) ?? [];
  return inner?.replace(/\\(.)\??|([^\\])\?/gu, '$1$2');
}

/** As a pattern that fits nothing else. */
export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
