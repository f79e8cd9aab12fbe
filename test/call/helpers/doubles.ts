/** An ear and a model for calls in virtual time. The voice is `ToneSynthesizer`. */
import type { AudioFormat } from '../../../src/audio/contract.ts';
import { SampleReader } from '../../../src/audio/convert.ts';
import { ToneSpeechDecoder } from '../../../src/audio/tone-speech.ts';
import type { VirtualClock } from '../../../src/lib/clock.ts';
import type { Transcriber, TranscriptListener } from '../../../src/listen/contract.ts';
import type { LanguageModel, StepEnd } from '../../../src/model/contract.ts';

/** Understands tones, whatever the line carries. */
export class TranscriberDouble implements Transcriber {
  readonly name = 'double';
  readonly ears = new Map<string, { format: AudioFormat; bytes: number }>();
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  open({ callId, format }: { callId: string; format: AudioFormat }, listener: TranscriptListener) {
    const ear = { format, bytes: 0 };
    this.ears.set(callId, ear);
    const reader = new SampleReader(format);
    const decoder = new ToneSpeechDecoder(format.sampleRateHz);
    let text = '';
    return {
      push: (audio: Uint8Array) => {
        ear.bytes += audio.length;
        for (const character of decoder.push(reader.read(audio))) text += character.text;
      },
      finalize: () => {
        const final = text;
        text = '';
        this.#clock.after(30, () => listener.transcript(final, true));
      },
      close() {},
    };
  }

  async close(): Promise<void> {}
}

/** The same at every step. */
export function modelThatSays(text: string, clock: VirtualClock): LanguageModel {
  const end: StepEnd = {
    finishReason: 'stop',
    isTruncated: false,
    usage: undefined,
    requestId: undefined,
    firstTokenMs: 100,
    queueMs: 0,
    attempts: 1,
  };
  return {
    name: 'double',
    prewarm: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startStep(_request, listener) {
      const stop = clock.after(100, () => {
        listener({ type: 'text-delta', delta: text });
        listener({ type: 'step-end', end });
      });
      return { abort: stop };
    },
  };
}
