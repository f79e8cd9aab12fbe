/**
 * Telnyx's REST API: places calls, answers them and turns them away, ends, transfers and presses keys in live ones. A call that runs TeXML
 * is another thing there than one that waits for commands: it is ended and sent on by a change of its document.
 * @see https://developers.telnyx.com/api-reference/call-commands
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { TransferOptions } from '../contract.ts';
import type { CarrierRest } from '../door.ts';
import { idFrom } from '../json/placed.ts';
import { RestClient, unlessGone } from '../rest-client.ts';
import { dial, type DialOptions } from '../verbs.ts';

export interface TelnyxAccount {
  apiKey: string;
  baseUrl: string;
}

/** A call that runs TeXML, by the names of its webhook, of which its line knows none. */
export interface TexmlIds {
  accountSid: string;
  callSid: string;
}

/** The call has ended already. */
const ENDED = '90018';
const GONE_CODES = [ENDED, '20404'];

export class TelnyxRest implements CarrierRest {
  readonly #client: RestClient;

  constructor({ apiKey, baseUrl }: TelnyxAccount, options: { clock?: Clock; timeoutMs?: number } = {}) {
    this.#client = new RestClient({
      ...{ provider: 'telnyx', baseUrl, secrets: [apiKey], authorization: `Bearer ${apiKey}`, ...options },
    });
  }

  /** Resolves with its id. Asked once: a call that was placed twice is two. */
  async placeCall(fields: Readonly<Record<string, unknown>>): Promise<string> {
    const json = { ...fields, command_id: randomUUID() };
    const answer = await this.#client.ask({ method: 'POST', path: '/calls', json, what: 'The call' });
    return idFrom('telnyx', answer, 'data', 'call_control_id');
  }

  /** `stream`: the fields that say where its sound is to go. */
  async answer(callControlId: string, stream: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#command(callControlId, 'answer', stream, 'The answer');
  }

  /** It hears that the line is busy. */
  async reject(callControlId: string): Promise<void> {
    await this.#command(callControlId, 'reject', { cause: 'USER_BUSY' }, 'The rejection');
  }

  async hangUp(callControlId: string): Promise<void> {
    await unlessGone(this.#command(callControlId, 'hangup', {}, 'The hang-up'), GONE_CODES);
  }

  async transfer(callControlId: string, to: string, { headers = {} }: TransferOptions = {}): Promise<void> {
    const custom = Object.entries(headers).map(([name, value]) => ({ name, value }));
    const fields = { to: to.trim(), ...(custom.length > 0 && { custom_headers: custom }) };
    await this.#command(callControlId, 'transfer', fields, 'The transfer');
  }

  /**
   * Puts a call together with another one, in one step: refused where that has ended. When either hangs up, both have.
   * @see https://developers.telnyx.com/api-reference/call-commands/bridge-calls
   */
  async bridge(callControlId: string, other: string): Promise<void> {
    await this.#command(callControlId, 'bridge', { call_control_id: other }, 'The bridge');
  }

  /** The call goes on without its line. */
  async stopStream(callControlId: string): Promise<void> {
    await this.#command(callControlId, 'streaming_stop', {}, 'The end of the line');
  }

  /** `stream`: as of `answer`. A call that has ended has no line. */
  async startStream(callControlId: string, stream: Readonly<Record<string, unknown>>): Promise<void> {
    await unlessGone(this.#command(callControlId, 'streaming_start', stream, 'The line'), GONE_CODES);
  }

  /** `w` waits for half a second. The line goes on. */
  async sendDigits(callControlId: string, digits: string): Promise<void> {
    await this.#command(callControlId, 'send_dtmf', { digits, duration_millis: KEY_MS }, 'The digits');
  }

  async hangUpTexml(ids: TexmlIds): Promise<void> {
    await unlessGone(this.#update(ids, { Status: 'completed' }, 'The hang-up'), GONE_CODES);
  }

  async transferTexml(ids: TexmlIds, to: string, options: DialOptions = {}): Promise<void> {
    await this.#update(ids, { Texml: dial(to, options) }, 'The transfer');
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Once more where it fails: a command with the same `command_id` is carried out once. */
  #command(callControlId: string, action: string, fields: Readonly<Record<string, unknown>>, what: string) {
    const path = `/calls/${encodeURIComponent(callControlId)}/actions/${action}`;
    return this.#client.askAgain({ method: 'POST', path, json: { ...fields, command_id: randomUUID() }, what });
  }

  #update({ accountSid, callSid }: TexmlIds, form: Readonly<Record<string, string>>, what: string) {
    const path = `/texml/Accounts/${encodeURIComponent(accountSid)}/Calls/${encodeURIComponent(callSid)}`;
    return this.#client.askAgain({ method: 'POST', path, form, what });
  }
}

/** Of one key, long enough for any receiver. */
const KEY_MS = 250;
