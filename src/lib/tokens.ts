/**
 * How many tokens a text will cost, before anyone has counted. No tokenizer is published for Electron, so this is the
 * conservative reading of `wire/electron.md` 3: 3.2 characters a token in Latin script, one in Indic and CJK scripts.
 * Whoever has real `usage` numbers multiplies by the ratio that they show.
 */

const LATIN_CHARACTERS_PER_TOKEN = 3.2;
/** What a message costs beside its text: role, separators. */
export const TOKENS_PER_MESSAGE = 4;
/** Greek, Cyrillic and the like lie between; everything from Devanagari on counts one a character. */
const DENSE_FROM = 0x0900;

/** An estimate, in tokens, rounded up. Empty text is 0. */
export function estimateTokens(text: string): number {
  let dense = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= DENSE_FROM) dense++;
  return Math.ceil((text.length - dense) / LATIN_CHARACTERS_PER_TOKEN + dense);
}
