/**
 * A worker in a server that is somebody else's: of what comes there it takes what its carriers' doors and its probes are
 * asked for, and leaves the rest alone. What it takes meets the same gate, doorkeeper and admission as at a port of its own.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isAt, refuseUpgrade } from './lines.ts';
import { pathOf } from './reception.ts';

/** Answers requests that are Parley's. Bound: it may be handed on as it is. */
export interface HandleRequest {
  /** True when the request is Parley's, which answers it; false when it is not, and nothing has been done with it. */
  (request: IncomingMessage, response: ServerResponse): boolean;
  /** As a middleware of Connect's kind, such as Express has: whoever is next is asked for what is not Parley's. */
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void;
}

/** Takes upgrades that are Parley's. True when it is; false when it is not, and the socket is yours, to be closed too. */
export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface GuestOptions {
  /** The worker's own, which listens nowhere. Undefined once the worker is closed. */
  http: () => Server | undefined;
  /** Of requests, with `/*` at the end of one for any one segment. */
  requests: readonly string[];
  /** Of upgrades. */
  upgrades: readonly string[];
  /** Where carriers find the worker: a path in it may stand before each of ours, or be gone, as proxies and mounts will. */
  publicUrl: string | undefined;
  /** Told where a connection has come in, such as `http://127.0.0.1:3000`. */
  reachedAt: (url: string) => void;
}

export class Guest {
  readonly #options: GuestOptions;
  /** `/phone`; empty where the public address has no path. */
  readonly #mount: string;

  constructor(options: GuestOptions) {
    const { publicUrl } = options;
    this.#options = options;
    this.#mount = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
  }

  readonly handleRequest: HandleRequest = (
    request: IncomingMessage,
    response: ServerResponse,
    next?: (error?: unknown) => void,
  ): boolean => {
    const isOurs = this.#claim(request, this.#options.requests);
    if (!isOurs) next?.();
    else if (!this.#options.http()?.emit('request', request, response)) refuse(response);
    return isOurs;
  };

  readonly handleUpgrade: HandleUpgrade = (request, socket, head) => {
    if (!this.#claim(request, this.#options.upgrades)) return false;
    const isTaken = this.#options.http()?.emit('upgrade', request, socket, head);
    if (!isTaken) refuseUpgrade(socket, '503 Service Unavailable');
    return true;
  };

  /** Whether its path is one of these; then it is named as the doors know it. */
  #claim(request: IncomingMessage, paths: readonly string[]): boolean {
    const { url = '' } = request;
    const isMounted = this.#mount !== '' && url.startsWith(`${this.#mount}/`);
    const targets = isMounted ? [url, url.slice(this.#mount.length)] : [url];
    const own = targets.find((target) => paths.some((path) => isAt(pathOf({ target }), path)));
    if (own === undefined) return false;
    request.url = own;
    const reached = urlOf(request.socket);
    if (reached !== undefined) this.#options.reachedAt(reached);
    return true;
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/plain', connection: 'close' }).end('closed');
}

/** As another program on this machine would reach it; undefined on a socket that has no port. */
function urlOf(socket: Socket): string | undefined {
  const { localAddress = '', localPort } = socket;
  if (localPort === undefined) return undefined;
  const plain = localAddress.replace(/^::ffff:(?=\d+\.)/i, '');
  const host = plain.includes(':') ? `[${plain}]` : plain;
  return `${'encrypted' in socket ? 'https' : 'http'}://${host}:${localPort}`;
}
