/**
 * The speaker of a line that takes text and speaks it itself (ConversationRelay). The line is given what is to be said,
 * cleaned as for a voice of ours. What the caller has heard, told in the characters of the text as it was given, is what the
 * line reports; between reports, and where it reports nothing, it is reckoned by the pace of speech. Such a line stops by
 * itself when the caller cuts in, and cannot be paused.
 */
import type { Clock } from '../lib/clock.ts';
import { SpeechCleaner } from './clean.ts';
import type { Speaker, SpeakerListener } from './contract.ts';

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
  /** The line fell silent: all that was sent has been spoken. */
  fellSilent(): void;
  /** The caller cut in, having heard `text` of what was said since they last spoke. */
  cutOff(text: string): void;
}

interface Utterance {
  readonly number: number;
  readonly cleaner: SpeechCleaner;
  /** Characters given to `say`. */
  given: number;
  /** What of it is said, as the line was given it. */
  text: string;
  isFlushed: boolean;
  /** Characters of `text`. */
  heard: number;
  /** Characters reported as heard. */
  reported: number;
}

const CHARACTERS_PER_SECOND = 15;
const STARTS_AFTER_MS = 300;
const REPORT_MS = 500;
/** A line that falls silent with words left was cut off, and says so within this; or it does not report every word. */
const CUT_OFF_MS = 300;

export function createTextSpeaker(options: TextSpeakerOptions, listener: SpeakerListener): TextSpeaker {
  return new LineTextSpeaker(options, listener);
}

class LineTextSpeaker implements TextSpeaker {
  readonly #sink: TextSink;
  readonly #clock: Clock;
  readonly #listener: SpeakerListener;
  readonly #charactersPerMs: number;
  readonly #startsAfterMs: number;
  readonly #language: string | undefined;
  /** What is not all heard yet, in the order in which it is spoken. */
  #queue: Utterance[] = [];
  /** Everything said since the caller last cut in or all was heard: what `cutOff` is measured against. */
  #said: Utterance[] = [];
  /** When the line will have begun to speak what is first in the queue; undefined while nothing is. */
  #speaksFromMs: number | undefined;
  #reportsOwn = false;
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
      const cleaner = new SpeechCleaner(this.#language);
      utterance = { number, cleaner, given: 0, text: '', isFlushed: false, heard: 0, reported: 0 };
      this.#queue.push(utterance);
      this.#said.push(utterance);
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

  #send(utterance: Utterance, words: string): void {
    if (words === '') return;
    utterance.text += words;
    this.#sink.sendText(words, false);
  }

  reportHeard(): void {
    this.#reckon();
  }

  clear(): void {
    this.#cancelTimer();
    this.#cancelSilence();
    this.#queue = [];
    this.#said = [];
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
    let left = text.trim().length;
    for (const utterance of [...this.#queue]) {
      const step = Math.min(left, utterance.text.length - utterance.heard);
      this.#hear(utterance, utterance.heard + step);
      left -= step;
      if (left <= 0) break;
    }
    this.#settle();
  }

  fellSilent(): void {
    if (this.#queue.some(({ isFlushed }) => !isFlushed)) return; // a pause between two pieces
    this.#reportsOwn = true;
    const silent = [...this.#queue];
    this.#cancelSilence();
    this.#cancelSilence = this.#clock.after(CUT_OFF_MS, () => {
      for (const utterance of silent) if (utterance.isFlushed) this.#hear(utterance, utterance.text.length);
      this.#settle();
    });
  }

  cutOff(text: string): void {
    this.#cancelSilence();
    const heard = matchHeard(
      this.#said.map((utterance) => utterance.text),
      text,
    );
    for (const [index, utterance] of this.#said.entries()) this.#hear(utterance, heard[index] ?? 0);
  }

  /** By the pace of speech, unless the line tells. */
  #reckon(): void {
    if (this.#speaksFromMs === undefined || this.#reportsOwn) return;
    let characters = Math.max(0, (this.#clock.nowMs() - this.#speaksFromMs) * this.#charactersPerMs);
    for (const utterance of [...this.#queue]) {
      const step = Math.min(characters, utterance.text.length);
      this.#hear(utterance, toWord(utterance.text, Math.floor(step)));
      characters -= step;
      if (step < utterance.text.length) break;
    }
    this.#settle();
  }

  #hear(utterance: Utterance, characters: number): void {
    if (characters <= utterance.heard) return;
    utterance.heard = characters;
    this.#tell(utterance, utterance.cleaner.originalLength(characters));
  }

  #tell(utterance: Utterance, characters: number): void {
    const heard = Math.min(characters, utterance.given);
    if (heard <= utterance.reported) return;
    utterance.reported = heard;
    this.#listener.heard(utterance.number, heard);
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
    this.#said = [];
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

/** How many characters of each text a caller has heard who has heard `heard` of them all, as the line wrote it down. */
export function matchHeard(texts: readonly string[], heard: string): number[] {
  const target = [...heard.toLowerCase()].filter(isSounded).join('');
  const all = texts.map((text) => [...text.toLowerCase()].filter(isSounded).join('')).join('');
  const at = target === '' ? -1 : all.lastIndexOf(target);
  let left = at >= 0 ? at + target.length : Math.min(target.length, all.length);
  return texts.map((text) => {
    let end = 0;
    for (let index = 0; index < text.length && left > 0; index++) {
      if (!isSounded(text.charAt(index).toLowerCase())) continue;
      left--;
      end = index + 1;
    }
    // What follows the last word, its full stop and space, was heard with it.
    while (end > 0 && end < text.length && !isSounded(text.charAt(end))) end++;
    return toWord(text, end);
  });
}

const isSounded = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);

/** The end of the last whole word within the first `characters` of `text`. */
function toWord(text: string, characters: number): number {
  if (characters >= text.length) return text.length;
  let end = characters;
  while (end > 0 && isSounded(text.charAt(end)) && isSounded(text.charAt(end - 1))) end--;
  return end;
}
