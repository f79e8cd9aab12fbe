/**
 * A speaker without sound: plays so many characters a second in virtual time, in order, honours pause, resume and
 * clear, and reports what a real one reports. Utterances that are still open play up to their last whole word.
 */
import type { TurnEffect, TurnEvent } from '../../src/turn/contract.ts';

export interface SimulatedSpeakerOptions {
  /** Default 15: an unhurried voice. */
  charactersPerSecond?: number;
  /** From the first word of silence to its sound. Default 0. */
  startDelayMs?: number;
  /** How often `heard` is told without being asked: after every word (default), or at an utterance's end only. */
  report?: 'word' | 'utterance';
  /** Whether it can be paused; a line that speaks text itself cannot. Default true. */
  canPause?: boolean;
  /** Whether the white space that ends an utterance is counted as heard. Default true. */
  countsTrailingSpace?: boolean;
}

interface Utterance {
  number: number;
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
  /** Until when `played` has been reckoned. */
  #nowMs = 0;
  /** Nothing sounds before: the synthesizer is warming up. */
  #silentUntilMs = 0;
  #isPaused = false;
  /** Something was said since the last `playback-idle`. */
  #owesIdle = false;

  constructor(options: SimulatedSpeakerOptions = {}) {
    this.#options = {
      charactersPerSecond: 15,
      startDelayMs: 0,
      report: 'word',
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
        return this.#say(effect.utterance, effect.text, atMs);
      case 'flush': {
        const utterance = this.#utterances.find(({ number }) => number === effect.utterance);
        if (utterance) utterance.isFlushed = true;
        return;
      }
      case 'clear':
        this.#utterances = [];
        this.#owesIdle = false;
        this.#isPaused = false; // nothing is left to be gone on with
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

  #say(number: number, text: string, atMs: number): void {
    const last = this.#utterances.at(-1);
    if (!last) this.#silentUntilMs = atMs + this.#options.startDelayMs;
    if (last?.number === number) last.text += text;
    else this.#utterances.push({ number, text, isFlushed: false, isStarted: false, played: 0, reported: 0 });
    this.#owesIdle = true;
  }

  /** When the next report is due, if nothing else happens. */
  get nextAtMs(): number | undefined {
    const first = this.#utterances[0];
    if (!first) return this.#owesIdle ? this.#nowMs : undefined;
    if (this.#isPaused) return undefined;
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
    if (first?.isStarted && !this.#isPaused && atMs > fromMs) {
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
    if (!first.isStarted) {
      first.isStarted = true;
      return { type: 'playback-start', utterance: first.number };
    }
    if (!first.isFlushed || first.played < playable(first)) return this.heardNow();
    this.#utterances.shift();
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
