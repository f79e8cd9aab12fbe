/**
 * Cloudonix, as a worker sees it: calls that ring are announced by a webhook that shows a key of the domain and is not signed.
 * The answer names an address with a token in it. A caller is handed over by a document that is sent along.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Answer, Desk, Door, Knock, Verdict } from '../door.ts';
import {
  announcedWith,
  announceLine,
  fieldsOf,
  headerOf,
  lastSegment,
  refusal,
  stranger,
  xml,
} from '../json/announced.ts';
import { acceptJsonLine } from '../json/line.ts';
import type { LineRest } from '../line-requests.ts';
import { isOneOf } from '../equal.ts';
import { element, response } from '../xml.ts';
import { CLOUDONIX_DIALECT } from './line.ts';
import { isSealed, placing, STATUS_PATH, takeStatus } from './placing.ts';
import { CloudonixRest } from './rest.ts';
import { checkCloudonixSettings, CLOUDONIX_SETTINGS, type CloudonixSettings } from './settings.ts';
import { API_KEY_HEADER } from './signature.ts';

type CloudonixDesk = Desk<CloudonixSettings, CloudonixRest>;

const PATHS = { voice: '/cloudonix/voice', media: '/cloudonix/media' };

export const cloudonix: Door<typeof CLOUDONIX_SETTINGS, CloudonixRest> = {
  name: 'cloudonix',
  label: 'Cloudonix',
  answersWith: 'CXML',
  settings: CLOUDONIX_SETTINGS,
  opensWith: 'cloudonixApiKeys',
  check: checkCloudonixSettings,
  routes: [
    { method: 'POST', signatureHeader: API_KEY_HEADER, path: PATHS.voice, mayKnock: showsKey, answer: announce },
    { method: 'POST', path: STATUS_PATH, mayKnock: isSealed, answer: takeStatus },
  ],
  upgrades: [
    {
      path: `${PATHS.media}/*`,
      mayKnock: () => ({ type: 'caller' }),
      tokenOf: ({ target }) => lastSegment(target),
      accept,
    },
  ],
  transferNeeds: ({ cloudonixDomain }) =>
    cloudonixDomain === undefined ? CLOUDONIX_SETTINGS.cloudonixDomain.env : undefined,
  outbound: placing(documentFor),
  openRest(
    { cloudonixApiKeys: [key], cloudonixDomain: domain, cloudonixApiToken, cloudonixRestUrl: baseUrl },
    options,
  ) {
    const apiToken = cloudonixApiToken ?? key;
    if (domain === undefined || apiToken === undefined) return undefined;
    return new CloudonixRest({ domain, apiToken, baseUrl }, options);
  },
};

function showsKey({ headers }: Knock, desk: CloudonixDesk): Verdict {
  const key = headerOf(headers, API_KEY_HEADER);
  if (key === undefined) return stranger('no X-CX-APIKey was shown');
  if (isOneOf(key, desk.settings.cloudonixApiKeys)) return { type: 'carrier' };
  return stranger(`the X-CX-APIKey is not that of ${CLOUDONIX_SETTINGS.cloudonixApiKeys.env}`);
}

/** For a call that rings: where its audio is to go, or why it cannot be taken. */
async function announce(knock: Knock, desk: CloudonixDesk): Promise<Answer> {
  const fields = fieldsOf(knock);
  const facts = { from: fields('From'), to: fields('To') };
  const announced = await announceLine(desk, { path: PATHS.voice, ...facts });
  if ('refusal' in announced) return refusal(announced.refusal);
  return xml(documentFor(desk, announced.hexToken));
}

function documentFor(desk: CloudonixDesk, hexToken: string): string {
  const url = desk.address(`${PATHS.media}/${hexToken}`, 'ws');
  return response(element('Connect', {}, element('Stream', { url })));
}

function accept(socket: OpenSocket, options: AcceptOptions<CloudonixSettings, CloudonixRest>): Promise<AudioLine> {
  const { desk, rest, knock } = options;
  return acceptJsonLine(CLOUDONIX_DIALECT, socket, {
    ...options,
    known: announcedWith(desk, lastSegment(knock.target)),
    rest: rest && restOf(rest),
  });
}

const restOf = (rest: CloudonixRest): LineRest => ({
  hangUp: ({ carrierCallId }) => rest.hangUp(carrierCallId),
  transfer: ({ carrierCallId }, to) => rest.transfer(carrierCallId, to),
});
