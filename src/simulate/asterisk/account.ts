/**
 * A stand-in for an Asterisk whose ARI is asked to call somebody: it rings in a Stasis application, whose socket of events must
 * be there before the channel is, and goes on in the dialplan, which is the one of a test, once it is answered and told so. When
 * the worker has ended the line of a channel, the dialplan asks what comes next, as docs/lines/asterisk.md has it.
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
import { SimulatedMeetings } from '../phone/meetings.ts';
import { RingingCall, type RingStatus } from '../phone/ringing.ts';
import { newChannelId } from './audiosocket.ts';

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
  /** What comes next for a channel whose line has ended, as the worker says when it is asked. Default: nothing. */
  next?: (channel: string) => Promise<string>;
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
  completed: { cause: 16, cause_txt: 'Normal Clearing' },
};
const NOT_FOUND: Answer = { status: 404, json: { message: 'Channel not found' } };
const DONE: Answer = { status: 204 };

export class AriAccount implements LiveCalls {
  readonly #options: AriAccountOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  /** By the name of the application. */
  readonly #applications = new Map<string, WebSocket>();
  readonly #channels = new Map<string, RestCall>();
  /** Answered, and waiting to be told where to go on. */
  readonly #waiting = new Map<string, (context: string) => void>();
  /** Channels in the dialplan of which an application has asked to be told. */
  readonly #followed = new Set<string>();
  /** Where channels are that have no line. */
  readonly meetings = new SimulatedMeetings();
  readonly requests: AriAccountRequest[] = [];
  #failure: { answer: Answer; isMeant: (request: { path: string }) => boolean } | undefined;

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

  /**
   * Default: whatever is asked for next is meant; ends of channels never are. A bridge of the dialplan's fails as if it had been
   * asked for at `/dialplan/join/CHANNEL`.
   */
  failNext(answer: Answer, isMeant: (request: { path: string }) => boolean = () => true): void {
    this.#failure = { answer, isMeant };
  }

  add(call: RestCall): () => void {
    this.#channels.set(call.callSid, call);
    return () => {
      if (this.#channels.get(call.callSid) === call) this.#channels.delete(call.callSid);
    };
  }

  /** Somebody calls in: their channel is in the dialplan. The line is told of as that of a call which was answered. */
  async callIn({ from, to }: { from: string; to: string }): Promise<void> {
    const { clock = systemClock } = this.#options;
    const call = { channel: newChannelId(), to, from, variables: {}, context: 'incoming', rest: this, clock };
    const line = await this.#options.dialplan(call);
    this.#options.onAnswered?.(line, to);
    void this.#run(call, line).catch(() => undefined);
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
    if (id !== undefined && method === 'DELETE' && what === undefined) return this.#end(decodeURIComponent(id));
    const failure = this.#failureOf(path);
    if (failure) return failure;
    if (path === '/ari/channels' && method === 'POST') return this.#call(query, asked.variables);
    const [, app] = /^\/ari\/applications\/([^/]+)\/subscription$/.exec(path) ?? [];
    if (app !== undefined && method === 'POST') return this.#follow(decodeURIComponent(app), query);
    if (id === undefined || method !== 'POST' || what === undefined) return NOT_FOUND;
    const goOn = this.#waiting.get(decodeURIComponent(id));
    goOn?.(query.get('context') ?? '');
    return goOn ? DONE : NOT_FOUND;
  }

  #failureOf(path: string): Answer | undefined {
    const failure = this.#failure;
    if (!failure?.isMeant({ path })) return undefined;
    this.#failure = undefined;
    return failure.answer;
  }

  #isLive(channel: string): boolean {
    return this.#channels.has(channel) || this.meetings.has(channel);
  }

  #end(id: string): Answer {
    if (!this.#isLive(id)) return NOT_FOUND;
    this.meetings.leave(id);
    const channel = this.#channels.get(id);
    this.#channels.delete(id);
    channel?.completed();
    return DONE;
  }

  #follow(app: string, query: URLSearchParams): Answer {
    const [, channel] = /^channel:(.+)$/.exec(query.get('eventSource') ?? '') ?? [];
    if (channel === undefined || !this.#applications.has(app)) return NOT_FOUND;
    if (!this.#isLive(channel)) return { status: 422, json: { message: 'Event source does not exist' } };
    this.#followed.add(channel);
    return { status: 200, json: { name: app, channel_ids: [channel] } };
  }

  /** The channel is in the dialplan until this is done. */
  async #run(call: DialplanCall, line: MediaCaller): Promise<void> {
    const { channel } = call;
    const { by } = await line.ended;
    if (by !== 'worker') return;
    this.meetings.enter({ callSid: channel, room: `${channel} on the way`, endsOnExit: false });
    const next = (await this.#options.next?.(channel)) ?? '';
    if (!this.meetings.has(channel)) return; // it has hung up
    const [, verb, argument = ''] = /^(wait|join)\/(.+)$/.exec(next) ?? [];
    if (verb === 'wait') return this.#wait(call, Number(argument));
    if (verb !== 'join') return this.meetings.leave(channel);
    if (this.#failureOf(`/dialplan/join/${channel}`) || !this.meetings.has(argument)) return this.#begin(call);
    for (const callSid of [argument, channel]) this.meetings.enter({ callSid, room: argument, endsOnExit: true });
    await this.meetings.whenLeft(channel);
  }

  /** Until somebody is bridged with it, and beyond. */
  async #wait({ channel, clock }: DialplanCall, seconds: number): Promise<void> {
    this.meetings.enter({ callSid: channel, room: channel, endsOnExit: true });
    const stop = clock.after(1_000 * seconds, () => {
      if (this.meetings.in(channel).length === 1) this.meetings.leave(channel);
    });
    await this.meetings.whenLeft(channel);
    stop();
  }

  /** The channel has a line, once more. */
  async #begin(call: DialplanCall): Promise<void> {
    const line = await this.#options.dialplan(call);
    this.meetings.leave(call.channel);
    this.#options.onAnswered?.(line, call.to);
    return this.#run(call, line);
  }

  #call(query: URLSearchParams, variables: Record<string, string>): Answer {
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
        if (cause && (status !== 'completed' || this.#followed.has(channel))) tell('ChannelDestroyed', cause);
      },
      connect: async () => {
        const continued = new Promise<string>((resolve) => this.#waiting.set(channel, resolve));
        tell('StasisStart');
        const context = await continued;
        this.#waiting.delete(channel);
        const call = { channel, to, from, variables, context, rest: this, clock };
        const line = await dialplan(call);
        onAnswered?.(line, to);
        return { line, ended: this.#run(call, line).catch(() => undefined) };
      },
    });
    return { status: 200, json: { id: channel, name: endpoint, state: 'Down' } };
  }
}
