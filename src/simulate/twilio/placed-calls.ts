/**
 * What Twilio does with a call that its API was asked to place: it rings somebody, tells the status address what becomes of
 * it, and asks the voice address what to do once they have answered.
 */
import { SIGNATURE_HEADER, signRequest } from '../../bridge/twilio/signature.ts';
import type { Clock } from '../../lib/clock.ts';
import { answerAs, RING_MS, type Callee } from '../phone/callee.ts';
import type { LiveCalls, RestCall } from '../phone/connect.ts';
import { askWebhook } from '../phone/document.ts';
import type { MediaCaller } from '../phone/media.ts';
import { placeCall, type PlacedCall } from './place-call.ts';

/** Who is called, and how the worker is reached. */
export interface PlacingOptions {
  /** Who answers at a number. */
  calleeAt(to: string): Callee;
  /** Where an address of the worker's is really reached. Default: as it is written. */
  reach?: ((publicUrl: string) => string) | undefined;
  /** Told of the line of a call that was answered, before anything is said on it. */
  onAnswered?: ((placed: PlacedCall, to: string) => void) | undefined;
  /** `AnsweredBy`, as the detection would have it that was paid for. Default: what is true. */
  detect?: ((callee: Callee) => string | undefined) | undefined;
}

interface Placing extends PlacingOptions {
  callSid: string;
  accountSid: string;
  authToken: string;
  clock: Clock;
  rest: LiveCalls;
}

/** Who is called, as the form of a request says it. */
type Fields = Readonly<Record<string, string>>;

export class PlacedByTwilio implements RestCall {
  readonly callSid: string;
  readonly #fields: Fields;
  readonly #options: Placing;
  readonly #leave: () => void;
  #cancelTimer = () => {};
  #isOver = false;

  /** Begins to ring. */
  constructor(fields: Fields, options: Placing) {
    this.callSid = options.callSid;
    this.#fields = fields;
    this.#options = options;
    this.#leave = options.rest.add(this);
    void this.#ring();
  }

  /** By the API, while it rings. */
  completed(): void {
    void this.#end('canceled');
  }

  redirected(): void {}

  async #ring(): Promise<void> {
    const { clock } = this.#options;
    const callee = this.#options.calleeAt(this.#to);
    await this.#tell('initiated');
    await this.#tell('ringing');
    if (this.#isOver) return;
    const timeoutMs = 1_000 * Number(this.#fields['Timeout'] ?? 60);
    const ringMs = callee.type === 'no-answer' ? timeoutMs : (callee.ringMs ?? RING_MS);
    this.#cancelTimer = clock.after(ringMs, () => {
      if (callee.type === 'person' || callee.type === 'machine') void this.#answer(callee);
      else void this.#end(callee.type);
    });
  }

  async #answer(callee: Extract<Callee, { type: 'person' | 'machine' }>): Promise<void> {
    const { authToken, callSid, accountSid, clock, reach, rest, onAnswered } = this.#options;
    await this.#tell('in-progress');
    this.#leave();
    const placed = await placeCall({
      ...{ voiceUrl: this.#fields['Url'] ?? '', from: this.#fields['From'] ?? '', to: this.#to },
      ...{ authToken, callSid, accountSid, clock, rest, ...(reach && { reach }) },
      fields: { CallStatus: 'in-progress', Direction: 'outbound-api' },
    });
    onAnswered?.(placed, this.#to);
    if (placed.type === 'refused') return this.#end('completed');
    if (placed.type === 'media')
      void answerAs(callee, placed.caller, clock).then(() => this.#detect(callee, placed.caller));
    await placed.caller.ended;
    await this.#end('completed');
  }

  async #detect(callee: Callee, { isOver }: MediaCaller): Promise<void> {
    const url = this.#fields['AsyncAmdStatusCallback'];
    if (url === undefined || isOver) return;
    const found = this.#options.detect?.(callee) ?? (callee.type === 'machine' ? 'machine_end_beep' : 'human');
    await this.#post(url, { AnsweredBy: found });
  }

  async #end(status: string): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#leave();
    await this.#tell(status);
  }

  async #tell(status: string): Promise<void> {
    const url = this.#fields['StatusCallback'];
    if (url !== undefined) await this.#post(url, { CallStatus: status });
  }

  get #to(): string {
    return this.#fields['To'] ?? '';
  }

  async #post(url: string, fields: Fields): Promise<void> {
    const { callSid, accountSid, authToken, reach = (known: string) => known } = this.#options;
    const form = new URLSearchParams({ CallSid: callSid, AccountSid: accountSid, To: this.#to, ...fields });
    const headers = { [SIGNATURE_HEADER]: signRequest(authToken, url, form) };
    const type = 'application/x-www-form-urlencoded';
    await askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers }).catch(() => ''); // as Twilio: told once
  }
}
