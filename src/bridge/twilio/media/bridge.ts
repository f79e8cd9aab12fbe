/**
 * Twilio Media Streams: marks come back when Twilio has played up to them, and also when it was told to clear. Keys are
 * pressed by other TwiML, which ends the stream.
 */
import type { OpenSocket } from '../../../lib/open-socket.ts';
import type { AudioLine, CallerFacts, Meeting } from '../../contract.ts';
import { acceptJsonLine, type JsonDialect, type JsonLineOptions } from '../../json/line.ts';
import type { LineRest } from '../../line-requests.ts';
import type { TwilioRest } from '../rest.ts';
import { readMediaEvent, TWILIO_WIRE } from './wire.ts';

export interface MediaOptions extends Omit<JsonLineOptions, 'rest'> {
  /** The account, for hang-up, transfer and digits. Without it hanging up means closing the socket. */
  rest?: TwilioRest | undefined;
  /** TwiML verbs that follow the digits of `sendDigits`, which end the stream. Default: none, and the call ends. */
  afterDigits?: string | ((caller: CallerFacts) => Promise<string>) | undefined;
  /** Where Twilio asks what to do when nobody took a caller who was handed over. Default: nowhere, and the call ends. */
  actionUrl?: ((caller: CallerFacts) => Promise<string>) | undefined;
  /** TwiML that takes a call to a meeting. Default: it can be taken to none. */
  meet?: ((caller: CallerFacts, meeting: Meeting) => Promise<string>) | undefined;
}

export const TWILIO_DIALECT: JsonDialect = {
  wire: TWILIO_WIRE,
  read: readMediaEvent,
  mostMs: 1_000, // any length will do, but so no message is larger than Twilio's own could be
};

/** @throws {VoiceError} as `acceptJsonLine` does. */
export function acceptMedia(socket: OpenSocket, options: MediaOptions = {}): Promise<AudioLine> {
  const { rest, afterDigits, actionUrl, meet, ...line } = options;
  return acceptJsonLine(TWILIO_DIALECT, socket, {
    ...line,
    rest: rest && restOf(rest, { afterDigits, actionUrl, meet }),
  });
}

function restOf(
  rest: TwilioRest,
  { afterDigits, actionUrl, meet }: Pick<MediaOptions, 'afterDigits' | 'actionUrl' | 'meet'>,
): LineRest {
  return {
    passesHeaders: true,
    ...(meet && { meets: 'told' }),
    hangUp: ({ carrierCallId }) => rest.hangUp(carrierCallId),
    async transfer(caller, to, options) {
      if (options?.meeting && meet) return rest.redirect(caller.carrierCallId, await meet(caller, options.meeting));
      await rest.transfer(caller.carrierCallId, to, { ...options, actionUrl: await actionUrl?.(caller) });
    },
    async sendDigits(caller, digits) {
      const next = typeof afterDigits === 'function' ? await afterDigits(caller) : afterDigits;
      await rest.sendDigits(caller.carrierCallId, digits, { next });
    },
  };
}
