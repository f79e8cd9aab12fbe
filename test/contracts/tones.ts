/** What a listener understands of tone speech, in any format. */
import type { AudioFormat } from '../../src/audio/contract.ts';
import { SampleReader } from '../../src/audio/convert.ts';
import { decodeToneSpeech } from '../../src/audio/tone-speech.ts';

export function understandTones(audio: Uint8Array, format: AudioFormat): string {
  return decodeToneSpeech(new SampleReader(format).read(audio), format.sampleRateHz)
    .map(({ text }) => text)
    .join('');
}
