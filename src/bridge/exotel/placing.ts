/**
 * Calls that Exotel places for us and connects with a socket of ours once they are answered, with no flow between (its Connect
 * Voice AI API). What becomes of them it tells at an address that shows nothing, and so has a seal.
 * @see https://developer.exotel.com/docs/agentstream/connect-voice-ai
 */
import type { Answer, Desk, Knock, Outbound } from '../door.ts';
import { fieldsOf } from '../json/announced.ts';
import {
  firstMissing,
  judgeSeal,
  newsOf,
  report,
  sealedAddressFor,
  secondsOf,
  type StatusWords,
} from '../json/placed.ts';
import type { ExotelRest } from './rest.ts';
import { EXOTEL_ACCOUNT, EXOTEL_SETTINGS, type ExotelSettings } from './settings.ts';

type ExotelDesk = Desk<ExotelSettings, ExotelRest>;

export const STATUS_PATH = '/exotel/status';
const NEEDED = ['exotelSecrets', ...EXOTEL_ACCOUNT] as const;
/** The longest that it lets a call last, in seconds. */
const MOST_SECONDS = 14_400;

/** `socketFor`: the address of the line whose token is this. */
export const placing = (
  socketFor: (desk: ExotelDesk, hexToken: string) => string,
): Outbound<ExotelSettings, ExotelRest> => ({
  needs: (settings) => firstMissing(EXOTEL_SETTINGS, settings, NEEDED),
  async place({ id, to, from, ringMs, hexToken }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const [secret = ''] = desk.settings.exotelSecrets;
    const carrierCallId = await desk.rest.placeCall({
      ...{ From: to, CallerId: from, TimeOut: String(secondsOf(ringMs)), TimeLimit: String(MOST_SECONDS) },
      ...{ StreamUrl: socketFor(desk, hexToken), StreamType: 'bidirectional' },
      StatusCallback: sealedAddressFor(desk, STATUS_PATH, id, secret),
      ...{ 'StatusCallbackEvents[0]': 'terminal', 'StatusCallbackEvents[1]': 'answered' },
      StatusCallbackContentType: 'application/json',
    });
    return { carrierCallId };
  },
});

export const isSealed = (knock: Knock, { settings }: ExotelDesk) => judgeSeal(knock, settings.exotelSecrets);

const STATUS: StatusWords = {
  'in-progress': 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
};

export function takeStatus(knock: Knock, desk: ExotelDesk): Answer {
  report(knock, desk, newsOf(STATUS, fieldsOf(knock)('Status')));
  return { type: 'application/json; charset=utf-8', body: '{}' };
}
