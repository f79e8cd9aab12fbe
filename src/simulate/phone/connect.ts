/** How a carrier opens a socket to a worker: with what it shows of itself, without compression. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { OpenSocket } from '../../lib/open-socket.ts';
import { ProviderError } from '../../lib/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { TcpPhoneLink, type PhoneLink } from './link.ts';

/** What a carrier's API does to a call. */
export interface RestCall {
  readonly callSid: string;
  /** The call is over. */
  completed(): void;
  /** Whatever ran is over, and this runs: a document, or what another URL answers. */
  redirected(update: { twiml?: string; url?: string }): void;
  /** Keys are pressed, and the line goes on. Absent where a carrier ends it for them. */
  pressed?(digits: string): void;
}

/** Calls that a carrier's API knows. */
export interface LiveCalls {
  /** A call is in progress, until the returned function is called or the API ends it. */
  add(call: RestCall): () => void;
}

/** Who calls whom, and where the worker is. */
export interface DialOptions {
  /** The worker's, `ws://...` or `wss://...`. */
  url: string;
  from: string;
  to: string;
  /** What the worker's document, or whoever placed the call, has given it. */
  parameters?: Readonly<Record<string, string>>;
  /** Signs the upgrade. Default: it is not signed. */
  authToken?: string;
  /** The URL that is signed, when the worker is known to the world by another one. Default: `url`. */
  signedUrl?: string;
  /** Default: a new one. */
  callSid?: string;
  accountSid?: string;
  /** Makes the call known to the API, which can end it and have it go on elsewhere. */
  rest?: LiveCalls;
  /** Default: the system's. */
  clock?: Clock;
  /** How long the worker may take to accept the socket. Default 10,000. */
  connectTimeoutMs?: number;
}

/** How a call ended, as the carrier sees it. */
export interface CallEnd {
  by: 'caller' | 'worker' | 'rest';
  /** Of the socket; 1006 when it broke. */
  code: number;
  atMs: number;
  /** What the worker said of it when it closed the socket, such as `transferred`. */
  words?: string;
  /** The document or URL that the call goes on with, if the API said so. */
  redirect?: { twiml?: string; url?: string };
  /** What the worker ended a relay session with. */
  handoffData?: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** A new id, such as Twilio's: two letters and 32 hexadecimal digits. */
export function newSid(prefix: string): string {
  return prefix + randomBytes(16).toString('hex');
}

/** What a carrier shows that signs nothing: its password, whatever the `user` is called; without one, nothing. */
export const basic = (password: string | undefined, user = 'parley'): Record<string, string> =>
  password === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };

/**
 * `headers`: of the upgrade. `onOpen` runs in the tick in which the worker accepts, so that nothing of what the worker sends is missed.
 * @throws {ProviderError} `connect-failed`, with the HTTP status when the worker refused the upgrade, and its words as `details`;
 * `unauthorized` for 401 and 403.
 */
export function openSocket<Line>(
  options: Pick<DialOptions, 'url' | 'connectTimeoutMs'> & { protocols?: readonly string[] | undefined },
  headers: Readonly<Record<string, string>>,
  onOpen: (socket: OpenSocket) => Line,
): Promise<Line> {
  const { url, protocols = [] } = options;
  const handshakeTimeout = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...protocols], { headers, perMessageDeflate: false, handshakeTimeout });
    const fail = (error: Error): void => {
      const message = `Expected ${url} to accept the call, got: ${error.message}`;
      reject(new ProviderError('worker', 'connect-failed', message, { phase: 'connect', cause: error }));
    };
    socket.on('error', fail);
    socket.once('open', () => {
      socket.off('error', fail).on('error', () => undefined); // `close` follows and tells
      resolve(onOpen(socket));
    });
    socket.once('unexpected-response', (request, response) => {
      void wordsOf(response).then((words) => {
        reject(refusalOf(url, response, words));
        request.destroy();
      });
    });
  });
}

function refusalOf(url: string, { statusCode: status = 0, headers }: IncomingMessage, words: string): ProviderError {
  const code = status === 401 || status === 403 ? 'unauthorized' : 'connect-failed';
  return new ProviderError('worker', code, `Expected ${url} to accept the call, got HTTP ${status}`, {
    phase: 'connect',
    status,
    retryAfterMs: secondsOf(headers['retry-after']),
    ...(words !== '' && { details: words }),
  });
}

/** As much of a body as a person reads, on one line. A page is none of it. */
const MOST_WORDS = 200;
const WORDS_WITHIN_MS = 1_000;

/** What a refusal says for people, if it says anything in time. */
async function wordsOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  response.setTimeout(WORDS_WITHIN_MS, () => response.destroy());
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) > MOST_WORDS) break;
    }
  } catch {
    // what came of it has to do
  }
  const text = Buffer.concat(chunks)
    .toString()
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return text.startsWith('<') ? '' : text.slice(0, MOST_WORDS);
}

/** The same of a stream, to `tcp://HOST:PORT`. @throws {ProviderError} `connect-failed` */
export function openStream<Line>(
  { url, connectTimeoutMs = CONNECT_TIMEOUT_MS }: Pick<DialOptions, 'url' | 'connectTimeoutMs'>,
  onOpen: (link: PhoneLink) => Line,
): Promise<Line> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: connectTimeoutMs });
    const fail = (error: Error): void => {
      socket.destroy();
      const message = `Expected ${url} to accept the call, got: ${error.message}`;
      reject(new ProviderError('worker', 'connect-failed', message, { phase: 'connect', cause: error }));
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(new Error(`nothing within ${connectTimeoutMs} ms`)));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', fail).on('error', () => undefined); // `close` follows and tells
      resolve(onOpen(new TcpPhoneLink(socket)));
    });
  });
}

/** `Retry-After` in its simpler form. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}
