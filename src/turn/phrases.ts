/** Which phrase comes next: each list in turn, and never the same words twice in a row (R16). */

export class PhraseBook {
  #used = new Map<readonly string[], number>();
  #last = '';

  /** The next of `phrases`, or `undefined` when the list is empty. */
  next(phrases: readonly string[]): string | undefined {
    if (phrases.length === 0) return undefined;
    let index = this.#used.get(phrases) ?? 0;
    if (phrases[index % phrases.length] === this.#last) index++;
    this.#used.set(phrases, index + 1);
    return (this.#last = phrases[index % phrases.length] ?? '');
  }

  /** Whether the words just said would be said again by taking from this list. */
  wouldRepeat(phrases: readonly string[]): boolean {
    return phrases.length === 1 && phrases[0] === this.#last;
  }
}
