/**
 * Plays a response script into whatever carries it, a socket or the client itself: one timer a stream, set for its next
 * piece; what is due together is one write.
 */
import type { Clock } from '../../lib/clock.ts';
import type { Piece, ResponseScript } from './script.ts';

/** Lets what was written reach the client before a reset overtakes it, in milliseconds. */
const RESET_DELAY_MS = 5;

/** How a response ended: as written, cut by a fault, or because the client went. */
export type PlayOutcome = 'ended' | 'reset' | 'client-gone';

/** Where a response goes. */
export interface Outlet {
  /** Status and headers leave now. */
  begin(status: number, headers: Readonly<Record<string, string>>): void;
  /** `done`: when it has left. False when there is no room for more, until `onRoom` says that there is. */
  write(data: string | Buffer, done?: () => void): boolean;
  onRoom(run: () => void): void;
  end(): void;
  /** The connection breaks. */
  reset(): void;
}

export interface PlayOptions {
  script: ResponseScript;
  outlet: Outlet;
  clock: Clock;
  splitBytes: number;
  /** Called once, when nothing more will be written. */
  onEnd: (outcome: PlayOutcome) => void;
  /** Called when the first piece of the body leaves. */
  onFirstPiece: () => void;
}

/** A response that is being played. */
export interface Playing {
  /** The connection is gone: as it should, when everything `isWritten`, or because the client went. */
  closed(isWritten: boolean): void;
}

export function play(options: PlayOptions): Playing {
  const player = new Player(options);
  player.start();
  return player;
}

class Player implements Playing {
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
    const { outlet, script } = this.#options;
    if (script.headersAtMs === undefined) return this.#finish();
    this.#at(script.headersAtMs, () => {
      outlet.begin(script.status, script.headers);
      this.#playDue();
    });
  }

  closed(isWritten: boolean): void {
    this.#end(isWritten ? 'ended' : 'client-gone');
  }

  /** Writes every piece whose time has come, then waits for the next one. */
  #playDue(): void {
    if (this.#hasEnded) return; // who is told of what was written may go while they are
    const { pieces } = this.#options.script;
    const elapsedMs = this.#elapsedMs();
    const first = this.#next;
    while (this.#next < pieces.length && this.#pieceAt(this.#next).atMs <= elapsedMs) this.#next++;
    if (this.#next === first) return this.#wait();
    if (first === 0) this.#options.onFirstPiece();
    this.#write(pieces.slice(first, this.#next), () => this.#wait());
  }

  #wait(): void {
    if (this.#hasEnded) return;
    if (this.#next >= this.#options.script.pieces.length) return this.#finish();
    this.#at(this.#pieceAt(this.#next).atMs, () => this.#playDue());
  }

  #pieceAt(index: number): Piece {
    const piece = this.#options.script.pieces[index];
    if (!piece) throw new RangeError(`Expected a piece at ${index}, got none`);
    return piece;
  }

  #write(pieces: readonly Piece[], then: () => void): void {
    const { outlet, splitBytes } = this.#options;
    if (splitBytes === 0 && pieces.every((piece) => piece.encoding === undefined)) {
      outlet.write(pieces.map((piece) => piece.text).join(''));
      return then();
    }
    const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece.text, piece.encoding)));
    this.#writeSlices(bytes, splitBytes || bytes.length, then);
  }

  /** Each slice waits until the one before has left, else the socket would join them again. */
  #writeSlices(bytes: Buffer, size: number, then: () => void): void {
    if (this.#hasEnded) return;
    if (bytes.length === 0) return then();
    this.#options.outlet.write(bytes.subarray(0, size), () => this.#writeSlices(bytes.subarray(size), size, then));
  }

  #finish(): void {
    const { ending } = this.#options.script;
    const { outlet, clock } = this.#options;
    switch (ending.type) {
      case 'end':
        outlet.end();
        return;
      case 'hang':
        return;
      case 'reset':
        this.#cancelTimer = clock.after(RESET_DELAY_MS, () => {
          this.#end('reset');
          outlet.reset();
        });
        return;
      case 'endless': {
        const again = (): void => {
          this.#cancelTimer = clock.after(ending.everyMs, () => {
            if (outlet.write(ending.piece)) again();
            else outlet.onRoom(again);
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
