/** The telephone that dials a worker, for whoever is no test of a carrier: `parley call`, the demo. See `dialects.ts`. */
export type { CallEnd } from './phone/connect.ts';
export { dialMedia, type MediaCaller, type MediaCallerEvent } from './twilio/media.ts';
export { placeCall, type PlaceCallOptions, type PlacedCall } from './twilio/place-call.ts';
export type { Gap } from './phone/playout.ts';
export { dialRelay, type RelayCaller, type RelayCallerEvent } from './twilio/relay.ts';
export { isAudible, type VoiceTrack } from './phone/voice-track.ts';
export type { WaitOptions } from './phone/waits.ts';
