/**
 * What a socket cannot do: ends, transfers and presses keys in a live call over Twilio's REST API. One instance serves
 * every call of the process.
 * @see https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
 */
import { Pool, type Dispatcher } from 'undici';
import { z } from 'zod';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { ProviderError, type ErrorCode } from '../../lib/errors.ts';
import { parseJson } from '../../lib/json.ts';
import { dial, playDigits } from './twiml.ts';

export interface TwilioAccount {
  /** `AC...` */
  accountSid: string;
  /** The account's auth token, or the secret of `apiKeySid`. */
  authToken: string;
  /** `SK...`, when an API key is used. */
  apiKeySid?: string | undefined;
  /** Default `https://api.twilio.com`; regional: `https://api.{edge}.{region}.twilio.com`. */
  baseUrl?: string | undefined;
  /** Shown to whom a call is transferred. Default: the caller's own number. */
  callerId?: string | undefined;
}

export interface RestOptions {
  /** Of one request, in milliseconds. Default 5,000. */
  timeoutMs?: number;
  /** Default: the system's. */
  clock?: Clock;
}

const PROVIDER = 'twilio';
const BASE_URL = 'https://api.twilio.com';
const TIMEOUT_MS = 5_000;
/** Before the one repetition of a request that may be repeated. Short: a caller is waiting on the line. */
const RETRY_AFTER_MS = 250;
const LONGEST_RETRY_AFTER_MS = 2_000;
/** Twilio's code for a call that is not there, and for one that is not in progress: for a hang-up, both are success. */
const GONE_CODES = new Set(['20404', '21220']);

const Failure = z.object({ code: z.union([z.number(), z.string()]).nullish(), message: z.string().nullish() });

export class TwilioRest {
  readonly #account: TwilioAccount;
  readonly #authorization: string;
  readonly #basePath: string;
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #closing: Promise<void> | undefined;

  constructor(account: TwilioAccount, options: RestOptions = {}) {
    const base = new URL(account.baseUrl ?? BASE_URL);
    const user = account.apiKeySid ?? account.accountSid;
    this.#account = account;
    this.#authorization = `Basic ${Buffer.from(`${user}:${account.authToken}`).toString('base64')}`;
    this.#basePath = base.pathname.replace(/\/+$/, '');
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#clock = options.clock ?? systemClock;
    this.#pool = new Pool(base.origin, { keepAliveTimeout: 60_000, connect: { timeout: this.#timeoutMs } });
  }

  /** Ends the call. A call that has ended already is ended. */
  async hangUp(callSid: string): Promise<void> {
    try {
      await this.#updateAgain(callSid, { Status: 'completed' });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Connects the caller to `to` (see `dial`); whatever ran before ends. */
  async transfer(callSid: string, to: string): Promise<void> {
    await this.#updateAgain(callSid, { Twiml: dial(to, { callerId: this.#account.callerId }) });
  }

  /** Presses keys. This replaces the running document, so a stream ends; `next` are the verbs that follow (none). */
  async sendDigits(callSid: string, digits: string, options: { next?: string | undefined } = {}): Promise<void> {
    await this.#update(callSid, { Twiml: playDigits(digits, options.next) });
  }

  /** Has the call run other TwiML. */
  async redirect(callSid: string, twiml: string): Promise<void> {
    await this.#updateAgain(callSid, { Twiml: twiml });
  }

  /** Lets go of the connections; requests that are running end first. Safe to call twice. */
  close(): Promise<void> {
    return (this.#closing ??= this.#pool.close());
  }

  /** Once more after a failure that may pass: what is asked for here is the same when it is asked for twice. */
  async #updateAgain(callSid: string, fields: Record<string, string>): Promise<void> {
    try {
      await this.#update(callSid, fields);
    } catch (error) {
      if (!(error instanceof ProviderError) || !mayPass(error)) throw error;
      const waitMs = Math.min(error.retryAfterMs ?? RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS);
      await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
      await this.#update(callSid, fields);
    }
  }

  async #update(callSid: string, fields: Record<string, string>): Promise<void> {
    const account = encodeURIComponent(this.#account.accountSid);
    const path = `${this.#basePath}/2010-04-01/Accounts/${account}/Calls/${encodeURIComponent(callSid)}.json`;
    const signal = AbortSignal.timeout(this.#timeoutMs);
    let response: Dispatcher.ResponseData;
    let body: string;
    try {
      response = await this.#pool.request({
        method: 'POST',
        path,
        headers: {
          authorization: this.#authorization,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: new URLSearchParams(fields).toString(),
        signal,
      });
      body = await response.body.text();
    } catch (error) {
      throw this.#unreachable(error, signal.aborted);
    }
    if (response.statusCode >= 300) throw this.#refused(response, body);
  }

  #refused({ statusCode, headers }: Dispatcher.ResponseData, body: string): ProviderError {
    const { data } = Failure.safeParse(parseJson(body));
    const retryAfter = Number(headers['retry-after']);
    const requestId = headers['twilio-request-id'];
    const message = data?.message ? `: ${this.#withoutSecrets(data.message)}` : '';
    return new ProviderError(PROVIDER, codeOf(statusCode), `The call's update was answered ${statusCode}${message}`, {
      phase: 'before-first-output',
      status: statusCode,
      providerCode: data?.code === undefined || data.code === null ? undefined : String(data.code),
      requestId: typeof requestId === 'string' ? requestId : undefined,
      retryAfterMs: retryAfter >= 0 ? retryAfter * 1000 : undefined,
    });
  }

  /** The cause is left out: it may hold the request, and the request holds the credentials. */
  #unreachable(error: unknown, isTimedOut: boolean): ProviderError {
    const why = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no reason';
    return isTimedOut
      ? new ProviderError(PROVIDER, 'connect-timeout', `Expected an answer within ${this.#timeoutMs} ms, got none`, {
          phase: 'connect',
        })
      : new ProviderError(PROVIDER, 'connect-failed', `The API could not be reached (${why})`, {
          phase: 'connect',
        });
  }

  #withoutSecrets(message: string): string {
    return message.replaceAll(this.#account.authToken, '[redacted]').replaceAll(this.#authorization, '[redacted]');
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  return status === 429 ? 'rate-limited' : 'provider-failed';
}

function mayPass(error: ProviderError): boolean {
  return error.status === undefined ? error.code === 'connect-failed' : error.status === 429 || error.status >= 500;
}

function isGone(error: unknown): boolean {
  if (!(error instanceof ProviderError)) return false;
  return error.status === 404 || GONE_CODES.has(error.providerCode ?? '');
}
