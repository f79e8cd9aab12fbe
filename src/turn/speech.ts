/**
 * What has been said, and how much of it the caller has heard (R1, R6, R12, R22): every word goes to the speaker and into
 * the history in the same tick, and leaves the history again when it turns out not to have been heard.
 */
import type { SpeechKind, TurnEffect } from './contract.ts';
import { heardOf, type AssistantEntry, type History, type Span } from './history.ts';

interface About {
  kind: SpeechKind;
  turn: number;
  step: number;
  isAhead?: true;
}

export class Speech {
  readonly #history: History;
  readonly #isReported: boolean;
  readonly #push: (effect: TurnEffect) => void;
  #utterances = 0;
  /** Something has been said that is not all heard; never in text, where what is said is heard. */
  #isAudible = false;
  #hasStarted = false;
  #isPaused = false;
  #isStalled = false;
  #canSpeakAhead = false;
  #hasLost = false;
  /** Utterances of the model's own words, since the line was last silent. */
  readonly #ownWords = new Set<number>();
  #wordsHeardAtMs = 0;

  constructor(history: History, hearing: 'emitted' | 'reported', push: (effect: TurnEffect) => void) {
    this.#history = history;
    this.#isReported = hearing === 'reported';
    this.#push = push;
  }

  get isAudible(): boolean {
    return this.#isAudible;
  }

  /** The caller hears nothing, and nothing that they would hear is on its way, or it does not come. */
  get isSilent(): boolean {
    return this.isAllHeard || this.isStalled;
  }

  /** Every word that was said, if not the sound behind the last one. */
  get isAllHeard(): boolean {
    return !this.#isAudible || (this.#hasStarted && this.#history.isAllHeard);
  }

  /** What has been said does not come out. */
  get isStalled(): boolean {
    return this.#isStalled && !this.#history.isAllHeard;
  }

  /** While it does not come out: the agent's own phrases would. */
  get canSpeakAhead(): boolean {
    return this.#canSpeakAhead;
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** A new utterance, told in `entry` and counted among `spans`. */
  open(entry: AssistantEntry, spans: Span[]): Span {
    const span = this.#history.openSpan(entry, ++this.#utterances);
    spans.push(span);
    return span;
  }

  /** The same for a phrase that is said while the voice stalls, before the rest of what does. */
  openAhead(entry: AssistantEntry, spans: Span[]): Span {
    return this.#history.openSpanAhead(entry, spans, ++this.#utterances);
  }

  say(entry: AssistantEntry, span: Span, text: string, { kind, turn, step, isAhead }: About): void {
    this.#history.addText(entry, span, text);
    const ahead = isAhead ? { isAhead } : {};
    this.#push({ type: 'say', utterance: span.utterance, text, kind, turn, step, ...ahead });
    if (kind === 'answer' || kind === 'filler') this.#ownWords.add(span.utterance);
    if (isAhead) this.#isStalled = false; // it is at hand, and sounds in a moment
    if (this.#isReported) this.#isAudible = true;
  }

  close(span: Span): void {
    this.#push({ type: 'flush', utterance: span.utterance });
  }

  started(): void {
    this.#hasStarted = true;
    this.#isStalled = false;
  }

  stalled(canSpeakAhead: boolean): void {
    this.#isStalled = this.#isAudible;
    this.#canSpeakAhead = canSpeakAhead;
  }

  /** The rest of this utterance will not come. */
  giveUp(utterance: number): void {
    if (this.#history.giveUp(utterance)) this.#hasLost = true;
  }

  heard(utterance: number, characters: number, atMs: number): void {
    this.#history.hear(utterance, characters);
    if (this.#ownWords.has(utterance)) this.#wordsHeardAtMs = atMs;
  }

  /** When the caller last heard a word of the model's own. */
  get wordsHeardAtMs(): number {
    return this.#wordsHeardAtMs;
  }

  /** Everything said so far has been heard, or was lost. `words`: the model's own, which nobody had made before. */
  ended(): 'lost' | 'words' | 'phrases' {
    const outcome = this.#hasLost ? 'lost' : this.#ownWords.size > 0 ? 'words' : 'phrases';
    this.#forget();
    this.#history.hearAll();
    return outcome;
  }

  pause(): void {
    if (!this.#isPaused) this.#push({ type: 'pause' });
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#isPaused) this.#push({ type: 'resume' });
    this.#isPaused = false;
  }

  /** What the caller has heard of these spans, and what not. */
  tell(spans: readonly Span[]): { heard: string; unheard: string } {
    if (!this.#isReported) this.#history.hearAll();
    return heardOf(spans);
  }

  /** R12: silence; what has not been heard was never said. */
  clear(): void {
    if (this.#isAudible) this.#push({ type: 'clear' });
    if (!this.#isReported) this.#history.hearAll();
    this.#forget();
    this.#history.cutToHeard();
  }

  #forget(): void {
    this.#isAudible = this.#hasStarted = this.#isPaused = this.#isStalled = this.#hasLost = false;
    this.#ownWords.clear();
  }
}
