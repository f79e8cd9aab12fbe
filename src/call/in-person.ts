/**
 * Hands a caller over in person, as `warm-transfer.ts` decides: rings, plays something to who waits, has the carrier take the
 * caller to the meeting, and brings them back from it where nobody is. It outlives the call by some seconds: until both have met.
 */
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { WarmTransfer, type PersonGone, type WarmEffect, type WarmEvent } from './warm-transfer.ts';

/** What is told of the person and of the meeting. */
export type PersonNews = Extract<
  WarmEvent,
  { type: 'answered' | 'accepted' | 'declined' | 'person-there' | 'person-gone' | 'caller-there' }
>;
export type { PersonGone };

/** Somebody who is to be rung, and what they are told. */
export interface PersonOrder {
  /** Whom to ring, as the carrier writes it. */
  to: string;
  /** What they are told of the caller. */
  summary: string;
  /** How long it may ring, in milliseconds. */
  ringMs: number;
}

/** The second call, once it was asked for. */
export interface Person {
  /** Parley's id of it, which its events and its recording carry, and by which both meet. */
  readonly callId: string;
  /** The carrier's, once that has taken the order; absent where there is no carrier. */
  readonly carrierCallId?: string | undefined;
  /** Gives it up, or ends it. */
  letGo(): void;
  /** Has the carrier send the caller back to the agent, on another line. Undefined, where a caller who meets nobody comes back unasked. */
  bringCallerBack(): Promise<void> | undefined;
  /** Nothing more is to be told. */
  forget(): void;
}

/** Rings somebody on a second line of the same carrier's. Rejects with a `VoiceError` when that cannot be. */
export type RingPerson = (order: PersonOrder, told: (news: PersonNews) => void) => Promise<Person>;

export interface InPersonOptions {
  order: PersonOrder;
  ring: RingPerson;
  /** Has the carrier take the caller to the meeting with this person, which ends their line. */
  moveCaller: (meeting: { id: string; personCarrierCallId: string | undefined }) => Promise<void>;
  /** Plays something to who waits, until the returned function is called. */
  play: () => () => void;
  clock: Clock;
  log: Log;
  listener: {
    tell(state: 'ringing' | 'asking' | 'accepted', personCallId: string): void;
    /** The caller is on their way: their line ends, or has. */
    moved(): void;
    /** The agent has the caller. */
    failed(message: string): void;
  };
}

export class InPerson {
  readonly #options: InPersonOptions;
  readonly #transfer: WarmTransfer;
  #person: Person | undefined;
  #stopPlaying: () => void;
  #cancelTimer = () => {};
  #isLetGo = false;

  /** Begins. */
  constructor(options: InPersonOptions) {
    const { order, ring, clock, play } = options;
    this.#options = options;
    this.#transfer = new WarmTransfer(clock.nowMs(), order);
    this.#stopPlaying = play();
    this.#arm();
    ring(order, (news) => this.#handle(news)).then(
      (person) => this.#rings(person),
      (error: unknown) => this.#handle({ type: 'person-gone', outcome: 'failed', detail: messageOf(error) }),
    );
  }

  /** The caller's call has. `isMoved`: their line ended for the meeting. */
  callEnded(isMoved: boolean): void {
    this.#handle({ type: isMoved ? 'caller-moved' : 'caller-gone' });
  }

  #rings(person: Person): void {
    this.#person = person;
    if (this.#isLetGo) return void person.letGo();
    if (this.#transfer.isOver) return void person.forget();
    this.#options.listener.tell('ringing', person.callId);
  }

  #handle(event: WarmEvent): void {
    const { clock } = this.#options;
    const effects = this.#transfer.handle(event, clock.nowMs());
    for (const effect of effects) this.#carryOut(effect);
    this.#arm();
  }

  #arm(): void {
    const { clock } = this.#options;
    const { dueAtMs } = this.#transfer;
    this.#cancelTimer();
    if (dueAtMs !== undefined) {
      this.#cancelTimer = clock.after(Math.max(0, dueAtMs - clock.nowMs()), () => this.#handle({ type: 'timer' }));
      return;
    }
    this.#stopPlaying();
    this.#stopPlaying = () => {};
    this.#person?.forget();
  }

  #carryOut(effect: WarmEffect): void {
    const { listener } = this.#options;
    switch (effect.type) {
      case 'tell':
        return listener.tell(effect.state, this.#person?.callId ?? '');
      case 'let-go':
        this.#isLetGo = true;
        return this.#person?.letGo();
      case 'move-caller':
        return this.#move();
      case 'give-back':
        return listener.failed(effect.message);
      case 'bring-back':
        return this.#bringBack();
    }
  }

  #bringBack(): void {
    const { log } = this.#options;
    const brought = this.#person?.bringCallerBack();
    if (!brought)
      return log.info('whoever took a call has left: a caller who did not meet them comes back by the carrier');
    log.warn('a caller who was handed over is brought back: the person has left');
    brought.catch((error: unknown) => {
      log.error({ err: error }, 'a caller who was handed over could not be brought back');
    });
  }

  #move(): void {
    const { moveCaller, listener } = this.#options;
    const { callId: id = '', carrierCallId: personCarrierCallId } = this.#person ?? {};
    moveCaller({ id, personCarrierCallId }).then(
      () => {
        this.#handle({ type: 'caller-moved' });
        listener.moved();
      },
      (error: unknown) => this.#handle({ type: 'caller-refused', message: messageOf(error) }),
    );
  }
}
