/** Plays a response script onto a socket: one timer a stream, set for its next piece; what is due together is one write. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../lib/clock.ts';
import type { Piece, ResponseScript } from './script.ts';

/** Lets what was written reach the client before a reset overtakes it, in milliseconds. */
const RESET_DELAY_MS = 5;

/** How a response ended: as written, cut by a fault, or because the client went. */
export type PlayOutcome = 'ended' | 'reset' | 'client-gone';

export interface PlayOptions {
  script: ResponseScript;
  response: ServerResponse;
  clock: Clock;
  splitBytes: number;
  /** Called once, when nothing more will be written. */
  onEnd: (outcome: PlayOutcome) => void;
  /** Called when the first piece of the body leaves. */
  onFirstPiece: () => void;
}

export function play(options: PlayOptions): void {
  new Player(options).start();
}

class Player {
  readonly #options: PlayOptions;
  readonly #startedAtMs: number;
  #next = 0;
  #cancelTimer: (() => void) | undefined;
  #hasEnded = false;

  constructor(options: PlayOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
  }

  start(): void {
    const { response, script } = this.#options;
    response.on('error', () => {}); // a client that goes is told of by `close`
    response.once('close', () => this.#end(response.writableFinished ? 'ended' : 'client-gone'));
    if (script.headersAtMs === undefined) return this.#finish();
    this.#at(script.headersAtMs, () => {
      response.writeHead(script.status, script.headers);
      response.flushHeaders(); // else they would wait for the first piece
      this.#playDue();
    });
  }

  /** Writes every piece whose time has come, then waits for the next one. */
  #playDue(): void {
    const { pieces } = this.#options.script;
    const elapsedMs = this.#elapsedMs();
    const first = this.#next;
    while (this.#next < pieces.length && this.#pieceAt(this.#next).atMs <= elapsedMs) this.#next++;
    if (this.#next === first) return this.#wait();
    if (first === 0) this.#options.onFirstPiece();
    this.#write(pieces.slice(first, this.#next), () => this.#wait());
  }

  #wait(): void {
    if (this.#next >= this.#options.script.pieces.length) return this.#finish();
    this.#at(this.#pieceAt(this.#next).atMs, () => this.#playDue());
  }

  #pieceAt(index: number): Piece {
    const piece = this.#options.script.pieces[index];
    if (!piece) throw new RangeError(`Expected a piece at ${index}, got none`);
    return piece;
  }

  #write(pieces: readonly Piece[], then: () => void): void {
    const { response, splitBytes } = this.#options;
    if (splitBytes === 0 && pieces.every((piece) => piece.encoding === undefined)) {
      response.write(pieces.map((piece) => piece.text).join(''));
      return then();
    }
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece.text, piece.encoding)));
    this.#writeSlices(bytes, splitBytes || bytes.length, then);
  }

  /** Each slice waits until the one before has left, else the socket would join them again. */
  #writeSlices(bytes: Buffer, size: number, then: () => void): void {
    if (this.#hasEnded) return;
    if (bytes.length === 0) return then();
    this.#options.response.write(bytes.subarray(0, size), () => this.#writeSlices(bytes.subarray(size), size, then));
  }

  #finish(): void {
    const { ending } = this.#options.script;
    const { response, clock } = this.#options;
    switch (ending.type) {
      case 'end':
        response.end();
        return;
      case 'hang':
        return;
      case 'reset':
        this.#cancelTimer = clock.after(RESET_DELAY_MS, () => {
          this.#end('reset');
          response.socket?.resetAndDestroy();
        });
        return;
      case 'endless': {
        const again = (): void => {
          this.#cancelTimer = clock.after(ending.everyMs, () => {
            if (response.write(ending.piece)) again();
            else response.once('drain', again);
          });
        };
        again();
        return;
      }
    }
  }

  /** Runs at an instant since the start: at once when it has come, in this tick. */
  #at(atMs: number, run: () => void): void {
    const waitMs = atMs - this.#elapsedMs();
    if (waitMs <= 0) return run();
    this.#cancelTimer = this.#options.clock.after(Math.ceil(waitMs), run);
  }

  #elapsedMs(): number {
    return this.#options.clock.nowMs() - this.#startedAtMs;
  }

  #end(outcome: PlayOutcome): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelTimer?.();
    this.#options.onEnd(outcome);
  }
}
