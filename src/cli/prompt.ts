/**
 * The line on which a person types, below what is shown. It steps aside for every word that comes, with what has been
 * typed so far, and comes back when nothing more is coming; what is typed in between is kept.
 */
import { createInterface, cursorTo, moveCursor, clearScreenDown, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

export interface PromptOptions {
  /** What stands before what is typed. */
  label: string;
  /** `wasShown`: it stands on the screen already. */
  line: (text: string, wasShown: boolean) => void;
  /** Ctrl-C. */
  interrupt: () => void;
  /** A key was pressed: what stands on the line now, and has not been sent. Default: nobody is told. */
  typed?: (text: string) => void;
}

export class Prompt {
  /** Resolves when the person has ended the input (Ctrl-D), or `close` was called. */
  readonly closed: Promise<void>;
  readonly #lines: Interface;
  #isShown = false;
  #isClosed = false;

  constructor({ label, line, interrupt, typed }: PromptOptions) {
    this.#lines = createInterface({ input: process.stdin, output: this.#echo(), terminal: true, prompt: label });
    this.#lines.on('line', (text) => {
      const wasShown = this.#isShown;
      this.#isShown = false;
      line(text, wasShown);
    });
    this.#lines.on('SIGINT', interrupt);
    const pressed = () => typed?.(this.typed);
    process.stdin.on('keypress', pressed); // behind the line's own listener
    this.closed = new Promise((resolve) =>
      this.#lines.once('close', () => {
        this.hide();
        this.#isClosed = true;
        process.stdin.off('keypress', pressed);
        resolve();
      }),
    );
  }

  /** What stands on the line and has not been sent. */
  get typed(): string {
    return this.#isClosed ? '' : this.#lines.line;
  }

  show(): void {
    if (this.#isShown || this.#isClosed) return;
    this.#isShown = true;
    process.stdout.write('\n'.repeat(this.#rowsToGoUp));
    this.#lines.prompt(true);
  }

  hide(): void {
    if (!this.#isShown) return;
    moveCursor(process.stdout, 0, -this.#row);
    cursorTo(process.stdout, 0);
    clearScreenDown(process.stdout);
    this.#isShown = false;
  }

  /** Throws away what has been typed. Returns whether there was anything. */
  clear(): boolean {
    if (this.#lines.line === '') return false;
    this.#lines.write(null, { ctrl: true, name: 'e' }); // to the end, and all of it gone
    this.#lines.write(null, { ctrl: true, name: 'u' });
    return true;
  }

  close(): void {
    this.#lines.close();
  }

  /** Node goes up to where it believes the prompt to begin; after a paste that is not where it does. */
  get #rowsToGoUp(): number {
    return Number(Reflect.get(this.#lines, 'prevRows') ?? 0);
  }

  /** On which row of the prompt the cursor is: 0, unless what was typed is longer than a line. */
  get #row(): number {
    return this.#lines.getCursorPos().rows;
  }

  /** Standard output, but deaf while the prompt is not shown. */
  #echo(): Writable {
    const echo = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        if (this.#isShown) process.stdout.write(text);
        done();
      },
    });
    Object.defineProperty(echo, 'columns', { get: () => process.stdout.columns });
    process.stdout.on('resize', () => echo.emit('resize'));
    return echo;
  }
}
