/**
 * Twilio Media Streams, both ends of it: the dialect that the others are likened to.
 * @see https://www.twilio.com/docs/voice/media-streams/websocket-messages
 */
import { commandReaderOf } from '../../json/peer/wire.ts';
import { twilioPeer, twilioWire } from '../../json/twilio-like/wire.ts';
import { readerOf } from '../../json/wire.ts';

export const TWILIO_WIRE = twilioWire('twilio-media');
export const TWILIO_PEER = twilioPeer('twilio-media');

/** @throws {VoiceError} `frame-invalid`, when a text is not what Twilio documents. */
export const readMediaEvent = readerOf(TWILIO_WIRE);
/** @throws {VoiceError} `frame-invalid` */
export const readMediaCommand = commandReaderOf(TWILIO_PEER);
