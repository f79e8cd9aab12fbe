/**
 * What a socket cannot do: ends, transfers and presses keys in a live call over Twilio's REST API. One instance serves
 * every call of the process.
 * @see https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
 */
import type { Clock } from '../../lib/clock.ts';
import { idFrom } from '../json/placed.ts';
import { orderForm, type PlacingOrder } from '../json/twilio-like/placing.ts';
import { basicAuthorization, RestClient, unlessGone, type RestRequest } from '../rest-client.ts';
import { dial, playDigits, type DialOptions } from './twiml.ts';

export interface TwilioAccount {
  /** `AC...` */
  accountSid: string;
  /** The account's auth token, or the secret of `apiKeySid`. */
  authToken: string;
  /** `SK...`, when an API key is used. */
  apiKeySid?: string | undefined;
  /** `https://api.twilio.com`; regional: `https://api.{edge}.{region}.twilio.com`. */
  baseUrl: string;
  /** Shown to whom a call is transferred. Default: the caller's own number. */
  callerId?: string | undefined;
}

export interface RestOptions {
  /** Of one request, in milliseconds. Default 5,000. */
  timeoutMs?: number;
  /** Default: the system's. */
  clock?: Clock;
}

/** Twilio's code for a call that is not there, and for one that is not in progress: for a hang-up, both are success. */
export const GONE_CODES = ['20404', '21220'];

export class TwilioRest {
  readonly #account: TwilioAccount;
  readonly #client: RestClient;

  constructor(account: TwilioAccount, options: RestOptions = {}) {
    const { accountSid, authToken, apiKeySid = accountSid, baseUrl } = account;
    this.#account = account;
    this.#client = new RestClient({
      ...{ provider: 'twilio', baseUrl, authorization: basicAuthorization(apiKeySid, authToken), secrets: [authToken] },
      ...{ requestIdHeader: 'twilio-request-id', ...options },
    });
  }

  /** Ends the call. A call that has ended already is ended. */
  async hangUp(callSid: string): Promise<void> {
    await unlessGone(this.#client.askAgain(this.#update(callSid, { Status: 'completed' })), GONE_CODES);
  }

  /** Connects the caller to `to` (see `dial`); whatever ran before ends. */
  async transfer(callSid: string, to: string, options: Omit<DialOptions, 'callerId'> = {}): Promise<void> {
    await this.redirect(callSid, dial(to, { ...options, callerId: this.#account.callerId }));
  }

  /** Presses keys. This replaces the running document, so a stream ends; `next` are the verbs that follow (none). */
  async sendDigits(callSid: string, digits: string, options: { next?: string | undefined } = {}): Promise<void> {
    await this.#client.ask(this.#update(callSid, { Twiml: playDigits(digits, options.next) }));
  }

  /** Has the call run other TwiML. */
  async redirect(callSid: string, twiml: string): Promise<void> {
    await this.#client.askAgain(this.#update(callSid, { Twiml: twiml }));
  }

  /**
   * Has somebody called. Twilio asks `url` what to do once they have answered, and tells `statusUrl` what becomes of it.
   * Resolves with the call's SID. Asked once: a call that was placed twice is two.
   */
  async placeCall(order: PlacingOrder): Promise<string> {
    const path = `${this.#calls}.json`;
    const answer = await this.#client.ask({ method: 'POST', path, form: orderForm(order), what: 'The call' });
    return idFrom('twilio', answer, 'sid');
  }

  /** Lets go of the connections; requests that are running end first. Safe to call twice. */
  close(): Promise<void> {
    return this.#client.close();
  }

  get #calls(): string {
    return `/2010-04-01/Accounts/${encodeURIComponent(this.#account.accountSid)}/Calls`;
  }

  #update(callSid: string, form: Record<string, string>): RestRequest {
    const path = `${this.#calls}/${encodeURIComponent(callSid)}.json`;
    return { method: 'POST', path, form, what: "The call's update" };
  }
}
