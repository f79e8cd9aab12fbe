/**
 * Plivo's REST API, and Vobiz's: ends a live call, and has it ask us what to do next.
 * @see https://www.plivo.com/docs/voice/api/call
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { basicAuthorization, RestClient, unlessGone } from '../rest-client.ts';

export interface PlivoAccount {
  authId: string;
  authToken: string;
  baseUrl: string;
}

export class PlivoRest implements CarrierRest {
  readonly #authId: string;
  readonly #client: RestClient;

  constructor({ authId, authToken, baseUrl }: PlivoAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    this.#authId = authId;
    this.#client = new RestClient({
      ...{ provider: 'plivo', baseUrl, secrets: [authToken] },
      ...{ authorization: basicAuthorization(authId, authToken), ...options },
    });
  }

  async hangUp(callUuid: string): Promise<void> {
    await unlessGone(this.#client.askAgain({ method: 'DELETE', path: this.#path(callUuid), what: 'The hang-up' }));
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
    return `/Account/${encodeURIComponent(this.#authId)}/Call/${encodeURIComponent(callUuid)}/`;
  }
}
