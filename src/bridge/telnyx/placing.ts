/**
 * Calls that Telnyx places for us, by Call Control: the order says where the sound is to go, so that the line comes as soon as
 * somebody has answered, and events, which are signed, say whose call it is by the state that we gave it.
 * @see https://developers.telnyx.com/api-reference/call-commands/dial
 */
import type { Desk, Outbound, OutboundNews } from '../door.ts';
import { answeredBy, firstMissing, newsOf, secondsOf, type StatusWords } from '../json/placed.ts';
import type { TelnyxRest } from './rest.ts';
import { TELNYX_SETTINGS, type TelnyxSettings } from './settings.ts';

type TelnyxDesk = Desk<TelnyxSettings, TelnyxRest>;

const NEEDED = ['telnyxPublicKeys', 'telnyxApiKey', 'telnyxConnectionId'] as const;
/** Before Parley's id of the call: the states of other programs' calls are others. */
const STATE = 'parley call ';

export interface PlacingRules {
  eventsPath: string;
  /** Where the sound of the call with this token is to go. */
  streamFields: (desk: TelnyxDesk, token: string) => Readonly<Record<string, unknown>>;
}

export const placing = ({ eventsPath, streamFields }: PlacingRules): Outbound<TelnyxSettings, TelnyxRest> => ({
  needs: (settings) => firstMissing(TELNYX_SETTINGS, settings, NEEDED),
  async place({ id, to, from, ringMs, token }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const carrierCallId = await desk.rest.placeCall({
      ...{ connection_id: desk.settings.telnyxConnectionId, to, from, timeout_secs: secondsOf(ringMs) },
      ...{ webhook_url: desk.address(eventsPath, 'http'), webhook_url_method: 'POST' },
      client_state: Buffer.from(STATE + id).toString('base64'),
      ...streamFields(desk, token),
      ...(desk.settings.telnyxDetection && { answering_machine_detection: 'premium' }),
    });
    return { carrierCallId };
  },
});

/** Parley's id of the call that an event is about; undefined where we have not placed it. */
export function idInState(state: string | undefined): string | undefined {
  const text = Buffer.from(state ?? '', 'base64').toString();
  return text.startsWith(STATE) ? text.slice(STATE.length) : undefined;
}

const CAUSES: StatusWords = {
  normal_clearing: 'completed',
  time_limit: 'completed',
  user_busy: 'busy',
  no_answer: 'no-answer',
  timeout: 'no-answer',
  originator_cancel: 'cancelled',
};

/** What an event of a call tells that was placed. `payload`: of its fields. */
export function newsIn(type: string | undefined, payload: (name: string) => string | undefined): OutboundNews[] {
  const result = payload('result') ?? '';
  switch (type) {
    case 'call.answered':
      return [{ type: 'answered' }];
    case 'call.bridged':
      return [{ type: 'there', who: 'caller' }];
    case 'call.machine.detection.ended':
    case 'call.machine.premium.detection.ended':
      if (result.startsWith('human')) return [answeredBy('person')];
      return result === 'machine' || result === 'fax_detected' ? [answeredBy('machine')] : [];
    case 'call.machine.greeting.ended':
    case 'call.machine.premium.greeting.ended':
      return result === 'beep_detected' || result === 'ended' ? [answeredBy('machine', true)] : [];
    case 'call.hangup': {
      const cause = payload('hangup_cause');
      const known = newsOf(CAUSES, cause, cause);
      return known.length > 0 ? known : [{ type: 'ended', outcome: 'failed', detail: cause }];
    }
    default:
      return [];
  }
}
