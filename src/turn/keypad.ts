/** The keys that the caller presses: a row of them is one turn, ended by `#` or by a pause. */

/** A key that nobody may know: its row is made elsewhere, and comes as a turn. */
export const CONCEALED_KEY = '•';

export class Keypad {
  readonly #options: { readonly digitsMs: number };
  #row = '';
  #pressedAtMs = 0;

  /** `digitsMs`: the pause after the last key of a row. */
  constructor(options: { readonly digitsMs: number }) {
    this.#options = options;
  }

  /** Returns the row that this key ends: `#` alone is one too. */
  press(digit: string, atMs: number): string | undefined {
    if (digit === CONCEALED_KEY) return undefined;
    if (digit === '#') return this.takeRow() || digit;
    this.#row += digit;
    this.#pressedAtMs = atMs;
    return undefined;
  }

  /** When the pause that ends the row is over; undefined when no row has begun. */
  get dueAtMs(): number | undefined {
    return this.#row === '' ? undefined : this.#pressedAtMs + this.#options.digitsMs;
  }

  takeRow(): string {
    const row = this.#row;
    this.#row = '';
    return row;
  }
}
