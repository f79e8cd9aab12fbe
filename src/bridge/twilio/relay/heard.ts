/**
 * What the caller has heard of what was said since they last spoke, in the very characters that were sent. Twilio says it
 * in its own spelling, and, when several talks were sent one behind the other, perhaps only of the one that was cut off.
 * Pure; letters and digits are compared, case, spaces and punctuation are not.
 */
export class HeardText {
  /** From one `last` to the next; the last of them may still be growing. */
  #talks: string[] = [];
  #isOpen = false;
  /** Letters that the peer has reported as spoken. */
  #spokenLetters = 0;

  sent(text: string, isLast: boolean): void {
    if (this.#isOpen) this.#talks[this.#talks.length - 1] += text;
    else this.#talks.push(text);
    this.#isOpen = !isLast;
  }

  /** The peer has spoken this much more. */
  spoken(text: string): void {
    this.#spokenLetters += lettersOf(text).length;
  }

  /** The caller has spoken: what comes now is new. */
  forget(): void {
    this.#talks = [];
    this.#isOpen = false;
    this.#spokenLetters = 0;
  }

  /** `reported`, found again in what was sent, with everything before it. As it came, when it is not to be found. */
  until(reported: string): string {
    const letters = lettersOf(reported);
    for (const first of this.#likelyTalks()) {
      const end = endOfPrefix(this.#talks.slice(first).join(''), letters);
      if (end !== undefined)
        return this.#talks.slice(0, first).join('') + this.#talks.slice(first).join('').slice(0, end);
    }
    return reported;
  }

  /** Where the report may begin: in the talk that is being spoken, as far as we know; else in any, the first first. */
  #likelyTalks(): number[] {
    let letters = 0;
    const current = this.#talks.findIndex((talk) => (letters += lettersOf(talk).length) > this.#spokenLetters);
    return [...(current > 0 ? [current] : []), ...this.#talks.keys()];
  }
}

const LETTER = /[\p{L}\p{N}\p{M}]/u;

function lettersOf(text: string): string[] {
  return Array.from(text.toLowerCase().normalize('NFD')).filter((character) => LETTER.test(character));
}

/** Where `letters` end in `text`, with the punctuation that clings to them; undefined when `text` does not begin so. */
function endOfPrefix(text: string, letters: readonly string[]): number | undefined {
  let matched = 0;
  let end = 0;
  for (const character of text) {
    const own = lettersOf(character);
    if (matched === letters.length && (own.length > 0 || /\s/.test(character))) return matched === 0 ? 0 : end;
    for (const letter of own) if (letter !== letters[matched++]) return undefined;
    end += character.length;
  }
  return matched === letters.length ? end : undefined;
}
