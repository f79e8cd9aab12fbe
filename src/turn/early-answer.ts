/**
 * "Yes", said before the agent's question has ended. Over a statement it only says that somebody listens; over a question
 * it is the answer, and becomes the caller's turn once the question has been heard to its end, if they say nothing else.
 */
import type { Speech } from './speech.ts';

/** A question is guessed so many characters before it begins: about a second of speech. */
const GUESSED_CHARACTERS = 15;
const ASKS = /([?？؟]|か[。．])["'”’»」』)\]\s]*$/u;
/** What ends a sentence, with what may stand behind it. */
const SENTENCE_ENDS = /[.!?。！？।؟…]+["'”’»」』)\]]*(?=\s|$)|[。！？।]/gu;
/** A question is not longer than this. */
const MOST_CHARACTERS = 500;

export class EarlyAnswer {
  #held: { text: string; heardCharacters: number } | undefined;

  hold(text: string, speech: Speech): void {
    this.#held = { text, heardCharacters: speech.tell().heard.length };
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

  /** All has been heard. Returns the answer, if what was said ended with a question and that is what was answered. */
  take(speech: Speech): string | undefined {
    const held = this.#held;
    if (!held) return undefined;
    this.#held = undefined;
    const said = speech.tell().heard;
    if (!ASKS.test(said.slice(-20).trimEnd())) return undefined;
    return held.heardCharacters >= questionStart(said) - GUESSED_CHARACTERS ? held.text : undefined;
  }
}

/** Where the last sentence begins. */
function questionStart(said: string): number {
  const from = Math.max(0, said.length - MOST_CHARACTERS);
  const ends = [...said.slice(from).matchAll(SENTENCE_ENDS)].map(({ index, 0: mark }) => from + index + mark.length);
  return ends.findLast((end) => end < said.trimEnd().length) ?? 0;
}
