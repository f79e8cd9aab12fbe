/** The time of a call over real sockets: nothing moves it, and what is waited for comes when it does. */
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { CallTime } from '../setting.ts';
import { Pending } from './pending.ts';

export class RealTime implements CallTime {
  readonly clock: Clock;
  readonly #describe: () => string;
  readonly #fails = new Set<(error: Error) => void>();

  /** `describe`: how things stand, for whoever is told that something does not come. */
  constructor(clock: Clock, describe: () => string) {
    this.clock = clock;
    this.#describe = describe;
  }

  want<T>(what: string, work: Promise<T>, limitMs: number): Pending<T> {
    return new Pending<T>((resolve, reject) => {
      const over = () => {
        stop();
        this.#fails.delete(reject);
      };
      const late = () => {
        over();
        const message = `Expected ${what} within ${Math.round(limitMs / 1_000)} s. ${this.#describe()}`;
        reject(new VoiceError('idle-timeout', message));
      };
      const stop = this.clock.after(limitMs, late);
      this.#fails.add(reject);
      work.finally(over).then(resolve, reject);
    }).whenAwaited(() => {});
  }

  fail(error: Error): void {
    for (const reject of [...this.#fails]) reject(error);
  }
}
