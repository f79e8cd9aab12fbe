/** How long the list is that the model is told: when it is too long, and how much of it is half (R23). */
import { messagesOf, renderedOf, type Entry } from './entry.ts';

/** Of what a server takes, how much is made use of: an answer has to fit in too, and what a turn's tools return. */
const MARGIN = 0.85;

export interface HistoryLimits {
  readonly compactAtTokens: number;
  readonly compactAtMessages: number;
}

export class PromptSize {
  readonly #limits: HistoryLimits;
  /** What a server has refused to take, in tokens. */
  #mostTokens = Infinity;
  /** Real tokens for each estimated one, from the usage that came back. */
  #tokenRatio = 1;
  #requestEstimate = 0;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  /** This is what is asked with now. */
  asked(entries: readonly Entry[]): void {
    this.#requestEstimate = estimate(entries);
  }

  /** What the last request really cost. */
  calibrate(promptTokens: number): void {
    if (promptTokens > 0 && this.#requestEstimate > 0) {
      this.#tokenRatio = Math.min(4, Math.max(0.25, promptTokens / this.#requestEstimate));
    }
  }

  /** Estimated prompt tokens. */
  tokens(entries: readonly Entry[]): number {
    return Math.ceil(estimate(entries) * this.#tokenRatio);
  }

  isOverfull(entries: readonly Entry[]): boolean {
    return messageCount(entries) >= this.#limits.compactAtMessages || this.tokens(entries) >= this.#compactAtTokens;
  }

  /** A server has refused what the list is now, and would have taken this share of it. */
  wasTooLong(entries: readonly Entry[], fits = 1): void {
    this.#mostTokens = Math.min(this.#compactAtTokens, Math.floor(this.tokens(entries) * fits * MARGIN));
  }

  /** Whether a list is down to half of the limits; `isForced`: of what `entries` are. */
  half(entries: readonly Entry[], isForced: boolean): (now: readonly Entry[]) => boolean {
    const most = isForced ? Math.min(this.tokens(entries), this.#compactAtTokens) : this.#compactAtTokens;
    return (now) => messageCount(now) <= this.#limits.compactAtMessages / 2 && this.tokens(now) <= most / 2;
  }

  get #compactAtTokens(): number {
    return Math.min(this.#limits.compactAtTokens, this.#mostTokens);
  }
}

export const messageCount = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + messagesOf(entry).length, 0);

const estimate = (entries: readonly Entry[]): number =>
  entries.reduce((sum, entry) => sum + renderedOf(entry).tokens, 0);
