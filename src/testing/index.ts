/**
 * What users import to test their agents: a telephone, the stand-ins that speak the real wire formats, and a clock that is
 * moved by hand.
 */
export { VirtualClock } from '../lib/clock.ts';
export { startElectronSimulator, type ElectronSimulator } from '../simulate/electron/server.ts';
export type { ElectronOptionsInput } from '../simulate/electron/options.ts';
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
