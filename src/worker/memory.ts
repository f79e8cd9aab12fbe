/**
 * What the processes of a worker remember together: credentials that were shown and are good once, and announced calls
 * whose lines carry nothing but a key. All of it is forgotten when it is of no use any more.
 */
import type { AnnouncedCall } from '../bridge/contract.ts';
import type { WallClock } from '../lib/clock.ts';
import { RESERVED_MS } from './capacity.ts';
import type { News } from './group.ts';

export interface MemoryOptions {
  clock: WallClock;
  /** Tells the other processes; done when all of them know. */
  share(news: News): Promise<void>;
}

/** Both kinds, of every door: what floods it is let go of, the oldest first. */
const MOST_ENTRIES = 100_000;

export class Memory {
  readonly #options: MemoryOptions;
  readonly #spent = new FadingMap<true>();
  readonly #calls = new FadingMap<AnnouncedCall>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /** True the first time in `forMs`. */
  isFirst(credential: string, forMs: number): boolean {
    const nowMs = this.#nowMs;
    if (this.#spent.get(credential, nowMs)) return false;
    const untilMs = nowMs + forMs;
    this.#spent.set(credential, true, { nowMs, untilMs });
    void this.#options.share({ type: 'spent', credential, untilMs });
    return true;
  }

  remember(key: string, call: AnnouncedCall): Promise<void> {
    const nowMs = this.#nowMs;
    const untilMs = nowMs + RESERVED_MS;
    this.#calls.set(key, call, { nowMs, untilMs });
    return this.#options.share({ type: 'remembered', key, call, untilMs });
  }

  recall(key: string): AnnouncedCall | undefined {
    return this.#calls.get(key, this.#nowMs);
  }

  /** Of another process. */
  learn(news: Extract<News, { type: 'spent' | 'remembered' }>): void {
    const times = { nowMs: this.#nowMs, untilMs: news.untilMs };
    if (news.type === 'spent') this.#spent.set(news.credential, true, times);
    else this.#calls.set(news.key, news.call, times);
  }

  get #nowMs(): number {
    return this.#options.clock.wallMs();
  }
}

/** Each entry until its time. They lie nearly in the order in which they expire, and are dropped from the front. */
class FadingMap<Value> {
  readonly #entries = new Map<string, { value: Value; untilMs: number }>();

  set(key: string, value: Value, { nowMs, untilMs }: { nowMs: number; untilMs: number }): void {
    for (const [old, entry] of this.#entries) {
      if (entry.untilMs > nowMs && this.#entries.size < MOST_ENTRIES) break;
      this.#entries.delete(old);
    }
    this.#entries.set(key, { value, untilMs });
  }

  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.untilMs > nowMs ? entry.value : undefined;
  }
}
