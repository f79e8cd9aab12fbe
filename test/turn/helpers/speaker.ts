/**
 * A speaker without sound: plays so many characters a second in virtual time, in order, honours pause, resume and
 * clear, and reports what a real one reports. Utterances that are still open play up to their last whole word.
 */
import type { TurnEffect, TurnEvent } from '../../../src/turn/contract.ts';

export interface SimulatedSpeakerOptions {
  /** Default 15: an unhurried voice. */
  charactersPerSecond?: number;
  /** From the first word of silence to its sound. Default 0. */
  startDelayMs?: number;
  /** How often `heard` is told without being asked: after every word (default), or at an utterance's end only. */
  report?: 'word' | 'utterance';
  /** Whether the agent's phrases are at hand when the voice stalls. Default true. */
  canSpeak?: boolean;
  /** Whether it can be paused; a line that speaks text itself cannot. Default true. */
  canPause?: boolean;
  /** Whether the white space that ends an utterance is counted as heard. Default true. */
  countsTrailingSpace?: boolean;
}

/** How long nothing is heard of what was said before a voice says that it stalls: at first, and later. */
const FIRST_SOUND_MS = 1_000;
const NEXT_SOUND_MS = 400;

interface Utterance {
  number: number;
  /** A phrase that is at hand: it is played whatever the synthesizer does. */
  isAhead: boolean;
  /** Given up: no more of it is played than has been. */
  isFailed: boolean;
  text: string;
  isFlushed: boolean;
  isStarted: boolean;
  /** Characters played, with fractions. */
  played: number;
  /** Characters reported as heard. */
  reported: number;
}

export class SimulatedSpeaker {
  readonly #options: Required<SimulatedSpeakerOptions>;
  #utterances: Utterance[] = [];
  /** The last that was heard to its end, by its reckoning. */
  #ended: Utterance | undefined;
  /** Until when `played` has been reckoned. */
  #nowMs = 0;
  /** Nothing sounds before: the synthesizer is warming up. */
  #silentUntilMs = 0;
  #isPaused = false;
  /** Something was said since the last `playback-idle`. */
  #owesIdle = false;
  #stall = { fromMs: 0, untilMs: 0, isTold: false };

  constructor(options: SimulatedSpeakerOptions = {}) {
    this.#options = {
      charactersPerSecond: 15,
      startDelayMs: 0,
      report: 'word',
      canSpeak: true,
      canPause: true,
      countsTrailingSpace: true,
      ...options,
    };
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** It will say that it is idle when it has played what it has: nothing more is awaited. */
  get owesIdle(): boolean {
    return this.#owesIdle && !this.#isPaused && this.#utterances.every(({ isFlushed }) => isFlushed);
  }

  /** Whether the caller hears something at this instant. */
  get isAudible(): boolean {
    const first = this.#utterances[0];
    return !this.#isPaused && first !== undefined && first.isStarted && first.played < playable(first);
  }

  /** Carries out what the machine asks of a speaker; everything else is ignored. */
  apply(effect: TurnEffect, atMs: number): void {
    this.#playTo(atMs);
    switch (effect.type) {
      case 'say':
        return this.#say(effect.utterance, effect.text, effect.isAhead ?? false, atMs);
      case 'flush': {
        const utterance = this.#utterances.find(({ number }) => number === effect.utterance);
        if (utterance) utterance.isFlushed = true;
        return;
      }
      case 'clear':
        this.#utterances = [];
        this.#ended = undefined;
        this.#owesIdle = false;
        this.#isPaused = false; // nothing is left to be gone on with
        this.#stall.isTold = false;
        return;
      case 'pause':
        this.#isPaused = this.#options.canPause;
        return;
      case 'resume':
        this.#isPaused = false;
        return;
      default:
        return;
    }
  }

  #say(number: number, text: string, isAhead: boolean, atMs: number): void {
    const known = this.#utterances.find((utterance) => utterance.number === number);
    if (this.#utterances.length === 0) {
      this.#silentUntilMs = atMs + this.#options.startDelayMs;
      this.#stall.fromMs = Math.max(this.#stall.fromMs, atMs);
    }
    this.#owesIdle = true;
    if (known) {
      if (!known.isFailed) known.text += text;
      return;
    }
    const utterance: Utterance = {
      number,
      isAhead,
      isFailed: false,
      text,
      isFlushed: false,
      isStarted: false,
      played: 0,
      reported: 0,
    };
    if (isAhead) this.#utterances.unshift(utterance);
    else this.#utterances.push(utterance);
  }

  /** The synthesizer sends nothing until then: only what is at hand is heard. */
  stall(fromMs: number, untilMs: number): void {
    this.#playTo(fromMs);
    this.#stall = { fromMs, untilMs, isTold: false };
  }

  /** The synthesizer gives up what is being played; undefined when nothing is. */
  fail(atMs: number): TurnEvent | undefined {
    this.#playTo(atMs);
    const utterance = this.#utterances.find(({ isFailed, isAhead }) => !isFailed && !isAhead);
    if (!utterance) return undefined;
    utterance.isFailed = true;
    utterance.text = utterance.text.slice(0, wordEndBefore(utterance, utterance.played));
    utterance.played = utterance.text.length;
    const message = 'lightning: the voice failed';
    const { number } = utterance;
    return { type: 'speech-failed', utterance: number, code: 'provider-failed', message, requestId: undefined };
  }

  /**
   * A line that speaks by itself stops, in what it is speaking or, when that is only reckoned, in what has just ended. It
   * says exactly what was heard: `part` of what it had spoken by its reckoning. It throws away the `dropped` utterances
   * behind it as well. Tells nothing when it has said nothing.
   */
  stop(atMs: number, part: number, dropped: number): TurnEvent[] {
    this.#playTo(atMs);
    const stopped = this.#utterances[0] ?? this.#ended;
    if (!stopped) return [];
    this.#ended = undefined;
    const behind = this.#utterances.slice(this.#utterances[0] === stopped ? 1 : 0).slice(0, dropped);
    const events = [stopped, ...behind].map((utterance): TurnEvent => {
      const characters = utterance === stopped ? wordEndBefore(utterance, utterance.played * part) : 0;
      return { type: 'heard', utterance: utterance.number, characters, isExact: true };
    });
    const upTo = behind.at(-1)?.number ?? stopped.number;
    this.#utterances = this.#utterances.filter(({ number }) => number > upTo);
    this.#silentUntilMs = atMs + this.#options.startDelayMs;
    return [...events, { type: 'interrupt', upTo }];
  }

  /** When the next report is due, if nothing else happens. */
  get nextAtMs(): number | undefined {
    const first = this.#utterances[0];
    if (!first) return this.#owesIdle ? this.#nowMs : undefined;
    if (this.#isPaused) return undefined;
    if (this.#isStalled(first)) {
      const { fromMs, untilMs, isTold } = this.#stall;
      const tellMs = Math.max(this.#nowMs, fromMs + (first.isStarted ? NEXT_SOUND_MS : FIRST_SOUND_MS));
      return isTold ? untilMs : Math.min(tellMs, untilMs);
    }
    if (this.#stall.isTold) return this.#nowMs;
    const fromMs = Math.max(this.#nowMs, this.#silentUntilMs);
    if (!first.isStarted) return playable(first) > 0 || first.isFlushed ? fromMs : undefined;
    const goal = this.#nextStop(first);
    if (goal === undefined) return undefined;
    return fromMs + Math.max(0, goal - first.played) * this.#msPerCharacter;
  }

  /** Plays on, to `atMs` at most, until there is something to tell. To be called until it tells nothing. */
  tellNext(atMs: number): { atMs: number; event: TurnEvent } | undefined {
    for (let next = this.nextAtMs; next !== undefined && next <= atMs; next = this.nextAtMs) {
      this.#playTo(next);
      const event = this.#report();
      if (event) return { atMs: next, event };
    }
    this.#playTo(atMs);
    return undefined;
  }

  /** What has been heard up to now, to the word, unless it was told already. */
  heardNow(): TurnEvent | undefined {
    const first = this.#utterances[0];
    if (!first?.isStarted) return undefined;
    const characters = Math.min(wordEndBefore(first, first.played), this.#fullLength(first));
    if (characters <= first.reported) return undefined;
    first.reported = characters;
    return { type: 'heard', utterance: first.number, characters };
  }

  #isStalled(first: Utterance): boolean {
    return !first.isAhead && !first.isFailed && this.#nowMs < this.#stall.untilMs;
  }

  get #msPerCharacter(): number {
    return 1_000 / this.#options.charactersPerSecond;
  }

  #fullLength(utterance: Utterance): number {
    return this.#options.countsTrailingSpace ? utterance.text.length : utterance.text.trimEnd().length;
  }

  /** The number of characters at which something is to be told; undefined when the utterance waits for more. */
  #nextStop(utterance: Utterance): number | undefined {
    const end = playable(utterance);
    if (this.#options.report === 'word') {
      for (let i = utterance.reported + 1; i < end; i++) if (isWordEnd(utterance.text, i)) return i;
    }
    return utterance.isFlushed ? end : undefined;
  }

  #playTo(atMs: number): void {
    const first = this.#utterances[0];
    const fromMs = Math.max(this.#nowMs, this.#silentUntilMs);
    if (first?.isStarted && !this.#isPaused && !this.#isStalled(first) && atMs > fromMs) {
      first.played = Math.min(playable(first), first.played + (atMs - fromMs) / this.#msPerCharacter + 1e-6);
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  #report(): TurnEvent | undefined {
    const first = this.#utterances[0];
    if (!first) {
      this.#owesIdle = false;
      return { type: 'playback-idle' };
    }
    if (this.#isStalled(first)) {
      if (this.#stall.isTold) return undefined;
      this.#stall.isTold = true;
      const quietMs = Math.round(this.#nowMs - this.#stall.fromMs);
      return { type: 'playback-stalled', quietMs, canSpeak: this.#options.canSpeak };
    }
    if (!first.isStarted || this.#stall.isTold) {
      first.isStarted = true;
      this.#stall.isTold = false;
      return { type: 'playback-start', utterance: first.number };
    }
    if (!first.isFlushed || first.played < playable(first)) return this.heardNow();
    this.#utterances.shift();
    this.#ended = first;
    if (first.isAhead) this.#stall.fromMs = Math.max(this.#stall.fromMs, this.#nowMs);
    const characters = this.#fullLength(first);
    return characters > first.reported ? { type: 'heard', utterance: first.number, characters } : undefined;
  }
}

/** How much of it can be played: all of it when it is whole, else its whole words. */
function playable({ text, isFlushed }: Utterance): number {
  return isFlushed ? text.length : text.search(/\s+\S*$/) + 1;
}

function isWordEnd(text: string, at: number): boolean {
  return at > 0 && /\s/.test(text[at] ?? ' ') && !/\s/.test(text[at - 1] ?? ' ');
}

function wordEndBefore({ text, isFlushed }: Utterance, played: number): number {
  if (isFlushed && played >= text.length) return text.length;
  for (let i = Math.min(Math.floor(played), text.length - (isFlushed ? 0 : 1)); i > 0; i--)
    if (isWordEnd(text, i)) return i;
  return 0;
}
