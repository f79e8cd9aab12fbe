/**
 * What has been said, and how much of it the caller has heard (R1, R6, R12, R22): every word goes to the speaker and into
 * the history in the same tick, and leaves the history again when it turns out not to have been heard. Where in the history
 * it stands is known here alone.
 */
import { assert } from '../lib/assert.ts';
import type { SpeechKind, TurnEffect, TurnEventOf } from './contract.ts';
import { heardOf, type AssistantEntry, type Span } from './entry.ts';
import type { History } from './history.ts';
import type { MachineOptions } from './options.ts';

interface About {
  kind: SpeechKind;
  turn: number;
  step: number;
}

export class Speech {
  readonly #history: History;
  readonly #isReported: boolean;
  /** The line speaks by itself: see `MachineOptions.heardBy`. */
  readonly #isLines: boolean;
  readonly #push: (effect: TurnEffect) => void;
  #utterances = 0;
  /** Something has been said that is not all heard; never in text, where what is said is heard. */
  #isAudible = false;
  #hasStarted = false;
  /** Something that was said in this turn, or since the last one, has sounded. */
  #hasSounded = false;
  #isPaused = false;
  #isStalled = false;
  #canSpeakAhead = false;
  #hasLost = false;
  /** Utterances of the model's own words, since the line was last silent. */
  readonly #ownWords = new Set<number>();
  #wordsHeardAtMs = 0;

  /** What is told of: everything said in this turn, or since the last one. */
  #spans: Span[] = [];
  /** The first utterance that is. */
  #first = 1;
  /** The line has been left to speak it. */
  #isLeft = false;
  /** The message of the step, once something was said or called in it. */
  #stepEntry: AssistantEntry | undefined;
  /** The utterance that the model's words go on with, until it is flushed. */
  #model: Span | undefined;

  constructor(history: History, heardBy: MachineOptions['heardBy'], push: (effect: TurnEffect) => void) {
    this.#history = history;
    this.#isReported = heardBy !== 'emitted';
    this.#isLines = heardBy === 'line';
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

  /** The caller has heard no sound of this turn, nor does anything sound that was said before; in text, nothing was said. */
  get isUnheard(): boolean {
    if (!this.#isReported || this.#isLines) return this.#spans.length === 0;
    return !this.#hasSounded;
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

  // ---- what is said -------------------------------------------------------------------------------------------------

  /** A turn begins or ends: what was said before is told of no more. */
  startAnew(): void {
    this.#spans = [];
    this.#first = this.#utterances + 1;
    this.#isLeft = false;
    this.#hasSounded = this.#isAudible && this.#hasStarted && !this.#isPaused;
    this.#stepEntry = undefined;
  }

  /** R28: what is said and called from here on stands in another list. */
  leaveStep(): void {
    assert(!this.isOpen && !this.#isAudible, 'no words to be on their way when another list begins');
    this.#stepEntry = undefined;
  }

  /** A step is asked for: what is said and called from here on is a message of its own. */
  beginStep(): void {
    assert(!this.isOpen, 'no words of one step to be open when the next begins');
    this.#stepEntry = undefined;
  }

  /** The message in the history that this step's words and calls stand in; another one when all that it held was cut. */
  entryOfStep(turn: number): AssistantEntry {
    if (this.#stepEntry?.isGone) this.#stepEntry = undefined;
    return (this.#stepEntry ??= this.#history.openEntry(turn));
  }

  /** The number that the next one will have. */
  get nextUtterance(): number {
    return this.#utterances + 1;
  }

  /** The model's words are not at an end: more may go on in the same utterance. */
  get isOpen(): boolean {
    return this.#model !== undefined;
  }

  /** R1: words of the model, which go on with what it said before. */
  add(text: string, about: About): void {
    const entry = this.entryOfStep(about.turn);
    this.#model ??= this.#open(entry);
    this.#say(entry, this.#model, text, about);
  }

  /** R2: what the model says next is an utterance of its own. */
  close(): void {
    if (this.#model) this.#flush(this.#model);
    this.#model = undefined;
  }

  /** The model has ended: the white space behind its last word is no part of its message, as some servers insist. */
  finish(): void {
    if (this.#model && this.#stepEntry) this.#history.trimEnd(this.#stepEntry, this.#model);
    this.close();
  }

  /** The step is let go: no more words will come. */
  abandon(): void {
    this.#model = undefined;
  }

  /** A whole phrase, as an utterance of its own, in the message of the step or behind what was said before. */
  speak(text: string, about: About, isInStep: boolean): void {
    this.close();
    const entry = isInStep ? this.entryOfStep(about.turn) : this.#lastEntry(about.turn);
    const span = this.#open(entry);
    this.#say(entry, span, text, about);
    this.#flush(span);
  }

  /** The same while the voice stalls: before the rest of what does. */
  speakAhead(text: string, about: About): void {
    const entry = this.#stepEntry ? this.entryOfStep(about.turn) : this.#lastEntry(about.turn);
    const span = this.#history.openSpanAhead(entry, this.#spans, ++this.#utterances);
    this.#say(entry, span, text, about, true);
    this.#isStalled = false; // it is at hand, and sounds in a moment
    this.#flush(span);
  }

  #lastEntry(turn: number): AssistantEntry {
    return this.#history.appendable ?? this.#history.openEntry(turn);
  }

  #open(entry: AssistantEntry): Span {
    const span = this.#history.openSpan(entry, ++this.#utterances);
    this.#spans.push(span);
    return span;
  }

  #say(entry: AssistantEntry, span: Span, text: string, { kind, turn, step }: About, isAhead = false): void {
    this.#history.addText(entry, span, text);
    const ahead = isAhead ? { isAhead } : {};
    this.#push({ type: 'say', utterance: span.utterance, text, kind, turn, step, ...ahead });
    if (kind === 'answer' || kind === 'filler') this.#ownWords.add(span.utterance);
    if (this.#isReported) this.#isAudible = true;
  }

  #flush({ utterance }: Span): void {
    this.#push({ type: 'flush', utterance });
  }

  // ---- what is heard of it ------------------------------------------------------------------------------------------

  started(): void {
    this.#hasStarted = true;
    this.#isStalled = false;
  }

  /** It sounds, for nothing holds it back. */
  sounds(): void {
    this.#hasSounded ||= this.#isAudible && this.#hasStarted && !this.#isPaused;
  }

  stalled(canSpeakAhead: boolean): void {
    this.#isStalled = this.#isAudible;
    this.#canSpeakAhead = canSpeakAhead;
  }

  /** The rest of this utterance will not come. What the model goes on to say is tried anew. */
  giveUp(utterance: number): void {
    if (this.#model?.utterance === utterance) this.close();
    if (this.#history.giveUp(utterance)) this.#hasLost = true;
  }

  heard({ utterance, characters, isExact }: TurnEventOf<'heard'>, atMs: number): void {
    this.#history.hear(utterance, characters, isExact);
    this.#hasSounded = true;
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
    this.sounds();
  }

  /** What the caller has heard of what was said in this turn, or since the last one, and what not. */
  tell(): { heard: string; unheard: string } {
    if (!this.#isReported) this.#history.hearAll();
    return heardOf(this.#spans, this.#isLeft);
  }

  /** R12, where the line speaks by itself: it is given nothing more, and speaks what it was given. */
  leave(): void {
    this.finish();
    this.#isLeft = true;
  }

  /** Such a line has stopped. Returns whether it had come to anything that was said in this turn, or since the last one. */
  isStoppedBy(upTo: number): boolean {
    return upTo >= this.#first;
  }

  /** Something was said since that is still to be heard. */
  isBeyond(upTo: number): boolean {
    return this.#isAudible && this.#utterances > upTo;
  }

  /** It speaks nothing more of the utterances up to this one; what was said since then it does. */
  stopAt(upTo: number): { heard: string; unheard: string } {
    if (this.#model && this.#model.utterance <= upTo) this.close();
    return this.#history.stopAt(upTo);
  }

  /** R12: silence; what has not been heard was never said. */
  clear(): void {
    if (this.#isAudible) this.#push({ type: 'clear' });
    if (!this.#isReported) this.#history.hearAll();
    this.#forget();
    this.#history.cutToHeard();
  }

  /** What this step has said was not for the caller; the step itself goes on. Returns what of it they have heard, and what not. */
  takeBack(): { heard: string; unheard: string } {
    if (!this.#isReported) this.#history.hearAll();
    const told = heardOf(this.#stepEntry?.spans ?? [], this.#isLines);
    if (this.#isLines) {
      this.close(); // which speaks what it was given
      return told;
    }
    if (this.#isAudible) this.abandon();
    else this.close(); // it was shown: there is nothing to clear
    this.clear();
    return told;
  }

  #forget(): void {
    this.#isAudible = this.#hasStarted = this.#isPaused = this.#isStalled = this.#hasLost = false;
    this.#ownWords.clear();
  }
}
