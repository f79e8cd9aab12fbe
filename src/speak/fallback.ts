/**
 * A list of voices as one: an utterance goes to the first that is well. When that one refuses, is down or is late, the same
 * utterance goes to the next, whole where none of its audio has come, and else from the first word that is not there in full.
 * The agent's phrases are kept for each voice, so that they sound like the one who speaks.
 */
import type { AudioFormat } from '../audio/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { ProviderError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { isOfVendor, optionsOf, Succession, type VendorHealth } from '../lib/succession.ts';
import { isA } from '../lib/thrown.ts';
import type { RenderedSpeech, SynthesisLine, Synthesizer, SynthesizerFigures, VoiceOptions } from './contract.ts';
import { ListLine } from './list-line.ts';

/** One of the list. */
export interface NamedVoice {
  /** As events, logs and metrics show it. */
  name: string;
  synthesizer: Synthesizer;
}

/** @param voices Two or more, the one that is to speak first. The options of a voice are `optionsOfList`'s. */
export function createVoiceList(voices: readonly NamedVoice[], context: { clock: Clock; log: Log }): Synthesizer {
  return new VoiceList(voices, context);
}

/** What was to be at hand, for those who have not made it yet. */
interface Phrase {
  text: string;
  voice: VoiceOptions;
  wanted: AudioFormat | undefined;
}

/** An agent has a few dozen phrases; what others render besides need not be known. */
const MOST_PHRASES = 500;

class VoiceList implements Synthesizer {
  /** That of its first: who knows nothing of lists takes it for that one. */
  readonly name: string;
  readonly format: AudioFormat;
  readonly #voices: readonly Synthesizer[];
  readonly #succession: Succession;
  readonly #clock: Clock;
  readonly #lines = new Set<SynthesisLine>();
  readonly #phrases = new Map<string, Phrase>();
  readonly #closing = new AbortController();
  #counts = { failed: 0, truncated: 0 };
  /** Whose phrases are being made. */
  #making: number | undefined;

  constructor(voices: readonly NamedVoice[], { clock, log }: { clock: Clock; log: Log }) {
    this.#voices = voices.map(({ synthesizer }) => synthesizer);
    this.name = this.#first.name;
    this.format = this.#first.format;
    this.#clock = clock;
    const names = voices.map(({ name }) => name);
    this.#succession = new Succession({ kind: 'voice', names, clock, log, changed: () => this.#makePhrases() });
  }

  get #first(): Synthesizer {
    return this.#voiceAt(0);
  }

  #voiceAt(at: number): Synthesizer {
    const voice = this.#voices[at];
    if (!voice) throw new RangeError(`a list of ${this.#voices.length} voices has none at ${at}`);
    return voice;
  }

  open({ asks, ...options }: Parameters<Synthesizer['open']>[0]): SynthesisLine {
    const openLine = (at: number) => {
      const voice = this.#voiceAt(at);
      const line = voice.open({ ...options, voice: optionsOf(options.voice, at) });
      return { line, format: line.format ?? voice.format, name: voice.name };
    };
    const line = new ListLine({
      ...{ open: openLine, succession: this.#succession, clock: this.#clock, asks, expectMs: options.expectMs },
      gaveUp: (isTruncated) => {
        this.#counts.failed++;
        if (isTruncated) this.#counts.truncated++;
      },
      gone: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    return line;
  }

  async render(text: string, voice: VoiceOptions, signal: AbortSignal, wanted?: AudioFormat): Promise<RenderedSpeech> {
    if (this.#phrases.size < MOST_PHRASES) this.#phrases.set(JSON.stringify([text, wanted]), { text, voice, wanted });
    const tried = new Set<number>();
    for (;;) {
      const turn = this.#succession.next(tried);
      if (!turn) throw new RangeError('a list of voices needs one');
      tried.add(turn.at);
      try {
        return await this.#voiceAt(turn.at).render(text, optionsOf(voice, turn.at), signal, wanted);
      } catch (thrown) {
        if (signal.aborted || !isA(thrown, ProviderError)) throw thrown;
        this.#succession.failed(turn.at, thrown);
        if (turn.isLast || !isOfVendor(thrown)) throw thrown;
      } finally {
        this.#succession.left(turn.at);
      }
    }
  }

  /** Of who speaks at the moment, else of whomever has made it. */
  rendered(text: string, voice: VoiceOptions, wanted: AudioFormat): RenderedSpeech | undefined {
    const { current } = this.#succession;
    const at = (index: number) => this.#voices[index]?.rendered?.(text, optionsOf(voice, index), wanted);
    const own = at(current);
    if (own) return own;
    for (const index of this.#voices.keys()) {
      const other = index === current ? undefined : at(index);
      if (other) return other;
    }
    return undefined;
  }

  figures(): SynthesizerFigures {
    const sum = { sockets: 0, reconnects: 0, resent: 0, retried: 0, unspoken: 0 };
    for (const figures of this.#voices.map((voice) => voice.figures?.())) {
      if (!figures) continue;
      for (const key of ['sockets', 'reconnects', 'resent', 'retried', 'unspoken'] as const)
        sum[key] += figures[key] ?? 0;
    }
    return { ...sum, ...this.#counts };
  }

  health(): readonly VendorHealth[] {
    return this.#succession.health;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const line of [...this.#lines]) line.close();
    await Promise.all(this.#voices.map((voice) => voice.close()));
  }

  /** Another one speaks from now on: what the agent says of itself is made in that voice too, one after the other. */
  #makePhrases(): void {
    const { current } = this.#succession;
    if (this.#making === current) return;
    this.#making = current;
    void this.#makeAll(current);
  }

  async #makeAll(at: number): Promise<void> {
    const { signal } = this.#closing;
    for (const { text, voice, wanted } of [...this.#phrases.values()]) {
      if (signal.aborted || this.#succession.current !== at) break;
      await this.#voiceAt(at)
        .render(text, optionsOf(voice, at), signal, wanted)
        .catch(() => {}); // it is synthesized when it is said
    }
    if (this.#making === at) this.#making = undefined;
  }
}
