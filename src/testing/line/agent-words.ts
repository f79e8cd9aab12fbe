/**
 * The agent's words as they come to the caller, known as soon as their sound lies in the carrier's buffer: so a test can be
 * told of a word at the very sample at which its last sound is heard. Pure; times are those of the caller's end.
 */
import { decodeMulaw } from '../../audio/g711.ts';
import { ToneSpeechDecoder, type SpokenCharacter } from '../../audio/tone-speech.ts';

/** A silence as long as this ends a word, as a space does. */
const WORD_ENDS_MS = 100;
/** The end of a sentence, of which the word before is no single letter: `U.S.` is one word. */
const SENTENCE_ENDS = /\p{L}\p{M}*\p{L}\p{M}*[.!?…।]["')\]]*$/u;
const BEGINS_ONE = /[\p{Lu}\p{Lo}\p{N}]/u;
const SOUND = /[\p{L}\p{M}\p{N}]/u;

/** Whether `next` is of another sentence than the word before it: one utterance may follow another without any silence. */
export const isNextSentence = (word: string, next: string): boolean =>
  SENTENCE_ENDS.test(word) && BEGINS_ONE.test(next);

/** A word that has been heard, or will be unless the agent is stopped. */
export interface ComingWord {
  text: string;
  startMs: number;
  /** Of its last sound, signs behind it included. */
  endMs: number;
  /** Of its last letter or digit: then it has been heard. */
  spokenMs: number;
  /** More of it may come. */
  isOpen: boolean;
}

export class AgentWords {
  readonly words: ComingWord[] = [];
  #decoder = new ToneSpeechDecoder(8_000);
  /** Where the decoder's first sample lies. */
  #fromMs = 0;
  /** Sound is known up to here. */
  #untilMs = 0;

  /** Sound in mu-law that is played from `fromMs` on, behind all that was pushed before. */
  push(audio: Uint8Array, fromMs: number): void {
    if (fromMs > this.#untilMs) this.#goOnAt(fromMs);
    for (const character of this.#decoder.push(decodeMulaw(audio))) this.#add(character);
    this.#untilMs = fromMs + audio.length / 8;
    this.#closeOld(this.#untilMs);
  }

  /** What would have been heard later never will be. */
  cutAt(atMs: number): void {
    while (this.words.length > 0 && this.words.at(-1)!.startMs >= atMs) this.words.pop();
    const last = this.words.at(-1);
    if (last && last.endMs > atMs) this.words.pop(); // a part of it was heard, which is no word
    this.#goOnAt(atMs);
    const cut = this.words.at(-1);
    if (cut) cut.isOpen = false;
  }

  /** Nothing more came: whatever is open is over when this has passed. */
  passTo(atMs: number): void {
    if (atMs <= this.#untilMs) return;
    this.#flush();
    this.#closeOld(atMs);
  }

  /** Whether sound is known beyond this instant. */
  knowsBeyond(atMs: number): boolean {
    return this.#untilMs > atMs;
  }

  #goOnAt(atMs: number): void {
    this.#flush();
    this.#decoder = new ToneSpeechDecoder(8_000);
    this.#fromMs = atMs;
    this.#untilMs = atMs;
    this.#closeOld(atMs);
  }

  #flush(): void {
    for (const character of this.#decoder.flush()) this.#add(character);
  }

  #add({ text, startMs: decodedStartMs, endMs: decodedEndMs }: SpokenCharacter): void {
    const [startMs, endMs] = [decodedStartMs + this.#fromMs, decodedEndMs + this.#fromMs];
    const last = this.words.at(-1);
    if (/^\s$/u.test(text)) {
      if (last) last.isOpen = false;
      return;
    }
    const spokenMs = SOUND.test(text) ? endMs : undefined;
    if (last?.isOpen && startMs - last.endMs < WORD_ENDS_MS && !isNextSentence(last.text, text)) {
      last.text += text;
      last.endMs = endMs;
      last.spokenMs = spokenMs ?? last.spokenMs;
    } else {
      if (last) last.isOpen = false;
      this.words.push({ text, startMs, endMs, spokenMs: spokenMs ?? endMs, isOpen: true });
    }
  }

  #closeOld(untilMs: number): void {
    const last = this.words.at(-1);
    if (last && untilMs - last.endMs >= this.#decoder.patienceMs(WORD_ENDS_MS)) last.isOpen = false;
  }
}
