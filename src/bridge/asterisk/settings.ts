/** Settings of Asterisk: how it is let in, where it connects, and where its ARI is. */
import { z } from 'zod';
import {
  flag,
  FLAG_EXPECTED,
  httpUrl,
  setting,
  tokens,
  URL_EXPECTED,
  whole,
  type ValuesOf,
} from '../../lib/settings.ts';

const text = z.string().min(1).optional();
const TRANSFERS = ['none', 'dialplan', 'ari'] as const;

export const ASTERISK_SETTINGS = {
  asteriskPasswords: tokens(
    'PARLEY_ASTERISK_PASSWORD',
    'what Asterisk shows: the password of its WebSocket client, and of what its dialplan asks over HTTP',
  ),
  asteriskAudiosocketPort: setting('PARLEY_ASTERISK_AUDIOSOCKET_PORT', whole(0, 65_535).optional(), {
    help: 'port of AudioSocket, over TCP, on the host of HTTP; none, and it is not opened; 0 picks a free one',
    expected: 'a whole number from 0 to 65535',
  }),
  asteriskMediaUrl: setting(
    'PARLEY_ASTERISK_MEDIA_URL',
    z
      .string()
      .regex(/^wss?:\/\/[^/?#\s]+[^?#\s]*$/)
      .optional(),
    {
      help: 'where Asterisk takes WebSockets in (its incoming mode), to connect there when it asks for it',
      expected: 'an address such as ws://127.0.0.1:8088/media',
    },
  ),
  asteriskTransfer: setting('PARLEY_ASTERISK_TRANSFER', z.enum(TRANSFERS).default('none'), {
    help: 'how callers are handed over: the dialplan asks /asterisk/next when our line has ended, or by ARI',
    expected: TRANSFERS.join(', '),
  }),
  asteriskInPerson: setting('PARLEY_ASTERISK_IN_PERSON', flag.default(false), {
    help: 'the dialplan puts callers and persons together, as the page of Asterisk says: needs ARI and PARLEY_ASTERISK_TRANSFER=dialplan',
    expected: FLAG_EXPECTED,
  }),
  asteriskAriUrl: setting('PARLEY_ASTERISK_ARI_URL', httpUrl.optional(), {
    help: 'address of ARI, for hang-up, keys, transfer and calls out, such as http://127.0.0.1:8088/ari',
    expected: URL_EXPECTED,
  }),
  asteriskAriUser: setting('PARLEY_ASTERISK_ARI_USER', text, {
    help: 'user of ARI, as ari.conf names it',
    expected: 'a name',
  }),
  asteriskAriPassword: setting('PARLEY_ASTERISK_ARI_PASSWORD', text, {
    help: 'password of that user',
    expected: 'a password',
    isSecret: true,
  }),
  asteriskDial: setting(
    'PARLEY_ASTERISK_DIAL',
    z
      .string()
      .regex(/^[^\s{}]+\{to\}[^\s{}]*$/)
      .optional(),
    {
      help: 'by which channel ARI calls somebody, {to} being the number, such as PJSIP/{to}@trunk: calls out need it',
      expected: 'an endpoint with {to} in it',
    },
  ),
  asteriskCallsContext: setting('PARLEY_ASTERISK_CALLS_CONTEXT', z.string().min(1).default('parley-out'), {
    help: 'context of the dialplan, extension s, that connects a call with the worker once it was placed and answered',
    expected: 'the name of a context',
  }),
  asteriskAriContext: setting('PARLEY_ASTERISK_ARI_CONTEXT', z.string().min(1).default('default'), {
    help: 'context of the dialplan in which a caller goes on that ARI hands over; the extension is the number',
    expected: 'the name of a context',
  }),
} as const;

export type AsteriskSettings = ValuesOf<typeof ASTERISK_SETTINGS>;

/** Each is right by itself, but together they make no sense: why. */
export function checkAsteriskSettings(settings: AsteriskSettings): string[] {
  const { asteriskAriUrl: url, asteriskAriUser: user, asteriskAriPassword: password, asteriskTransfer } = settings;
  const given = [url, user, password].filter((one) => one !== undefined).length;
  const problems: string[] = [];
  if (given > 0 && given < 3) {
    problems.push(
      'PARLEY_ASTERISK_ARI_URL, PARLEY_ASTERISK_ARI_USER and PARLEY_ASTERISK_ARI_PASSWORD: expected all three or none of them, got some',
    );
  }
  if (asteriskTransfer === 'ari' && given === 0) {
    problems.push('PARLEY_ASTERISK_ARI_URL: expected it with PARLEY_ASTERISK_TRANSFER=ari, got nothing');
  }
  if (settings.asteriskInPerson && settings.asteriskDial === undefined) {
    problems.push('PARLEY_ASTERISK_DIAL: expected it with PARLEY_ASTERISK_IN_PERSON, got nothing');
  }
  if (settings.asteriskInPerson && asteriskTransfer !== 'dialplan') {
    problems.push(
      `PARLEY_ASTERISK_TRANSFER: expected \`dialplan\` with PARLEY_ASTERISK_IN_PERSON, got \`${asteriskTransfer}\``,
    );
  }
  if (settings.asteriskDial !== undefined && given === 0) {
    problems.push('PARLEY_ASTERISK_ARI_URL: expected it with PARLEY_ASTERISK_DIAL, got nothing');
  }
  return problems;
}
