/**
 * Phrases that are known before they are needed: spoken once for every format that lines carry, then played without
 * asking anybody. They also teach the voice's rate, so that the first call already knows which word was heard when.
 */
import type { AudioFormat } from '../audio/contract.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { VoiceError } from '../lib/errors.ts';
import { Alignment } from './alignment.ts';
import { SpeechCleaner } from './clean.ts';
import type { RenderedSpeech, Synthesizer, VoiceOptions } from './contract.ts';
import type { SpeechRate } from './speech-rate.ts';

export interface PhrasesToRender {
  synthesizer: Synthesizer;
  voice: VoiceOptions;
  /** The very texts that will be said: greeting, fillers, recovery. */
  texts: Iterable<string>;
  /** Of the lines they will be played on. Default: the synthesizer's. */
  format?: AudioFormat;
  /** Learns from them. */
  rate?: SpeechRate;
  signal: AbortSignal;
  log?: Log;
}

/** As many at once as an account with some room serves; where there is less, they wait behind live speech. */
const AT_ONCE = 4;

/** Renders each. Returns how many there are. Never throws: what could not be rendered is synthesized when it is said. */
export async function renderPhrases(phrases: PhrasesToRender): Promise<number> {
  const waiting = [...new Set(phrases.texts)].reverse();
  let count = 0;
  const render = async () => {
    for (let text = waiting.pop(); text !== undefined && !phrases.signal.aborted; text = waiting.pop()) {
      if (await renderPhrase(text, phrases)) count++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, render));
  return count;
}

async function renderPhrase(text: string, phrases: PhrasesToRender): Promise<boolean> {
  const { synthesizer, voice, format, rate, signal, log = silentLog } = phrases;
  try {
    const speech = await synthesizer.render(text, voice, signal, format);
    if (rate) teach(rate, text, voice, speech);
    return true;
  } catch (thrown) {
    if (signal.aborted || (thrown instanceof VoiceError && thrown.code === 'closed')) return false; // nobody is left to say it
    log.warn({ synthesizer: synthesizer.name, err: thrown }, 'a phrase could not be made ahead');
    return false;
  }
}

function teach(rate: SpeechRate, text: string, voice: VoiceOptions, { format, audio }: RenderedSpeech): void {
  const cleaner = new SpeechCleaner(voice.language);
  const alignment = new Alignment(rate);
  alignment.addText(cleaner.push(text) + cleaner.end());
  alignment.addAudio(audio, format);
  alignment.complete(true);
}
