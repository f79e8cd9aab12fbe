/** Keys that a tool has asked for: while it waits they are its own, and not the caller's next turn. */
import type { Clock } from '../lib/clock.ts';
import type { CollectDigitsOptions } from '../tool/contract.ts';

interface Waiting {
  digits: string;
  options: CollectDigitsOptions;
  finish: () => void;
  restart: () => void;
}

export class DigitCollector {
  readonly #clock: Clock;
  #waiting: Waiting | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a tool took this key. */
  take(digit: string): boolean {
    const waiting = this.#waiting;
    if (!waiting) return false;
    if (digit === waiting.options.terminator) {
      waiting.finish();
      return true;
    }
    waiting.digits += digit;
    if (waiting.digits.length === waiting.options.count) waiting.finish();
    else waiting.restart();
    return true;
  }

  /** One tool at a time; a second one takes over, and the first gets what came so far. */
  collect = (options: CollectDigitsOptions): Promise<string> => {
    this.#waiting?.finish();
    return new Promise((resolve, reject) => {
      let cancelTimer = () => {};
      const leave = () => {
        cancelTimer();
        options.signal.removeEventListener('abort', abort);
        if (this.#waiting === waiting) this.#waiting = undefined;
      };
      const abort = () => {
        leave();
        reject(options.signal.reason as Error);
      };
      const waiting: Waiting = {
        digits: '',
        options,
        finish: () => {
          leave();
          resolve(waiting.digits);
        },
        restart: () => {
          cancelTimer();
          cancelTimer = this.#clock.after(options.timeoutMs, waiting.finish);
        },
      };
      if (options.signal.aborted) return abort();
      options.signal.addEventListener('abort', abort, { once: true });
      this.#waiting = waiting;
      waiting.restart();
    });
  };
}
