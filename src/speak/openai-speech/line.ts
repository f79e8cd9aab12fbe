/** One call's line: its utterances are spoken one after the other, each by requests of its own (`utterance.ts`). */
import type { AudioFormat } from '../../audio/contract.ts';
import type { ProviderError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Places } from '../../lib/places.ts';
import type { Synthesis, SynthesisLine, SynthesisListener, SynthesizerFigures } from '../contract.ts';
import type { Asking } from './asking.ts';
import { Utterance, type UtteranceContext } from './utterance.ts';

/** Of all lines together. */
export type LineCounts = Required<Omit<SynthesizerFigures, 'sockets'>>;

export interface LineOptions {
  callId: string;
  carrierCallId: string | undefined;
  asking: Asking;
  places: Places;
  queueMs: number;
  counts: LineCounts;
  log: Log;
}

const WORDS: Readonly<Record<'resent' | 'retried' | 'unspoken', string>> = {
  resent: 'an utterance is sent again',
  retried: 'an utterance waits for another try',
  unspoken: 'words came back without their sound',
};

export class SpeechLine implements SynthesisLine {
  readonly format: AudioFormat;
  readonly #options: LineOptions;
  #queue: Utterance[] = [];
  #isClosed = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.format = { encoding: 'linear16', sampleRateHz: options.asking.rateHz };
  }

  begin(listener: SynthesisListener, { hasNext = false }: { hasNext?: boolean } = {}): Synthesis {
    const utterance: Utterance = new Utterance(
      this.#contextOf(hasNext, (failure) => this.#over(utterance, failure)),
      listener,
    );
    if (this.#isClosed) utterance.abort();
    else this.#queue.push(utterance);
    if (this.#queue[0] === utterance) utterance.turn();
    return {
      speak: (clause) => utterance.speak(clause),
      end: () => utterance.end(),
      abort: () => {
        utterance.abort();
        this.#leaveQueue(utterance);
      },
    };
  }

  prewarm(): void {
    if (!this.#isClosed) this.#options.asking.server.prewarm();
  }

  close(): void {
    this.#isClosed = true;
    for (const utterance of this.#queue.splice(0)) utterance.abort();
  }

  #contextOf(hasNext: boolean, over: UtteranceContext['over']): UtteranceContext {
    const { asking, places, queueMs } = this.#options;
    const note = (count: keyof typeof WORDS, error: ProviderError) => this.#note(count, error);
    return { asking, places, queueMs, random: Math.random, hasNext, over, note };
  }

  #over(utterance: Utterance, failure: { isTruncated: boolean } | undefined): void {
    const { counts } = this.#options;
    if (failure) counts.failed++;
    if (failure?.isTruncated) counts.truncated++;
    this.#leaveQueue(utterance);
  }

  #leaveQueue(utterance: Utterance): void {
    this.#queue = this.#queue.filter((other) => other !== utterance);
    this.#queue[0]?.turn();
  }

  #note(count: 'resent' | 'retried' | 'unspoken', error: ProviderError): void {
    const { counts, log, callId, carrierCallId } = this.#options;
    counts[count]++;
    const { code, requestId } = error;
    log[count === 'unspoken' ? 'warn' : 'info']({ callId, carrierCallId, code, requestId, err: error }, WORDS[count]);
  }
}
