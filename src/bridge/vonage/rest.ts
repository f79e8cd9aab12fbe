/**
 * Vonage's Voice API: places calls, ends live ones, has them go on with other instructions, and presses keys into them. What it is asked by is
 * a token of the application's, a new one for each request. The id is that of the caller's leg, not of the socket's.
 * @see https://developer.vonage.com/en/api/voice
 */
import { createPrivateKey, randomUUID, type KeyObject } from 'node:crypto';
import { systemClock, wallMsOf, type Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { RestClient, unlessGone, type RestRequest } from '../rest-client.ts';
import { applicationToken } from './signature.ts';
import type { Action } from './wire.ts';

export interface VonageAccount {
  applicationId: string;
  /** PEM. */
  privateKey: string;
  baseUrl: string;
}

export class VonageRest implements CarrierRest {
  readonly #client: RestClient;

  constructor(account: VonageAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    const { applicationId: id, privateKey, baseUrl } = account;
    const { clock = systemClock } = options;
    const key: KeyObject = createPrivateKey(privateKey);
    const tokenNow = (): string =>
      applicationToken({ id, privateKey: key, nowSeconds: wallMsOf(clock) / 1_000, jti: randomUUID() });
    this.#client = new RestClient({
      ...{ provider: 'vonage', baseUrl, secrets: [privateKey] },
      ...{ authorization: () => `Bearer ${tokenNow()}`, ...options },
    });
  }

  /** Resolves with the id of its leg. Asked once: a call that was placed twice is two. */
  async placeCall(json: Readonly<Record<string, unknown>>): Promise<string> {
    const request = { method: 'POST', path: '/v1/calls', json, what: 'The call' } as const;
    return idFrom('vonage', await this.#client.ask(request), 'uuid');
  }

  async hangUp(uuid: string): Promise<void> {
    await unlessGone(this.#client.askAgain(this.#update(uuid, { action: 'hangup' }, 'The hang-up')));
  }

  /** Whatever ran is over, and this runs. */
  async goOn(uuid: string, action: Action): Promise<void> {
    const destination = { type: 'ncco', ncco: [action] };
    await this.#client.askAgain(this.#update(uuid, { action: 'transfer', destination }, 'The transfer'));
  }

  /** The line goes on. Asked once: keys that were pressed twice are other keys. */
  async sendDigits(uuid: string, digits: string): Promise<void> {
    if (!/^[0-9*#wW]{1,64}$/.test(digits)) {
      throw new VoiceError('request-invalid', 'Expected 1 to 64 digits of 0-9, *, # and w, got something else');
    }
    const request = this.#update(uuid, { digits: digits.replace(/w/gi, 'p') }, 'The digits');
    await this.#client.ask({ ...request, path: `${request.path}/dtmf` });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #update(uuid: string, json: object, what: string): RestRequest {
    return { method: 'PUT', path: `/v1/calls/${encodeURIComponent(uuid)}`, json, what };
  }
}
