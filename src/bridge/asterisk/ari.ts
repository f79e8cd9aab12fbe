/**
 * Asterisk's REST interface: calls somebody; ends a channel wherever it is, and hears of its end; presses keys on it and sends it
 * on in the dialplan where it is in a Stasis application, as ARI wants it for these.
 * @see https://docs.asterisk.org/Latest_API/API_Documentation/Asterisk_REST_Interface/Channels_REST_API/
 */
import type { Clock } from '../../lib/clock.ts';
import type { CarrierRest } from '../door.ts';
import { appOf, openAriEvents, type AriEvent } from './ari-events.ts';
import { basicAuthorization, RestClient, unlessGone } from '../rest-client.ts';

export interface AriAccount {
  baseUrl: string;
  user: string;
  password: string;
  /** In which a caller goes on who is handed over. */
  context: string;
}

/** A channel that is to be called. */
export interface AriOrder {
  /** Its id, chosen by us. */
  channel: string;
  /** Such as `PJSIP/+15550100@trunk`. */
  endpoint: string;
  /** Where it goes on once it is answered, at the extension `s`. */
  context: string;
  callerId: string;
  timeoutSeconds: number;
  /** Of the channel, by name. */
  variables: Readonly<Record<string, string>>;
  heard: (event: AriEvent) => void;
  /** Nothing more is heard of it, though there may be more. */
  failed: (error: Error) => void;
}

const TIMEOUT_MS = 5_000;

export class AriRest implements CarrierRest {
  readonly #client: RestClient;
  readonly #context: string;
  readonly #events: { baseUrl: string; authorization: string };
  readonly #listening = new Set<() => void>();

  constructor({ baseUrl, user, password, context }: AriAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    const authorization = basicAuthorization(user, password);
    this.#client = new RestClient({ provider: 'asterisk', baseUrl, secrets: [password], authorization, ...options });
    this.#context = context;
    this.#events = { baseUrl, authorization };
  }

  /** Resolves when Asterisk has taken the order. Asked once: a call that was placed twice is two. */
  async placeCall(order: AriOrder): Promise<void> {
    const { channel, endpoint, callerId, timeoutSeconds, variables, failed } = order;
    const stop = await openAriEvents({
      ...{ ...this.#events, channel, failed, timeoutMs: TIMEOUT_MS },
      heard: (event) => {
        if (event.type !== 'state') this.#listening.delete(stop);
        if (event.type === 'answered') void this.#goOn(order, stop);
        order.heard(event);
      },
    });
    this.#listening.add(stop);
    const timeout = String(timeoutSeconds);
    const query = new URLSearchParams({ endpoint, app: appOf(channel), channelId: channel, callerId, timeout });
    const path = `/channels?${query.toString()}`;
    try {
      await this.#client.ask({ method: 'POST', path, json: { variables }, what: 'The call' });
    } catch (error) {
      this.#listening.delete(stop);
      stop();
      throw error;
    }
  }

  /** It was answered: the dialplan has it, which does not tell us any more. */
  async #goOn({ channel, context, failed }: AriOrder, stop: () => void): Promise<void> {
    const path = pathOf(channel, '/continue', { context, extension: 's', priority: '1' });
    await this.#client.ask({ method: 'POST', path, what: 'The way into the dialplan' }).catch(failed);
    stop();
  }

  /** Tells once that it has ended, wherever it is. `failed`: that will not be told any more. Rejects when it cannot be heard of. */
  async follow(channel: string, { ended, failed }: { ended: () => void; failed: (error: Error) => void }) {
    const stop = await openAriEvents({
      ...{ ...this.#events, channel, failed, timeoutMs: TIMEOUT_MS },
      heard: ({ type }) => {
        if (type !== 'destroyed') return;
        this.#listening.delete(stop);
        ended();
      },
    });
    this.#listening.add(stop);
    const query = new URLSearchParams({ eventSource: `channel:${channel}` });
    const path = `/applications/${encodeURIComponent(appOf(channel))}/subscription?${query.toString()}`;
    try {
      await this.#client.ask({ method: 'POST', path, what: 'What becomes of the call' });
    } catch (error) {
      this.#listening.delete(stop);
      stop();
      throw error;
    }
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
    for (const stop of this.#listening) stop();
    this.#listening.clear();
    return this.#client.close();
  }
}

const pathOf = (channel: string, what: string, query: Record<string, string>): string =>
  `/channels/${encodeURIComponent(channel)}${what}?${new URLSearchParams(query).toString()}`;
