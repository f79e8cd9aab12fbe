/** Words as they are compared: what differs between two spellings of the same ones is taken out. */

/** Without accents, signs and capitals, a space between each two. Marks of Indian scripts are letters' own, and stay. */
export function plainWords(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[’']/g, "'")
    .replace(/[^\p{L}\p{M}\p{N}']+/gu, ' ')
    .trim();
}

/** Whether any of these runs of words stands in a text. Both are plain; the last word of a run may go on. */
export function hasAnyOf(said: string, runs: readonly string[]): boolean {
  const padded = ` ${said} `;
  return runs.some((run) => padded.includes(` ${run}`));
}
