/**
 * How the telephone of `parley call` and of the demo speaks to a worker: as which carrier, where it rings, and which of the
 * worker's settings it signs with. Apart from the telephone, so that the help of the command line loads nothing else.
 */
export interface Dialect {
  /** The carrier, as people write it. */
  label: string;
  /** The webhook of a call that rings, and the sockets of a call by audio and by text. */
  paths: { voice: string; media: string; relay: string };
  /** The variable of the worker that holds what signs. */
  authTokenEnv: string;
}

/** The one that is spoken where nothing else is said. */
export const DIALECT: Dialect = {
  label: 'Twilio',
  paths: { voice: '/twilio/voice', media: '/twilio/media', relay: '/twilio/relay' },
  authTokenEnv: 'PARLEY_TWILIO_AUTH_TOKEN',
};
