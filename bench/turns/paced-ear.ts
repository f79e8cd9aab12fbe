/**
 * A transcriber that understands what a script says at the pace that Pulse documents: interims so long behind the words, a
 * final of itself so long after a voice, and so soon after it is asked for. Counts the samples that it is given and nothing
 * else; what they hold it has been told.
 */
import type { Clock } from '../../src/lib/clock.ts';
import type { HeardWord, Transcriber, TranscriptionLine, TranscriptListener } from '../../src/listen/contract.ts';
import type { Style } from './set.ts';

/** The lags of the service, in milliseconds. */
export interface Lags {
  interimMs: number;
  finalMs: number;
  finalizeMs: number;
}

/** `wire/pulse.md` 8 and 5. */
export const DOCUMENTED: Lags = { interimMs: 200, finalMs: 250, finalizeMs: 60 };
/** A word of which a service is not sure yet is put right so much later. */
const REVISED_MS = 60;
/** The service's own voice activity. */
const VAD = { startMs: 100, endMs: 300 };

/** One word of the script; `mark`: what is written behind it. Times are those of the caller's audio. */
export interface ScriptedWord extends HeardWord {
  mark: string;
  style: Style;
  /** It is the last before a silence. */
  endsVoice: boolean;
}

export class PacedEar implements Transcriber {
  readonly name = 'paced';
  readonly #clock: Clock;
  readonly #lags: Lags;
  readonly #hasVad: boolean;
  #listener: TranscriptListener | undefined;
  /** Words that no final has covered. */
  #words: ScriptedWord[] = [];
  #shown = '';

  constructor(clock: Clock, lags: Lags, hasVad: boolean) {
    this.#clock = clock;
    this.#lags = lags;
    this.#hasVad = hasVad;
  }

  open(_options: unknown, listener: TranscriptListener): TranscriptionLine {
    this.#listener = listener;
    return { push() {}, finalize: () => this.#finalize(), close: () => (this.#listener = undefined) };
  }

  async close(): Promise<void> {}

  /** A voice that will be heard: `words` lie in the audio that is to come, whose time is the clock's. */
  script(words: readonly ScriptedWord[]): void {
    const { interimMs, finalMs } = this.#lags;
    this.#words.push(...words);
    for (const word of words) {
      const isUnsure = word.style === 'changing' && word.word.length > 2;
      if (isUnsure) this.#at(word.endMs + interimMs, () => this.#tell(word, true));
      this.#at(word.endMs + interimMs + (isUnsure ? REVISED_MS : 0), () => this.#tell(word, false));
      if (word.endsVoice) this.#at(word.endMs + finalMs, () => this.#finalAfter(word));
    }
    const [first, last] = [words[0], words.at(-1)];
    if (!this.#hasVad || !first || !last) return;
    this.#at(first.startMs + VAD.startMs, () => this.#listener?.speech('start'));
    this.#at(last.endMs + VAD.endMs, () => this.#listener?.speech('end'));
  }

  #at(atMs: number, run: () => void): void {
    this.#clock.after(atMs - this.#clock.nowMs(), run);
  }

  #tell(upTo: ScriptedWord, isUnsure: boolean): void {
    const at = this.#words.indexOf(upTo);
    if (at === -1) return; // a final has it
    const text = textOf(this.#words.slice(0, at + 1), isUnsure);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#listener?.transcript(text, false);
  }

  /** A silence has been long enough, unless somebody speaks in it. */
  #finalAfter(last: ScriptedWord): void {
    const at = this.#words.indexOf(last);
    const next = this.#words[at + 1];
    if (at === -1 || (next && next.startMs <= this.#clock.nowMs())) return;
    this.#close(at + 1);
  }

  #finalize(): void {
    const askedMs = this.#clock.nowMs();
    this.#clock.after(this.#lags.finalizeMs, () =>
      this.#close(this.#words.filter(({ endMs }) => endMs <= askedMs).length),
    );
  }

  #close(count: number): void {
    const words = this.#words.splice(0, count);
    this.#shown = '';
    this.#listener?.transcript(textOf(words, false), true, words);
  }
}

function textOf(words: readonly ScriptedWord[], isUnsure: boolean): string {
  return words
    .map(({ word, mark, style }, i) => {
      const isLast = i === words.length - 1;
      if (isLast && isUnsure) return word.slice(0, Math.ceil(word.length / 2));
      return style === 'plain' ? word : word + mark;
    })
    .join(' ');
}
