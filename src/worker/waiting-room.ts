/**
 * Whoever has come in and has not shown yet who they are: sockets before their calls begin, connections before they have
 * asked for anything that they may have. There is room for so many. When it is full, nobody is kept out by an address that
 * has more in it than their own; the oldest of that one has to go.
 */

export interface Visit {
  address: string;
  /** Room is made for it, whoever has most of it. Default false. */
  isPressing?: boolean;
  /** It has shown who it is, and is never sent away. Default false. */
  isKnown?: boolean;
  /** Others need the room: it is to be closed. Nobody has to say then that it has left. */
  sendAway: () => void;
}

export class WaitingRoom {
  readonly #most: number;
  readonly #mostOfOne: number;
  readonly #present = new Set<Visit>();
  /** Of each address those that may be sent away, the oldest first. */
  readonly #byAddress = new Map<string, Set<Visit>>();

  /** @param mostOfOne Of one address, when it is pressing. Default: all. */
  constructor(most: number, mostOfOne = most) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  get size(): number {
    return this.#present.size;
  }

  /** To be told when it waits no more. Undefined: there is no room for it. */
  enter(visit: Visit): (() => void) | undefined {
    const own = this.#byAddress.get(visit.address);
    if (visit.isPressing && own && own.size >= this.#mostOfOne) this.#sendAwayOldest(own);
    if (this.#present.size >= this.#most && !this.#makeRoomFor(visit)) return undefined;
    this.#add(visit);
    return () => this.#leave(visit);
  }

  #makeRoomFor({ address, isPressing = false }: Visit): boolean {
    const most = this.#mostOfOneAddress();
    const own = isPressing ? 0 : (this.#byAddress.get(address)?.size ?? 0);
    return own < most.size && this.#sendAwayOldest(most);
  }

  #mostOfOneAddress(): ReadonlySet<Visit> {
    let most: ReadonlySet<Visit> = new Set();
    for (const visits of this.#byAddress.values()) if (visits.size > most.size) most = visits;
    return most;
  }

  #sendAwayOldest(visits: ReadonlySet<Visit>): boolean {
    const [oldest] = visits;
    if (!oldest) return false;
    this.#leave(oldest);
    oldest.sendAway();
    return true;
  }

  #add(visit: Visit): void {
    this.#present.add(visit);
    if (visit.isKnown) return;
    const visits = this.#byAddress.get(visit.address) ?? new Set();
    this.#byAddress.set(visit.address, visits.add(visit));
  }

  #leave(visit: Visit): void {
    this.#present.delete(visit);
    const visits = this.#byAddress.get(visit.address);
    if (visits?.delete(visit) && visits.size === 0) this.#byAddress.delete(visit.address);
  }
}
