/** How loud both voices of a call of a test were: what its page draws of them. */
import { LoudnessMeter, type Loudness } from '../record/loudness.ts';
import type { CallSound } from './result.ts';

export function loudnessOf({ sampleRateHz, caller, agent }: CallSound): Loudness {
  const meter = new LoudnessMeter({ sampleRateHz, startMs: 0 });
  meter.add('caller', caller, 0);
  meter.add('agent', agent, 0);
  return meter;
}
