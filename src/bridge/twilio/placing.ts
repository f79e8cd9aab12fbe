/** Calls that Twilio places for us: where it asks what to do, and where it tells what becomes of them. */
import type { Answer, Desk, Knock, Outbound } from '../door.ts';
import { xml } from '../json/announced.ts';
import { addressFor, firstMissing, report } from '../json/placed.ts';
import { newsInForm } from '../json/twilio-like/placing.ts';
import { response } from '../xml.ts';
import type { TwilioRest } from './rest.ts';
import { TWILIO_SETTINGS, type TwilioSettings } from './settings.ts';

type TwilioDesk = Desk<TwilioSettings, TwilioRest>;

export const STATUS_PATH = '/twilio/status';

export const placing = (voicePath: string): Outbound<TwilioSettings, TwilioRest> => ({
  needs: (settings) => firstMissing(TWILIO_SETTINGS, settings, ['twilioAccountSid']),
  async place({ id, to, from, ringMs }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const statusUrl = addressFor(desk, STATUS_PATH, id);
    const carrierCallId = await desk.rest.placeCall({
      ...{ to, from, ringMs, url: addressFor(desk, voicePath, id), statusUrl },
      ...(desk.settings.twilioDetection && { detectionUrl: statusUrl }),
    });
    return { carrierCallId };
  },
});

/** What has become of a call, or who has answered it. */
export function takeStatus(knock: Knock, desk: TwilioDesk): Answer {
  report(knock, desk, newsInForm(knock.form));
  return xml(response(''));
}
