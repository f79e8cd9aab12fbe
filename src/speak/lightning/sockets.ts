/**
 * The process' WebSockets to Lightning, five to a concurrency unit, the spare and the closing ones counted. A call takes
 * one for a turn and may keep it for its next; a spare stands open meanwhile, because the service may close a socket
 * after each request, and because an interruption closes one. Sockets that have spoken never go from call to call.
 */
import type { Clock } from '../../lib/clock.ts';
import type { ProviderError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Places } from '../../lib/places.ts';
import { LightningSocket, type SocketUser } from './socket.ts';

export interface SocketsOptions {
  /** `wss://…/tts/live`, without a query. */
  url: string;
  apiKey: string;
  clock: Clock;
  log: Log;
  /** One for each socket until it is gone. What stands idle keeps to this worker's part of them. */
  places: Places;
  /** The service closes a socket on which we have sent nothing for so long; asked for in the address. */
  idleTimeoutMs: number;
  connectTimeoutMs: number;
}

interface Waiter {
  user: SocketUser;
  ready(socket: LightningSocket): void;
  failed(error: ProviderError): void;
}

/** Sockets this near to their idle time-out, as a share of it and at most, are not begun on. */
const STALE_SHARE = 0.25;
const STALE_MS = 3_000;
/** Close codes are four digits: this is none. */
const EVICTED = 0;
/** A socket that closes so soon after `complete` was closed because of it. */
export const CLOSES_WITHIN_MS = 500;
/** A spare that did not last so long is not replaced before somebody needs one. */
const REPLACE_AFTER_MS = 5_000;

export class Sockets {
  readonly #options: SocketsOptions;
  readonly #sockets = new Set<LightningSocket>();
  #waiters: Waiter[] = [];
  #lines = 0;
  #isClosed = false;
  /** Whether a warm socket beside those in use is wanted. */
  #wantsSpare = false;
  /** Learned: what `complete` does to a socket. The documents disagree. */
  afterComplete: 'unknown' | 'closes' | 'stays' = 'unknown';
  /** Connections opened since the start. */
  opened = 0;

  constructor(options: SocketsOptions) {
    this.#options = options;
    options.places.listen(() => this.#pump());
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Everything that is not gone yet, closing ones too. */
  get size(): number {
    return this.#sockets.size;
  }

  addLine(): void {
    this.#lines++;
  }

  removeLine(): void {
    this.#lines--;
    if (this.#lines > 0) return;
    this.#wantsSpare = false;
    for (const socket of this.#sockets) if (socket.state === 'spare' || socket.state === 'connecting') socket.close();
  }

  /** Has a socket standing by, if there is room for one. */
  prepareSpare(): void {
    this.#wantsSpare = true;
    this.#pump();
  }

  /** Hands over an open socket, in this tick if one is standing by. Returns a function that takes the request back. */
  take(waiter: Waiter): () => void {
    this.#waiters.push(waiter);
    this.#pump();
    return () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
    };
  }

  /** The call keeps the socket for its next turn, as long as nobody else needs its place. */
  park(socket: LightningSocket): void {
    if (socket.state === 'taken') socket.state = 'parked';
    this.#pump();
  }

  /** A socket that is given up only because the service may be about to close it: whether it does is learned. */
  release(socket: LightningSocket): void {
    if (socket.state === 'closing') return;
    socket.state = 'parked';
    const stopTimer = this.clock.after(CLOSES_WITHIN_MS, () => {
      if (this.afterComplete === 'unknown') this.afterComplete = 'stays';
      socket.close();
    });
    socket.whenGone(stopTimer);
    socket.user = {
      message: () => {},
      closed: (code) => {
        if (code === 1000) this.afterComplete = 'closes';
      },
    };
  }

  /** Whether a socket could be had in this tick. */
  get hasSpare(): boolean {
    for (const socket of this.#sockets)
      if (socket.state === 'spare' && socket.isOpen && !this.#isStale(socket)) return true;
    return false;
  }

  /** Goes on with a parked socket. Returns whether it is still good. */
  unpark(socket: LightningSocket): boolean {
    if (socket.state !== 'parked' || !socket.isOpen || this.#isStale(socket)) return false;
    socket.state = 'taken';
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wantsSpare = false;
    this.#waiters = [];
    await Promise.all(
      [...this.#sockets].map((socket) => {
        socket.close();
        return new Promise<void>((resolve) => socket.whenGone(resolve));
      }),
    );
  }

  #pump(): void {
    if (this.#isClosed) return;
    this.#handOver();
    this.#trim();
    const connecting = this.#count('connecting');
    const hasSpare = this.#count('spare') > 0;
    const { places } = this.#options;
    const wantsSpare = this.#wantsSpare && !hasSpare && places.taken < places.share;
    for (let wanted = this.#waiters.length + (wantsSpare ? 1 : 0) - connecting; wanted > 0; wanted--) {
      const release = places.takeNow({ count: wanted, isAhead: this.#waiters.length === 0 });
      if (!release) break;
      this.#connect(release);
    }
    const missing = this.#waiters.length - this.#count('connecting') - this.#count('closing');
    if (missing > 0) this.#makeRoom(missing);
  }

  #handOver(): void {
    for (const socket of this.#sockets) {
      if (socket.state !== 'spare' || this.#waiters.length === 0) continue;
      if (!socket.isOpen || this.#isStale(socket)) socket.close();
      else this.#give(socket);
    }
  }

  #give(socket: LightningSocket): void {
    const waiter = this.#waiters.shift()!;
    this.#wantsSpare = false; // the next one is opened when there is time: while this one speaks
    socket.state = 'taken';
    socket.user = waiter.user;
    waiter.ready(socket);
  }

  /** Sockets that a call keeps for its next turn give way to one that has something to say now, the oldest first. */
  #makeRoom(count: number): void {
    const parked = [...this.#sockets].filter(({ state }) => state === 'parked').sort((a, b) => b.idleMs - a.idleMs);
    for (const socket of parked.slice(0, count)) this.#evict(socket);
  }

  /** What stands idle beyond this worker's part is another's. */
  #trim(): void {
    const { places } = this.#options;
    let surplus = this.#sockets.size - this.#count('closing') - places.share;
    if (surplus <= 0 || this.#waiters.length > 0) return;
    for (const socket of this.#sockets) {
      if (surplus <= 0) return;
      if (socket.state !== 'parked' && socket.state !== 'spare') continue;
      surplus--;
      this.#evict(socket);
    }
  }

  #evict(socket: LightningSocket): void {
    const { user } = socket;
    socket.close();
    user?.closed(EVICTED);
  }

  #connect(release: () => void): void {
    const { url, idleTimeoutMs, apiKey, clock, log, connectTimeoutMs } = this.#options;
    this.opened++;
    const socket = new LightningSocket(
      { url: `${url}?timeout=${Math.round(idleTimeoutMs / 1_000)}`, apiKey, clock, log, connectTimeoutMs },
      {
        opened: () => this.#pump(),
        failed: (error) => this.#failed(error),
        closed: (was, code) => this.#closed(socket, was, code),
      },
    );
    this.#sockets.add(socket);
    socket.whenGone(() => {
      this.#sockets.delete(socket);
      release(); // and so on with the next
    });
  }

  /** A connection that failed is told to whoever waits longest; the others wait for theirs. */
  #failed(error: ProviderError): void {
    const { code, status } = error;
    this.#options.log.debug({ code, status, err: error }, 'no connection to lightning');
    this.#wantsSpare = false;
    this.#waiters.shift()?.failed(error);
    this.#pump();
  }

  #closed({ user, openedMs }: LightningSocket, was: LightningSocket['state'], code: number): void {
    if (was === 'spare' && this.clock.nowMs() - openedMs < REPLACE_AFTER_MS) this.#wantsSpare = false;
    if (this.#lines === 0) this.#wantsSpare = false;
    user?.closed(code);
  }

  #count(state: LightningSocket['state']): number {
    let count = 0;
    for (const socket of this.#sockets) if (socket.state === state) count++;
    return count;
  }

  #isStale(socket: LightningSocket): boolean {
    const { idleTimeoutMs } = this.#options;
    return socket.idleMs > idleTimeoutMs - Math.min(STALE_MS, idleTimeoutMs * STALE_SHARE);
  }
}
