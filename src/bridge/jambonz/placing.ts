/**
 * Calls that jambonz places for us: the order names the hooks, and the password that they show, so that no application of the
 * account's has to.
 * @see https://docs.jambonz.org/reference/rest-platform-management/calls/create-call
 */
import type { Answer, Desk, Knock, Outbound } from '../door.ts';
import { addressFor, firstMissing, newsOf, report, secondsOf, type StatusWords } from '../json/placed.ts';
import type { JambonzRest } from './rest.ts';
import { JAMBONZ_ACCOUNT, JAMBONZ_SETTINGS, type JambonzSettings } from './settings.ts';
import { readCall, targetOf } from './wire.ts';

type JambonzDesk = Desk<JambonzSettings, JambonzRest>;

const NEEDED = ['jambonzPasswords', ...JAMBONZ_ACCOUNT] as const;

export const placing = (paths: { call: string; status: string }): Outbound<JambonzSettings, JambonzRest> => ({
  needs: (settings) => firstMissing(JAMBONZ_SETTINGS, settings, NEEDED),
  async place({ id, to, from, ringMs }, desk) {
    if (!desk.rest) throw new TypeError('an account is needed to place calls');
    const { jambonzPasswords, jambonzApplicationSid: application } = desk.settings;
    const [password = ''] = jambonzPasswords;
    const hookTo = (path: string) => {
      const url = addressFor(desk, path, id);
      return { url, method: 'POST', username: 'parley', password };
    };
    const carrierCallId = await desk.rest.placeCall({
      ...{ from, to: targetOf(to), timeout: secondsOf(ringMs) },
      ...(application !== undefined && { application_sid: application }),
      ...{ call_hook: hookTo(paths.call), call_status_hook: hookTo(paths.status) },
    });
    return { carrierCallId };
  },
});

const STATUS: StatusWords = {
  ringing: 'ringing',
  'early-media': 'ringing',
  'in-progress': 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
};

export function takeStatus(knock: Knock, desk: JambonzDesk): Answer {
  const { callStatus, sipStatus } = readCall(knock.body);
  report(knock, desk, newsOf(STATUS, callStatus, sipStatus && `SIP ${sipStatus}`));
  return { type: 'application/json', body: '[]' };
}
