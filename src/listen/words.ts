/** What was understood, word by word. Pure. */

/** Of a long text the beginning tells whether there are words in it. */
const LOOKED_AT = 1_000;

/** Words in lower case without the marks around them; marks inside, as in `i'm` and `10:30`, stay. */
export function wordsIn(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[’‘]/g, "'")
    .split(/\s+/)
    .flatMap((word) => /[\p{L}\p{M}\p{N}](?:.*[\p{L}\p{M}\p{N}])?/su.exec(word) ?? []);
}

/** Whether anything was said: a letter or a digit. Services send a lone full stop for a breath. */
export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text.slice(0, LOOKED_AT));
}
