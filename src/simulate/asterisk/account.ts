/**
 * A stand-in for an Asterisk whose ARI is asked to call somebody: it rings in a Stasis application, whose socket of events must
 * be there before the channel is, and goes on in the dialplan, which is the one of a test, once it is answered and told so.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { WebSocketServer, type WebSocket } from 'ws';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { openPort } from '../../lib/open-port.ts';
import { basicHeader, type AccountOptions } from '../phone/account.ts';
import type { LiveCalls, RestCall } from '../phone/connect.ts';
import type { MediaCaller } from '../phone/media.ts';
import { RingingCall, type RingStatus } from '../phone/ringing.ts';

/** A channel that is in the dialplan. */
export interface DialplanCall {
  channel: string;
  /** Who was called, and who they see. */
  to: string;
  from: string;
  variables: Readonly<Record<string, string>>;
  context: string;
  rest: LiveCalls;
  clock: Clock;
}

export interface AriAccountOptions extends Omit<AccountOptions, 'dialect'> {
  user: string;
  password: string;
  /** What the dialplan does with it: connects it with the worker. */
  dialplan: (call: DialplanCall) => Promise<MediaCaller>;
}

/** One request, and what it was answered. */
export interface AriAccountRequest {
  method: string;
  path: string;
  /** Of the query, and the variables of the channel. */
  fields: Readonly<Record<string, unknown>>;
  status: number;
}

interface Answer {
  status: number;
  json?: unknown;
}

const CAUSES: Partial<Record<RingStatus, { cause: number; cause_txt: string }>> = {
  busy: { cause: 17, cause_txt: 'User busy' },
  'no-answer': { cause: 0, cause_txt: 'Unknown' },
  failed: { cause: 3, cause_txt: 'No route to destination' },
  cancelled: { cause: 16, cause_txt: 'Normal Clearing' },
};
const NOT_FOUND: Answer = { status: 404, json: { message: 'Channel not found' } };

export class AriAccount implements LiveCalls {
  readonly #options: AriAccountOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** By the name of the application. */
  readonly #applications = new Map<string, WebSocket>();
  readonly #channels = new Map<string, RestCall>();
  /** Answered, and waiting to be told where to go on. */
  readonly #waiting = new Map<string, (context: string) => void>();
  readonly requests: AriAccountRequest[] = [];
  #failure: Answer | undefined;

  constructor(options: AriAccountOptions) {
    this.#options = options;
    this.#server.on('upgrade', (request, socket, head) => {
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const app = searchParams.get('app');
      if (app === null || !this.#isKnown(request)) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
      this.#sockets.handleUpgrade(request, socket, head, (events) => {
        this.#applications.set(app, events);
        events.once('close', () => this.#applications.delete(app));
      });
    });
  }

  /** Done with its address, without the path of ARI. */
  async listen(): Promise<string> {
    await openPort(this.#server, { host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  failNext(failure: Answer): void {
    this.#failure = failure;
  }

  add(call: RestCall): () => void {
    this.#channels.set(call.callSid, call);
    return () => {
      if (this.#channels.get(call.callSid) === call) this.#channels.delete(call.callSid);
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #isKnown({ headers }: IncomingMessage): boolean {
    return headers.authorization === basicHeader(this.#options.user, this.#options.password);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/' } = request;
    const body = parseJson(await readText(request));
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const variables = isRecord(body) && isRecord(body['variables']) ? body['variables'] : {};
    const fields = { ...Object.fromEntries(searchParams), ...variables };
    const asked = { method, path: pathname, query: searchParams, variables: variables as Record<string, string> };
    const { status, json } = this.#isKnown(request) ? this.#carryOut(asked) : { status: 401, json: {} };
    this.requests.push({ method, path: pathname, fields, status });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(json === undefined ? undefined : JSON.stringify(json));
  }

  #carryOut(asked: {
    method: string;
    path: string;
    query: URLSearchParams;
    variables: Record<string, string>;
  }): Answer {
    const { method, path, query } = asked;
    const [, id, what] = /^\/ari\/channels(?:\/([^/]+))?(?:\/(continue))?$/.exec(path) ?? [];
    if (path === '/ari/channels' && method === 'POST') return this.#call(query, asked.variables);
    if (id !== undefined && method === 'DELETE' && what === undefined) return this.#end(decodeURIComponent(id));
    if (id === undefined || method !== 'POST' || what === undefined) return NOT_FOUND;
    const goOn = this.#waiting.get(decodeURIComponent(id));
    goOn?.(query.get('context') ?? '');
    return goOn ? { status: 204 } : NOT_FOUND;
  }

  #end(id: string): Answer {
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    channel?.completed();
    return channel ? { status: 204 } : NOT_FOUND;
  }

  #call(query: URLSearchParams, variables: Record<string, string>): Answer {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) return failure;
    const [app, channel, endpoint, from] = ['app', 'channelId', 'endpoint', 'callerId'].map(
      (name) => query.get(name) ?? '',
    ) as [string, string, string, string];
    const [, to] = /^PJSIP\/([^@]+)@trunk$/.exec(endpoint) ?? [];
    if (to === undefined) return { status: 400, json: { message: 'Endpoint is not known' } };
    if (!this.#applications.has(app)) return { status: 400, json: { message: 'Application is not there' } };
    const { calleeAt, clock = systemClock, dialplan, onAnswered } = this.#options;
    const tell = (type: string, facts: object = {}) => {
      const about = { id: channel, ...(type === 'ChannelStateChange' && { state: 'Ringing' }) };
      this.#applications.get(app)?.send(JSON.stringify({ type, application: app, channel: about, ...facts }));
    };
    new RingingCall({
      ...{ callId: channel, callee: calleeAt(to), timeoutMs: 1_000 * Number(query.get('timeout') ?? 30) },
      ...{ rest: this, clock },
      tell: async (status) => {
        const cause = CAUSES[status];
        if (status === 'ringing') tell('ChannelStateChange');
        if (cause) tell('ChannelDestroyed', cause);
      },
      connect: async () => {
        const continued = new Promise<string>((resolve) => this.#waiting.set(channel, resolve));
        tell('StasisStart');
        const context = await continued;
        this.#waiting.delete(channel);
        const line = await dialplan({ channel, to, from, variables, context, rest: this, clock });
        onAnswered?.(line, to);
        return { line, ended: line.ended };
      },
    });
    return { status: 200, json: { id: channel, name: endpoint, state: 'Down' } };
  }
}
