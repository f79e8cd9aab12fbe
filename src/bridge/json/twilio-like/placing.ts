/** Calls that are placed by an API which is Twilio's, or SignalWire's: what it is asked for, and what it tells of them. */
import type { Answer, CarrierRest, Desk, Knock, Outbound, OutboundNews } from '../../door.ts';
import { response } from '../../xml.ts';
import { xml } from '../announced.ts';
import { addressFor, answeredBy, newsOf, report, secondsOf, type StatusWords } from '../placed.ts';

/** What differs between the two. */
export interface PlacingRules<Settings> {
  needs: Outbound<Settings>['needs'];
  /** Where the carrier asks what to do once somebody has answered. */
  voicePath: string;
  /** Where it tells what becomes of the call, and who has answered. */
  statusPath: string;
  /** Whether it is to find out who has. */
  detects(settings: Settings): boolean;
}

interface PlacingRest extends CarrierRest {
  placeCall(order: PlacingOrder): Promise<string>;
}

/** How a door of such a carrier places calls. */
export const placing = <Settings, Rest extends PlacingRest>(
  rules: PlacingRules<Settings>,
): Outbound<Settings, Rest> => ({
  needs: rules.needs,
  async place({ id, to, from, ringMs }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const [url, statusUrl] = [addressFor(desk, rules.voicePath, id), addressFor(desk, rules.statusPath, id)];
    const detectionUrl = rules.detects(desk.settings) ? statusUrl : undefined;
    return { carrierCallId: await desk.rest.placeCall({ to, from, ringMs, url, statusUrl, detectionUrl }) };
  },
});

/** Answers what is told at `statusPath`. */
export function takeStatus(knock: Knock, desk: Pick<Desk, 'address' | 'outbound' | 'report'>): Answer {
  report(knock, desk, newsInForm(knock.form));
  return xml(response(''));
}

/** A call that is to be placed. */
export interface PlacingOrder {
  to: string;
  from: string;
  /** What the carrier asks once somebody has answered. */
  url: string;
  /** Where it tells what becomes of the call. */
  statusUrl: string;
  /** Where it tells who has answered, a person or a machine. Default: it does not find out. */
  detectionUrl?: string | undefined;
  ringMs: number;
}

const STATUS_EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

/** @see https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource */
export function orderForm({
  to,
  from,
  url,
  statusUrl,
  ringMs,
  detectionUrl,
}: PlacingOrder): Record<string, string | string[]> {
  return {
    ...{ To: to, From: from, Url: url, Method: 'POST', Timeout: String(secondsOf(ringMs)) },
    ...{ StatusCallback: statusUrl, StatusCallbackMethod: 'POST', StatusCallbackEvent: STATUS_EVENTS },
    ...(detectionUrl !== undefined && {
      ...{ MachineDetection: 'DetectMessageEnd', AsyncAmd: 'true' },
      ...{ AsyncAmdStatusCallback: detectionUrl, AsyncAmdStatusCallbackMethod: 'POST' },
    }),
  };
}

const STATUS: StatusWords = {
  ringing: 'ringing',
  'in-progress': 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'cancelled',
};

/** @see https://www.twilio.com/docs/voice/answering-machine-detection */
export function newsInForm(form: URLSearchParams | undefined): OutboundNews[] {
  const who = form?.get('AnsweredBy') ?? '';
  const code = form?.get('SipResponseCode') ?? undefined;
  return [
    ...(who === 'human' ? [answeredBy('person')] : []),
    ...(/^(machine|fax)/.test(who) ? [answeredBy('machine', who.startsWith('machine_end'))] : []),
    ...newsOf(STATUS, form?.get('CallStatus') ?? undefined, code && `SIP ${code}`),
  ];
}
