/** Which turn is made of what the caller says by voice, and when it is over. */
import type { CallEvent } from '../call/events.ts';
import { VoiceError } from '../lib/errors.ts';

/** What was said waits so long for a turn of its own, in the call's time. */
export const ANSWERED_WITHIN_MS = 15_000;

interface Said {
  /** When its last sound was made. */
  toMs: number;
  /** The turn that was made of it, once there is one. */
  turn: number | undefined;
  resolve: (turn: number) => void;
  reject: (error: VoiceError) => void;
}

export class TurnWatch {
  #waiting: Said[] = [];

  /**
   * Resolves with the turn in which this was answered, once that is over; the caller has spoken until `toMs`, which may be
   * to come. Rejects with `closed`, when the call ends before.
   */
  said(toMs: number): Promise<number> {
    return new Promise((resolve, reject) => this.#waiting.push({ toMs, turn: undefined, resolve, reject }));
  }

  /** Whether anything that was said up to here waits for a turn. */
  isUnanswered(atMs: number): boolean {
    return this.#waiting.some(({ toMs, turn }) => turn === undefined && toMs <= atMs);
  }

  hear(event: CallEvent): void {
    switch (event.type) {
      case 'turn-start':
        for (const said of this.#waiting) if (said.toMs <= event.atMs + 1) said.turn ??= event.turn;
        return;
      case 'turn-end':
        return this.#end(event.turn);
      case 'call-end': {
        for (const { turn } of [...this.#waiting]) if (turn !== undefined) this.#end(turn);
        const why = `Expected the agent to answer, but the call ended: ${event.reason}`;
        for (const { reject } of this.#waiting.splice(0)) reject(new VoiceError('closed', why));
        return;
      }
      default:
    }
  }

  #end(turn: number): void {
    const over = this.#waiting.filter((said) => said.turn === turn);
    this.#waiting = this.#waiting.filter((said) => said.turn !== turn);
    for (const { resolve } of over) resolve(turn);
  }
}
