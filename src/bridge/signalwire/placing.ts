/** Calls that SignalWire places for us: where it asks what to do, and where it tells what becomes of them. */
import type { Answer, Desk, Knock, Outbound } from '../door.ts';
import { xml } from '../json/announced.ts';
import { addressFor, firstMissing, report } from '../json/placed.ts';
import { newsInForm } from '../json/twilio-like/placing.ts';
import { response } from '../xml.ts';
import type { SignalwireRest } from './rest.ts';
import { SIGNALWIRE_ACCOUNT, SIGNALWIRE_SETTINGS, type SignalwireSettings } from './settings.ts';

type SignalwireDesk = Desk<SignalwireSettings, SignalwireRest>;

export const STATUS_PATH = '/signalwire/status';
const NEEDED = ['signalwireSigningKey', ...SIGNALWIRE_ACCOUNT] as const;

export const placing = (voicePath: string): Outbound<SignalwireSettings, SignalwireRest> => ({
  needs: (settings) => firstMissing(SIGNALWIRE_SETTINGS, settings, NEEDED),
  async place({ id, to, from, ringMs }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const statusUrl = addressFor(desk, STATUS_PATH, id);
    const carrierCallId = await desk.rest.placeCall({
      ...{ to, from, ringMs, url: addressFor(desk, voicePath, id), statusUrl },
      ...(desk.settings.signalwireDetection && { detectionUrl: statusUrl }),
    });
    return { carrierCallId };
  },
});

/** What has become of a call, or who has answered it. */
export function takeStatus(knock: Knock, desk: SignalwireDesk): Answer {
  report(knock, desk, newsInForm(knock.form));
  return xml(response(''));
}
