/**
 * What Twilio does with a call that its API was asked to place: it rings somebody, tells the status address what becomes of
 * it, and asks the voice address what to do once they have answered.
 */
import { SIGNATURE_HEADER, signRequest } from '../../bridge/twilio/signature.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Callee } from '../phone/callee.ts';
import type { LiveCalls } from '../phone/connect.ts';
import { askWebhook } from '../phone/document.ts';
import type { SimulatedMeetings } from '../phone/meetings.ts';
import { RingingCall, type RingStatus } from '../phone/ringing.ts';
import { placeCall, type PlacedCall } from './place-call.ts';

/** Who is called, and how the worker is reached. */
export interface PlacingOptions {
  /** Who answers at a number. */
  calleeAt: (to: string) => Callee;
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
  meetings: SimulatedMeetings;
}

/** Who is called, as the form of a request says it. */
type Fields = Readonly<Record<string, string>>;

const STATUS: Readonly<Record<RingStatus, string>> = {
  ...{ initiated: 'initiated', ringing: 'ringing', answered: 'in-progress', completed: 'completed' },
  ...{ busy: 'busy', 'no-answer': 'no-answer', failed: 'failed', cancelled: 'canceled' },
};

/** Begins to ring. */
export function ringByTwilio(fields: Fields, options: Placing): void {
  const { callSid, clock, rest, meetings, calleeAt, detect } = options;
  const to = fields['To'] ?? '';
  new RingingCall({
    ...{ callId: callSid, callee: calleeAt(to), timeoutMs: 1_000 * Number(fields['Timeout'] ?? 60), clock, rest },
    tell: (status) => post(fields['StatusCallback'], { CallStatus: STATUS[status] }),
    connect: () => connect(to),
    async detected(callee) {
      const found = detect?.(callee) ?? (callee.type === 'machine' ? 'machine_end_beep' : 'human');
      await post(fields['AsyncAmdStatusCallback'], { AnsweredBy: found });
    },
  });

  async function connect(called: string) {
    const { accountSid, authToken, reach, onAnswered } = options;
    const placed = await placeCall({
      ...{ voiceUrl: fields['Url'] ?? '', from: fields['From'] ?? '', to: called },
      ...{ authToken, callSid, accountSid, clock, rest, ...(reach && { reach }) },
      fields: { CallStatus: 'in-progress', Direction: 'outbound-api' },
    });
    onAnswered?.(placed, called);
    if (placed.type === 'refused') return undefined;
    const ended = Promise.resolve(placed.caller.ended).then(() => meetings.whenLeft(callSid)); // their line may end before they do
    return { line: placed.type === 'media' ? placed.caller : undefined, ended };
  }

  /** As Twilio: told once. */
  async function post(url: string | undefined, told: Fields): Promise<void> {
    if (url === undefined) return;
    const { accountSid, authToken, reach = (known: string) => known } = options;
    const form = new URLSearchParams({ CallSid: callSid, AccountSid: accountSid, To: to, ...told });
    const headers = { [SIGNATURE_HEADER]: signRequest(authToken, url, form) };
    const type = 'application/x-www-form-urlencoded';
    await askWebhook({ url, reachedAt: reach(url), type, body: form.toString(), headers }).catch(() => '');
  }
}
