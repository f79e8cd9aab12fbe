/**
 * A vendor of each kind, known to nobody but the tests: a model that repeats what it hears, and a voice and an ear that
 * understand each other in tones. Each takes from its own limits, and reads its own options.
 */
import { z } from 'zod';
import { SampleReader } from '../../src/audio/convert.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { EarVendor, ModelEvent, ModelVendor, StepEnd, VoiceOptions, VoiceVendor } from '../../src/index.ts';
import { understandSamples } from '../../src/testing/phone.ts';

const END: StepEnd = {
  ...{ finishReason: 'stop', isTruncated: false, usage: undefined, requestId: undefined },
  ...{ firstTokenMs: 0, queueMs: 0, attempts: 1 },
};

/** Says `opening`, and the caller's last words after it. */
export const parrot = {
  provider: 'parrots',
  options: z.strictObject({ opening: z.string().default('You said') }),
  resources: () => ({ parrots: { type: 'requests', requestsPerMinute: 600, concurrent: 2 } }),
  create: ({ budget }) => ({
    name: 'parrot',
    prewarm: async () => {},
    startStep({ messages, options }, listener) {
      let isAborted = false;
      const tell = (event: ModelEvent) => isAborted || listener(event);
      const { opening } = parrot.options.parse(options);
      const words = messages.findLast(({ role }) => role === 'user')?.content ?? 'nothing';
      const never = new AbortController().signal;
      void budget('parrots')
        .admit('answer', { deadlineMs: 1_000, signal: never })
        .then((release) => {
          tell({ type: 'text-delta', delta: `${opening} ${words}` });
          tell({ type: 'step-end', end: END });
          release();
        });
      return { abort: () => void (isAborted = true) };
    },
    close: async () => {},
  }),
} satisfies ModelVendor;

const FORMAT = { encoding: 'linear16', sampleRateHz: 8_000 } as const;
const VoiceFields = z.strictObject({ loudness: z.number().min(0).max(1).default(1) });

/** 16-bit samples; a quieter voice is lower. */
function tones(text: string, voice: VoiceOptions): Uint8Array {
  const { loudness } = VoiceFields.parse(voice);
  const samples = encodeToneSpeech(text, 8_000).map((sample) => sample * loudness);
  return new Uint8Array(samples.buffer);
}

export const toneVoice = {
  provider: 'tone-works',
  options: VoiceFields,
  resources: () => ({ 'tone-voices': { type: 'places', concurrent: 3 } }),
  create: ({ places }) => ({
    name: 'tone-voice',
    format: FORMAT,
    open: ({ voice }) => ({
      begin(listener) {
        const release = places('tone-voices').takeNow() ?? (() => {});
        return {
          speak: (clause) => listener.audio(tones(clause, voice)),
          end() {
            release();
            listener.done();
          },
          abort: release,
        };
      },
      prewarm() {},
      close() {},
    }),
    render: async (text, voice) => ({ format: FORMAT, audio: tones(text, voice) }),
    close: async () => {},
  }),
} satisfies VoiceVendor;

export const toneEar = {
  provider: 'tone-works-too',
  options: z.strictObject({ language: z.enum(['tones']).default('tones') }),
  resources: () => ({ 'tone-ears': { type: 'places', concurrent: 4 } }),
  create: () => ({
    name: 'tone-ear',
    open({ format }, listener) {
      const reader = new SampleReader(format);
      let heard: number[] = [];
      listener.connected?.(0);
      return {
        push: (audio) => void heard.push(...reader.read(audio)),
        finalize() {
          const words = understandSamples(Int16Array.from(heard));
          heard = [];
          queueMicrotask(() => listener.transcript(words.map(({ text }) => text).join(' '), true));
        },
        close() {},
      };
    },
    close: async () => {},
  }),
} satisfies EarVendor;

/** By the names that an agent has for them. */
export const OWN_VENDORS = { models: { parrot }, voices: { tones: toneVoice }, ears: { tones: toneEar } };
