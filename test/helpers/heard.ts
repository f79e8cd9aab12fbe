/**
 * How much of a text was heard, told from what was understood of the sound: a line that ran dry for a moment splits a
 * letter in two or swallows one, so the nearest beginning of the text is looked for, and not an equal one.
 */

const LETTERS = /\s+/g;

/** How many whole words of `text` the caller heard who understood `heard`, counted from its beginning. */
export function wordsHeard(text: string, heard: string): number {
  const letters = nearestBeginning(text.replace(LETTERS, ''), heard.replace(LETTERS, ''));
  let end = 0;
  let count = 0;
  for (const word of text.trim().split(LETTERS)) {
    end += word.length;
    if (end > letters) break;
    count++;
  }
  return count;
}

/** How many letters of `text` are in its beginning that differs least from `heard` (edit distance). */
export function nearestBeginning(text: string, heard: string): number {
  let row = Array.from({ length: text.length + 1 }, (_, at) => at);
  for (let i = 1; i <= heard.length; i++) {
    const next = [i];
    for (let at = 1; at <= text.length; at++) {
      const same = row[at - 1]! + (text[at - 1] === heard[i - 1] ? 0 : 1);
      next.push(Math.min(same, row[at]! + 1, next[at - 1]! + 1));
    }
    row = next;
  }
  let best = 0;
  for (let at = 1; at <= text.length; at++) if (row[at]! <= row[best]!) best = at;
  return best;
}
