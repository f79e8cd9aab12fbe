/**
 * Calls that Vonage places for us: it asks for the NCCO once they are answered, as of any call, and tells of them at our
 * address for events.
 * @see https://developer.vonage.com/en/api/voice#createCall
 */
import type { Desk, Outbound, OutboundNews } from '../door.ts';
import { addressFor, answeredBy, firstMissing, newsOf, secondsOf, type StatusWords } from '../json/placed.ts';
import type { VonageRest } from './rest.ts';
import { VONAGE_SETTINGS, type VonageSettings } from './settings.ts';
import { endpointOf, plain, type VonageCall } from './wire.ts';

const NEEDED = ['vonageSignatureSecret', 'vonageApplicationId', 'vonagePrivateKey'] as const;
/** The longest that Vonage lets it ring, in seconds. */
const MOST_RING_SECONDS = 120;
/** How long it waits for the beep of a machine, in seconds. */
const BEEP_SECONDS = 45;

export const placing = (paths: { answer: string; event: string }): Outbound<VonageSettings, VonageRest> => ({
  needs: (settings) => firstMissing(VONAGE_SETTINGS, settings, NEEDED),
  async place({ id, to, from, ringMs }, desk: Desk<VonageSettings, VonageRest>) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const carrierCallId = await desk.rest.placeCall({
      ...{ to: [endpointOf(to)], from: { type: 'phone', number: plain(from) } },
      ...{ answer_url: [addressFor(desk, paths.answer, id)], answer_method: 'POST' },
      ...{ event_url: [addressFor(desk, paths.event, id)], event_method: 'POST' },
      ringing_timer: Math.min(secondsOf(ringMs), MOST_RING_SECONDS),
      ...(desk.settings.vonageDetection && {
        advanced_machine_detection: { behavior: 'continue', mode: 'default', beep_timeout: BEEP_SECONDS },
      }),
    });
    return { carrierCallId };
  },
});

const STATUS: StatusWords = {
  ringing: 'ringing',
  answered: 'answered',
  completed: 'completed',
  busy: 'busy',
  unanswered: 'no-answer',
  timeout: 'no-answer',
  failed: 'failed',
  rejected: 'failed',
  cancelled: 'cancelled',
};

export function newsIn({ status, subState, detail }: VonageCall): OutboundNews[] {
  if (status === 'human') return [answeredBy('person')];
  if (status === 'machine') return [answeredBy('machine', subState === 'beep_start')];
  return newsOf(STATUS, status, detail);
}
