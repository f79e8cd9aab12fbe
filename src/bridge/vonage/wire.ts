/** Vonage's WebSocket legs by their name; how they are read, `binary/vonage-like/wire.ts` says, and Vonage's calls in JSON. */
import { z } from 'zod';
import { parseJson } from '../../lib/json.ts';
import type { TransferOptions } from '../contract.ts';
import { requireSip } from '../verbs.ts';
import { HEADER_NAMES, readVonageCommand as readCommand, vonageReader } from '../binary/vonage-like/wire.ts';

export { CONTENT_TYPES, type ContentType } from '../binary/vonage-like/wire.ts';

export const VONAGE_NAME = 'vonage-media';

/** @throws {VoiceError} `frame-invalid` */
export const readVonageEvent = vonageReader(VONAGE_NAME, { isIdRequired: true });
/** @throws {VoiceError} `frame-invalid` */
export const readVonageCommand = (text: string) => readCommand(VONAGE_NAME, text);

// ---- webhooks -------------------------------------------------------------------------------------------------------

/** What a webhook says of a call. */
export interface VonageCall {
  uuid: string | undefined;
  from: string | undefined;
  to: string | undefined;
  /** Of an event: `disconnected` when we have closed the socket. */
  status: string | undefined;
  /** More of it: `beep_start`, of a machine. */
  subState: string | undefined;
  /** Why, of a call that has failed. */
  detail: string | undefined;
}

const text = z
  .string()
  .regex(/^[^]{1,512}$/)
  .optional()
  .catch(undefined);
const Call = z.object({ uuid: text, from: text, to: text, status: text, sub_state: text, reason: text, detail: text });

/** Whatever it cannot read it has not been told. */
export function readCall(body: Uint8Array | undefined): VonageCall {
  const call = Call.safeParse(parseJson(new TextDecoder().decode(body), { mostValues: 256 })).data;
  const { uuid, from, to, status, sub_state: subState, detail = call?.reason } = call ?? {};
  return { uuid, from, to, status, subState, detail };
}

// ---- call control objects -------------------------------------------------------------------------------------------

/** One action, and with it all that there is to do. When it is over the call ends. */
export type Action = Readonly<Record<string, unknown>> & { action: string };

export const ncco = (action: Action): string => JSON.stringify([action]);

/** The `headers` of a socket hold so many bytes of JSON, in all. */
const MOST_HEADER_BYTES = 512;

export interface SocketEndpoint {
  url: string;
  contentType: string;
  eventUrl: string;
  call: Pick<VonageCall, 'uuid' | 'from' | 'to'>;
}

/** Connects the call with a socket of ours, which shows a JWT of Vonage's. */
export function connectSocket({ url, contentType, eventUrl, call }: SocketEndpoint): Action {
  const endpoint = {
    ...{ type: 'websocket', uri: url, 'content-type': contentType },
    ...{ headers: headersOf(call), authorization: { type: 'vonage' } },
  };
  return { action: 'connect', eventType: 'synchronous', eventUrl: [eventUrl], endpoint: [endpoint] };
}

/** The numbers only where there is room: of a call that we have announced we know them. */
function headersOf({ uuid, from, to }: SocketEndpoint['call']): Record<string, string> {
  const id = uuid === undefined ? {} : { [HEADER_NAMES.callId]: uuid };
  const all = {
    ...id,
    ...(from !== undefined && { [HEADER_NAMES.from]: from }),
    ...(to !== undefined && { [HEADER_NAMES.to]: to }),
  };
  return Buffer.byteLength(JSON.stringify(all)) <= MOST_HEADER_BYTES ? all : id;
}

export const sayAndEnd = (words: string): Action => ({ action: 'talk', text: words });

/** Where those meet who name this one. It is over for all when one leaves. */
export const converse = (name: string): Action => ({
  action: 'conversation',
  name,
  startOnEnter: true,
  endOnExit: true,
});

export interface DialOptions extends TransferOptions {
  /** A number of the account's, which whoever is called sees. Default: the carrier's choice. */
  from?: string | undefined;
  /** Told what becomes of it, and asked what to do next where nobody takes the call. Default: the call ends. */
  eventUrl?: string | undefined;
}

/** Connects the caller with a number, a SIP address (`sip:...`) or an app of the account's (`client:...`). */
export function dial(to: string, { from, eventUrl, headers }: DialOptions = {}): Action {
  return {
    action: 'connect',
    ...(from !== undefined && { from: plain(from) }),
    ...(eventUrl !== undefined && { eventType: 'synchronous', eventUrl: [eventUrl] }),
    endpoint: [{ ...endpointOf(to.trim()), ...headersFor(to, headers) }],
  };
}

/**
 * Vonage writes `X-` before the names of headers by itself, and takes one of the standard's.
 * @throws {VoiceError} `request-invalid`, for headers to what is no SIP address.
 */
function headersFor(to: string, headers: TransferOptions['headers'] = {}): object {
  const all = Object.entries(headers);
  if (all.length === 0) return {};
  requireSip(to.trim());
  const own = all.flatMap(([name, value]) => (name.startsWith('X-') ? [[name.slice(2), value] as const] : []));
  const standard = all.filter(([name]) => !name.startsWith('X-'));
  return {
    ...(own.length > 0 && { headers: Object.fromEntries(own) }),
    ...(standard.length > 0 && { standardHeaders: Object.fromEntries(standard) }),
  };
}

/** Of whom to call: a number, a SIP address or an app of the account's. */
export function endpointOf(to: string): object {
  if (/^sips?:/i.test(to)) return { type: 'sip', uri: to };
  const user = /^client:(.+)$/is.exec(to)?.[1];
  return user === undefined ? { type: 'phone', number: plain(to) } : { type: 'app', user };
}

/** Vonage writes numbers without a plus. */
export const plain = (number: string): string => number.replace(/^\+(?=\d)/, '');
