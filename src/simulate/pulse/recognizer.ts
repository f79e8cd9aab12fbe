/**
 * When Pulse says what: interims word by word, finals by word count, by silence and on demand, its own voice activity.
 * Pure; time is audio time. `wire/pulse.md` 2 and 4.2.
 */
import type { SpokenWord } from '../../audio/tone-speech.ts';
import type { HeardEvent } from './hearing.ts';

export interface RecognizerOptions {
  endpointing: boolean;
  eouTimeoutMs: number;
  finalizeOnWords: boolean;
  maxWords: number | undefined;
  vadEvents: boolean;
  /** Punctuation and capitals, in finals. */
  format: boolean;
  /** Interims guess a word too many, and take it back with the next. */
  shrinkingInterims: boolean;
  /** Each interim is sent so many times. */
  repeatInterims: number;
}

export type Recognized =
  | { type: 'interim'; text: string }
  | { type: 'final'; text: string; words: SpokenWord[]; cause: 'words' | 'silence' | 'finalize' | 'close' }
  | { type: 'speech'; phase: 'start' | 'end'; atMs: number };

/** A final appears after so many words unless told otherwise. */
const DEFAULT_MAX_WORDS = 10;
/** What a recognizer guesses before it knows better. */
const WRONG_GUESS = 'uh';

export class Recognizer {
  readonly #options: RecognizerOptions;
  #words: SpokenWord[] = [];
  #lastInterim = '';
  #interims = 0;

  constructor(options: RecognizerOptions) {
    this.#options = options;
  }

  hear(event: HeardEvent): Recognized[] {
    if (event.type === 'sound') {
      return this.#options.vadEvents ? [{ type: 'speech', phase: event.phase, atMs: event.atMs }] : [];
    }
    if (event.type === 'part') return [];
    this.#words.push({ text: event.text, startMs: event.startMs, endMs: event.endMs });
    const out = this.#interim();
    const most = this.#options.maxWords ?? DEFAULT_MAX_WORDS;
    const isFull =
      (this.#options.finalizeOnWords || this.#options.maxWords !== undefined) && this.#words.length >= most;
    return isFull ? [...out, this.#final('words')] : out;
  }

  /** Time passes. @param quietSinceMs When the line was last loud. */
  tick(heardMs: number, quietSinceMs: number): Recognized[] {
    const lastMs = Math.max(quietSinceMs, this.#words.at(-1)?.endMs ?? 0);
    return this.#words.length > 0 && heardMs - lastMs >= this.#options.eouTimeoutMs ? [this.#final('silence')] : [];
  }

  /** One final always comes, if need be an empty one. */
  finalize(cause: 'finalize' | 'close'): Recognized[] {
    return [this.#final(cause)];
  }

  #interim(): Recognized[] {
    const text = plain(this.#words.map((word) => word.text).join(' '));
    if (text === '' || text === this.#lastInterim) return [];
    this.#lastInterim = text;
    const wrong = this.#options.shrinkingInterims && this.#interims++ % 2 === 1 ? [`${text} ${WRONG_GUESS}`] : [];
    const texts = [...wrong, ...Array<string>(this.#options.repeatInterims).fill(text)];
    return texts.map((one) => ({ type: 'interim', text: one }));
  }

  #final(cause: 'words' | 'silence' | 'finalize' | 'close'): Recognized {
    const words = this.#words;
    this.#words = [];
    this.#lastInterim = '';
    const text = words.map((word) => word.text).join(' ');
    return { type: 'final', text: this.#options.format ? text : plain(text), words, cause };
  }
}

/** As interims are: lower case, without the marks around words. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .split(' ')
    .map((word) => word.replace(/^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, ''))
    .filter((word) => word !== '')
    .join(' ');
}
