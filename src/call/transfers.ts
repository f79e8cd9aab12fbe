/**
 * Handing the caller over: the line is asked once, and what became of it is told once, whichever comes first: the line's
 * answer, or the end of the call.
 */
import { isA, messageOf, VoiceError, type ErrorCode } from '../lib/errors.ts';
import type { EventBody } from './events.ts';

/** What a call has to say of it, and do about it. */
export interface TransferListener {
  tell(event: Extract<EventBody, { type: 'transfer' }>): void;
  /** It could not be done, which is an error too. */
  refused(code: ErrorCode, message: string): void;
  /** The caller is gone to `to`. */
  done(): void;
  /** They are back. */
  failed(message: string): void;
}

/** For people and the model, where a line has no way to do it. */
const CANNOT = 'this line cannot transfer calls';
/** Why a call ends whose caller was handed over. */
export const TRANSFERRED = 'transferred';

export class Transfers {
  readonly #line: ((to: string) => Promise<void>) | undefined;
  readonly #listener: TransferListener;
  /** Whom the caller is being handed over to. */
  #to: string | undefined;
  #turn = 0;

  /** `line`: undefined where it cannot be done. */
  constructor(line: ((to: string) => Promise<void>) | undefined, listener: TransferListener) {
    this.#line = line;
    this.#listener = listener;
  }

  begin(to: string, turn: number): void {
    this.#to = to;
    this.#turn = turn;
    if (!this.#line) return this.#refuse('request-invalid', CANNOT);
    this.#line(to).then(
      () => {
        this.#settle();
        this.#listener.done();
      },
      (error: unknown) => {
        if (this.#to === undefined) return; // the call has ended
        this.#refuse(isA(error, VoiceError) ? error.code : 'internal', messageOf(error));
      },
    );
  }

  /** Some carriers end the line before they have answered: that is an answer too. */
  callEnded(reason: string): void {
    this.#settle(reason === TRANSFERRED ? undefined : `the call ended first: ${reason}`);
  }

  #refuse(code: ErrorCode, message: string): void {
    this.#listener.refused(code, message);
    this.#settle(message);
    this.#listener.failed(message);
  }

  #settle(error?: string): void {
    const to = this.#to;
    if (to === undefined) return;
    this.#to = undefined;
    const outcome = error === undefined ? { ok: true } : { ok: false, error };
    this.#listener.tell({ type: 'transfer', turn: this.#turn, to, ...outcome });
  }
}
