/** A synthesizer on a simulated Lightning, and what a test wants to know of both. */
import { decodeToneSpeech } from '../../../src/audio/tone-speech.ts';
import { systemClock, type Clock } from '../../../src/lib/clock.ts';
import type { ProviderError } from '../../../src/lib/errors.ts';
import type { LightningSimulatorOptions } from '../../../src/simulate/lightning/options.ts';
import { startLightningSimulator } from '../../../src/simulate/lightning/server.ts';
import type { Synthesis, SynthesisLine } from '../../../src/speak/contract.ts';
import type { LightningVoiceOptions } from '../../../src/speak/lightning/voices.ts';
import { createLightning, type LightningOptions } from '../../../src/speak/lightning/synthesizer.ts';

export const VOICE: LightningVoiceOptions = { id: 'magnus', model: 'lightning_v3.1', language: 'en', speed: 1 };
export const TIMED_VOICE: LightningVoiceOptions = { ...VOICE, id: 'liam' };

/** The system's clock, with a count of the timers that are out. */
export class CountingClock implements Clock {
  pending = 0;

  nowMs(): number {
    return systemClock.nowMs();
  }

  after(delayMs: number, run: () => void): () => void {
    this.pending++;
    let isOver = false;
    const over = () => {
      if (!isOver) this.pending--;
      isOver = true;
    };
    const stop = systemClock.after(delayMs, () => {
      over();
      run();
    });
    return () => {
      over();
      stop();
    };
  }
}

/** Quick enough for tests: thirty times as fast as it plays. */
export async function setUpLightning(
  simulator: LightningSimulatorOptions = {},
  options: Partial<LightningOptions> = {},
) {
  const service = await startLightningSimulator({ firstByteMs: 5, realTimeFactor: 30, ...simulator });
  const clock = new CountingClock();
  const lightning = createLightning({
    baseUrl: service.baseUrl,
    apiKey: 'sk_test',
    completeBackoffMs: 20,
    maxBufferFlushMs: 20,
    clock,
    ...options,
  });
  return {
    service,
    lightning,
    clock,
    async close() {
      await lightning.close();
      await service.close();
    },
  };
}

export interface Utterance {
  synthesis: Synthesis;
  /** All audio so far. */
  pcm: () => Buffer;
  /** What a listener would understand of it. */
  heard: () => string;
  words: { text: string; startMs: number; endMs: number }[];
  /** Settles with how it ended; never when it was aborted. */
  ended: Promise<'done' | ProviderError>;
  firstAudio: Promise<void>;
  outcome: 'done' | ProviderError | undefined;
}

/** Begins an utterance, gives it the clauses, and ends it unless told not to. */
export function speak(
  line: SynthesisLine,
  clauses: string[],
  { isOpen = false, restart = false, sampleRateHz = 8_000 } = {},
): Utterance {
  let chunks: Uint8Array[] = [];
  const said: string[] = [];
  const pcm = () => Buffer.concat(chunks);
  let heardSome = () => {};
  let settle: (outcome: 'done' | ProviderError) => void = () => {};
  const ended = new Promise<'done' | ProviderError>((resolve) => (settle = resolve));
  const utterance: Omit<Utterance, 'synthesis'> = {
    pcm,
    heard: () => {
      const bytes = Uint8Array.from(pcm());
      const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
      return decodeToneSpeech(samples, sampleRateHz)
        .map(({ text }) => text)
        .join('');
    },
    words: [],
    ended,
    firstAudio: new Promise((resolve) => (heardSome = resolve)),
    outcome: undefined,
  };
  const end = (outcome: 'done' | ProviderError) => {
    if (utterance.outcome !== undefined) throw new Error('ended twice');
    utterance.outcome = outcome;
    settle(outcome);
  };
  const synthesis = line.begin({
    audio: (bytes) => {
      if (bytes.length % 2 !== 0) throw new Error('half a sample');
      chunks.push(bytes);
      heardSome();
    },
    word: (text, startMs, endMs) => utterance.words.push({ text, startMs, endMs }),
    done: () => end('done'),
    failed: end,
    ...(restart
      ? {
          resume: () => {
            chunks = [];
            return { clauses: said.slice(), keptMs: 0 };
          },
        }
      : {}),
  });
  const recorded: Synthesis = {
    ...synthesis,
    speak: (clause) => {
      said.push(clause);
      synthesis.speak(clause);
    },
  };
  for (const clause of clauses) recorded.speak(clause);
  if (!isOpen) synthesis.end();
  return Object.assign(utterance, { synthesis: recorded });
}
