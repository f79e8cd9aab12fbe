/** Keys that a caller presses, one after the other, in a call's time. */
import type { Clock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';

/** From one key to the next. */
const KEY_EVERY_MS = 200;

/** The first at once. Resolves with the last. @throws {VoiceError} `options-invalid`, when one of them is no key. */
export function pressKeys(keys: string, clock: Clock, press: (key: string) => void): Promise<void> {
  if (!/^[0-9*#A-D]+$/.test(keys)) {
    throw new VoiceError('options-invalid', `Expected keys of a telephone (0-9, *, #, A-D), got \`${keys}\``);
  }
  return new Promise((resolve) => {
    const next = (at: number) => {
      press(keys.charAt(at));
      if (at + 1 < keys.length) clock.after(KEY_EVERY_MS, () => next(at + 1));
      else resolve();
    };
    next(0);
  });
}

export const lengthOfKeysMs = (keys: string): number => (keys.length - 1) * KEY_EVERY_MS;
