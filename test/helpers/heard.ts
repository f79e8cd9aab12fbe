/** What was heard on a line, where several calls share a busy machine. */
import { expect } from 'vitest';
import type { MediaCaller } from '../../src/simulate/phone/media.ts';
import { understand } from '../../src/testing/phone.ts';

/**
 * Fails unless these words were heard. Sound that comes too late leaves holes, and a letter with a hole in it is heard twice: so
 * letters alone are compared, each as often as it changes.
 */
export function expectHeard(line: MediaCaller, words: string): void {
  const heard = understand(line.heard).map(({ text }) => text);
  expect(lettersOf(heard.join(' ')), heard.join(' ')).toContain(lettersOf(words));
}

const lettersOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\d]/gu, '')
    .replace(/(.)\1+/gu, '$1');
