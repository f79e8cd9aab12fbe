/** TeXML: what we have Telnyx do with a call that asks for a document. Pure text, everything that comes from outside escaped. */
import { element, response } from '../xml.ts';
import type { Codec } from './wire.ts';

/** L16 is not among what TeXML knows. */
export const texmlCodec = (codec: Codec): Exclude<Codec, 'L16'> => (codec === 'L16' ? 'PCMU' : codec);

/** `reconnects`: Telnyx opens the socket again when that is lost; then closing it does not end the call. */
export function connectStream(options: { url: string; codec: Codec; reconnects: boolean }): string {
  const codec = texmlCodec(options.codec);
  const attributes = {
    ...{ url: options.url, track: 'inbound_track', codec },
    ...{ bidirectionalMode: 'rtp', bidirectionalCodec: codec, bidirectionalSamplingRate: '8000' },
    enableReconnect: String(options.reconnects),
  };
  return response(element('Connect', {}, element('Stream', attributes)));
}

/** Telnyx hears and speaks. No more than its page is known to take: what is not asked for, such as partial prompts, does not come. */
export function connectRelay(url: string): string {
  return response(element('Connect', {}, element('ConversationRelay', { url, dtmfDetection: 'true' })));
}
