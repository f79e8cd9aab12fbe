/**
 * Judges what a machine asks for, event by event, in any call whatever: the promises of design section 3 that hold at
 * every instant, whatever happens around the machine. Findings begin with the rule that is broken. Messages are judged
 * by `messages.ts`.
 */
import type { Message } from '../../../model/contract.ts';
import type { TurnEffect, TurnEvent } from '../../../turn/contract.ts';
import type { MachineOptions } from '../../../turn/options.ts';
import { lookAtAsking, lookAtGoingOn, lookAtOutcome, lookForHeld } from './after.ts';
import { isOfAhead, lookAtEarly, lookAtKept } from './ahead.ts';
import { hearSound, takeDown } from './before.ts';
import { lookAtEffect } from './effects.ts';
import { lookAtCutIn, lookAtSilence, lookAtStandstill, lookAtWaiting } from './silence.ts';
import { has, isOfCaller, JudgedCall, types } from './state.ts';

interface Machine {
  readonly messages: readonly Message[];
  readonly isEnded: boolean;
}

/** What the world around the machine knows beside the event. */
export interface Circumstances {
  /** The caller hears something at this instant. */
  isAudible: boolean;
  /** The speaker was about to say that it is idle, before the event. */
  owedIdle: boolean;
  /** It still is. */
  owesIdle: boolean;
}

const QUIET: Circumstances = { isAudible: false, owedIdle: false, owesIdle: false };

export class CallJudge {
  readonly #state: JudgedCall;

  constructor(options: MachineOptions, facts?: string) {
    this.#state = new JudgedCall(options, facts);
  }

  /** Everything said so far has been heard, or cleared. */
  get isHeard(): boolean {
    return this.#state.isHeard;
  }

  /** The generation whose events count now. */
  get openGeneration(): number | undefined {
    return this.#state.openGeneration;
  }

  /** The last turn that was taken back had gone on from another one. */
  get isChain(): boolean {
    return this.#state.takenBackInARow > 1;
  }

  /** The last request asked what was said in a turn that was taken back together with what followed. */
  get wasJoined(): boolean {
    return this.#state.wasJoined;
  }

  /** R24: the generation of what was asked ahead. */
  get aheadGeneration(): number | undefined {
    return this.#state.early?.generation;
  }

  /** The last turn of the caller's was a listener's words, beside an answer that had ended by then. */
  get wasListening(): boolean {
    return this.#state.listened === 'beside' && !this.#state.isAnswering;
  }

  /** A turn runs. */
  get hasTurn(): boolean {
    return this.#state.turn !== undefined;
  }

  /** The agent waits on hold. */
  get isOnHold(): boolean {
    return this.#state.isOnHold;
  }

  /** The model has been asked. */
  get hasAsked(): boolean {
    return this.#state.newestGeneration > -Infinity;
  }

  /** What is wrong after this event, which the machine has just handled. */
  look(
    event: TurnEvent,
    atMs: number,
    effects: readonly TurnEffect[],
    machine: Machine,
    { isAudible, owedIdle, owesIdle } = QUIET,
  ): string[] {
    const state = this.#state;
    state.problems = [];
    state.nowMs = atMs;
    lookAtSilence(state, atMs);
    lookAtWaiting(state, atMs);
    lookAtCutIn(state, atMs);
    const isAhead = isOfAhead(state, event);
    const isFenced = !isAhead && 'generation' in event && event.generation !== state.openGeneration;
    if (isFenced && effects.length > 0) state.wrong(`R12: a late ${event.type} had effects: ${types(effects)}`);
    if (
      effects.length > 0 &&
      (state.hasEnded || (state.hasHungUp && event.type !== 'tool-settled' && event.type !== 'task-begin'))
    )
      state.wrong(`R20: effects after the hang-up: ${types(effects)}`);
    state.owedIdle = owedIdle;
    hearSound(state, event, effects, isAudible);
    if (isAhead) lookAtEarly(state, event, effects);
    state.kept = undefined;
    if (!isFenced) this.#judge(event, atMs, effects, machine, isAudible);
    state.problems.push(...state.watch.lookAt(event, effects, machine.messages));
    lookAtStandstill(state, owesIdle);
    return state.problems;
  }

  #judge(
    event: TurnEvent,
    atMs: number,
    effects: readonly TurnEffect[],
    { messages }: Machine,
    isAudible: boolean,
  ): void {
    const state = this.#state;
    const [wasSilent, wasQuiet, wasPaused, step] = [state.isSilent, state.isQuiet, state.isPaused, state.step];
    const first = state.turn === undefined ? state.utterance : state.firstOfTurn;
    const goesOn = event.type === 'interrupt' && event.upTo !== undefined && event.upTo < first;
    const hadTurn = state.turn !== undefined;
    const wasHeard = state.isHeard;
    const isAhead = isOfAhead(state, event);
    const isAsking = isAhead ? false : takeDown(state, event, atMs);
    state.watch.tell(event);
    for (const effect of effects) {
      lookAtEffect(state, effect, event, atMs);
      state.problems.push(...state.watch.carryOut(effect, effects, messages));
    }
    if (isAsking && step && step === state.step) lookAtAsking(state, step, effects);
    if (state.kept) lookAtKept(state, state.kept, effects);
    const isOver = state.isGone || state.isBrokenOff;
    if (
      isAudible &&
      !wasPaused &&
      event.type === 'caller-speech' &&
      event.phase === 'start' &&
      !isOver &&
      !state.isLine
    )
      if (!has(effects, 'pause')) state.wrong('R11: the caller speaks over the agent, and playback goes on');
    if (!wasHeard) lookForHeld(state, effects);
    if (goesOn) lookAtGoingOn(state, hadTurn, effects);
    else if (!isAhead) lookAtOutcome(state, event, effects);
    if (!wasSilent || !state.isSilent) state.silentSinceMs = atMs;
    if (!wasQuiet || !state.isQuiet || isOfCaller(event)) state.quietSinceMs = atMs;
  }

  /** What is wrong when the call is over and everything has settled. */
  finish(machine: Machine): string[] {
    const state = this.#state;
    state.problems = [];
    if (!state.hasEnded) state.wrong('R20: the end of the call was not reported');
    if (!machine.isEnded) state.wrong('R20: the machine says that the call has not ended');
    if (state.openGeneration !== undefined) state.wrong('R20: a step is open after the end');
    if (state.turn !== undefined) state.wrong('R20: a turn is open after the end');
    if (state.timers.size > 0) state.wrong(`R20: timers are left after the end: ${[...state.timers].join(', ')}`);
    for (const id of state.ran) if (!state.ended.has(id)) state.wrong(`R14: the end of \`${id}\` was not reported`);
    if (state.unsent.size === 0) return state.problems;
    const texts = machine.messages.map(({ content }) => content ?? '');
    for (const [id, { token }] of state.unsent)
      if (!texts.some((text) => text.includes(token))) state.wrong(`R14: the result of \`${id}\` is lost`);
    return state.problems;
  }
}
