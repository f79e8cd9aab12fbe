/** Calls that a webhook has announced: each has a place, and a token that its socket shows once. */
import { randomBytes } from 'node:crypto';
import type { Capacity, Place, Refusal } from './capacity.ts';

interface Announced {
  place: Place;
  /** Undefined when the webhook named none. */
  callId: string | undefined;
}

export class Announcements {
  readonly #capacity: Capacity;
  readonly #announced = new Map<string, Announced>();

  constructor(capacity: Capacity) {
    this.#capacity = capacity;
  }

  /** Calls that have not arrived yet. */
  get waiting(): number {
    return this.#announced.size;
  }

  /** A token for the call, or why there is no room. It is good as long as the place is kept. */
  announce(callId: string | undefined): { token: string } | Refusal {
    const token = randomBytes(18).toString('base64url');
    const place = this.#capacity.reserve(() => this.#announced.delete(token));
    if (typeof place === 'string') return place;
    this.#announced.set(token, { place, callId });
    return { token };
  }

  /**
   * The place of the call that shows this token; a new one for a call that shows none. A token that was used, is too
   * old, was never given out or was given to another call is good for nothing.
   */
  claim(token: string | undefined, callId: string): Place | Refusal | 'forbidden' {
    if (token === undefined) return this.#capacity.reserve();
    const announced = this.#announced.get(token);
    this.#announced.delete(token);
    if (!announced) return 'forbidden';
    if (announced.callId === undefined || announced.callId === callId) return announced.place;
    announced.place.leave();
    return 'forbidden';
  }
}
