/**
 * How a line ends, whatever ends it and whatever it runs on: the reason is kept once, `closed` is told once, and a peer
 * that does not do its half of the goodbye is cut off in time.
 */
import type { Clock } from '../lib/clock.ts';
import type { CloseReason, Transport } from './transport.ts';

/** How long the peer may take over its half of the goodbye. */
export const CLOSE_TIMEOUT_MS = 2_000;
/** How long it may take to end the line once it has said that it will; carriers do so in the same moment. */
export const OWED_END_MS = 500;

export interface EndingOptions {
  transport: Transport;
  clock: Clock;
  /** Called once, with the reason that is told. */
  ended: (reason: string) => void;
}

export class LineEnding {
  /** Settled when the transport is gone, whoever closed it. */
  readonly gone: Promise<void>;
  readonly #options: EndingOptions;
  #markGone: () => void = () => undefined;
  #leaving: string | undefined;
  #expected: string | undefined;
  #isTold = false;
  #isClosing = false;
  #cancelKill: () => void = () => undefined;

  constructor(options: EndingOptions) {
    this.#options = options;
    this.gone = new Promise((resolve) => (this.#markGone = resolve));
  }

  /** We are leaving, or have left: nothing is sent, and nothing is told but the end. */
  get isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  /** The first reason counts. */
  leave(reason: string): void {
    this.#leaving ??= reason;
  }

  /** We have asked for something that makes the peer end the line; that is the reason then. `undefined` takes it back. */
  expect(reason: string | undefined): void {
    this.#expected = reason;
  }

  /** The line's story is over: told in this tick, if it was not told. */
  settle(reason: string): void {
    this.leave(this.#expected ?? reason);
    if (this.#isTold) return;
    this.#isTold = true;
    this.#options.ended(this.#leaving ?? reason);
  }

  /** In an orderly way, with a timer for the peer that does not answer. `words`: why, for a peer that can be told. */
  close(reason: CloseReason, words?: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { transport, clock } = this.#options;
    transport.close(reason, words);
    this.#cancelKill = clock.after(CLOSE_TIMEOUT_MS, () => transport.destroy());
  }

  transportGone(): void {
    this.#isClosing = true; // nothing is left to close
    this.#cancelKill();
    this.#markGone();
  }
}
