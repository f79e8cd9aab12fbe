/**
 * The turn machine of an agent as it is now, told event by event what that of a recorded call was told, at the same
 * instants: whether it does the same. So what the caller heard, when they cut in and what came from outside is as it was,
 * and no voice has to be guessed.
 */
import { isA, messageOf, VoiceError } from '../../lib/errors.ts';
import { canonicalJson } from '../../lib/json.ts';
import { MachineLog, type ReplayedEvent } from '../../record/machine-log.ts';
import type { TimerName, TurnEffect, TurnEvent } from '../../turn/contract.ts';
import { TurnMachine } from '../../turn/machine.ts';
import type { MachineOptions } from '../../turn/options.ts';
import { isOfWords, partingOf, tellParting } from './effects.ts';

/** Where two calls part. */
export interface Parting {
  atMs: number;
  turn: number;
  /** A sentence without its end. */
  what: string;
  /** What is said, or what the model is told, is other, and nothing else. */
  isOfWords: boolean;
  /** What the machine as it is now does there. */
  effects: readonly TurnEffect[];
}

export class MachineNow {
  readonly #machine: TurnMachine;
  readonly #lines: string[] = [];
  readonly #log = new MachineLog((line) => void this.#lines.push(line));
  /** When each timer rings that is set. */
  readonly #ringsAtMs = new Map<TimerName, number>();
  /** Those that were set otherwise than in the recording, and so ring by themselves. */
  readonly #own = new Set<TimerName>();
  #turn = 0;

  constructor(callId: string, options: MachineOptions) {
    this.#machine = new TurnMachine(options);
    this.#log.begin({ callId, carrierCallId: undefined }, options);
  }

  /** What it was told and did so far, as a recording has it. */
  get log(): string {
    return this.#lines.join('');
  }

  /** Tells it the next event. Undefined: it did what the other one did. */
  hear({ event, atMs, effects: was }: Pick<ReplayedEvent, 'event' | 'atMs' | 'effects'>): Parting | undefined {
    const early = this.#ringUntil(atMs);
    if (early) return early;
    const isRing = event.type === 'timer';
    if (isRing && this.#own.has(event.timer)) return this.#compare(was, [], atMs);
    if (isRing) this.#ringsAtMs.delete(event.timer);
    return this.#handle(event, atMs, was);
  }

  /** Timers of its own ring before what happens then. */
  #ringUntil(atMs: number): Parting | undefined {
    for (;;) {
      const due = [...this.#own]
        .map((timer) => ({ timer, ringsAtMs: this.#ringsAtMs.get(timer) ?? Infinity }))
        .filter(({ ringsAtMs }) => ringsAtMs <= atMs)
        .sort((one, other) => one.ringsAtMs - other.ringsAtMs)[0];
      if (!due) return undefined;
      this.#ringsAtMs.delete(due.timer);
      const parting = this.#handle({ type: 'timer', timer: due.timer }, due.ringsAtMs, []);
      if (parting) return parting;
    }
  }

  #handle(event: TurnEvent, atMs: number, was: readonly TurnEffect[]): Parting | undefined {
    let effects: TurnEffect[];
    try {
      effects = this.#machine.handle(event, atMs);
    } catch (error) {
      if (!isA(error, VoiceError)) throw error;
      return { atMs, turn: this.#turn, what: `the call breaks: ${messageOf(error)}`, isOfWords: false, effects: [] };
    }
    this.#log.add(event, atMs, effects);
    for (const effect of effects)
      if (effect.type === 'report' && effect.event.type === 'turn-start') this.#turn = effect.event.turn;
    this.#setTimers(was, effects, atMs);
    return this.#compare(was, effects, atMs);
  }

  #compare(was: readonly TurnEffect[], effects: readonly TurnEffect[], atMs: number): Parting | undefined {
    const pair = partingOf(was, effects);
    if (!pair) return undefined;
    const turn = [pair.is, pair.was].flatMap((effect) => (effect && 'turn' in effect ? [effect.turn] : []))[0];
    return { atMs, turn: turn ?? this.#turn, what: tellParting(pair), isOfWords: isOfWords(pair), effects };
  }

  #setTimers(was: readonly TurnEffect[], is: readonly TurnEffect[], atMs: number): void {
    const [before, now] = [was, is].map(timersIn) as [Timers, Timers];
    for (const timer of new Set([...before.keys(), ...now.keys()])) {
      const [then, set] = [before.get(timer), now.get(timer)];
      if (canonicalJson([then]) === canonicalJson([set])) this.#own.delete(timer);
      else this.#own.add(timer);
      if (set === null) this.#ringsAtMs.delete(timer);
      else if (set !== undefined) this.#ringsAtMs.set(timer, atMs + set);
    }
  }
}

type Timers = Map<TimerName, number | null>;

function timersIn(effects: readonly TurnEffect[]): Timers {
  return new Map(effects.flatMap((effect) => (effect.type === 'set-timer' ? [[effect.timer, effect.afterMs]] : [])));
}
