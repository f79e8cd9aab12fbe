/**
 * How far a line that speaks by itself says it has come: a report in its own spelling, found again in the texts that it was
 * given. Letters and digits are compared; case, spaces and punctuation are not. Pure.
 */

/** Where a report ends: in which of the texts, and after how many of its characters, to the end of a word. */
export interface ReportEnd {
  index: number;
  characters: number;
}

/** The same words at the end of a report are looked for so many letters further on than they should be. */
const SLACK_LETTERS = 20;
/** Fewer letters are no sign of anything. */
const LEAST_LETTERS = 5;

/**
 * @param texts One behind the other; the first is being spoken, as far as is known. The report may begin with any of them
 * and end in a later one.
 * @returns undefined when nothing of them explains the report, as when there is no letter in it.
 */
export function findReport(texts: readonly string[], report: string): ReportEnd | undefined {
  const said = lettersOf(texts.join(''));
  const reported = lettersOf(report).letters;
  if (reported === '' || said.letters === '') return undefined;
  const starts = startsOf(texts, said.ends);
  const end = endOfPrefix(said.letters, starts, reported) ?? endOfLikeness(said.letters, starts, report, reported);
  return end === undefined ? undefined : placeOf(texts, said.ends[end - 1] ?? 0);
}

/** The report as it stands: from the beginning of one of the texts, or else in the middle of them. */
function endOfPrefix(said: string, starts: readonly number[], reported: string): number | undefined {
  const start = starts.find((at) => said.startsWith(reported, at)) ?? said.indexOf(reported);
  return start === -1 ? undefined : start + reported.length;
}

/** The line says numbers and signs in words of its own: what the beginning has in common, and where the end is found again. */
function endOfLikeness(said: string, starts: readonly number[], report: string, reported: string): number | undefined {
  const { end, length } = starts
    .map((start) => ({ end: start + commonLength(said, start, reported), start }))
    .map(({ end, start }) => ({ end, length: end - start }))
    .reduce((best, next) => (next.length > best.length ? next : best));
  if (length * 2 < reported.length) return undefined;
  const tail = lettersOf(report.trim().split(/\s+/).slice(-2).join(' ')).letters;
  const at = tail.length < LEAST_LETTERS ? -1 : said.indexOf(tail, end);
  return at === -1 || at - end > (reported.length - length) * 2 + SLACK_LETTERS ? end : at + tail.length;
}

function commonLength(said: string, start: number, reported: string): number {
  let length = 0;
  while (length < reported.length && said[start + length] === reported[length]) length++;
  return length;
}

/** Where each text begins, counted in letters. */
function startsOf(texts: readonly string[], ends: readonly number[]): number[] {
  let at = 0;
  let letter = 0;
  return texts.map((text) => {
    while (letter < ends.length && ends[letter]! <= at) letter++;
    at += text.length;
    return letter;
  });
}

/** In the text that holds this character; with the punctuation and space that cling to its word, and no part of a word. */
function placeOf(texts: readonly string[], character: number): ReportEnd {
  let index = 0;
  let left = character;
  while (index < texts.length - 1 && left > texts[index]!.length) left -= texts[index++]!.length;
  const text = texts[index] ?? '';
  let end = left;
  while (end > 0 && end < text.length && !isSounded(text.charAt(end))) end++;
  return { index, characters: endOfWord(text, end) };
}

/** Letters and digits, as many as are spoken. */
export function countLetters(text: string): number {
  let count = 0;
  for (const character of text) if (isSounded(character)) count++;
  return count;
}

/** Where so many letters more of `text` end that begin at `from`; all of it when no letter follows. `missing`: what it lacks. */
export function afterLetters(text: string, from: number, letters: number): { characters: number; missing: number } {
  let at = from;
  let end = from;
  let missing = letters;
  for (const character of text.slice(from)) {
    at += character.length;
    if (!isSounded(character)) continue;
    if (missing === 0) return { characters: end, missing };
    missing--;
    end = at;
  }
  return { characters: text.length, missing };
}

/** The end of the last whole word within the first `characters` of `text`. */
export function endOfWord(text: string, characters: number): number {
  if (characters >= text.length) return text.length;
  let end = characters;
  while (end > 0 && isSounded(text.charAt(end)) && isSounded(text.charAt(end - 1))) end--;
  return end;
}

const SOUNDED = /[\p{L}\p{N}\p{M}]/u;
const isSounded = (character: string): boolean => SOUNDED.test(character);

/** What of a text is compared, and where in it the character ends that each letter is of. */
function lettersOf(text: string): { letters: string; ends: number[] } {
  let letters = '';
  let at = 0;
  const ends: number[] = [];
  for (const character of text) {
    at += character.length;
    if (!isSounded(character)) continue;
    const plain = character.toLowerCase().normalize('NFD');
    letters += plain;
    for (let unit = 0; unit < plain.length; unit++) ends.push(at);
  }
  return { letters, ends };
}
