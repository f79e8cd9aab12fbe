/**
 * How many tokens the simulator bills. Counted in its own way, by word pieces, not with the estimate of `src/lib`: a
 * client that calibrates its estimate by `usage` must have something to calibrate.
 */

/** A message's role and separators, and what primes the answer. */
export const TOKENS_PER_MESSAGE = 4;
const LETTERS_PER_TOKEN = 6;
const PIECES = /[\p{Script=Latin}\p{M}]+|\p{N}{1,3}|\p{L}|[^\s\p{L}\p{N}]/gu;

/** Words of up to six Latin letters are one token, so are three digits, a mark, or a letter of any other script. */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECES)) tokens += Math.ceil(piece.length / LETTERS_PER_TOKEN);
  return tokens;
}

/** The first `tokens` of a text, and how many of them are left over. */
export function takeTokens(text: string, tokens: number): { taken: string; left: number } {
  let left = tokens;
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const cost = Math.ceil(piece.length / LETTERS_PER_TOKEN);
    if (cost > left) return { taken: text.slice(0, index).trimEnd(), left };
    left -= cost;
  }
  return { taken: text, left };
}

/**
 * Text cut into what a model emits one at a time: a word with the space before it, long words in two or more. Joined
 * again the pieces are the text.
 */
export function cutIntoTokens(text: string): string[] {
  const pieces: string[] = [];
  for (const [word] of text.matchAll(/\s*\S+\s*$|\s*\S+|\s+/gu)) {
    const characters = [...word];
    for (let at = 0; at < characters.length; at += LETTERS_PER_TOKEN + 2)
      pieces.push(characters.slice(at, at + LETTERS_PER_TOKEN + 2).join(''));
  }
  return pieces;
}

/** Text cut into `count` pieces of nearly equal length, never inside a character; fewer when it is too short. */
export function cutIntoPieces(text: string, count: number): string[] {
  const characters = [...text];
  const pieces = Math.max(1, Math.min(count, characters.length));
  return Array.from({ length: pieces }, (_, index) =>
    characters
      .slice(Math.round((index * characters.length) / pieces), Math.round(((index + 1) * characters.length) / pieces))
      .join(''),
  );
}
