/** Waits for words of the agent's to be heard, to the very sample. */
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import type { ComingWord } from './line/agent-words.ts';

interface Wait {
  /** Words that were heard before are none of it. */
  sinceMs: number;
  what: string | RegExp;
  resolve: (atMs: number) => void;
  reject: (error: VoiceError) => void;
  /** Of the word that comes, unless the agent is stopped. */
  stopTimer: () => void;
}

/** What lies behind the last sound of an utterance is no more than this, and no other sound. */
const LONGEST_REST_MS = 30;
const ENDS_IN_SIGN = /[^\p{L}\p{M}\p{N}]$/u;

export interface HeardWatchOptions {
  clock: Clock;
  /** Of the call. */
  nowMs: () => number;
  words: () => readonly ComingWord[];
  /** Whether anything is known of what is heard after this instant. */
  knowsBeyond: (atMs: number) => boolean;
}

export class HeardWatch {
  readonly #options: HeardWatchOptions;
  readonly #waits = new Set<Wait>();

  constructor(options: HeardWatchOptions) {
    this.#options = options;
  }

  /** Resolves at the instant at which the last of these words has been heard, with that. */
  until(what: string | RegExp): Promise<number> {
    return new Promise((resolve, reject) => {
      const wait: Wait = { sinceMs: this.#options.nowMs(), what, resolve, reject, stopTimer: () => {} };
      this.#waits.add(wait);
      this.#look(wait);
    });
  }

  /** More is known of what is heard, or less. */
  changed(): void {
    for (const wait of this.#waits) this.#look(wait);
  }

  /** Nothing more will be heard. */
  end(reason: string): void {
    for (const wait of this.#waits) {
      wait.stopTimer();
      wait.reject(new VoiceError('closed', `Expected to hear ${shown(wait.what)}, but the call ended: ${reason}`));
    }
    this.#waits.clear();
  }

  #look(wait: Wait): void {
    const { clock, nowMs } = this.#options;
    wait.stopTimer();
    const found = this.#find(wait);
    if (!found) return;
    const { atMs, isSure } = found;
    const done = () => {
      this.#waits.delete(wait);
      wait.resolve(atMs);
    };
    wait.stopTimer = clock.after(Math.max(0, atMs - nowMs()), isSure ? done : () => this.#look(wait));
  }

  /** When the first place that fits has been heard. A word of which more may come is whole when nothing follows its sound. */
  #find({ what, sinceMs }: Wait): { atMs: number; isSure: boolean } | undefined {
    const { words, knowsBeyond, nowMs } = this.#options;
    const all = words();
    for (const [index, { text, spokenMs, endMs, isOpen }] of all.entries()) {
      if (spokenMs <= sinceMs || !endsWith(all.slice(0, index + 1), what, sinceMs)) continue;
      if (!isOpen) return { atMs: spokenMs, isSure: true };
      const wholeMs = ENDS_IN_SIGN.test(text) ? spokenMs : endMs;
      if (!knowsBeyond(endMs + LONGEST_REST_MS))
        return { atMs: Math.max(wholeMs, nowMs()), isSure: nowMs() >= wholeMs };
    }
    return undefined;
  }
}

/** As a sentence has it. */
export const shown = (what: string | RegExp): string => (typeof what === 'string' ? `"${what}"` : String(what));

function endsWith(words: readonly ComingWord[], what: string | RegExp, sinceMs: number): boolean {
  if (typeof what !== 'string') {
    const text = words
      .filter(({ spokenMs }) => spokenMs > sinceMs)
      .map((word) => word.text)
      .join(' ');
    return new RegExp(what.source, what.flags.replace(/[gy]/g, '')).test(text);
  }
  const wanted = plainWords(what);
  const last = words.slice(-wanted.length).map(({ text }) => plain(text));
  return wanted.length > 0 && wanted.every((word, index) => word === last[index]);
}

const plain = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '');
const plainWords = (text: string): string[] =>
  text
    .split(/\s+/)
    .map(plain)
    .filter((word) => word !== '');
