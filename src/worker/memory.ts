/**
 * What the processes of a worker remember together: credentials that were shown and are good once, and announced calls
 * whose lines carry nothing but a key. All of it is forgotten when it is of no use any more, by clocks that only go on.
 */
import type { AnnouncedCall } from '../bridge/door.ts';
import type { Clock } from '../lib/clock.ts';
import { FadingMap } from '../lib/fading-map.ts';
import { MOST_RESERVED_MS, type Decide } from './arbiter.ts';
import type { News } from './group.ts';

export interface MemoryOptions {
  clock: Clock;
  /** Of all processes. */
  decide: Decide;
  /** Tells the other processes; done when all of them know. */
  share(news: News): Promise<void>;
}

export class Memory {
  readonly #options: MemoryOptions;
  readonly #calls = new FadingMap<AnnouncedCall>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /** True the first time in `forMs`. */
  async isFirst(credential: string, forMs: number): Promise<boolean> {
    return this.#options.decide({ type: 'first', credential, forMs });
  }

  remember(key: string, call: AnnouncedCall): Promise<void> {
    this.#keep(key, call);
    return this.#options.share({ type: 'remembered', key, call });
  }

  recall(key: string): AnnouncedCall | undefined {
    return this.#calls.get(key, this.#options.clock.nowMs());
  }

  /** Of another process. */
  learn({ key, call }: Extract<News, { type: 'remembered' }>): void {
    this.#keep(key, call);
  }

  #keep(key: string, call: AnnouncedCall): void {
    const nowMs = this.#options.clock.nowMs();
    this.#calls.set(key, call, { nowMs, untilMs: nowMs + MOST_RESERVED_MS });
  }
}
