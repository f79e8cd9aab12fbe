/**
 * Genesys Cloud, as a worker sees it: its flow connects a caller with the Audio Connector of an integration, which opens a
 * socket, signed, and says everything there is to know of the call on it. No webhook comes before, and no API behind.
 */
import { wallMsOf } from '../../lib/clock.ts';
import type { OpenSocket } from '../../lib/open-socket.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Desk, Door, Knock, Verdict } from '../door.ts';
import { stranger } from '../json/announced.ts';
import { acceptGenesys } from './line.ts';
import { checkGenesysSettings, GENESYS_SETTINGS, type GenesysSettings } from './settings.ts';
import { MOST_SECONDS_APART, verifyGenesys } from './signature.ts';

type GenesysDesk = Desk<GenesysSettings>;

const PATH = '/genesys/audiohook';
/** For as long as a signature may be shown, by any clock. */
const NONCE_MS = 3 * MOST_SECONDS_APART * 1_000;

export const genesys: Door<typeof GENESYS_SETTINGS> = {
  name: 'genesys',
  label: 'Genesys',
  settings: GENESYS_SETTINGS,
  opensWith: 'genesysClientSecret',
  check: checkGenesysSettings,
  upgrades: [{ path: PATH, mayKnock: isSigned, accept }],
};

async function isSigned({ target, headers }: Knock, desk: GenesysDesk): Promise<Verdict> {
  const { genesysClientSecret: clientSecret = '', genesysApiKey: apiKey } = desk.settings;
  const authority = new URL(desk.address(PATH, 'http')).host;
  const nowSeconds = wallMsOf(desk.clock) / 1_000;
  const verified = verifyGenesys({ target, authority, headers }, { clientSecret, apiKey, nowSeconds });
  if ('problem' in verified) return stranger(`the signature is not that of Genesys: ${verified.problem}`);
  const isFirst = await desk.isFirst(`nonce ${verified.nonce}`, NONCE_MS);
  return isFirst ? { type: 'carrier' } : stranger('the nonce of the signature was shown before');
}

function accept(socket: OpenSocket, options: AcceptOptions<GenesysSettings>): Promise<AudioLine | undefined> {
  return acceptGenesys(socket, options);
}
