/**
 * A stand-in for a carrier's account that places calls, and knows of those that come in: takes orders by its REST API, as strictly as the carrier does, has
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
import { SimulatedMeetings } from './meetings.ts';
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
  /** The call goes on without its line. */
  | { type: 'end-line'; callId: string }
  /** Two are put together, at once, whatever their lines do: refused where the other has ended. When one leaves, both have. */
  | { type: 'bridge'; callId: string; other: string }
  /** Whatever ran is over, and the call goes on by these instructions. */
  | { type: 'go-on'; callId: string; instructions: unknown }
  /** The call has another line, by these fields. */
  | { type: 'begin-line'; callId: string; fields: AccountRequest['fields'] }
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
  /** Somebody has called the worker, and nobody was called for it. Default false. */
  isIncoming?: boolean;
}

/** A call is to be where others are. `endsOnExit`: its leaving ends it for everybody. */
export interface MeetingAsked {
  type: 'meeting';
  room: string;
  endsOnExit: boolean;
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
  /** By instructions that have come in the middle of a call: another line, or the room where others are. Default: the call ends. */
  goOn?(call: OrderedCall, instructions: unknown): Promise<PlacedAudioCall | MeetingAsked>;
  /** Somebody whom it has called was put together with another one. Default: it says nothing of that. */
  bridged?(call: OrderedCall): Told | undefined;
  /** Somebody has answered: opens the line. */
  connect(call: OrderedCall): Promise<PlacedAudioCall>;
  /** Somebody calls the worker, which is known by this address: the line, or what tells the worker to ask for one. Default: nobody can. */
  ringIn?(call: OrderedCall, publicUrl: string): Promise<PlacedAudioCall> | Told;
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

interface Answer {
  status: number;
  json: unknown;
}

export class SimulatedAccount implements LiveCalls {
  readonly #options: AccountOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #calls = new Map<string, RestCall>();
  /** Those that it has placed. */
  readonly #ordered = new Map<string, OrderedCall>();
  /** Where calls are that have no line. */
  readonly meetings = new SimulatedMeetings();
  /** Every request so far. */
  readonly requests: (AccountRequest & { status: number })[] = [];
  /** The next order, or the next that is meant, is answered like this, and nothing is done. */
  #failure: { answer: Answer; isMeant: (request: AccountRequest) => boolean } | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** Done with its address. */
  async listen(): Promise<string> {
    await openPort(this.#server, { host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Default: whatever is asked for next is meant; ends of calls never are. */
  failNext(answer: Answer, isMeant: (request: AccountRequest) => boolean = () => true): void {
    this.#failure = { answer, isMeant };
  }

  /** A call rings or talks, until the returned function is called or the API ends it. */
  add(call: RestCall): () => void {
    this.#calls.set(call.callSid, call);
    return () => {
      if (this.#calls.get(call.callSid) === call) this.#calls.delete(call.callSid);
    };
  }

  /** Somebody calls the worker, which is known by this address. The line is told of as that of a call which was answered. */
  async callIn({ from, to, publicUrl }: { from: string; to: string; publicUrl: string }): Promise<void> {
    const { dialect, onAnswered, reach = (url: string) => url, clock = systemClock } = this.#options;
    const callId = dialect.newCallId();
    const call: OrderedCall = {
      callId,
      from,
      to,
      field: () => '',
      fields: {},
      reach,
      rest: this,
      clock,
      isIncoming: true,
    };
    this.#ordered.set(callId, call);
    const isOver = this.add({ callSid: callId, completed: () => isOver(), redirected: () => undefined });
    const rung = await dialect.ringIn?.(call, publicUrl);
    if (rung && 'caller' in rung) onAnswered?.(rung.caller, to);
    else if (rung && 'url' in rung) await this.#tell(rung);
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

  #answer(request: AccountRequest): Answer {
    const { dialect } = this.#options;
    if (!dialect.opens(request)) return { status: 401, json: { message: 'not authorized' } };
    const asked = dialect.read(request);
    if (!asked) return { status: 404, json: { message: 'not found' } };
    if (asked.type === 'refuse') return { status: asked.status, json: { message: asked.message } };
    if (asked.type === 'end') return this.#end(asked.callId);
    const failure = this.#failure;
    if (!failure?.isMeant(request)) return this.#carryOut(request, asked);
    this.#failure = undefined;
    return failure.answer;
  }

  #carryOut(request: AccountRequest, asked: Exclude<AccountAsk, { type: 'refuse' | 'end' }>): Answer {
    if (asked.type === 'place') return this.#place(request, asked);
    const { callId } = asked;
    if (!this.#isLive(callId)) return GONE;
    switch (asked.type) {
      case 'end-line':
        if (!this.meetings.has(callId)) this.meetings.enter({ callSid: callId, room: callId, endsOnExit: true });
        this.#endLine(callId);
        return DONE;
      case 'bridge':
        return this.#bridge(callId, asked.other);
      case 'go-on':
        void this.#goOn(callId, asked.instructions);
        return DONE;
      case 'begin-line':
        void this.#beginLine(callId, asked.fields);
        return DONE;
    }
  }

  #endLine(callId: string): void {
    const line = this.#calls.get(callId);
    this.#calls.delete(callId);
    line?.redirected({});
  }

  #isLive(callId: string): boolean {
    return this.#calls.has(callId) || this.meetings.has(callId);
  }

  #bridge(callId: string, other: string): Answer {
    if (!this.#isLive(other)) return { status: 422, json: { errors: [{ code: '90018', title: 'Call has ended' }] } };
    const { dialect } = this.#options;
    for (const callSid of [other, callId]) {
      const call = this.#ordered.get(callSid);
      this.meetings.enter({ callSid, room: other, endsOnExit: true });
      if (call) void this.#tell(dialect.bridged?.(call));
    }
    return DONE;
  }

  async #goOn(callId: string, instructions: unknown): Promise<void> {
    const call = this.#ordered.get(callId);
    this.meetings.enter({ callSid: callId, room: `${callId} on the way`, endsOnExit: false });
    this.#endLine(callId);
    const next = call && (await this.#options.dialect.goOn?.(call, instructions).catch(() => undefined));
    if (!this.meetings.has(callId)) return; // it has hung up
    if (next?.type === 'meeting') return this.meetings.enter({ callSid: callId, ...next });
    this.meetings.leave(callId);
    if (next?.type === 'media') this.#options.onAnswered?.(next.caller, call?.to ?? '');
  }

  async #beginLine(callId: string, fields: AccountRequest['fields']): Promise<void> {
    const call = this.#ordered.get(callId);
    if (!call) return;
    const placed = await this.#options.dialect.connect({ ...call, fields, field: fieldOf(fields) });
    this.meetings.leave(callId);
    if (placed.type === 'media') this.#options.onAnswered?.(placed.caller, call.to);
  }

  /** Once. */
  async #tell(told: Told | undefined): Promise<void> {
    const { reach = (url: string) => url } = this.#options;
    if (told) await askWebhook({ ...told, reachedAt: reach(told.url) }).catch(() => '');
  }

  #end(callId: string): Answer {
    if (!this.#isLive(callId)) return GONE;
    this.meetings.leave(callId);
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    call?.completed();
    return DONE;
  }

  #place({ fields }: AccountRequest, { from, to, timeoutMs }: Extract<AccountAsk, { type: 'place' }>) {
    const { dialect, calleeAt, onAnswered, reach = (url: string) => url, clock = systemClock } = this.#options;
    const field = fieldOf(fields);
    const callId = dialect.newCallId();
    const call: OrderedCall = { callId, from, to, field, fields, reach, rest: this, clock };
    this.#ordered.set(callId, call);
    new RingingCall({
      ...{ callId: call.callId, callee: calleeAt(to), timeoutMs, rest: this, clock },
      tell: (status) => this.#tell(dialect.told(call, status)),
      connect: async () => {
        const placed = await dialect.connect(call);
        if (placed.type === 'refused') return undefined;
        this.#ordered.set(placed.caller.callSid, call); // some know it by another id from then on
        onAnswered?.(placed.caller, to);
        const ended = placed.caller.ended.then(() => this.meetings.whenLeft(placed.caller.callSid)); // their line may end before they do
        return { line: placed.caller, ended };
      },
      detected: (callee) => this.#tell(dialect.detected?.(call, callee)),
    });
    return dialect.taken(call.callId);
  }
}

const DONE: Answer = { status: 200, json: {} };
const GONE: Answer = { status: 404, json: { message: 'no such call' } };

/** Of a request: what is no text is empty. */
const fieldOf =
  (fields: AccountRequest['fields']) =>
  (name: string): string =>
    typeof fields[name] === 'string' ? fields[name] : '';

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
