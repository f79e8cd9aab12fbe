/**
 * How much of a text was heard, told from what was understood of the sound. A line that runs dry for a moment splits a
 * letter in two or swallows one, so texts are compared by their distance and not for being equal.
 */

const SPACE = /\s+/g;

/** Without white space, of which sound knows nothing. */
export const lettersOf = (text: string): string => text.replace(SPACE, '');

/** How many whole words of `text` the caller heard who understood `heard`, counted from its beginning. */
export function wordsHeard(text: string, heard: string): number {
  const letters = nearestBeginning(lettersOf(text), lettersOf(heard));
  let end = 0;
  let count = 0;
  for (const word of text.trim().split(SPACE)) {
    end += word.length;
    if (end > letters) break;
    count++;
  }
  return count;
}

/** How many letters must be lost, gained or changed to make one text of the other; white space does not count. */
export function lettersApart(text: string, heard: string): number {
  return distances(lettersOf(text), lettersOf(heard)).at(-1) ?? 0;
}

/** How many letters are in the beginning of `text` that is nearest to `heard`; the longest of equals. */
function nearestBeginning(text: string, heard: string): number {
  const row = distances(text, heard);
  let best = 0;
  for (let at = 1; at <= text.length; at++) if (row[at]! <= row[best]!) best = at;
  return best;
}

/** From `heard` to each beginning of `text` (Levenshtein). */
function distances(text: string, heard: string): number[] {
  let row = Array.from({ length: text.length + 1 }, (_, at) => at);
  for (let i = 1; i <= heard.length; i++) {
    const next = [i];
    for (let at = 1; at <= text.length; at++) {
      const same = row[at - 1]! + (text[at - 1] === heard[i - 1] ? 0 : 1);
      next.push(Math.min(same, row[at]! + 1, next[at - 1]! + 1));
    }
    row = next;
  }
  return row;
}
