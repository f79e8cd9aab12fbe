/**
 * What a carrier's REST API is asked with: one request at a time over connections that are kept, in time or not at all, and
 * once more after a failure that may pass. What its answer means is the carrier's own business.
 */
import { Pool, type Dispatcher } from 'undici';
import { z } from 'zod';
import { systemClock, type Clock } from '../lib/clock.ts';
import { ProviderError, type ErrorCode } from '../lib/errors.ts';
import { parseJson } from '../lib/json.ts';

export interface RestClientOptions {
  /** As errors name it: `plivo`. */
  provider: string;
  baseUrl: string;
  /** The header, or what makes one for each request. Neither it nor the `secrets` are ever in an error. */
  authorization: string | (() => string);
  secrets: readonly string[];
  /** The header of an answer that names the request, in lower case. Default: none. */
  requestIdHeader?: string;
  /** Of one request, in milliseconds. Default 5,000. */
  timeoutMs?: number | undefined;
  /** Default: the system's. */
  clock?: Clock | undefined;
}

export interface RestRequest {
  method: 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** Below the base address. */
  path: string;
  /** A field with several values is sent several times. */
  form?: Readonly<Record<string, string | readonly string[]>>;
  json?: unknown;
  /** What is asked for, as an error says it: `The call's update`. */
  what: string;
}

const TIMEOUT_MS = 5_000;
/** Before the one repetition of a request that may be repeated. Short: a caller is waiting on the line. */
const RETRY_AFTER_MS = 250;
const LONGEST_RETRY_AFTER_MS = 2_000;

export class RestClient {
  readonly #options: RestClientOptions;
  readonly #basePath: string;
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #closing: Promise<void> | undefined;

  constructor(options: RestClientOptions) {
    const base = new URL(options.baseUrl);
    this.#options = options;
    this.#basePath = base.pathname.replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#clock = options.clock ?? systemClock;
    this.#pool = new Pool(base.origin, { keepAliveTimeout: 60_000, connect: { timeout: this.#timeoutMs } });
  }

  /**
   * Once more after a failure that may pass: for what is the same when it is asked for twice.
   * @throws {ProviderError} as `ask` does
   */
  async askAgain(request: RestRequest): Promise<void> {
    try {
      await this.ask(request);
    } catch (error) {
      if (!(error instanceof ProviderError) || !mayPass(error)) throw error;
      const waitMs = Math.min(error.retryAfterMs ?? RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS);
      await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
      await this.ask(request);
    }
  }

  /**
   * What it was answered, as JSON; undefined when that is none.
   * @throws {ProviderError} `connect-timeout`, `connect-failed`, `unauthorized`, `rate-limited` or `provider-failed`
   */
  async ask(request: RestRequest): Promise<unknown> {
    const { method, path, form, json } = request;
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const { authorization: given } = this.#options;
    const authorization = typeof given === 'string' ? given : given();
    let response: Dispatcher.ResponseData;
    let body: string;
    try {
      response = await this.#pool.request({
        method,
        path: this.#basePath + path,
        headers: {
          authorization,
          accept: 'application/json',
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(json !== undefined && { 'content-type': 'application/json' }),
        },
        body: form ? formText(form) : json === undefined ? null : JSON.stringify(json),
        signal,
      });
      body = await response.body.text();
    } catch (error) {
      throw this.#unreachable(error, signal.aborted);
    }
    if (response.statusCode >= 300) throw this.#refused(response, body, { what: request.what, authorization });
    return parseJson(body);
  }

  /** Lets go of the connections; requests that are running end first. Safe to call twice. */
  close(): Promise<void> {
    return (this.#closing ??= this.#pool.close());
  }

  #refused(
    { statusCode, headers }: Dispatcher.ResponseData,
    body: string,
    { what, authorization }: { what: string; authorization: string },
  ): ProviderError {
    const { code, message } = readFailure(body);
    const retryAfter = Number(headers['retry-after']);
    const requestId = headers[this.#options.requestIdHeader ?? ''];
    const why = message ? `: ${this.#withoutSecrets(message, authorization)}` : '';
    return new ProviderError(this.#options.provider, codeOf(statusCode), `${what} was answered ${statusCode}${why}`, {
      phase: 'before-first-output',
      status: statusCode,
      providerCode: code,
      requestId: typeof requestId === 'string' ? requestId : undefined,
      retryAfterMs: retryAfter >= 0 ? retryAfter * 1000 : undefined,
    });
  }

  /** The cause is left out: it may hold the request, and the request holds the credentials. */
  #unreachable(error: unknown, isTimedOut: boolean): ProviderError {
    const { provider } = this.#options;
    const why = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no reason';
    return isTimedOut
      ? new ProviderError(provider, 'connect-timeout', `Expected an answer within ${this.#timeoutMs} ms, got none`, {
          phase: 'connect',
        })
      : new ProviderError(provider, 'connect-failed', `The API could not be reached (${why})`, { phase: 'connect' });
  }

  #withoutSecrets(message: string, authorization: string): string {
    return [...this.#options.secrets, authorization].reduce(
      (text, secret) => text.replaceAll(secret, '[redacted]'),
      message,
    );
  }
}

/** `Authorization: Basic ...` */
export const basicAuthorization = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/**
 * Asked to end a call, for which one that is not there any more is success: an API says so with 404, and perhaps with one of
 * its own `codes`.
 */
export async function unlessGone(asking: Promise<void> | undefined, codes: readonly string[] = []): Promise<void> {
  try {
    await asking;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.status !== 404 && !codes.includes(error.providerCode ?? '')) throw error;
  }
}

function formText(form: NonNullable<RestRequest['form']>): string {
  const pairs = Object.entries(form).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}

const Code = z.union([z.number(), z.string()]).nullish();
const Failure = z.object({ code: Code, message: z.string().nullish(), error: z.string().nullish() });
const Failures = z.object({
  errors: z
    .tuple([z.object({ code: Code, title: z.string().nullish(), detail: z.string().nullish() })])
    .rest(z.unknown()),
});

/** `{ code, message }`, `{ error }`, or `{ errors: [{ code, title, detail }] }`. */
function readFailure(body: string): { code: string | undefined; message: string | undefined } {
  const json = parseJson(body);
  const [first] = Failures.safeParse(json).data?.errors ?? [];
  const one = Failure.safeParse(json).data;
  const code = first?.code ?? one?.code;
  const message = first?.detail ?? first?.title ?? one?.message ?? one?.error;
  return { code: code === undefined || code === null ? undefined : String(code), message: message ?? undefined };
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  return status === 429 ? 'rate-limited' : 'provider-failed';
}

function mayPass(error: ProviderError): boolean {
  return error.status === undefined ? error.code === 'connect-failed' : error.status === 429 || error.status >= 500;
}
