/**
 * A call of a worker on its terminal, as `parley chat` shows one, but in whole lines: other calls and the log are written
 * there too. Each line begins with the end of the call's id, which tells calls apart.
 *
 *   b3f0   0.00  caller  When can I come in tomorrow?
 *   b3f0   0.31  agent   Let me check that for you.
 */
import type { CallEvent } from '../call/events.ts';
import { ChatView } from './chat-view.ts';
import { paint } from './report.ts';

/** Of an id: what two calls of one day rarely have in common. */
const TAG_LENGTH = 4;

export interface TranscriptOptions {
  callId: string;
  /** Takes whole lines, each with its end. */
  write: (lines: string) => void;
  /** Of the terminal, asked anew for every line; undefined where there is no edge. */
  columns: () => number | undefined;
}

export class TranscriptView {
  readonly #view: ChatView;
  readonly #tag: string;
  readonly #write: (lines: string) => void;
  /** A line that has not ended. */
  #begun = '';

  constructor({ callId, write, columns }: TranscriptOptions) {
    this.#tag = `${paint.dim(callId.slice(-TAG_LENGTH))}  `;
    this.#write = write;
    const room = () => {
      const most = columns();
      return most !== undefined ? most - TAG_LENGTH - 2 : undefined;
    };
    this.#view = new ChatView((text) => this.#take(text), room);
  }

  /** `isTurnRunning`: more may follow in the same line. */
  show(event: CallEvent, isTurnRunning: boolean): void {
    this.#view.show(event);
    if (!isTurnRunning) this.#view.breakLine();
  }

  /** See `ChatView.fault`. */
  fault(text: string): void {
    this.#view.fault(text);
  }

  #take(text: string): void {
    const lines = (this.#begun + text).split('\n');
    this.#begun = lines.pop() ?? '';
    const shown = lines.map((line) => (line === '' ? '\n' : `${this.#tag}${line}\n`));
    if (shown.length > 0) this.#write(shown.join(''));
  }
}
