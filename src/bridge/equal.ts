/** Compares what somebody has shown with what it has to be: in constant time, so that nothing is learned from how long it takes. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** What a text of another length takes is less, which tells no more than its length. */
export function isEqual(expected: string, shown: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(shown)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Whether it is one of `secrets`, all of which are compared; an empty one is none. */
export function isOneOf(shown: string, secrets: readonly string[]): boolean {
  const hash = digest(shown);
  let isKnown = false;
  for (const secret of secrets) if (isEqual(digest(secret), hash) && secret !== '') isKnown = true;
  return isKnown;
}

/** All of one length. */
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
