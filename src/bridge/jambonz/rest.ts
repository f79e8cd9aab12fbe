/**
 * jambonz's REST API: places calls, and ends them. A live one is ended by a change of its state, and so is one that rings, by
 * another: to delete a call there is to forget it, not to end it.
 * @see https://docs.jambonz.org/reference/rest-platform-management/calls
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { RestClient, unlessGone } from '../rest-client.ts';

export interface JambonzAccount {
  accountSid: string;
  apiKey: string;
  /** Such as `https://jambonz.cloud/api`. */
  baseUrl: string;
  /** That hooks of ours show: an order names them. */
  hookPasswords?: readonly string[];
}

export class JambonzRest implements CarrierRest {
  readonly #accountSid: string;
  readonly #client: RestClient;

  constructor(
    { accountSid, apiKey, baseUrl, hookPasswords = [] }: JambonzAccount,
    options: { clock?: Clock; timeoutMs?: number } = {},
  ) {
    this.#accountSid = encodeURIComponent(accountSid);
    this.#client = new RestClient({
      ...{ provider: 'jambonz', baseUrl, secrets: [apiKey, ...hookPasswords] },
      ...{ authorization: `Bearer ${apiKey}`, ...options },
    });
  }

  /** Resolves with its id. Asked once: a call that was placed twice is two. */
  async placeCall(json: Readonly<Record<string, unknown>>): Promise<string> {
    const path = `/v1/Accounts/${this.#accountSid}/Calls`;
    return idFrom('jambonz', await this.#client.ask({ method: 'POST', path, json, what: 'The call' }), 'sid');
  }

  async hangUp(callSid: string): Promise<void> {
    await unlessGone(this.#setStatus(callSid, 'completed', 'The hang-up'));
  }

  async cancel(callSid: string): Promise<void> {
    await unlessGone(this.#setStatus(callSid, 'no-answer', 'The cancelling'));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #setStatus(callSid: string, status: 'completed' | 'no-answer', what: string): Promise<void> {
    const path = `/v1/Accounts/${this.#accountSid}/Calls/${encodeURIComponent(callSid)}`;
    return this.#client.askAgain({ method: 'POST', path, json: { call_status: status }, what });
  }
}
