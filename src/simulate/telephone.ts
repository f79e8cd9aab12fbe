/** The telephone that dials a worker, for whoever is no test of a carrier: `parley call`, the demo. See `dialects.ts`. */
import { placeAudioSocketCall } from './asterisk/audiosocket.ts';
import { placeChannelCall } from './asterisk/chan-websocket.ts';
import { placeCloudonixCall } from './cloudonix/phone.ts';
import { placeExotelCall } from './exotel/phone.ts';
import { placeTelnyxCall } from './telnyx/phone.ts';
import { placeTelnyxText } from './telnyx/relay.ts';
import type { LineName } from './dialects.ts';
import { placeFreeswitchCall } from './freeswitch/phone.ts';
import { placeGenesysCall } from './genesys/phone.ts';
import { placeJambonzText } from './jambonz/control.ts';
import { placeJambonzCall } from './jambonz/phone.ts';
import { placeInfobipCall } from './infobip/phone.ts';
import type { PlaceAudioCall } from './phone/place.ts';
import { placePlivoCall } from './plivo/phone.ts';
import { placeSignalwireCall } from './signalwire/phone.ts';
import { placeVonageCall } from './vonage/phone.ts';
import { placeWebCall } from './web/phone.ts';
import { placeCall, type PlaceCallOptions, type PlacedCall } from './twilio/place-call.ts';

export type { CallEnd } from './phone/connect.ts';
export { dialMedia, type MediaCaller, type MediaCallerEvent } from './twilio/media.ts';
export type { PlaceCallOptions, PlacedCall } from './twilio/place-call.ts';
export type { Gap } from './phone/playout.ts';
export { dialRelay, type RelayCaller, type RelayCallerEvent } from './twilio/relay.ts';
export { isAudible, withoutSilentEnd, type VoiceTrack } from './phone/voice-track.ts';
export type { WaitOptions } from './phone/waits.ts';

const AUDIO_LINES: Record<Exclude<LineName, 'twilio' | 'telnyx-text' | 'jambonz-text'>, PlaceAudioCall> = {
  web: placeWebCall,
  signalwire: placeSignalwireCall,
  plivo: placePlivoCall,
  cloudonix: placeCloudonixCall,
  exotel: placeExotelCall,
  telnyx: placeTelnyxCall,
  vonage: placeVonageCall,
  infobip: placeInfobipCall,
  freeswitch: placeFreeswitchCall,
  genesys: placeGenesysCall,
  jambonz: placeJambonzCall,
  audiosocket: placeAudioSocketCall,
  chan_websocket: placeChannelCall,
};

/** Rings by this carrier. @throws {ProviderError} as `PlaceAudioCall` does */
export function placeCallBy(line: LineName, { relay, ...options }: PlaceCallOptions): Promise<PlacedCall> {
  if (line === 'twilio') return placeCall({ ...options, ...(relay && { relay }) });
  if (line === 'telnyx-text') return placeTelnyxText({ ...options, ...(relay && { relay }) });
  if (line === 'jambonz-text') return placeJambonzText({ ...options, ...(relay && { relay }) });
  return AUDIO_LINES[line](options);
}
