/**
 * SignalWire's REST API, which is Twilio's under another address: places calls, ends live ones, and has them ask us what to do
 * next.
 * @see https://developer.signalwire.com/rest/compatibility-api/endpoints/update-call
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { orderForm, type PlacingOrder } from '../json/twilio-like/placing.ts';
import { basicAuthorization, RestClient, unlessGone, type RestRequest } from '../rest-client.ts';

export interface SignalwireAccount {
  projectId: string;
  apiToken: string;
  /** Of the space: `https://example.signalwire.com`. */
  spaceUrl: string;
}

const GONE_CODES = ['20404', '21220'];

export class SignalwireRest implements CarrierRest {
  readonly #client: RestClient;
  readonly #calls: string;

  constructor(
    { projectId, apiToken, spaceUrl }: SignalwireAccount,
    options: { clock?: Clock; timeoutMs?: number } = {},
  ) {
    this.#calls = `/api/laml/2010-04-01/Accounts/${encodeURIComponent(projectId)}/Calls`;
    this.#client = new RestClient({
      ...{ provider: 'signalwire', baseUrl: spaceUrl, secrets: [apiToken] },
      ...{ authorization: basicAuthorization(projectId, apiToken), ...options },
    });
  }

  async hangUp(callSid: string): Promise<void> {
    await unlessGone(this.#client.askAgain(this.#update(callSid, { Status: 'completed' })), GONE_CODES);
  }

  /** Whatever ran is over, and what `url` answers runs. */
  async redirect(callSid: string, url: string): Promise<void> {
    await this.#client.askAgain(this.#update(callSid, { Url: url, Method: 'POST' }));
  }

  /** As Twilio's. Asked once: a call that was placed twice is two. */
  async placeCall(order: PlacingOrder): Promise<string> {
    const request = { method: 'POST', path: `${this.#calls}.json`, form: orderForm(order), what: 'The call' } as const;
    return idFrom('signalwire', await this.#client.ask(request), 'sid');
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #update(callSid: string, form: Record<string, string>): RestRequest {
    const path = `${this.#calls}/${encodeURIComponent(callSid)}.json`;
    return { method: 'POST', path, form, what: "The call's update" };
  }
}
