/** Phrases that are known before they are needed: spoken once for the process, then played without asking anybody. */
import { silentLog, type Log } from '../lib/log.ts';
import { messageOf } from '../lib/errors.ts';
import type { Synthesizer, VoiceOptions } from './contract.ts';

export interface PhrasesToRender {
  synthesizer: Synthesizer;
  voice: VoiceOptions;
  /** The very texts that will be said: greeting, fillers, recovery. */
  texts: Iterable<string>;
  /** Of the lines they will be played on. */
  sampleRateHz?: number;
  signal: AbortSignal;
  log?: Log;
}

/** Renders each, one after the other. Never throws: what could not be rendered is synthesized when it is said. */
export async function renderPhrases({
  synthesizer,
  voice,
  texts,
  sampleRateHz,
  signal,
  log,
}: PhrasesToRender): Promise<number> {
  let count = 0;
  for (const text of new Set(texts)) {
    if (signal.aborted) break;
    try {
      await synthesizer.render(text, voice, signal, sampleRateHz);
      count++;
    } catch (thrown) {
      (log ?? silentLog).warn(
        { synthesizer: synthesizer.name },
        `a phrase could not be made ahead: ${messageOf(thrown)}`,
      );
    }
  }
  return count;
}
