/**
 * One utterance of a list of voices: what was said of it, who speaks it at the moment, and what of it has come. What one voice
 * yields is brought into the format of the line, and its times are counted from the first sample of the utterance.
 */
import { bytesPerSample, type AudioFormat } from '../audio/contract.ts';
import { createConverter, type Converter } from '../audio/convert.ts';
import { ProviderError } from '../lib/errors.ts';
import type { Turn } from '../lib/succession.ts';
import type { Resumption, Synthesis, SynthesisLine, SynthesisListener } from './contract.ts';
import { lackOfAudio } from './lost-words.ts';

/** What one voice is through with it. */
export type Told = { type: 'done' } | { type: 'failed'; error: ProviderError };

interface Surroundings {
  told: (what: Told) => void;
  expectMs: ((text: string) => number) | undefined;
}

/** Where nobody tells how long a text takes: no audio at all is too little. */
const ANY_AUDIO_MS = (text: string): number => (text === '' ? 0 : 1);

export class ListedUtterance {
  readonly listener: SynthesisListener;
  /** Who has been asked for it. */
  readonly tried = new Set<number>();
  /** Of who speaks it; undefined while it waits. */
  turn: Turn | undefined;
  /** Audio has come, of whomever; of who speaks it now. */
  hasAudio = false;
  hasAudioOfTurn = false;
  stopTrial: () => void = () => {};
  readonly #format: AudioFormat;
  readonly #surroundings: Surroundings;
  /** What is to be spoken by who speaks it now. */
  #clauses: string[] = [];
  #isEnded = false;
  #synthesis: Synthesis | undefined;
  #converter: Converter | undefined;
  /** Audio that was kept of those before, and what has come of this one, in milliseconds. */
  #baseMs = 0;
  #ms = 0;
  /** The listener has said that nothing can be gone on with. */
  #isLost = false;

  constructor(listener: SynthesisListener, format: AudioFormat, surroundings: Surroundings) {
    this.listener = listener;
    this.#format = format;
    this.#surroundings = surroundings;
  }

  /** Nothing is left to be spoken, and nothing more will be said. */
  get isSaid(): boolean {
    return this.#isEnded && this.#clauses.length === 0;
  }

  speak(clause: string): void {
    if (this.#isEnded) return;
    this.#clauses.push(clause);
    this.#synthesis?.speak(clause);
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#synthesis?.end();
  }

  /** Has `line`, of `turn`, speak what is to be spoken. */
  start(turn: Turn, { line, format }: { line: SynthesisLine; format: AudioFormat }): void {
    this.turn = turn;
    this.tried.add(turn.at);
    this.hasAudioOfTurn = false;
    this.#ms = 0;
    this.#converter = createConverter(format, this.#format);
    const isMine = () => this.#synthesis === synthesis;
    const synthesis = line.begin(
      {
        audio: (audio) => isMine() && this.#hear(audio),
        word: (word, startMs, endMs) =>
          isMine() && this.listener.word(word, this.#baseMs + startMs, this.#baseMs + endMs),
        done: () => isMine() && this.#done(turn),
        resume: () => (isMine() ? this.#resume() : undefined),
        failed: (error) => isMine() && this.#surroundings.told({ type: 'failed', error }),
      },
      { hasNext: !turn.isLast },
    );
    this.#synthesis = synthesis;
    for (const clause of this.#clauses) synthesis.speak(clause);
    if (this.#isEnded) synthesis.end();
  }

  /** Who speaks it is not listened to any more. */
  letGo(): void {
    this.stopTrial();
    const synthesis = this.#synthesis;
    this.#synthesis = undefined;
    this.turn = undefined;
    this.#converter?.free();
    this.#converter = undefined;
    synthesis?.abort();
  }

  /** The one before it goes elsewhere, and this one behind it: who was to speak it has not been tried. */
  yield(): void {
    if (this.turn) this.tried.delete(this.turn.at);
    this.letGo();
  }

  /** What the next is to speak, behind the audio that is kept. False when that cannot be told. */
  takeRest(): boolean {
    const rest = this.#isLost ? undefined : this.#rest();
    if (!rest) return false;
    this.#clauses = [...rest.clauses];
    this.#baseMs = rest.keptMs;
    return true;
  }

  /** Only who has audio can tell what of it is kept: without any, all is still to be spoken. */
  #rest(): Resumption | undefined {
    return this.hasAudio ? this.listener.resume?.() : { clauses: this.#clauses, keptMs: 0 };
  }

  #hear(audio: Uint8Array): void {
    if (audio.length === 0) return;
    this.stopTrial();
    this.hasAudio = this.hasAudioOfTurn = true;
    const converted = this.#converter?.convert(audio) ?? audio;
    this.#hand(converted === audio ? audio : converted.slice());
  }

  #hand(audio: Uint8Array): void {
    if (audio.length === 0) return;
    this.#ms += (audio.length * 1_000) / (this.#format.sampleRateHz * bytesPerSample(this.#format));
    this.listener.audio(audio);
  }

  /** It goes on with the same voice. */
  #resume(): Resumption | undefined {
    const rest = this.#rest();
    this.#isLost = rest === undefined;
    if (!rest) return undefined;
    const keptMs = Math.max(0, rest.keptMs - this.#baseMs);
    this.#baseMs = rest.keptMs - keptMs;
    this.#ms = keptMs;
    this.#clauses = [...rest.clauses];
    return { clauses: rest.clauses, keptMs };
  }

  #done({ names, at }: Turn): void {
    this.#hand(this.#converter?.flush().slice() ?? new Uint8Array(0));
    const { told, expectMs = ANY_AUDIO_MS } = this.#surroundings;
    const lack = lackOfAudio(this.#clauses.join(''), this.#ms, expectMs);
    if (lack === undefined) return told({ type: 'done' });
    const phase = this.hasAudio ? 'mid-stream' : 'before-first-output';
    told({ type: 'failed', error: new ProviderError(names[at] ?? '', 'provider-failed', lack, { phase }) });
  }
}
