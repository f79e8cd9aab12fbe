/** A voice as a call has it: how it sounds, what is known of its rate, and its line to the synthesizer. */
import type { AudioFormat } from '../audio/contract.ts';
import type { AudioSpeakerOptions } from './audio-speaker.ts';
import type { SynthesisLine, VoiceOptions } from './contract.ts';
import type { SpeechRate } from './speech-rate.ts';

export interface OpenVoice {
  options: VoiceOptions;
  rate: SpeechRate;
  line: SynthesisLine;
  /** Of what the line synthesizes; a phrase has its own. */
  format: AudioFormat;
}

/** Its connection is warm, or soon will be. */
export function openVoice(
  { synthesizer, callId, carrierCallId, capabilities }: AudioSpeakerOptions,
  voice: VoiceOptions,
  rate: SpeechRate,
): OpenVoice {
  const expectMs = (text: string) => rate.expectMsOf(text);
  const line = synthesizer.open({ callId, carrierCallId, voice, wanted: capabilities.outFormat, expectMs });
  line.prewarm();
  return { options: voice, rate, line, format: line.format ?? synthesizer.format };
}
