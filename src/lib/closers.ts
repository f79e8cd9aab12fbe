/** What has been opened, to be let go of in the reverse order, whatever becomes of each. */
export class Closers {
  readonly #all: (() => unknown)[] = [];
  #isClosed = false;

  /** What is opened when all else is closed already is closed at once. */
  add(close: () => unknown): void {
    this.#all.push(close);
    if (this.#isClosed) this.close().catch(() => {}); // whoever closed the rest is gone
  }

  /** Closes one after the other. What one throws keeps nothing from the others, and is thrown when all are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const thrown: unknown[] = [];
    for (let close = this.#all.pop(); close; close = this.#all.pop()) {
      try {
        await close();
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}
