/** A simulated Twilio, where audio goes by Media Streams. */
import { readMediaCommand, TWILIO_PEER } from '../../bridge/twilio/media/wire.ts';
import { newSid } from '../phone/connect.ts';
import type { AudioDialect } from '../phone/dialect.ts';
import { dialAudio, type DialMediaOptions, type MediaCaller } from '../phone/media.ts';
import { signedHeaders } from './signed.ts';

export type { DialMediaOptions, MediaCaller, MediaCallerEvent, MediaCallerStats } from '../phone/media.ts';

export const TWILIO_AUDIO: AudioDialect = {
  wire: TWILIO_PEER,
  readCommand: readMediaCommand,
  encodingOf: () => 'audio/x-mulaw',
  clearedMarks: 'returned',
  newIds: () => ({ callId: newSid('CA'), streamId: newSid('MZ'), accountId: newSid('AC') }),
  headersOf: signedHeaders,
  saysNumbers: false,
};

/**
 * Dials, and is done when the worker has accepted the socket and `start` is on its way.
 * @throws {ProviderError} `connect-failed` or `unauthorized`
 */
export function dialMedia(options: DialMediaOptions): Promise<MediaCaller> {
  return dialAudio({ ...options, dialect: TWILIO_AUDIO });
}
