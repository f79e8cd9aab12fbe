/**
 * SignalWire's REST API, which is Twilio's under another address: ends a live call, and has it ask us what to do next.
 * @see https://developer.signalwire.com/rest/compatibility-api/endpoints/update-call
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { basicAuthorization, RestClient, unlessGone, type RestRequest } from '../rest-client.ts';

export interface SignalwireAccount {
  projectId: string;
  apiToken: string;
  /** Of the space: `https://example.signalwire.com`. */
  spaceUrl: string;
}

const GONE_CODES = ['20404', '21220'];

export class SignalwireRest implements CarrierRest {
  readonly #projectId: string;
  readonly #client: RestClient;

  constructor(
    { projectId, apiToken, spaceUrl }: SignalwireAccount,
    options: { clock?: Clock; timeoutMs?: number } = {},
  ) {
    this.#projectId = projectId;
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

  close(): Promise<void> {
    return this.#client.close();
  }

  #update(callSid: string, form: Record<string, string>): RestRequest {
    const [project, call] = [encodeURIComponent(this.#projectId), encodeURIComponent(callSid)];
    const path = `/api/laml/2010-04-01/Accounts/${project}/Calls/${call}.json`;
    return { method: 'POST', path, form, what: "The call's update" };
  }
}
