/**
 * A stand-in for the part of Twilio's REST API, which SignalWire has below `/api/laml`, that changes a live call,
 * `POST .../Calls/{CallSid}.json`, and places one, `POST .../Calls.json`. Knows the calls that it was told of, does to them what it is asked to, and answers as Twilio does, also when it refuses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { openPort } from '../../lib/open-port.ts';
import { newSid, type LiveCalls, type RestCall } from '../phone/connect.ts';
import { SimulatedMeetings } from '../phone/meetings.ts';
import { guestBy } from './meetings.ts';
import { ringByTwilio, type PlacingOptions } from './placed-calls.ts';

export interface RestServerOptions {
  accountSid: string;
  authToken: string;
  /** Default: the auth token is the only way in. */
  apiKey?: { sid: string; secret: string };
  /** Default: a free one. */
  port?: number;
  /**
   * Every call is in progress, whoever has placed it: it is ended and sent elsewhere as far as that needs nothing of the
   * telephone, which is in another process. Default: those that were added.
   */
  knowsEveryCall?: boolean;
  /** How calls that it is asked to place are answered. Default: it refuses to place any. */
  placing?: PlacingOptions;
  /** Before each answer, in milliseconds. Default 0. */
  delayMs?: number;
  clock?: Clock;
}

/** How one request is to go wrong. */
export type RestFault =
  /** Answered like this, and nothing is done. */
  | { status: number; code?: number; message?: string; headers?: Record<string, string> }
  /** The connection is cut before the answer. */
  | 'reset'
  /** No answer at all. */
  | 'silence';

export interface RestRequest {
  method: string;
  path: string;
  fields: Record<string, string>;
  status: number | undefined;
}

const LONGEST_BODY_BYTES = 100_000;

export class SimulatedTwilioRest implements LiveCalls {
  readonly #options: RestServerOptions;
  readonly #clock: Clock;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #calls = new Map<string, RestCall>();
  readonly #faults: RestFault[] = [];
  /** Every request so far. */
  readonly requests: RestRequest[] = [];
  /** Where calls are put together. */
  readonly meetings = new SimulatedMeetings();

  constructor(options: RestServerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async listen(): Promise<void> {
    await openPort(this.#server, { host: '127.0.0.1', port: this.#options.port ?? 0 });
  }

  /** For `TwilioRest`: where this server is, and what opens it. */
  get account(): { accountSid: string; authToken: string; baseUrl: string } {
    const { port } = this.#server.address() as AddressInfo;
    const { accountSid, authToken } = this.#options;
    return { accountSid, authToken, baseUrl: `http://127.0.0.1:${port}` };
  }

  /** A call is in progress, until the returned function is called or the API ends it. */
  add(call: RestCall): () => void {
    this.#calls.set(call.callSid, call);
    return () => this.#calls.delete(call.callSid);
  }

  /** The next requests go wrong, one each. */
  failNext(...faults: RestFault[]): void {
    this.#faults.push(...faults);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const entry: RestRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      fields: Object.fromEntries(new URLSearchParams(body)),
      status: undefined,
    };
    this.requests.push(entry);
    const fault = this.#faults.shift();
    if (fault === 'silence') return;
    if (fault === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const answer = () => {
      const { status, headers, json } = fault ? refusal(fault) : this.#answer(request, entry.fields);
      entry.status = status;
      response.writeHead(status, { 'content-type': 'application/json', 'twilio-request-id': 'RQ1', ...headers });
      response.end(JSON.stringify(json));
    };
    if (this.#options.delayMs) this.#clock.after(this.#options.delayMs, answer);
    else answer();
  }

  #answer(request: IncomingMessage, fields: Record<string, string>): Answer {
    const isNew = /^\/2010-04-01\/Accounts\/[^/]+\/Calls\.json$/.test(request.url ?? '');
    if (isNew && this.#options.placing) return this.#place(request, fields, this.#options.placing);
    const match = /^(?:\/api\/laml)?\/2010-04-01\/Accounts\/([^/]+)\/Calls\/([^/]+)\.json$/.exec(request.url ?? '');
    if (!match || request.method !== 'POST') return refusal({ status: 404, code: 20404 });
    if (!this.#isAuthorized(request.headers.authorization)) {
      return refusal(NOT_ALLOWED);
    }
    const callSid = decodeURIComponent(match[2] ?? '');
    const call =
      this.#calls.get(callSid) ??
      this.#inMeeting(callSid) ??
      (this.#options.knowsEveryCall ? elsewhere(callSid) : undefined);
    if (!this.#calls.has(callSid) && call && /<Play digits=/.test(fields['Twiml'] ?? '')) return refusal(NO_KEYS);
    if (match[1] !== this.#options.accountSid || !call) {
      return refusal({ status: 404, code: 20404, message: `The requested resource ${request.url} was not found` });
    }
    return this.#update(call, fields);
  }

  #place({ headers }: IncomingMessage, fields: Record<string, string>, placing: PlacingOptions): Answer {
    if (!this.#isAuthorized(headers.authorization)) return refusal(NOT_ALLOWED);
    const missing = ['To', 'From', 'Url'].find((name) => !fields[name]);
    if (missing !== undefined) return refusal({ status: 400, code: 21205, message: `${missing} is required` });
    const callSid = newSid('CA');
    const { accountSid, authToken } = this.#options;
    const meetings = this.meetings;
    ringByTwilio(fields, { ...placing, callSid, accountSid, authToken, clock: this.#clock, rest: this, meetings });
    return { status: 201, json: { sid: callSid, account_sid: accountSid, status: 'queued' } };
  }

  #update(call: RestCall, { Status, Twiml, Url }: Record<string, string>): Answer {
    if (Status === 'completed') {
      this.#calls.delete(call.callSid);
      call.completed();
    } else if (Twiml !== undefined || Url !== undefined) {
      this.meetings.leave(call.callSid);
      if (Twiml !== undefined) this.#meet(call.callSid, Twiml);
      call.redirected({ ...(Twiml !== undefined && { twiml: Twiml }), ...(Url !== undefined && { url: Url }) });
    } else {
      return refusal({ status: 400, code: 21218, message: 'Expected Status, Twiml or Url' });
    }
    const status = Status === 'completed' ? 'completed' : 'in-progress';
    return { status: 200, json: { sid: call.callSid, account_sid: this.#options.accountSid, status } };
  }

  #meet(callSid: string, twiml: string): void {
    const { accountSid, authToken, placing } = this.#options;
    const guest = guestBy(callSid, twiml, { accountSid, authToken, reach: placing?.reach });
    if (guest) this.meetings.enter(guest);
  }

  /** A call whose line has ended for a meeting. */
  #inMeeting(callSid: string): RestCall | undefined {
    if (!this.meetings.has(callSid)) return undefined;
    return { callSid, completed: () => this.meetings.leave(callSid), redirected() {} };
  }

  #isAuthorized(header: string | undefined): boolean {
    const { accountSid, authToken, apiKey } = this.#options;
    const pairs = [`${accountSid}:${authToken}`, ...(apiKey ? [`${apiKey.sid}:${apiKey.secret}`] : [])];
    return pairs.some((pair) => header === `Basic ${Buffer.from(pair).toString('base64')}`);
  }
}

/** A call that this process knows nothing of. */
const elsewhere = (callSid: string): RestCall => ({ callSid, completed() {}, redirected() {} });
const NOT_ALLOWED = { status: 401, code: 20003, message: 'Authentication Error - invalid username' };
const NO_KEYS = { status: 400, code: 21220, message: 'The stand-in for the account presses no keys' };

interface Answer {
  status: number;
  headers?: Record<string, string> | undefined;
  json: unknown;
}

function refusal(fault: Exclude<RestFault, string>): Answer {
  const { status, code = 20500, message = 'The request failed', headers } = fault;
  const json = { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
  return { status, headers, json };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LONGEST_BODY_BYTES) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
