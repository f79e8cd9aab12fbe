/** A simulator, a transcriber and what a listener was told, for tests over real sockets. */
import { onTestFinished } from 'vitest';
import type { AudioFormat } from '../../src/audio/contract.ts';
import { SampleWriter } from '../../src/audio/convert.ts';
import { encodeMulaw } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { ProviderError } from '../../src/lib/errors.ts';
import type { HeardWord, TranscriptionLine } from '../../src/listen/contract.ts';
import { createPulse, type Pulse, type PulseOptions } from '../../src/listen/pulse/transcriber.ts';
import type { PulseSimulatorInput } from '../../src/simulate/pulse/options.ts';
import { startPulseSimulator, type PulseSimulator } from '../../src/simulate/pulse/server.ts';

export const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
export const KEY = 'sk_test_0123456789';

export async function simulate(options: PulseSimulatorInput = {}): Promise<PulseSimulator> {
  const simulator = await startPulseSimulator({ interimDelayMs: 0, finalDelayMs: 0, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

export function pulseOf(url: string, options: Partial<PulseOptions> = {}): Pulse {
  const pulse = createPulse({
    apiKey: KEY,
    baseUrl: url,
    retryDelaysMs: [0, 5, 10, 15, 20],
    random: () => 1,
    ...options,
  });
  onTestFinished(() => pulse.close());
  return pulse;
}

export interface Told {
  /** `f:` finals, `i:` interims, `start`, `end`, `up 0`, `failed code`. */
  log: string[];
  finals: string[];
  words: HeardWord[];
  errors: ProviderError[];
}

export function openLine(
  pulse: Pick<Pulse, 'open'>,
  { format = MULAW, language = 'en' }: { format?: AudioFormat; language?: string } = {},
): { line: TranscriptionLine; told: Told } {
  const told: Told = { log: [], finals: [], words: [], errors: [] };
  const line = pulse.open(
    { callId: 'call-1', format, listen: { language, keywords: [] } },
    {
      transcript(text, isFinal, words = []) {
        told.log.push(`${isFinal ? 'f' : 'i'}:${text}`);
        if (isFinal) told.finals.push(text.trim());
        if (isFinal) told.words.push(...words);
      },
      speech: (phase) => told.log.push(phase),
      failed(error) {
        told.log.push(`failed ${error.code}`);
        told.errors.push(error);
      },
      connected: (reconnects) => told.log.push(`up ${reconnects}`),
    },
  );
  return { line, told };
}

/** Speech and `silenceMs` behind it, in `format`. */
export function spoken(text: string, format: AudioFormat = MULAW, silenceMs = 0): Uint8Array {
  const speech = encodeToneSpeech(text, format.sampleRateHz);
  const samples = new Int16Array(speech.length + (format.sampleRateHz * silenceMs) / 1_000);
  samples.set(speech);
  return format.encoding === 'mulaw' ? encodeMulaw(samples) : Uint8Array.from(new SampleWriter(format).write(samples));
}

export const silence = (ms: number) => new Uint8Array(ms * 8).fill(0xff);

/** In frames of 20 ms, as a bridge hands them over. */
export function pushFrames(line: { push(audio: Uint8Array): void }, audio: Uint8Array, frame = 160): void {
  for (let at = 0; at < audio.length; at += frame) line.push(audio.subarray(at, at + frame));
}
