/** The lines that calls have open to one ear: each is known until it is gone, and the ear is closed when all are. */
import type { TranscriptionLine } from './contract.ts';

interface Line extends TranscriptionLine {
  start(): void;
  /** Its last final has come, or will not. */
  readonly whenGone: Promise<void>;
}

export class OpenLines {
  readonly #lines = new Set<Line>();

  start(line: Line): TranscriptionLine {
    this.#lines.add(line);
    void line.whenGone.then(() => this.#lines.delete(line));
    line.start();
    return line;
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.close();
    await Promise.all([...this.#lines].map(({ whenGone }) => whenGone));
  }
}
