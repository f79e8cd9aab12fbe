/** A map whose entries are forgotten at their time. */

/** Entries, by default: what floods it is let go of, the oldest first. */
const MOST_ENTRIES = 100_000;

/** Times are of one clock that never goes back. Entries lie nearly in the order in which they fade, and go from the front. */
export class FadingMap<Value> {
  readonly #entries = new Map<string, { value: Value; untilMs: number }>();
  readonly #mostEntries: number;

  constructor(mostEntries = MOST_ENTRIES) {
    this.#mostEntries = mostEntries;
  }

  set(key: string, value: Value, { nowMs, untilMs }: { nowMs: number; untilMs: number }): void {
    this.#entries.delete(key);
    for (const [old, entry] of this.#entries) {
      if (entry.untilMs > nowMs && this.#entries.size < this.#mostEntries) break;
      this.#entries.delete(old);
    }
    this.#entries.set(key, { value, untilMs });
  }

  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.untilMs > nowMs ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Those that have not been let go of, whether or not their time is over. */
  get size(): number {
    return this.#entries.size;
  }
}
