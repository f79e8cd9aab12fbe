/**
 * FreeSWITCH, as a worker sees it: a script of its dialplan forks the audio of a call to us, with a password, and says in its
 * metadata whose call it is.
 */
import type { OpenSocket } from '../../lib/open-socket.ts';
import { tokens, type ValuesOf } from '../../lib/settings.ts';
import { acceptBinaryLine } from '../binary/line.ts';
import type { AudioLine } from '../contract.ts';
import type { AcceptOptions, Desk, Door, Knock, Verdict } from '../door.ts';
import { stranger } from '../json/announced.ts';
import { showsSecret } from '../shown-secret.ts';
import { FREESWITCH_DIALECT } from './line.ts';
import { FREESWITCH_STANDARD } from './wire.ts';

export const FREESWITCH_SETTINGS = {
  freeswitchPasswords: tokens(
    'PARLEY_FREESWITCH_PASSWORD',
    "what mod_audio_fork shows: MOD_AUDIO_BASIC_AUTH_PASSWORD of FreeSWITCH's channel",
  ),
} as const;

type FreeswitchSettings = ValuesOf<typeof FREESWITCH_SETTINGS>;

export const freeswitch: Door<typeof FREESWITCH_SETTINGS> = {
  name: 'freeswitch',
  label: 'FreeSWITCH',
  settings: FREESWITCH_SETTINGS,
  opensWith: 'freeswitchPasswords',
  upgrades: [{ path: '/freeswitch/media', mayKnock, accept }],
};

function mayKnock({ headers }: Knock, { settings }: Desk<FreeswitchSettings>): Verdict {
  if (showsSecret(headers, settings.freeswitchPasswords)) return { type: 'carrier' };
  return stranger('the password of PARLEY_FREESWITCH_PASSWORD was not shown');
}

function accept(
  socket: OpenSocket,
  { rest: _none, ...options }: AcceptOptions<FreeswitchSettings>,
): Promise<AudioLine> {
  const formats = { inFormat: FREESWITCH_STANDARD, outFormat: FREESWITCH_STANDARD };
  return acceptBinaryLine(FREESWITCH_DIALECT, socket, { ...options, formats });
}
