/**
 * A provider's server over HTTP: one address, its key, a pool of warm connections. What it refuses, and that it cannot be
 * reached, is read in one way for every vendor.
 */
import { Pool, type Dispatcher } from 'undici';
import { ProviderError } from './errors.ts';
import { readErrorBody, refusalOf, requestIdOf, unreachable, type ResponseHeaders } from './provider-errors.ts';

export interface ProviderServerOptions {
  /** As errors name it. */
  provider: string;
  /** What paths are appended to, such as `http://localhost:8000/v1`. */
  baseUrl: string;
  /** Default: none is shown. */
  apiKey?: string | undefined;
  /** From the first byte to a connection. Default 5,000. */
  connectTimeoutMs?: number;
}

/** What is asked. */
export interface Question {
  method: 'GET' | 'POST';
  /** Behind the base address: `/audio/speech`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: Dispatcher.RequestOptions['body'];
  signal: AbortSignal;
}

/** A good answer, whose body has not been read. */
export interface ProviderAnswer {
  /** In lower case, with its parameters; empty when it is not told. */
  contentType: string;
  headers: ResponseHeaders;
  /** The server's own id of it, for its support. */
  requestId: string | undefined;
  body: Dispatcher.ResponseData['body'];
}

/** A caller may think for long between two turns; the connection should still be there. */
const KEEP_ALIVE_MS = 60_000;
const KEEP_ALIVE_MOST_MS = 600_000;
/** Of an answer that is not what was asked for, so much is looked at. */
const MOST_ERROR_BYTES = 64 * 1024;

export class ProviderServer {
  readonly #options: ProviderServerOptions;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;
  #isClosed = false;

  constructor(options: ProviderServerOptions) {
    const { baseUrl, apiKey, connectTimeoutMs = 5_000 } = options;
    const { origin, pathname } = new URL(baseUrl);
    this.#options = options;
    this.#path = pathname.replace(/\/+$/, '');
    this.#headers = {
      'user-agent': 'parley-voice',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    this.#pool = new Pool(origin, {
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MOST_MS,
      connectTimeout: connectTimeoutMs,
    });
  }

  /** Open connections. */
  get sockets(): number {
    return this.#isClosed ? 0 : this.#pool.stats.connected;
  }

  /** Connections on which nothing is being asked. */
  get free(): number {
    return this.#isClosed ? 0 : this.#pool.stats.free;
  }

  /**
   * Deadlines are the caller's, by the signal. No redirect is followed: it would be shown the key.
   * @throws {ProviderError} when it refuses or cannot be reached; the signal's reason, when that is aborted.
   */
  async ask({ method, path, headers, body = null, signal }: Question): Promise<ProviderAnswer> {
    const { provider, apiKey } = this.#options;
    try {
      const response = await this.#pool.request({
        method,
        path: `${this.#path}${path}`,
        headers: { ...this.#headers, ...headers },
        body,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const requestId = requestIdOf(response.headers, apiKey);
      if (response.statusCode < 300)
        return {
          contentType: textOf(response.headers['content-type']).toLowerCase(),
          headers: response.headers,
          requestId,
          body: response.body,
        };
      throw await this.refusal(response.statusCode, response.headers, response.body);
    } catch (thrown) {
      signal.throwIfAborted();
      throw thrown instanceof ProviderError ? thrown : unreachable(provider, thrown, apiKey);
    }
  }

  /** What a body says that is no good answer, whatever its status. */
  async refusal(status: number, headers: ResponseHeaders, body: AsyncIterable<unknown>): Promise<ProviderError> {
    const { provider, apiKey } = this.#options;
    const facts = readErrorBody(status, headers, await beginningOf(body), { secret: apiKey });
    return refusalOf(provider, facts, { phase: 'before-first-output' });
  }

  /** A request that costs nothing, without the key, for the sake of its connection. Nothing is told of it. */
  prewarm(): void {
    if (this.#isClosed || this.free > 0) return;
    const handler: Dispatcher.DispatchHandler = { onRequestStart: () => {}, onResponseError: () => {} };
    this.#pool.dispatch({ method: 'GET', path: this.#path || '/' }, handler);
  }

  /** Ends every connection, at once. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#pool.destroy();
  }
}

async function beginningOf(body: AsyncIterable<unknown>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= MOST_ERROR_BYTES) break; // which ends the connection
  }
  return Buffer.concat(pieces).toString('utf8');
}

function textOf(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}
