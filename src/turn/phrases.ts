/** Which phrase comes next: each list in turn, and never the same words twice in a row (R16). */

export class PhraseBook {
  /** How many were taken of each list, by what it says: agents of a team may have the same one. */
  #used = new Map<string, number>();
  #last = '';

  /** The next of `phrases`, or `undefined` when the list is empty. */
  next(phrases: readonly string[]): string | undefined {
    if (phrases.length === 0) return undefined;
    const list = phrases.join('\n');
    let index = this.#used.get(list) ?? 0;
    if (phrases[index % phrases.length] === this.#last) index++;
    this.#used.set(list, index + 1);
    return (this.#last = phrases[index % phrases.length] ?? '');
  }

  /** Whether the words just said would be said again by taking from this list. */
  wouldRepeat(phrases: readonly string[]): boolean {
    return phrases.length === 1 && phrases[0] === this.#last;
  }
}
