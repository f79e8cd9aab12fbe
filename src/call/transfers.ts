/**
 * Handing the caller over: the line is asked once, and what became of it is told once, whichever comes first: the line's
 * answer, or the end of the call. In person (`in-person.ts`) somebody is rung first, and the line is asked when they are there.
 */
import type { Clock } from '../lib/clock.ts';
import { isA, messageOf, VoiceError, type ErrorCode } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { TransferOrder, WarmOrder } from '../tool/contract.ts';
import type { EventBody } from './events.ts';
import { InPerson } from './in-person.ts';
import type { CallMedium } from './medium.ts';

/** What a call has to say of it, and do about it. */
export interface TransferListener {
  tell(event: Extract<EventBody, { type: 'transfer' | 'transfer-progress' }>): void;
  /** It could not be done, which is an error too. */
  refused(code: ErrorCode, message: string): void;
  /** The caller is gone to `to`. */
  done(): void;
  /** They are back. */
  failed(message: string): void;
}

/** For people and the model, where a line has no way to do it. */
const CANNOT = 'this line cannot transfer calls';
const CANNOT_IN_PERSON = 'this line cannot put the caller and somebody else together';
/** Why a call ends whose caller was handed over. */
export const TRANSFERRED = 'transferred';
/** How long somebody is rung where a tool does not say. */
const RING_MS = 30_000;

type Medium = Pick<CallMedium, 'transfer' | 'ringPerson' | 'playWhileWaiting'>;

export class Transfers {
  readonly #medium: Medium;
  readonly #parts: { clock: Clock; log: Log };
  readonly #listener: TransferListener;
  /** Whom the caller is being handed over to. */
  #to: string | undefined;
  #turn = 0;
  #inPerson: InPerson | undefined;

  constructor({ medium, clock, log }: { medium: Medium; clock: Clock; log: Log }, listener: TransferListener) {
    this.#medium = medium;
    this.#parts = { clock, log };
    this.#listener = listener;
  }

  /** Somebody is asked whether they take the caller, who waits. */
  get isSomebodyAsked(): boolean {
    return this.#inPerson !== undefined;
  }

  /** What was being done is given up. */
  begin({ to, headers, warm }: TransferOrder, turn: number): void {
    this.#inPerson?.callEnded(false);
    this.#to = to;
    this.#turn = turn;
    if (warm) return this.#ring(to, warm);
    const { transfer } = this.#medium;
    if (!transfer) return this.#refuse('request-invalid', CANNOT);
    transfer(to, { headers }).then(
      () => this.#done(),
      (error: unknown) => {
        if (this.#to === undefined) return; // the call has ended
        this.#refuse(isA(error, VoiceError) ? error.code : 'internal', messageOf(error));
      },
    );
  }

  /** Some carriers end the line before they have answered: that is an answer too. */
  callEnded(reason: string): void {
    this.#inPerson?.callEnded(reason === TRANSFERRED);
    this.#settle(reason === TRANSFERRED ? undefined : `the call ended first: ${reason}`);
  }

  #ring(to: string, { summary, ringMs = RING_MS, waitSound }: WarmOrder): void {
    const { transfer, ringPerson, playWhileWaiting } = this.#medium;
    if (!transfer || !ringPerson) return this.#refuse('request-invalid', CANNOT_IN_PERSON);
    const turn = this.#turn;
    const inPerson = new InPerson({
      ...this.#parts,
      ...{ order: { to, summary, ringMs }, ring: ringPerson },
      moveCaller: (person) => transfer(to, { meeting: { ...person, as: 'caller' } }),
      play: () => (waitSound === undefined ? undefined : playWhileWaiting?.(waitSound)) ?? (() => {}),
      listener: {
        tell: (state, personCallId) =>
          this.#listener.tell({ type: 'transfer-progress', turn, to, state, personCallId }),
        moved: () => this.#done(),
        failed: (message) => {
          if (this.#inPerson !== inPerson) return; // given up for another one
          this.#settle(message);
          this.#listener.failed(message);
          if (this.#inPerson === inPerson) this.#inPerson = undefined; // the agent has the caller now, and not before
        },
      },
    });
    this.#inPerson = inPerson;
  }

  #done(): void {
    this.#settle();
    this.#listener.done();
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
