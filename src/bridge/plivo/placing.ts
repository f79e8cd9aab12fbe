/**
 * Calls that Plivo, or Vobiz, places for us. Until one is answered it is known by the id of the request, which ends it by
 * another path than a call is ended by.
 * @see https://www.plivo.com/docs/voice/api/call/make-a-call
 */
import type { Answer, Desk, Knock, Outbound, OutboundNews } from '../door.ts';
import { xml } from '../json/announced.ts';
import { addressFor, answeredBy, firstMissing, newsOf, report, secondsOf, type StatusWords } from '../json/placed.ts';
import { response } from '../xml.ts';
import type { PlivoRest } from './rest.ts';
import { PLIVO_SETTINGS, type PlivoSettings } from './settings.ts';

type PlivoDesk = Desk<PlivoSettings, PlivoRest>;

export const STATUS_PATH = '/plivo/status';

export const placing = (answerPath: string): Outbound<PlivoSettings, PlivoRest> => ({
  needs: (settings) => firstMissing(PLIVO_SETTINGS, settings, ['plivoAuthToken', 'plivoAuthId']),
  async place({ id, to, from, ringMs }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const [answerUrl, statusUrl] = [answerPath, STATUS_PATH].map((path) => addressFor(desk, path, id));
    const carrierCallId = await desk.rest.placeCall({
      ...{ to: plain(to), from: plain(from), ring_timeout: secondsOf(ringMs) },
      ...{ answer_url: answerUrl, answer_method: 'POST' },
      ...{ ring_url: statusUrl, ring_method: 'POST', hangup_url: statusUrl, hangup_method: 'POST' },
      ...(desk.settings.plivoDetection && {
        ...{ machine_detection: 'true', machine_detection_url: statusUrl, machine_detection_method: 'POST' },
      }),
    });
    return { carrierCallId };
  },
});

/** Plivo writes numbers without a plus. */
const plain = (number: string): string => number.replace(/^\+(?=\d)/, '');

/** What has become of a call, or who has answered it. */
export function takeStatus(knock: Knock, desk: PlivoDesk): Answer {
  report(knock, desk, newsIn(knock.form));
  return xml(response(''));
}

const STATUS: StatusWords = {
  ringing: 'ringing',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  timeout: 'no-answer',
  failed: 'failed',
  cancel: 'cancelled',
};

function newsIn(form = new URLSearchParams()): OutboundNews[] {
  if (form.get('Event') === 'MachineDetection') return form.get('Machine') === 'true' ? [answeredBy('machine')] : [];
  return newsOf(STATUS, form.get('CallStatus') ?? undefined, form.get('HangupCauseName') ?? undefined);
}
