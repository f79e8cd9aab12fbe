/** The keys that the caller presses: a row of them is one turn, ended by `#` or by a pause. */
export class Keypad {
  readonly #pauseMs: number;
  #row = '';
  #pressedAtMs = 0;

  /** @param pauseMs After the last key of a row. */
  constructor({ digitsMs: pauseMs }: { digitsMs: number }) {
    this.#pauseMs = pauseMs;
  }

  /** Returns the row that this key ends: `#` alone is one too. */
  press(digit: string, atMs: number): string | undefined {
    if (digit === '#') return this.takeRow() || digit;
    this.#row += digit;
    this.#pressedAtMs = atMs;
    return undefined;
  }

  /** When the pause that ends the row is over; undefined when no row has begun. */
  get dueAtMs(): number | undefined {
    return this.#row === '' ? undefined : this.#pressedAtMs + this.#pauseMs;
  }

  takeRow(): string {
    const row = this.#row;
    this.#row = '';
    return row;
  }
}
