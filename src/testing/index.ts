/**
 * What users import to test their agents: a telephone, the stand-ins that speak the real wire formats, and a clock that is
 * moved by hand.
 */
export { VirtualClock } from '../lib/clock.ts';
export { startElectronSimulator, type ElectronSimulator } from '../simulate/electron/server.ts';
export type { ElectronStats, RequestRecord } from '../simulate/electron/journal.ts';
export type { ElectronOptionsInput } from '../simulate/electron/options.ts';
export type { FaultInput } from '../simulate/electron/faults.ts';
export type { FaultOptions } from '../simulate/electron/service.ts';
export type { LightningSimulatorOptions } from '../simulate/lightning/options.ts';
export type { KnownAudio } from '../simulate/pulse/known-audio.ts';
export type { DialMediaOptions, MediaCaller, MediaCallerEvent } from '../simulate/twilio/media.ts';
export type { DialRelayOptions, RelayCaller, RelayCallerEvent } from '../simulate/twilio/relay.ts';
export type { PhoneData } from '../simulate/phone/link.ts';
export type { WaitOptions } from '../simulate/phone/waits.ts';
export type { Stretch, VoiceTrack } from '../simulate/phone/voice-track.ts';
export type { SpokenWord } from '../audio/tone-speech.ts';
export {
  startPhone,
  understand,
  voiceOf,
  type AnsweredCall,
  type Phone,
  type PhoneLine,
  type PhoneOptions,
  type RelayLine,
} from './phone.ts';
