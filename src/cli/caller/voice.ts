/** What the caller speaks with: tones that the stand-ins understand, a program of this machine, or recordings. */
import { readFile } from 'node:fs/promises';
import { createConverter } from '../../audio/convert.ts';
import { encodeMulaw } from '../../audio/g711.ts';
import { encodeToneSpeech } from '../../audio/tone-speech.ts';
import { readWav } from '../../audio/wav.ts';
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { findSystemVoice } from '../../simulate/system-voice.ts';
import { withoutSilentEnd } from '../../simulate/telephone.ts';
import { fileError } from '../../lib/file-error.ts';

export type VoiceChoice = 'system' | 'tones' | 'auto';

export interface CallerVoice {
  name: string;
  /** Mu-law, 8 kHz. */
  speak(text: string): Promise<Uint8Array>;
}

const RATE_HZ = 8_000;

/**
 * `isSimulated`: what the worker says of itself; undefined when it says nothing.
 * @throws {VoiceError} `options-invalid`, when this machine has no voice
 */
export async function chooseVoice(choice: VoiceChoice, isSimulated: boolean | undefined): Promise<CallerVoice> {
  if (choice === 'tones' || (choice === 'auto' && isSimulated)) {
    return { name: 'tones', speak: async (text) => encodeMulaw(encodeToneSpeech(text, RATE_HZ)) };
  }
  const system = await findSystemVoice();
  if (system) {
    return {
      name: system.name,
      speak: async (text) => withoutSilentEnd(encodeMulaw(await system.voice(text, RATE_HZ, 1))),
    };
  }
  const why = choice === 'auto' ? 'the worker uses the real services, which understand a voice' : '--voice system';
  throw new VoiceError(
    'options-invalid',
    `${why}, and this machine has none: install flite or espeak-ng, play recordings with --wav, or take --voice tones, which only simulators understand`,
  );
}

/**
 * Any WAV file as a telephone carries it. Of several channels the first, which is the caller's in recordings of calls.
 * @throws {VoiceError} `file-unreadable` or `recording-invalid`
 */
export async function readSpeech(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw fileError('read', file, error);
  });
  try {
    const { sampleRateHz, channels } = readWav(bytes);
    return withoutSilentEnd(toMulaw(channels[0] ?? new Int16Array(0), sampleRateHz));
  } catch (error) {
    throw new VoiceError('recording-invalid', `${file}: ${messageOf(error)}`, { cause: error });
  }
}

function toMulaw(samples: Int16Array, sampleRateHz: number): Uint8Array {
  if (sampleRateHz === RATE_HZ) return encodeMulaw(samples);
  const converter = createConverter(
    { encoding: 'linear16', sampleRateHz },
    { encoding: 'mulaw', sampleRateHz: RATE_HZ },
  );
  try {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    return Buffer.concat([converter.convert(bytes).slice(), converter.flush().slice()]);
  } finally {
    converter.free();
  }
}
