/**
 * Infobip, as a worker sees it: whoever runs the call connects it with a `WEBSOCKET_ENDPOINT`, whose address is ours, and
 * tells it in `customData` whose call it is. It shows a secret, in a header or as the end of the address.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { tokens, type ValuesOf } from '../../lib/settings.ts';
import { acceptBinaryLine } from '../binary/line.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Desk, Door, Knock, Verdict } from '../door.ts';
import { lastSegment, stranger } from '../json/announced.ts';
import { showsSecret } from '../shown-secret.ts';
import { isOneOf } from '../equal.ts';
import { INFOBIP_DIALECT } from './line.ts';
import { INFOBIP_STANDARD } from './wire.ts';

export const INFOBIP_SETTINGS = {
  infobipSecrets: tokens(
    'PARLEY_INFOBIP_SECRET',
    "what Infobip's socket shows: the password of Basic, a Bearer token, or the end of the address",
  ),
} as const;

type InfobipDesk = Desk<ValuesOf<typeof INFOBIP_SETTINGS>>;

const PATH = '/infobip/media';

export const infobip: Door<typeof INFOBIP_SETTINGS> = {
  name: 'infobip',
  label: 'Infobip',
  settings: INFOBIP_SETTINGS,
  opensWith: 'infobipSecrets',
  upgrades: [
    { path: PATH, mayKnock: ({ headers }, desk) => judge(showsSecret(headers, desk.settings.infobipSecrets)), accept },
    { path: `${PATH}/*`, mayKnock: showsInAddress, accept },
  ],
};

function showsInAddress({ target }: Knock, { settings }: InfobipDesk): Verdict {
  return judge(isOneOf(lastSegment(target) ?? '', settings.infobipSecrets));
}

function judge(isKnown: boolean): Verdict {
  return isKnown ? { type: 'carrier' } : stranger('the secret of PARLEY_INFOBIP_SECRET was not shown');
}

function accept(
  socket: OpenSocket,
  { rest: _none, ...options }: AcceptOptions<ValuesOf<typeof INFOBIP_SETTINGS>>,
): Promise<AudioLine> {
  const formats = { inFormat: INFOBIP_STANDARD, outFormat: INFOBIP_STANDARD };
  return acceptBinaryLine(INFOBIP_DIALECT, socket, { ...options, formats });
}
