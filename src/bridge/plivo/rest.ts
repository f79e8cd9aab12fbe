/**
 * Plivo's REST API, and Vobiz's: places calls, ends live ones, and has them ask us what to do next.
 * @see https://www.plivo.com/docs/voice/api/call
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { basicAuthorization, RestClient, unlessGone } from '../rest-client.ts';

export interface PlivoAccount {
  authId: string;
  authToken: string;
  baseUrl: string;
}

export class PlivoRest implements CarrierRest {
  readonly #account: string;
  readonly #client: RestClient;

  constructor({ authId, authToken, baseUrl }: PlivoAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    this.#account = `/Account/${encodeURIComponent(authId)}`;
    this.#client = new RestClient({
      ...{ provider: 'plivo', baseUrl, secrets: [authToken] },
      ...{ authorization: basicAuthorization(authId, authToken), ...options },
    });
  }

  /** Resolves with the id of the request. Asked once: a call that was placed twice is two. */
  async placeCall(json: Readonly<Record<string, unknown>>): Promise<string> {
    const path = `${this.#account}/Call/`;
    return idFrom('plivo', await this.#client.ask({ method: 'POST', path, json, what: 'The call' }), 'request_uuid');
  }

  async hangUp(callUuid: string): Promise<void> {
    await unlessGone(this.#client.askAgain({ method: 'DELETE', path: this.#path(callUuid), what: 'The hang-up' }));
  }

  async cancel(requestUuid: string): Promise<void> {
    const path = `${this.#account}/Request/${encodeURIComponent(requestUuid)}/`;
    await unlessGone(this.#client.askAgain({ method: 'DELETE', path, what: 'The cancelling' }));
  }

  /** Whatever ran is over, and what `url` answers runs, for the leg of the caller. */
  async redirect(callUuid: string, url: string): Promise<void> {
    const json = { legs: 'aleg', aleg_url: url, aleg_method: 'POST' };
    await this.#client.askAgain({ method: 'POST', path: this.#path(callUuid), json, what: 'The transfer' });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #path(callUuid: string): string {
    return `${this.#account}/Call/${encodeURIComponent(callUuid)}/`;
  }
}
