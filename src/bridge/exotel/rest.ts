/**
 * Exotel's REST API, as far as it is known for calls that go to a socket: it places them. It ends none: a call that talks ends
 * when its socket closes, and one that rings goes on ringing.
 * @see https://developer.exotel.com/docs/agentstream/connect-voice-ai
 */
import type { Clock } from '../../lib/clock.ts';
import { ProviderError } from '../../lib/errors.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { basicAuthorization, RestClient } from '../rest-client.ts';

export interface ExotelAccount {
  accountSid: string;
  apiKey: string;
  apiToken: string;
  baseUrl: string;
}

export class ExotelRest implements CarrierRest {
  readonly #accountSid: string;
  readonly #client: RestClient;

  constructor(account: ExotelAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    const { accountSid, apiKey, apiToken, baseUrl } = account;
    this.#accountSid = accountSid;
    this.#client = new RestClient({
      ...{ provider: 'exotel', baseUrl, secrets: [apiToken] },
      ...{ authorization: basicAuthorization(apiKey, apiToken), ...options },
    });
  }

  /** Resolves with its id. Asked once: a call that was placed twice is two. */
  async placeCall(form: Readonly<Record<string, string>>): Promise<string> {
    const path = `/v1/Accounts/${encodeURIComponent(this.#accountSid)}/Calls/connect.json`;
    return idFrom('exotel', await this.#client.ask({ method: 'POST', path, form, what: 'The call' }), 'Call', 'Sid');
  }

  /** @throws {ProviderError} always: nothing is known by which it could be asked for that. */
  hangUp(): Promise<never> {
    const message = 'Exotel ends no call that rings: it goes on until somebody answers, or nobody does';
    return Promise.reject(new ProviderError('exotel', 'provider-failed', message, { phase: 'before-first-output' }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
