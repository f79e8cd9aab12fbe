/** Promises of our own, checked where they are relied on. A broken one stops before anything wrong is told or done. */
import { VoiceError } from './errors.ts';

/**
 * @param promise What must be so, as the end of "Expected ...": a constant, so that a promise that is kept costs nothing.
 * @throws {VoiceError} `internal`, unless it `holds`.
 */
export function assert(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new VoiceError('internal', `Expected ${promise}`);
}

/**
 * `value`, which must be there.
 * @param promise As above.
 * @throws {VoiceError} `internal`, when it is undefined.
 */
export function needed<T>(value: T | undefined, promise: string): T {
  if (value === undefined) throw new VoiceError('internal', `Expected ${promise}`);
  return value;
}
