/**
 * A stand-in for a carrier's account that places calls: takes orders by its REST API, as strictly as the carrier does, has
 * somebody called, tells the worker what becomes of it, and ends what it is asked to end. How each carrier spells all that, its
 * `AccountDialect` says.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { openPort } from '../../lib/open-port.ts';
import type { AnsweringCallee, Callee } from './callee.ts';
import type { LiveCalls, RestCall } from './connect.ts';
import { askWebhook, type WebhookRequest } from './document.ts';
import type { MediaCaller } from './media.ts';
import type { PlacedAudioCall } from './place.ts';
import { RingingCall, type RingStatus } from './ringing.ts';

/** One request, as it came. */
export interface AccountRequest {
  method: string;
  /** Without the query. */
  path: string;
  authorization: string | undefined;
  /** Of a form, or of a JSON object. */
  fields: Readonly<Record<string, unknown>>;
}

/** What is asked for. */
export type AccountAsk =
  | { type: 'place'; from: string; to: string; timeoutMs: number }
  | { type: 'end'; callId: string }
  | { type: 'refuse'; status: number; message: string };

/** A call that rings, or talks. */
export interface OrderedCall {
  callId: string;
  from: string;
  to: string;
  /** Of the order. */
  field: (name: string) => string;
  fields: AccountRequest['fields'];
  /** Where an address of the worker's is really reached. */
  reach: (publicUrl: string) => string;
  rest: LiveCalls;
  clock: Clock;
}

/** What the worker is told at one of its addresses. */
export type Told = Omit<WebhookRequest, 'reachedAt'>;

export interface AccountDialect {
  /** Whether what a request shows opens the account. */
  opens(request: AccountRequest): boolean;
  /** Undefined, for what is not there. */
  read(request: AccountRequest): AccountAsk | undefined;
  /** For a call that is new. */
  newCallId(): string;
  /** What an order is answered with. */
  taken(callId: string): { status: number; json: unknown };
  /** Undefined, where it says nothing of that. */
  told(call: OrderedCall, status: RingStatus): Told | undefined;
  /** Who has answered, where the order asked for that. Default: it never finds out. */
  detected?(call: OrderedCall, callee: AnsweringCallee): Told | undefined;
  /** Somebody has answered: opens the line. */
  connect(call: OrderedCall): Promise<PlacedAudioCall>;
}

export interface AccountOptions {
  dialect: AccountDialect;
  calleeAt: (to: string) => Callee;
  /** Default: as it is written. */
  reach?: ((publicUrl: string) => string) | undefined;
  /** Told of the line of a call that was answered, before anything is said on it. */
  onAnswered?: ((line: MediaCaller, to: string) => void) | undefined;
  /** Default: the system's. */
  clock?: Clock | undefined;
}

/** Done with its address. */
export class SimulatedAccount implements LiveCalls {
  readonly #options: AccountOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #calls = new Map<string, RestCall>();
  /** Every request so far. */
  readonly requests: (AccountRequest & { status: number })[] = [];
  /** The next order is answered like this, and nobody is called. */
  #failure: { status: number; json: unknown } | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  async listen(): Promise<string> {
    await openPort(this.#server, { host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  failNext(failure: { status: number; json: unknown }): void {
    this.#failure = failure;
  }

  /** A call rings or talks, until the returned function is called or the API ends it. */
  add(call: RestCall): () => void {
    this.#calls.set(call.callSid, call);
    return () => {
      if (this.#calls.get(call.callSid) === call) this.#calls.delete(call.callSid);
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/', headers } = message;
    const fields = fieldsIn(await readText(message), headers['content-type'] ?? '');
    const { pathname: path } = new URL(url, 'http://localhost');
    const request = { method, path, authorization: headers.authorization, fields };
    const { status, json } = this.#answer(request);
    this.requests.push({ ...request, status });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 204 ? undefined : JSON.stringify(json));
  }

  #answer(request: AccountRequest): { status: number; json: unknown } {
    const { dialect } = this.#options;
    if (!dialect.opens(request)) return { status: 401, json: { message: 'not authorized' } };
    const asked = dialect.read(request);
    if (!asked) return { status: 404, json: { message: 'not found' } };
    if (asked.type === 'refuse') return { status: asked.status, json: { message: asked.message } };
    if (asked.type === 'end') return this.#end(asked.callId);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure ?? this.#place(request, asked);
  }

  #end(callId: string): { status: number; json: unknown } {
    const call = this.#calls.get(callId);
    if (!call) return { status: 404, json: { message: 'no such call' } };
    this.#calls.delete(callId);
    call.completed();
    return { status: 200, json: {} };
  }

  #place({ fields }: AccountRequest, { from, to, timeoutMs }: Extract<AccountAsk, { type: 'place' }>) {
    const { dialect, calleeAt, onAnswered, reach = (url: string) => url, clock = systemClock } = this.#options;
    const field = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
    const call: OrderedCall = { callId: dialect.newCallId(), from, to, field, fields, reach, rest: this, clock };
    const tell = async (told: Told | undefined): Promise<void> => {
      if (told) await askWebhook({ ...told, reachedAt: reach(told.url) }).catch(() => ''); // told once
    };
    new RingingCall({
      ...{ callId: call.callId, callee: calleeAt(to), timeoutMs, rest: this, clock },
      tell: (status) => tell(dialect.told(call, status)),
      async connect() {
        const placed = await dialect.connect(call);
        if (placed.type === 'refused') return undefined;
        onAnswered?.(placed.caller, to);
        return { line: placed.caller, ended: placed.caller.ended };
      },
      detected: (callee) => tell(dialect.detected?.(call, callee)),
    });
    return dialect.taken(call.callId);
  }
}

function fieldsIn(body: string, type: string): Readonly<Record<string, unknown>> {
  const json = parseJson(body);
  if (/\bjson\b/.test(type) && isRecord(json)) return json;
  return Object.fromEntries(new URLSearchParams(body));
}

/** What an order lacks of what it has to have. */
export const missingIn = (fields: AccountRequest['fields'], names: readonly string[]): AccountAsk | undefined => {
  const missing = names.find((name) => !fields[name]);
  return missing === undefined ? undefined : { type: 'refuse', status: 400, message: `${missing} is required` };
};

/** `Authorization`, of an API that asks for Basic. */
export const basicHeader = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export const FORM = 'application/x-www-form-urlencoded';
export const JSON_TYPE = 'application/json';
