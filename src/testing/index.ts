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
export { startTestCall, TestCall, type TestCallOptions } from './test-call.ts';
export type { CallerSound, SayOptions } from './caller-end.ts';
export type { PersonDeed, PersonManner, PlayedPerson } from './people/manner.ts';
export type { ToolStub, StubRun } from './stubs.ts';
export type { CallFaults, LineFault, OwnModel, WorkerLine } from './call-options.ts';
export type { LineConditions } from './line/conditions.ts';
export type { EarFault, EarStandInOptions } from './line/ear.ts';
export type { VoiceFault, VoiceStandInOptions } from './line/voice.ts';
export type { Pending } from './time/pending.ts';
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
export { checks, type CheckName } from './checks/index.ts';
export { turnsOf } from './turns.ts';
export type {
  CallResult,
  CallSound,
  CallerStretch,
  Check,
  Finding,
  FindingKind,
  HarnessTrouble,
  HeardWord,
  RungPerson,
  SentRequest,
  SoundStretch,
  SpeechUsage,
  ToolRun,
  ToolUse,
  Turn,
  TurnInterruption,
  WorldLook,
} from './result.ts';
export type { AnswerWithinOptions } from './checks/answer-within.ts';
export type { CalledToolOptions } from './checks/called-tool.ts';
export type { LatencyNotAboveOptions } from './checks/latency-not-above.ts';
export type { RepeatOptions } from './checks/no-repeats.ts';
export type { Wanted } from './checks/patterns.ts';
export type { ToldOptions } from './checks/told.ts';
export type { WerOptions } from './checks/wer.ts';
export type { WorldOptions } from './checks/world.ts';
export type { Prices } from './metrics/cost.ts';
