/**
 * Lines on their way to a file, a few at a time: a call tells fifty things a second while it speaks, and hundreds of
 * calls that each wrote every one at once kept the disk's threads busier than their audio. Who dies loses a quarter of a
 * second.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Clock } from '../lib/clock.ts';

export interface LineFileOptions {
  clock: Clock;
  mode: number;
  onError: (error: Error) => void;
}

const FLUSH_MS = 250;

export class LineFile {
  readonly #stream: WriteStream;
  readonly #clock: Clock;
  #text = '';
  #cancelFlush: (() => void) | undefined;

  /** A file that is there already, or a link, is an error. */
  constructor(path: string, { clock, mode, onError }: LineFileOptions) {
    this.#clock = clock;
    this.#stream = createWriteStream(path, { mode, flags: 'wx' }).on('error', onError);
  }

  /** @param line With its end of line. */
  add(line: string): void {
    this.#text += line;
    this.#cancelFlush ??= this.#clock.after(FLUSH_MS, () => this.#flush());
  }

  /** Resolves when everything is on disk, or could not be brought there. */
  async end(): Promise<void> {
    this.#flush();
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => this.#stream.once('close', resolve).end());
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#text !== '') this.#stream.write(this.#text);
    this.#text = '';
  }
}
