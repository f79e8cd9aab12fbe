/** How the bench opens each line's door, and what shows who dials it: secrets of nobody's account. */
import type { LineName } from '../../src/simulate/dialects.ts';
import { publicKeyOf } from '../../src/simulate/telnyx/signed.ts';

/** As the world is told; callers reach it where it listens. */
export const PUBLIC_URL = 'https://voice.example.com';

export interface LineDoor {
  line: LineName;
  /** What signs, or is shown. */
  secret: string;
  env: Readonly<Record<string, string>>;
}

const SECRET = 'a-secret-of-the-bench';
const TELNYX_KEY = Buffer.alloc(32, 1).toString('base64');
/** In base64. */
const GENESYS_SECRET = Buffer.alloc(32, 2).toString('base64');
const opened = (line: LineName, variable: string, more: Record<string, string> = {}): LineDoor => ({
  ...{ line, secret: SECRET, env: { PARLEY_PUBLIC_URL: PUBLIC_URL, [variable]: SECRET, ...more } },
});

/** Twilio's first: the others are compared with it. Those that carry sound; a text line has no frames. */
export const LINE_DOORS: readonly LineDoor[] = [
  opened('twilio', 'PARLEY_TWILIO_AUTH_TOKEN'),
  opened('web', 'PARLEY_BRIDGE_TOKEN', { PARLEY_WEB_ORIGINS: 'https://www.example.com' }),
  opened('signalwire', 'PARLEY_SIGNALWIRE_SIGNING_KEY'),
  opened('plivo', 'PARLEY_PLIVO_AUTH_TOKEN'),
  opened('cloudonix', 'PARLEY_CLOUDONIX_API_KEY'),
  opened('exotel', 'PARLEY_EXOTEL_SECRET'),
  {
    ...{ line: 'telnyx', secret: TELNYX_KEY },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_TELNYX_PUBLIC_KEY: publicKeyOf(TELNYX_KEY) },
  },
  opened('vonage', 'PARLEY_VONAGE_SIGNATURE_SECRET'),
  opened('infobip', 'PARLEY_INFOBIP_SECRET'),
  opened('freeswitch', 'PARLEY_FREESWITCH_PASSWORD'),
  opened('jambonz', 'PARLEY_JAMBONZ_PASSWORD'),
  {
    ...{ line: 'genesys', secret: GENESYS_SECRET },
    env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_GENESYS_CLIENT_SECRET: GENESYS_SECRET },
  },
  opened('audiosocket', 'PARLEY_ASTERISK_PASSWORD', { PARLEY_ASTERISK_AUDIOSOCKET_PORT: '19019' }),
  opened('chan_websocket', 'PARLEY_ASTERISK_PASSWORD'),
];
