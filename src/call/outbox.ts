/**
 * What a call tells: observers in the tick in which it happens, listeners when all that is to be done has been done. What a
 * listener throws is blamed on it, and keeps nothing from the others.
 */
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { plainLine } from '../lib/plain.ts';
import { hideSecrets } from '../lib/provider-errors.ts';
import { readThrown } from '../lib/thrown.ts';
import type { CallEvent } from './events.ts';
import type { Observers } from './observer.ts';

/** Hands an event to those who listen to `type`; `event` for those who hear every one. */
type Emit = (type: string, event: CallEvent) => void;

export class Outbox {
  readonly #observers: Observers;
  readonly #emit: Emit;
  readonly #log: Log;
  readonly #events: CallEvent[] = [];

  constructor(observers: Observers, emit: Emit, log: Log) {
    this.#observers = observers;
    this.#emit = emit;
    this.#log = log;
  }

  add(told: CallEvent): void {
    // whose words an error quotes nobody knows: a service's, a tool's, an address with a password in it
    const event = told.type === 'error' ? { ...told, message: hideSecrets(told.message) } : told;
    this.#observers.event(event);
    this.#events.push(event);
  }

  /** Tells listeners of the next event; false when they have heard them all. */
  tellNext(): boolean {
    const event = this.#events.shift();
    if (!event) return false;
    this.#tell(event.type, event);
    this.#tell('event', event);
    return true;
  }

  #tell(type: string, event: CallEvent): void {
    try {
      this.#emit(type, event);
    } catch (error) {
      this.#blame(error, event);
    }
  }

  /** It must not end the call, nor go unseen. */
  #blame(error: unknown, { type, callId }: CallEvent): void {
    this.#log.error({ err: readThrown(error), event: type }, 'a listener to this call threw');
    if (this.#log.isLevelEnabled('error')) return;
    // a program that keeps no log would never know; one that does has it covered there
    const message = hideSecrets(plainLine(`A listener to \`${type}\` of ${callId} threw: ${messageOf(error)}`));
    process.emitWarning(message, { code: 'PARLEY_LISTENER' });
  }
}
