/** What a running worker is told to do, in the order in which it is told. */
export type Order =
  /** SIGTERM or SIGINT. */
  | { type: 'signal'; signal: NodeJS.Signals }
  /** From the primary: let the calls end, or end now. */
  | { type: 'drain' | 'close' }
  /** The primary is gone. */
  | { type: 'primary-lost' }
  /** The process is no longer to be trusted: let the calls end, or end now. */
  | { type: 'tainted' | 'lost' };

export class Orders {
  readonly #given: Order[] = [];
  #waiting: ((order: Order) => void) | undefined;
  #tellGiven: () => void = () => {};
  readonly #isGiven = new Promise<void>((resolve) => (this.#tellGiven = resolve));

  /** Resolves when the first is given, whether or not it has been taken. */
  get given(): Promise<void> {
    return this.#isGiven;
  }

  give(order: Order): void {
    this.#tellGiven();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(order);
    else this.#given.push(order);
  }

  /** One asks at a time. */
  next(): Promise<Order> {
    const given = this.#given.shift();
    return given ? Promise.resolve(given) : new Promise((resolve) => (this.#waiting = resolve));
  }

  /** Signals become orders, as long as they are to be heeded. */
  heedSignals(areHeeded: () => boolean = () => true): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (areHeeded()) this.give({ type: 'signal', signal });
      });
    }
  }
}
