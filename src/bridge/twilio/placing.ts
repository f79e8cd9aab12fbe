/** Calls that Twilio places for us: what it is asked for, and what it tells of them. */
import type { Answer, Desk, Knock, Outbound, OutboundCall, OutboundNews, OutboundOutcome } from '../door.ts';
import { queryOf, xml } from '../json/announced.ts';
import { response } from '../xml.ts';
import type { TwilioRest } from './rest.ts';
import { TWILIO_SETTINGS, type TwilioSettings } from './settings.ts';

type TwilioDesk = Desk<TwilioSettings, TwilioRest>;

/** In the query of each address that Twilio is given for a call: Parley's id of it. */
const ID = 'call';

export const STATUS_PATH = '/twilio/status';

export const placing = (voicePath: string): Outbound<TwilioSettings, TwilioRest> => ({
  needs: ({ twilioAccountSid }) => (twilioAccountSid === undefined ? TWILIO_SETTINGS.twilioAccountSid.env : undefined),
  async place({ id, to, from, ringMs }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const at = (path: string) => desk.address(`${path}?${ID}=${encodeURIComponent(id)}`, 'http');
    const statusUrl = at(STATUS_PATH);
    const carrierCallId = await desk.rest.placeCall({
      ...{ to, from, ringMs, url: at(voicePath), statusUrl },
      ...(desk.settings.twilioDetection && { detectionUrl: statusUrl }),
    });
    return { carrierCallId };
  },
});

/** The call that a webhook is about, where we have placed it: undefined for one that rings here; `over`, when it is given up. */
export function placedCallOf({ target }: Knock, desk: TwilioDesk): OutboundCall | 'over' | undefined {
  const id = idIn(target);
  return id === undefined ? undefined : (desk.outbound(id) ?? 'over');
}

/** What has become of a call, or who has answered it. */
export function takeStatus({ target, form }: Knock, desk: TwilioDesk): Answer {
  const id = idIn(target);
  if (id !== undefined && form) for (const news of newsIn(form)) desk.report(id, news);
  return xml(response(''));
}

const idIn = (target: string): string | undefined => queryOf(target).get(ID) ?? undefined;

const ENDS: Readonly<Record<string, OutboundOutcome>> = {
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'cancelled',
};

/** @see https://www.twilio.com/docs/voice/answering-machine-detection */
function newsIn(form: URLSearchParams): OutboundNews[] {
  const status = form.get('CallStatus') ?? '';
  const answeredBy = form.get('AnsweredBy') ?? '';
  const outcome = ENDS[status];
  const detail = form.get('SipResponseCode') ?? undefined;
  return [
    ...(status === 'ringing' ? [{ type: 'ringing' } as const] : []),
    ...(status === 'in-progress' ? [{ type: 'answered' } as const] : []),
    ...(answeredBy === 'human' ? [{ type: 'answered-by', who: 'person', mayLeave: false } as const] : []),
    ...(/^(machine|fax)/.test(answeredBy)
      ? [{ type: 'answered-by', who: 'machine', mayLeave: answeredBy.startsWith('machine_end') } as const]
      : []),
    ...(outcome ? [{ type: 'ended', outcome, detail: detail && `SIP ${detail}` } as const] : []),
  ];
}
