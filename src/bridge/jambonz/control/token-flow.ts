/**
 * Text on its way to jambonz: one piece at a time, the next when that was taken; what came meanwhile goes out as one. When its
 * buffer is full, what it did not take is kept and sent again once it goes on. Pure but for what it is given to send by.
 */
import { COMMANDS } from './wire.ts';

export interface TokenFlowOptions {
  send: (message: string) => void;
  /** There is more waiting than a caller is told in a minute, or no more. */
  setFull: (isFull: boolean) => void;
  /** Nobody takes any of it. */
  overflow: () => void;
  /** jambonz has refused a piece for good. */
  lost: (characters: number) => void;
}

/** Of a piece, in characters: half of what its buffer holds. */
const MOST_CHARACTERS = 500;
const FULL_CHARACTERS = 8_192;
const ROOM_CHARACTERS = 2_048;
const MOST_WAITING = 4_194_304;

type Waiting = { text: string } | 'flush';

export class TokenFlow {
  readonly #options: TokenFlowOptions;
  #waiting: Waiting[] = [];
  #characters = 0;
  /** Sent, and not yet known to be taken. */
  #sent: { id: number; text: string } | undefined;
  #lastId = 0;
  #isPaused = false;
  #isFull = false;

  constructor(options: TokenFlowOptions) {
    this.#options = options;
  }

  say(text: string): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last !== 'flush') last.text += text;
    else this.#waiting.push({ text });
    this.#characters += text.length;
    if (this.#characters > MOST_WAITING) return this.#options.overflow();
    this.#pump();
  }

  /** What was said is spoken, though no sentence may have ended. */
  flush(): void {
    this.#waiting.push('flush');
    this.#pump();
  }

  /** Nothing of what was said so far is to be spoken. */
  clear(): void {
    this.#waiting = [];
    this.#characters = 0;
    this.#sent = undefined;
    this.#isPaused = false;
    this.#tellFull();
  }

  /** What became of a piece; one that was cleared since is not asked about any more. */
  result(id: string, result: 'taken' | 'full' | 'failed'): void {
    const sent = this.#sent;
    if (sent === undefined || String(sent.id) !== id) return;
    this.#sent = undefined;
    if (result === 'failed') this.#options.lost(sent.text.length);
    if (result === 'full') {
      this.#waiting.unshift({ text: sent.text });
      this.#characters += sent.text.length;
      this.#isPaused = true;
    }
    this.#pump();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#pump();
  }

  #pump(): void {
    while (!this.#isPaused && this.#sent === undefined) {
      const [next, behind] = this.#waiting;
      if (next === undefined) break;
      if (next === 'flush') {
        this.#waiting.shift();
        this.#options.send(COMMANDS.flush);
      } else if (next.text.trim() === '') {
        if (behind === undefined) break; // white space alone is not taken: it waits for a word
        this.#waiting.shift();
        this.#characters -= next.text.length;
      } else this.#sendPiece(next);
    }
    this.#tellFull();
  }

  #sendPiece(next: { text: string }): void {
    const text = beginningOf(next.text);
    next.text = next.text.slice(text.length);
    if (next.text === '') this.#waiting.shift();
    this.#characters -= text.length;
    this.#sent = { id: ++this.#lastId, text };
    this.#options.send(COMMANDS.tokens(this.#lastId, text));
  }

  #tellFull(): void {
    const isFull = this.#characters > (this.#isFull ? ROOM_CHARACTERS : FULL_CHARACTERS);
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#options.setFull(isFull);
  }
}

/** Up to a space where there is one, and never through the middle of a character. */
function beginningOf(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const piece = text.slice(0, MOST_CHARACTERS);
  const space = piece.lastIndexOf(' ') + 1;
  if (piece.slice(0, space).trim() !== '') return piece.slice(0, space);
  return /[\ud800-\udbff]$/.test(piece) ? piece.slice(0, -1) : piece;
}
