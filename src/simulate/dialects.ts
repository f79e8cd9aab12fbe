/**
 * How the telephone of `parley call` and of the demo speaks to a worker: as which carrier, where it rings, and which of the
 * worker's settings it signs with. Apart from the telephone, so that the help of the command line loads nothing else.
 */
export interface Dialect {
  /** The carrier, as people write it. */
  label: string;
  /** The webhook of a call that rings, and the sockets of a call by audio and by text, where they can be dialled by themselves. */
  paths: { voice: string; media?: string; relay?: string };
  /** The variable that holds what signs, of the worker... */
  authTokenEnv: string;
  /** ...or, where the worker knows no more than how to check it, of whoever calls: what it has to belong to. */
  belongsTo?: string;
  /** The variable that names the account or application which is called, where what signs says it. */
  accountEnv?: string;
}

/** The one that is spoken where nothing else is said. */
export const DIALECT = {
  label: 'Twilio',
  paths: { voice: '/twilio/voice', media: '/twilio/media', relay: '/twilio/relay' },
  authTokenEnv: 'PARLEY_TWILIO_AUTH_TOKEN',
} as const satisfies Dialect;

/** By the names of `--line`. */
export const DIALECTS = {
  twilio: DIALECT,
  web: { label: 'a web page', paths: { voice: '/web/calls' }, authTokenEnv: 'PARLEY_BRIDGE_TOKEN' },
  signalwire: {
    label: 'SignalWire',
    paths: { voice: '/signalwire/voice' },
    authTokenEnv: 'PARLEY_SIGNALWIRE_SIGNING_KEY',
  },
  plivo: { label: 'Plivo', paths: { voice: '/plivo/answer' }, authTokenEnv: 'PARLEY_PLIVO_AUTH_TOKEN' },
  cloudonix: { label: 'Cloudonix', paths: { voice: '/cloudonix/voice' }, authTokenEnv: 'PARLEY_CLOUDONIX_API_KEY' },
  exotel: { label: 'Exotel', paths: { voice: '/exotel/voicebot' }, authTokenEnv: 'PARLEY_EXOTEL_SECRET' },
  telnyx: {
    label: 'Telnyx',
    paths: { voice: '/telnyx/texml' },
    authTokenEnv: 'TELNYX_PRIVATE_KEY',
    belongsTo: 'PARLEY_TELNYX_PUBLIC_KEY',
  },
  vonage: {
    label: 'Vonage',
    paths: { voice: '/vonage/answer' },
    authTokenEnv: 'PARLEY_VONAGE_SIGNATURE_SECRET',
    accountEnv: 'PARLEY_VONAGE_APPLICATION_ID',
  },
  infobip: { label: 'Infobip', paths: { voice: '/infobip/media' }, authTokenEnv: 'PARLEY_INFOBIP_SECRET' },
  freeswitch: {
    label: 'FreeSWITCH',
    paths: { voice: '/freeswitch/media' },
    authTokenEnv: 'PARLEY_FREESWITCH_PASSWORD',
  },
  genesys: {
    label: 'Genesys',
    paths: { voice: '/genesys/audiohook' },
    authTokenEnv: 'PARLEY_GENESYS_CLIENT_SECRET',
    accountEnv: 'PARLEY_GENESYS_API_KEY',
  },
  jambonz: { label: 'jambonz', paths: { voice: '/jambonz/call' }, authTokenEnv: 'PARLEY_JAMBONZ_PASSWORD' },
  audiosocket: {
    label: 'Asterisk (AudioSocket)',
    paths: { voice: '/asterisk/calls' },
    authTokenEnv: 'PARLEY_ASTERISK_PASSWORD',
  },
  chan_websocket: {
    label: 'Asterisk (chan_websocket)',
    paths: { voice: '/asterisk/media' },
    authTokenEnv: 'PARLEY_ASTERISK_PASSWORD',
  },
  'telnyx-text': {
    label: 'Telnyx',
    paths: { voice: '/telnyx/texml' },
    authTokenEnv: 'TELNYX_PRIVATE_KEY',
    belongsTo: 'PARLEY_TELNYX_PUBLIC_KEY',
  },
  'jambonz-text': { label: 'jambonz', paths: { voice: '/jambonz/control' }, authTokenEnv: 'PARLEY_JAMBONZ_PASSWORD' },
} as const satisfies Record<string, Dialect>;

export type LineName = keyof typeof DIALECTS;

/** That of whoever names none. */
export const STANDARD_LINE: LineName = 'twilio';
