/**
 * Calls that a stand-in for a carrier has put together: each is there until it hangs up, is sent elsewhere, or another leaves with
 * whom it is over for all.
 */

/** A call that is to be in a room. */
export interface Guest {
  callSid: string;
  room: string;
  /** Their leaving ends it for everybody. */
  endsOnExit: boolean;
  /** Default: nobody is told. */
  tell?: (event: 'join' | 'leave') => void;
}

export class SimulatedMeetings {
  readonly #guests = new Map<string, Guest & { left: Promise<void>; leave: () => void }>();

  /** Who is together there, by the ids of their calls. */
  in(room: string): string[] {
    return [...this.#guests.values()].filter((guest) => guest.room === room).map(({ callSid }) => callSid);
  }

  /** Where a call is. */
  roomOf(callSid: string): string | undefined {
    return this.#guests.get(callSid)?.room;
  }

  has(callSid: string): boolean {
    return this.#guests.has(callSid);
  }

  /** Who is elsewhere goes there. */
  enter(guest: Guest): void {
    const { left, leave } = this.#guests.get(guest.callSid) ?? untilLeft();
    this.#guests.set(guest.callSid, { ...guest, left, leave });
    guest.tell?.('join');
  }

  /** The call hangs up, or is sent elsewhere. */
  leave(callSid: string): void {
    const guest = this.#guests.get(callSid);
    if (!guest) return;
    this.#guests.delete(callSid);
    guest.leave();
    guest.tell?.('leave');
    if (guest.endsOnExit) for (const other of this.in(guest.room)) this.leave(other);
  }

  /** Done when the call is there no more; at once when it is not there. */
  async whenLeft(callSid: string): Promise<void> {
    await this.#guests.get(callSid)?.left;
  }
}

function untilLeft(): { left: Promise<void>; leave: () => void } {
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  return { left, leave };
}
