/** The lines that calls have open to one voice: each is forgotten when it is closed, and all are closed with the voice. */
import type { SynthesisLine } from './contract.ts';

export class OpenLines {
  readonly #lines = new Set<SynthesisLine>();

  /** Returns the line as the call has it. */
  add(line: SynthesisLine): SynthesisLine {
    this.#lines.add(line);
    return {
      ...(line.format && { format: line.format }),
      begin: (listener, begins) => line.begin(listener, begins),
      prewarm: () => line.prewarm(),
      close: () => {
        this.#lines.delete(line);
        line.close();
      },
    };
  }

  close(): void {
    for (const line of this.#lines) line.close();
    this.#lines.clear();
  }
}
