/**
 * Cloudonix's REST API, by the token of a session: places calls, ends live ones, and has them run another document, which is sent along.
 * @see https://developers.cloudonix.com/core-api
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { RestClient, unlessGone } from '../rest-client.ts';
import { dial } from '../verbs.ts';

export interface CloudonixAccount {
  /** Such as `example.cloudonix.net`, or its UUID. */
  domain: string;
  apiToken: string;
  baseUrl: string;
}

export class CloudonixRest implements CarrierRest {
  readonly #domain: string;
  readonly #client: RestClient;

  constructor({ domain, apiToken, baseUrl }: CloudonixAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    this.#domain = encodeURIComponent(domain);
    this.#client = new RestClient({
      ...{ provider: 'cloudonix', baseUrl, secrets: [apiToken], authorization: `Bearer ${apiToken}`, ...options },
    });
  }

  /** Resolves with the token of its session. Asked once: a call that was placed twice is two. */
  async placeCall(json: Readonly<Record<string, unknown>>): Promise<string> {
    const request = { method: 'POST', path: `/calls/${this.#domain}/application`, json, what: 'The call' } as const;
    return idFrom('cloudonix', await this.#client.ask(request), 'token');
  }

  async hangUp(session: string): Promise<void> {
    const path = `/customers/self/domains/${this.#domain}/sessions/${encodeURIComponent(session)}`;
    await unlessGone(this.#client.askAgain({ method: 'DELETE', path, what: 'The hang-up' }));
  }

  async transfer(session: string, to: string): Promise<void> {
    const path = `/calls/${this.#domain}/sessions/${encodeURIComponent(session)}/application`;
    await this.#client.askAgain({ method: 'POST', path, json: { cxml: dial(to) }, what: 'The transfer' });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
