/** Vonage's WebSocket legs by their name; how they are read, `binary/vonage-like/wire.ts` says, and Vonage's calls in JSON. */
import { z } from 'zod';
import { parseJson } from '../../lib/json.ts';
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

/** The `headers` of a socket hold so many bytes of JSON, in all. */
const MOST_HEADER_BYTES = 512;

export interface SocketEndpoint {
  url: string;
  contentType: string;
  eventUrl: string;
  call: Pick<VonageCall, 'uuid' | 'from' | 'to'>;
}

/** Connects the call with a socket of ours, which shows a JWT of Vonage's. */
export function connectSocket({ url, contentType, eventUrl, call }: SocketEndpoint): string {
  const endpoint = {
    ...{ type: 'websocket', uri: url, 'content-type': contentType },
    ...{ headers: headersOf(call), authorization: { type: 'vonage' } },
  };
  return ncco({ action: 'connect', eventType: 'synchronous', eventUrl: [eventUrl], endpoint: [endpoint] });
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

export const sayAndEnd = (words: string): string => ncco({ action: 'talk', text: words });

/** Connects the caller with a number, a SIP address (`sip:...`) or an app of the account's (`client:...`). `from`: a number of the account's. */
export const dial = (to: string, from: string | undefined): string => ncco(dialAction(to, from));

export function dialAction(to: string, from: string | undefined): object {
  const caller = from === undefined ? {} : { from: plain(from) };
  return { action: 'connect', ...caller, endpoint: [endpointOf(to.trim())] };
}

/** Of whom to call: a number, a SIP address or an app of the account's. */
export function endpointOf(to: string): object {
  if (/^sips?:/i.test(to)) return { type: 'sip', uri: to };
  const user = /^client:(.+)$/is.exec(to)?.[1];
  return user === undefined ? { type: 'phone', number: plain(to) } : { type: 'app', user };
}

/** Vonage writes numbers without a plus. */
export const plain = (number: string): string => number.replace(/^\+(?=\d)/, '');

const ncco = (action: object): string => JSON.stringify([action]);
