/**
 * A stand-in for the part of ARI that changes a live channel: `DELETE /channels/ID`, `POST .../dtmf` and `.../continue`. Knows
 * the channels that it was told of, does to them what it is asked to, and refuses as Asterisk does: 404 for a channel that is
 * gone, 409 for one that is in no Stasis application, of which only the end can be asked for.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openPort } from '../../lib/open-port.ts';
import type { LiveCalls, RestCall } from '../phone/connect.ts';

export interface AriServerOptions {
  user: string;
  password: string;
  /** Whether its channels are in a Stasis application, or in the dialplan. Default true. */
  isInStasis?: boolean;
}

/** One request, and what it was answered. */
export interface AriRequest {
  method: string;
  path: string;
  status: number;
}

export class SimulatedAri implements LiveCalls {
  readonly #options: AriServerOptions;
  readonly #server = createServer((request, response) => this.#serve(request, response));
  readonly #channels = new Map<string, RestCall>();
  /** Every request so far. */
  readonly requests: AriRequest[] = [];

  constructor(options: AriServerOptions) {
    this.#options = options;
  }

  /** Done with its address, such as `http://127.0.0.1:1234/ari`. */
  async listen(): Promise<string> {
    await openPort(this.#server, { host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ari`;
  }

  /** A channel is up, until the returned function is called or the API ends it. */
  add(call: RestCall): () => void {
    this.#channels.set(call.callSid, call);
    return () => this.#channels.delete(call.callSid);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    request.resume();
    const refusal = this.#isKnown(headers.authorization) ? this.#carryOut(method, url) : UNAUTHORIZED;
    const status = refusal?.status ?? 204;
    this.requests.push({ method, path: url, status });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(refusal && JSON.stringify({ message: refusal.message }));
  }

  #isKnown(authorization: string | undefined): boolean {
    const { user, password } = this.#options;
    return authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  #carryOut(method: string, target: string): AriRefusal | undefined {
    const { pathname, searchParams: query } = new URL(target, 'http://localhost');
    const [, id = '', what] = /^\/ari\/channels\/([^/]+)(?:\/(dtmf|continue))?$/.exec(pathname) ?? [];
    const channel = this.#channels.get(decodeURIComponent(id));
    if (!channel) return NOT_FOUND;
    if (method === 'DELETE' && what === undefined) {
      this.#channels.delete(channel.callSid);
      return void channel.completed();
    }
    if (method !== 'POST' || what === undefined) return { status: 405, message: 'Invalid method' };
    if (this.#options.isInStasis === false) return NOT_IN_STASIS;
    if (what === 'dtmf') return press(channel, query.get('dtmf') ?? '');
    const [context, extension] = ['context', 'extension'].map((name) => query.get(name) ?? '');
    channel.redirected({ url: `${extension}@${context}` });
    return undefined;
  }
}

interface AriRefusal {
  status: number;
  message: string;
}

const UNAUTHORIZED: AriRefusal = { status: 401, message: 'Authentication required' };
const NOT_FOUND: AriRefusal = { status: 404, message: 'Channel not found' };
const NOT_IN_STASIS: AriRefusal = { status: 409, message: 'Channel not in Stasis application' };

function press(channel: RestCall, digits: string): AriRefusal | undefined {
  if (digits === '') return { status: 400, message: 'DTMF is required' };
  channel.pressed?.(digits);
  return undefined;
}
