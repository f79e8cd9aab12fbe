/** Lines of text as they come in. Not by `node:readline`, which also breaks lines at U+2028, and JSON may hold that. */
import type { Readable } from 'node:stream';

/**
 * Hands over each line without its end (`\n` or `\r\n`); the last one needs none. A byte order mark is left out. Resolves
 * when the input has ended, or has failed: then what came is what there was.
 */
export function readLines(input: Readable, onLine: (line: string) => void): Promise<void> {
  let open: string[] = [];
  let isFirst = true;
  const hand = (line: string) => {
    const text = isFirst ? line.replace(/^\uFEFF/, '') : line;
    isFirst = false;
    onLine(text.endsWith('\r') ? text.slice(0, -1) : text);
  };
  input.setEncoding('utf8'); // which keeps characters whole that are cut between two chunks
  return new Promise((resolve) => {
    input.on('data', (chunk: string) => {
      const pieces = chunk.split('\n');
      open.push(pieces[0] ?? '');
      for (const piece of pieces.slice(1)) {
        hand(open.join(''));
        open = [piece];
      }
    });
    input.once('end', () => {
      const last = open.join('');
      if (last !== '') hand(last);
      resolve();
    });
    input.once('error', () => resolve());
    input.once('close', () => resolve());
  });
}
