/**
 * Connections of HTTP. Each is accepted, since nobody can show a signature before that; when there are too many that have
 * shown nothing, the oldest of the address that has most of them is closed. So silence keeps nobody out, and what a carrier
 * has signed always gets in.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressOf } from './gate.ts';
import { WaitingRoom } from './waiting-room.ts';

/** That have shown nothing: probes, scrapes, webhooks, and whoever is silent. Lines are not among them. */
export const MOST_CONNECTIONS = 512;
/** Of one address, which may be that of a proxy. */
export const MOST_OF_ONE_ADDRESS = 256;

export class Connections {
  readonly #room = new WaitingRoom(MOST_CONNECTIONS, MOST_OF_ONE_ADDRESS);
  readonly #leave = new WeakMap<Socket, () => void>();
  readonly #asking = new WeakSet<Socket>();

  /** It has shown nothing, or nothing any more. */
  arrive(socket: Socket): void {
    this.keep(socket);
    const address = addressOf({ remoteAddress: socket.remoteAddress, headers: {} }, 0);
    const leave = this.#room.enter({ address, isPressing: true, sendAway: () => socket.destroy() });
    this.#leave.set(socket, leave ?? (() => {}));
  }

  /**
   * It may stay: what it asks for is being done. Also for one that is gone. False for one that never arrived, in a server
   * that is not ours: it is not ours to close either.
   */
  keep(socket: Socket): boolean {
    this.#leave.get(socket)?.();
    return this.#leave.delete(socket);
  }

  /** A request has come. False when the answer to the one before has not gone out yet. */
  ask(socket: Socket, answer: ServerResponse): boolean {
    if (this.#asking.has(socket)) return false;
    this.#asking.add(socket);
    answer.once('close', () => this.#asking.delete(socket));
    return true;
  }

  isAsking(socket: Socket): boolean {
    return this.#asking.has(socket);
  }
}
