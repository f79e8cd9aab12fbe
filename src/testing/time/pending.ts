/** What a verb of a test gives back: a promise that knows whether anybody waits for it. */

export class Pending<T> extends Promise<T> {
  /** What is made of it by `then` is a promise as ever. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #isAwaited = false;
  #onAwaited: (() => void) | undefined;

  /** Somebody has asked for its outcome. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Called once, when somebody asks for the outcome for the first time. */
  whenAwaited(run: () => void): this {
    this.#onAwaited = run;
    super.then(undefined, () => {}); // who does not wait for it is not told by a crash
    return this;
  }

  override then<Fulfilled = T, Rejected = never>(
    onFulfilled?: ((value: T) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    const isFirst = !this.#isAwaited;
    this.#isAwaited = true;
    if (isFirst) this.#onAwaited?.();
    return super.then(onFulfilled, onRejected);
  }
}
