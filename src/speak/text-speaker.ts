/**
 * The speaker of a line that takes text and speaks it itself (ConversationRelay). The line is given what is to be said,
 * cleaned as for a voice of ours. What the caller has heard, told in the characters of the text as it was given, is what the
 * line reports; between reports, and where it reports nothing, it is reckoned by the pace of speech. Such a line cannot be
 * paused or silenced: it speaks what it was given, unless it stops by itself when the caller cuts in. It says so then, in
 * words of its own, and perhaps late, when something new has been said: `cutOff` finds out what it means.
 */
import type { Clock } from '../lib/clock.ts';
import { SpeechCleaner } from './clean.ts';
import type { Speaker, SpeakerListener } from './contract.ts';
import { afterLetters, countLetters, endOfWord, findReport } from './line-report.ts';

export interface TextSink {
  /** Speaks `text` behind everything sent before; `isLast` ends the talk cycle. */
  sendText(text: string, isLast: boolean): void;
  clear(): void;
}

export interface TextSpeakerOptions {
  sink: TextSink;
  clock: Clock;
  /** Of the words that are said for signs. Default: by the script of the text. */
  language?: string | undefined;
  /** How fast the line speaks, for when it does not say. Default 15. */
  charactersPerSecond?: number;
  /** How long the line takes to begin. Default 300. */
  startsAfterMs?: number;
}

/** A `Speaker` that is told by its line how far it is. */
export interface TextSpeaker extends Speaker {
  /** The line has just spoken this much more. */
  spoken(text: string): void;
  /** The line began to speak. */
  began(): void;
  /** The line fell silent: all that was sent has been spoken. */
  fellSilent(): void;
  /**
   * The caller cut in, and the line has stopped. `report`: what they heard, as the line wrote it down; empty: nothing of
   * what was being spoken; undefined: it does not say. The listener is told what was heard after all, and then `cutOff`; or
   * nothing, when the line means what it has been heard on before, or what was heard to its end.
   */
  cutOff(report: string | undefined): void;
  /**
   * The caller says or presses something new. When the line has just stopped, it was for this: what it had been given by
   * then, and might have spoken afterwards, it has thrown away, and the listener is told so.
   */
  callerActs(): void;
  /** R27: another agent speaks from here on, in this language. */
  speakIn(language: string | undefined): void;
}

interface Utterance {
  readonly number: number;
  readonly cleaner: SpeechCleaner;
  /** Characters given to `say`. */
  given: number;
  /** What of it is said, as the line was given it. */
  text: string;
  isFlushed: boolean;
  /** Characters of `text`; of which the line itself has `confirmed` so many. */
  heard: number;
  confirmed: number;
  /** Characters reported as heard. */
  reported: number;
  /** When the line was first given some of it. */
  sentAtMs: number;
  /** The line has stopped in it, or before it. */
  isCut: boolean;
  /**
   * So much of `text` was sent before the line told that it had stopped, in something else: it may have come there before or
   * after that.
   */
  doubtful: number;
}

/** What the line is speaking, and how much of it the caller has heard. */
interface Place {
  utterance: Utterance;
  /** Of its `text`. */
  characters: number;
}

const CHARACTERS_PER_SECOND = 15;
const STARTS_AFTER_MS = 300;
const REPORT_MS = 500;
/** A line that falls silent with words left was cut off, and says so within this; or it does not report every word. */
const CUT_OFF_MS = 300;
/** What was sent so short a time before the line said that it has stopped may have reached it afterwards: it is spoken. */
const CROSSED_MS = 200;
/** The same for an answer to what the caller had done: the line may say late that it has stopped for that. */
const LATE_MS = 1_000;
/** A line that says what the caller did and that it has stopped for it says both in one moment. */
const MOMENT_MS = 150;
/** A second of speech: a line that has said that much of something does not say that nothing of it was heard. */
const BEGUN_CHARACTERS = 15;
/** So long after that the caller's words may be what it has stopped for. */
const DOUBTFUL_MS = 4_000;
/** Utterances that are remembered: a line may say late what was heard of them. */
const MOST_SAID = 16;

export function createTextSpeaker(options: TextSpeakerOptions, listener: SpeakerListener): TextSpeaker {
  return new LineTextSpeaker(options, listener);
}

class LineTextSpeaker implements TextSpeaker {
  readonly #sink: TextSink;
  readonly #clock: Clock;
  readonly #listener: SpeakerListener;
  readonly #charactersPerMs: number;
  readonly #startsAfterMs: number;
  #language: string | undefined;
  /** What is not all heard yet, in the order in which it is spoken. */
  #queue: Utterance[] = [];
  /** What was said of late, heard or not. */
  #said: Utterance[] = [];
  /** When the line will have begun to speak what is first in the queue; undefined while nothing is. */
  #speaksFromMs: number | undefined;
  #reportsOwn = false;
  /** The last report of a stop. */
  #stop: { report: string | undefined; atMs: number } = { report: undefined, atMs: -Infinity };
  /** When the caller last said or pressed something. */
  #actAtMs = -Infinity;
  #cancelTimer: () => void = () => {};
  #cancelSilence: () => void = () => {};

  constructor(
    { sink, clock, language, charactersPerSecond, startsAfterMs }: TextSpeakerOptions,
    listener: SpeakerListener,
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.#listener = listener;
    this.#language = language;
    this.#charactersPerMs = (charactersPerSecond ?? CHARACTERS_PER_SECOND) / 1000;
    this.#startsAfterMs = startsAfterMs ?? STARTS_AFTER_MS;
  }

  say(number: number, text: string): void {
    let utterance = this.#queue.at(-1);
    if (utterance?.number !== number) {
      utterance = newUtterance(number, this.#language);
      this.#queue.push(utterance);
      this.#remember(utterance);
    }
    utterance.given += text.length;
    this.#send(utterance, utterance.cleaner.push(text));
    if (this.#speaksFromMs === undefined) {
      this.#speaksFromMs = this.#clock.nowMs() + this.#startsAfterMs;
      this.#listener.started(number);
    }
    this.#watch();
  }

  flush(number: number): void {
    const utterance = this.#queue.find((queued) => queued.number === number);
    if (!utterance || utterance.isFlushed) return;
    utterance.isFlushed = true;
    this.#send(utterance, utterance.cleaner.end());
    if (utterance.text !== '') this.#sink.sendText('', true);
    else if (this.#queue[0] === utterance) this.#settle(); // nothing in it can be said, so no report will come
    this.#watch();
  }

  #remember(utterance: Utterance): void {
    this.#said.push(utterance);
    if (this.#said.length > MOST_SAID) this.#said.shift();
  }

  #send(utterance: Utterance, words: string): void {
    if (words === '') return;
    if (utterance.text === '') utterance.sentAtMs = this.#clock.nowMs();
    utterance.text += words;
    this.#sink.sendText(words, false);
  }

  speakIn(language: string | undefined): void {
    this.#language = language;
  }

  reportHeard(): void {
    this.#reckon();
  }

  clear(): void {
    this.#cancelTimer();
    this.#cancelSilence();
    this.#queue = [];
    this.#speaksFromMs = undefined;
    this.#sink.clear();
  }

  pause(): void {} // the line stops by itself when the caller cuts in

  resume(): void {}

  close(): void {
    this.#cancelTimer();
    this.#cancelSilence();
    this.#queue = [];
  }

  spoken(text: string): void {
    this.#reportsOwn = true;
    let left = countLetters(text);
    for (const utterance of [...this.#queue]) {
      const { characters, missing } = afterLetters(utterance.text, utterance.confirmed, left);
      utterance.confirmed = characters;
      this.#hear(utterance, characters);
      left = missing;
      if (left === 0) break;
    }
    this.#settle();
  }

  began(): void {
    this.#cancelSilence();
  }

  fellSilent(): void {
    if (this.#clock.nowMs() - this.#stop.atMs < CUT_OFF_MS) return; // that is why
    if (this.#queue.some(({ isFlushed }) => !isFlushed)) return; // a pause between two pieces
    this.#reportsOwn = true;
    const silent = [...this.#queue];
    this.#cancelSilence();
    this.#cancelSilence = this.#clock.after(CUT_OFF_MS, () => {
      for (const utterance of silent) if (utterance.isFlushed) this.#hear(utterance, utterance.text.length);
      this.#settle();
    });
  }

  cutOff(report: string | undefined): void {
    this.#cancelSilence();
    const place = this.#meantBy(report);
    this.#stop = { report, atMs: this.#clock.nowMs() };
    if (!place) return;
    const { utterance, characters } = place;
    const last = this.#lastDropped(utterance);
    for (const said of this.#said) {
      if (said.number > last.number || said.isCut) continue;
      if (said.number < utterance.number) this.#hear(said, said.text.length);
      else this.#cut(said, said === utterance ? characters : 0);
    }
    this.#drop(last);
    for (const queued of this.#queue) if (!this.#isAnswerToWhatStoppedIt(queued)) queued.doubtful = queued.text.length;
  }

  /** It is an answer to the very thing that the line says now it has stopped for: it comes behind that, and is spoken. */
  #isAnswerToWhatStoppedIt({ sentAtMs }: Utterance): boolean {
    return sentAtMs >= this.#actAtMs && this.#clock.nowMs() - this.#actAtMs <= MOMENT_MS;
  }

  callerActs(): void {
    this.#actAtMs = this.#clock.nowMs();
    const doubtful = this.#queue.filter(({ doubtful, text }) => doubtful > 0 && doubtful === text.length);
    const last = doubtful.at(-1);
    if (!last || this.#clock.nowMs() - this.#stop.atMs > DOUBTFUL_MS) return;
    for (const utterance of doubtful) this.#cut(utterance, 0);
    this.#drop(last);
  }

  /** The line speaks nothing more of these, up to `last`, of which it is told what was heard. */
  #drop(last: Utterance): void {
    this.#queue = this.#queue.filter(({ number }) => number > last.number);
    this.#listener.cutOff?.(last.number);
    this.#goOn();
  }

  /** Where the line has stopped; undefined when that was known, or nothing is left to stop. */
  #meantBy(report: string | undefined): Place | undefined {
    const speaking = this.#speaking();
    const queued = report?.trim() ? findPlace(this.#queue, report) : speaking;
    if (this.#isTwice(report, queued)) return undefined;
    if (report?.trim() === '') return speaking && this.#unheard(speaking);
    if (queued || report === undefined) return queued;
    const heard = this.#said.filter(({ isCut, number }) => !isCut && number < (this.#queue[0]?.number ?? Infinity));
    for (const utterance of heard.reverse()) {
      const place = findPlace([utterance], report);
      if (place) return place;
    }
    const isKnown = this.#said.some((utterance) => utterance.isCut && findPlace([utterance], report));
    return isKnown ? undefined : speaking;
  }

  /** It has just said so, and nothing can have been spoken since. */
  #isTwice(report: string | undefined, found: Place | undefined): boolean {
    const nowMs = this.#clock.nowMs();
    if (report !== this.#stop.report || nowMs - this.#stop.atMs > LATE_MS) return false;
    return !found || nowMs - found.utterance.sentAtMs < this.#startsAfterMs;
  }

  /** Nothing was heard of what is being spoken: of the next, when this one was reckoned to be well on its way. */
  #unheard({ utterance, characters }: Place): Place {
    const next = this.#queue[this.#queue.indexOf(utterance) + 1];
    if (!next || characters <= BEGUN_CHARACTERS) return { utterance, characters: 0 };
    const isNext = this.#hasArrived(next) || characters > utterance.text.length - BEGUN_CHARACTERS;
    return { utterance: isNext ? next : utterance, characters: 0 };
  }

  /** What was given to the line before it has stopped, it has thrown away. */
  #lastDropped(stopped: Utterance): Utterance {
    return this.#queue.findLast((queued) => queued.number > stopped.number && this.#hasArrived(queued)) ?? stopped;
  }

  /** The line had been given it when it stopped, as it says now. */
  #hasArrived({ sentAtMs }: Utterance): boolean {
    return this.#clock.nowMs() - sentAtMs >= (sentAtMs < this.#actAtMs ? CROSSED_MS : LATE_MS);
  }

  #cut(utterance: Utterance, characters: number): void {
    utterance.isCut = true;
    utterance.heard = Math.max(characters, utterance.confirmed);
    this.#tell(utterance, this.#givenOf(utterance, utterance.heard), true);
  }

  /** With what is left, if the listener has not cleared it. */
  #goOn(): void {
    if (this.#speaksFromMs === undefined) return;
    const next = this.#queue[0];
    if (!next) return this.#settle();
    this.#speaksFromMs = Math.max(this.#clock.nowMs(), next.sentAtMs + this.#startsAfterMs);
    this.#listener.started(next.number);
  }

  /** By the pace of speech, unless the line tells. */
  #reckon(): void {
    const speaking = this.#reportsOwn ? undefined : this.#speaking();
    if (!speaking) return;
    for (const utterance of [...this.#queue]) {
      if (utterance === speaking.utterance) break;
      this.#hear(utterance, utterance.text.length);
    }
    this.#hear(speaking.utterance, speaking.characters);
    this.#settle();
  }

  /** What is being spoken now; undefined when nothing is. */
  #speaking(): Place | undefined {
    const [first, ...others] = this.#queue;
    if (!first || this.#speaksFromMs === undefined) return undefined;
    if (this.#reportsOwn) return { utterance: first, characters: first.heard };
    let utterance = first;
    let characters = Math.max(0, (this.#clock.nowMs() - this.#speaksFromMs) * this.#charactersPerMs);
    for (const next of others) {
      if (characters < utterance.text.length) break;
      characters -= utterance.text.length;
      utterance = next;
    }
    return { utterance, characters: endOfWord(utterance.text, Math.floor(characters)) };
  }

  #hear(utterance: Utterance, characters: number): void {
    if (characters <= utterance.heard) return;
    utterance.heard = characters;
    this.#tell(utterance, this.#givenOf(utterance, characters));
  }

  /** `isExact`: the line says so itself, though more of it may have been reckoned. */
  #tell(utterance: Utterance, characters: number, isExact = false): void {
    const heard = Math.min(characters, utterance.given);
    if (isExact ? heard === utterance.reported : heard <= utterance.reported) return;
    utterance.reported = heard;
    this.#listener.heard(utterance.number, heard, isExact);
  }

  #givenOf({ cleaner, text, given, isFlushed }: Utterance, characters: number): number {
    return isFlushed && characters >= text.length ? given : cleaner.originalLength(characters);
  }

  /** Lets go of what has been heard in full, and says so when it was the last. */
  #settle(): void {
    for (let first = this.#queue[0]; first?.isFlushed && first.heard >= first.text.length; first = this.#queue[0]) {
      this.#queue.shift();
      this.#tell(first, first.given); // with what of it is not said
      if (this.#speaksFromMs !== undefined) this.#speaksFromMs += first.text.length / this.#charactersPerMs;
      const next = this.#queue[0];
      if (next) this.#listener.started(next.number);
    }
    if (this.#queue.length > 0 || this.#speaksFromMs === undefined) return;
    this.#speaksFromMs = undefined;
    this.#cancelTimer();
    this.#listener.idle();
  }

  #watch(): void {
    this.#cancelTimer();
    if (this.#speaksFromMs === undefined) return;
    this.#cancelTimer = this.#clock.after(REPORT_MS, () => {
      this.#reckon();
      this.#watch();
    });
  }
}

function newUtterance(number: number, language: string | undefined): Utterance {
  const cleaner = new SpeechCleaner(language);
  return {
    number,
    cleaner,
    given: 0,
    text: '',
    isFlushed: false,
    heard: 0,
    confirmed: 0,
    reported: 0,
    sentAtMs: Infinity,
    isCut: false,
    doubtful: 0,
  };
}

function findPlace(utterances: readonly Utterance[], report: string): Place | undefined {
  const found = findReport(
    utterances.map(({ text }) => text),
    report,
  );
  const utterance = found && utterances[found.index];
  return utterance && { utterance, characters: found.characters };
}
