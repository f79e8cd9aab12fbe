/**
 * Calls that Cloudonix places for us: the order brings the document along that runs once they are answered, with the address
 * of the socket in it. What becomes of them it tells at an address that shows nothing, and so has a seal.
 * @see https://developers.cloudonix.com/core-api and dograh-hq/dograh:api/services/telephony/providers/cloudonix
 */
import { isRecord, parseJson } from '../../lib/json.ts';
import type { Answer, Desk, Knock, Outbound, OutboundNews } from '../door.ts';
import {
  firstMissing,
  judgeSeal,
  newsOf,
  report,
  sealedAddressFor,
  secondsOf,
  type StatusWords,
} from '../json/placed.ts';
import type { CloudonixRest } from './rest.ts';
import { CLOUDONIX_SETTINGS, type CloudonixSettings } from './settings.ts';

type CloudonixDesk = Desk<CloudonixSettings, CloudonixRest>;

export const STATUS_PATH = '/cloudonix/status';

/** `documentFor`: what runs on the line whose token is this. */
export const placing = (
  documentFor: (desk: CloudonixDesk, hexToken: string) => string,
): Outbound<CloudonixSettings, CloudonixRest> => ({
  needs: (settings) => firstMissing(CLOUDONIX_SETTINGS, settings, ['cloudonixApiKeys', 'cloudonixDomain']),
  async place({ id, to, from, ringMs, hexToken }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const [key = ''] = desk.settings.cloudonixApiKeys;
    const carrierCallId = await desk.rest.placeCall({
      ...{ destination: to, 'caller-id': from, timeout: secondsOf(ringMs) },
      ...{ cxml: documentFor(desk, hexToken), callback: sealedAddressFor(desk, STATUS_PATH, id, key) },
    });
    return { carrierCallId };
  },
});

export const isSealed = (knock: Knock, { settings }: CloudonixDesk) => judgeSeal(knock, settings.cloudonixApiKeys);

export function takeStatus(knock: Knock, desk: CloudonixDesk): Answer {
  report(knock, desk, newsIn(knock));
  return { type: 'application/json; charset=utf-8', body: '{}' };
}

/** Spellings that are seen; some are said of sessions, some of calls. */
const STATUS: StatusWords = {
  ringing: 'ringing',
  connected: 'answered',
  answer: 'answered',
  answered: 'answered',
  completed: 'completed',
  busy: 'busy',
  noanswer: 'no-answer',
  'no-answer': 'no-answer',
  cancel: 'cancelled',
  canceled: 'cancelled',
  nocredit: 'failed',
  error: 'failed',
  failed: 'failed',
};
const NAMES = ['StatusCallbackEvent', 'CallStatus', 'status'];
/** Of one callback; there are some dozens. */
const MOST_VALUES = 1_000;

/** A form, an object, or a list of one object. */
export function newsIn({ body, form }: Pick<Knock, 'body' | 'form'>): OutboundNews[] {
  const json = parseJson(Buffer.from(body ?? []).toString(), { mostValues: MOST_VALUES });
  const fields: unknown = Array.isArray(json) ? json[0] : json;
  const status = NAMES.map((name) => (isRecord(fields) ? fields[name] : form?.get(name))).find(Boolean);
  const word = typeof status === 'string' ? status.toLowerCase() : undefined;
  return newsOf(STATUS, word, word);
}
