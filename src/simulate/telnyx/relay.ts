/** A simulated Telnyx that hears and speaks: rings a worker's TeXML webhook, signed, and opens the session that the document names. */
import { randomUUID } from 'node:crypto';
import { failed, followDocuments, parametersIn } from '../phone/document.ts';
import { openSocket } from '../phone/connect.ts';
import type { PlaceAudioOptions } from '../phone/place.ts';
import { RelayCaller, type DialRelayOptions } from '../twilio/relay.ts';
import { askTexml, TELNYX_AUDIO } from './phone.ts';

export interface PlaceTextOptions extends Omit<PlaceAudioOptions, 'media'> {
  relay?: Partial<DialRelayOptions>;
}

export type PlacedText = { type: 'relay'; caller: RelayCaller } | { type: 'refused'; said: string };

/** Its setup names the call as Call Control does, and no message is partial. @throws {ProviderError} as `PlaceAudioCall` does */
export async function placeTelnyxText(options: PlaceTextOptions): Promise<PlacedText> {
  const { reach = (url: string) => url, relay, voiceUrl, document, parameters, authToken: _signs, ...line } = options;
  const { callId, accountId } = TELNYX_AUDIO.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const { connect, said } = await followDocuments(voiceUrl, (url) => askTexml(url, { ...options, ...ids }), document);
  if (!connect) return { type: 'refused', said };
  if (connect.name !== 'ConversationRelay') throw failed(`Expected <ConversationRelay>, got <${connect.name}>`);
  const { url = '', dtmfDetection } = connect.attributes;
  const dialled: DialRelayOptions = {
    ...{ ...relay, ...line, ...ids, url: reach(url), parameters: { ...parametersIn(connect), ...parameters } },
    facts: { callControlId: ids.callSid, callSessionId: randomUUID(), callLegId: randomUUID(), callStatus: 'active' },
    ...{ language: 'en', partialPrompts: false, progress: false, dtmfDetection: dtmfDetection === 'true' },
  };
  return { type: 'relay', caller: await openSocket(dialled, {}, (socket) => new RelayCaller(socket, dialled)) };
}
