/** Events by name, typed. */

export class Emitter<Events extends { [name: string]: unknown }> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Returns what takes the listener off again. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** A listener that throws keeps nothing from the others. */
  protected emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
