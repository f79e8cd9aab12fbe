/**
 * "Yes", said before the agent's question has ended. Over a statement it only says that somebody listens; over a question
 * it is the answer, and becomes the caller's turn once the question has been heard to its end, if they say nothing else.
 */

/** A question is guessed so many characters before it begins: about a second of speech. */
const GUESSED_CHARACTERS = 15;
const ASKS = /([?？؟]|か[。．])["'”’»」』)\]\s]*$/u;
/** What ends a sentence, with what may stand behind it. */
const SENTENCE_ENDS = /[.!?。！？।؟…]+["'”’»」』)\]]*(?=\s|$)|[。！？।]/gu;
/** A question is not longer than this. */
const MOST_CHARACTERS = 500;

export class EarlyAnswer {
  #held: { text: string; heardCharacters: number } | undefined;

  /** @param heardCharacters How much of what the agent says had been heard when it was said. */
  hold(text: string, heardCharacters: number): void {
    this.#held = { text, heardCharacters };
  }

  forget(): void {
    this.#held = undefined;
  }

  /** Returns what is held, whatever it answers. */
  takeAnyway(): string | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held?.text;
  }

  /** All has been heard, which is `said`. Returns what is held if it answers that. */
  take(said: string): string | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held && answers(said, held.heardCharacters) ? held.text : undefined;
  }
}

/** Whether a word that began when so much of `said` had been heard answers a question of its, behind which at most one sentence stands. */
export function answers(said: string, heardCharacters: number): boolean {
  const start = questionStart(said);
  return start !== undefined && heardCharacters >= start - GUESSED_CHARACTERS;
}

/** Where the last sentence begins, or the one before it ("Is that right? Say yes or no."), if it asks. */
function questionStart(said: string): number | undefined {
  const from = Math.max(0, said.length - MOST_CHARACTERS);
  const text = said.trimEnd();
  const ends = [...text.slice(from).matchAll(SENTENCE_ENDS)].map(({ index, 0: mark }) => from + index + mark.length);
  const starts = [0, ...ends.filter((end) => end < text.length)].slice(-2).reverse();
  return starts.find((start, index) => ASKS.test(text.slice(start, index === 0 ? text.length : starts[index - 1])));
}
