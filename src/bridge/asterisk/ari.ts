/**
 * Asterisk's REST interface: ends a channel wherever it is; presses keys on it and sends it on in the dialplan where it is in
 * a Stasis application, as ARI wants it for these.
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Channels_REST_API/
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { basicAuthorization, RestClient, unlessGone } from '../rest-client.ts';

export interface AriAccount {
  baseUrl: string;
  user: string;
  password: string;
  /** In which a caller goes on who is handed over. */
  context: string;
}

export class AriRest implements CarrierRest {
  readonly #client: RestClient;
  readonly #context: string;

  constructor({ baseUrl, user, password, context }: AriAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    const authorization = basicAuthorization(user, password);
    this.#client = new RestClient({ provider: 'asterisk', baseUrl, secrets: [password], authorization, ...options });
    this.#context = context;
  }

  async hangUp(channel: string): Promise<void> {
    const path = pathOf(channel, '', { reason: 'normal' });
    await unlessGone(this.#client.askAgain({ method: 'DELETE', path, what: 'The hang-up' }));
  }

  /** The line goes on. Not asked twice: keys that were pressed twice are others. */
  async sendDigits(channel: string, digits: string): Promise<void> {
    const path = pathOf(channel, '/dtmf', { dtmf: digits.toLowerCase().replace(/[a-d]/g, (key) => key.toUpperCase()) });
    await this.#client.ask({ method: 'POST', path, what: 'The keys' });
  }

  async transfer(channel: string, to: string): Promise<void> {
    const path = pathOf(channel, '/continue', { context: this.#context, extension: to, priority: '1' });
    await this.#client.ask({ method: 'POST', path, what: 'The transfer' });
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

const pathOf = (channel: string, what: string, query: Record<string, string>): string =>
  `/channels/${encodeURIComponent(channel)}${what}?${new URLSearchParams(query).toString()}`;
