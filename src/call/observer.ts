/** Who follows a call more closely than its events do: traces and metrics. Without one, nothing is paid for it. */
import type { CallIds } from '../lib/call-id.ts';
import type { ToolFault } from '../tool/contract.ts';
import type { TurnEffect, TurnEvent } from '../turn/contract.ts';
import type { MachineOptions } from '../turn/options.ts';
import type { CallEvent } from './events.ts';

/** Which model request, or which tool call, is about to be made. `atMs` as in the call's events. */
export interface StepRun {
  turn: number;
  step: number;
  atMs: number;
  /** R24: its turn is not sure. */
  isAhead: boolean;
}

export function stepRun(effect: Extract<TurnEffect, { type: 'request-step' }>, atMs: number): StepRun {
  const { turn, step, isAhead } = effect;
  return { turn, step, isAhead: isAhead === true, atMs };
}

/** Told in the tick in which it happens; each member may be left out. None may throw. */
export interface CallObserver {
  /** Every event where it happens: listeners hear of it when all that is to be done has been done. Must be quick. */
  event?(event: CallEvent): void;
  /** Runs `run`, which sends the request of a step. Once, and before it returns. */
  aroundStep?: ((step: StepRun, run: () => void) => void) | undefined;
  /** The same for the handler of a tool, after its `tool-start`. `id` as there. */
  aroundTool?: ((id: string, run: () => void) => void) | undefined;
  /** What the machine was told, and what it had done, in that order. Must be quick. */
  handled?(event: TurnEvent, effects: readonly TurnEffect[]): void;
  /** A handler threw, or gave back what nobody can read: for its author, whatever the log shows of it. */
  toolFailed?(fault: ToolFault): void;
  /** The first clause of an utterance went to the synthesizer, its first audio came, the last came. Not for phrases. */
  synthesis?(utterance: number, phase: 'start' | 'first-audio' | 'end', atMs: number): void;
  /** What the call's log lines should carry besides. */
  logFields?(): Readonly<Record<string, string>>;
}

/** Who keeps what the machine is told and answers, so that it can be replayed. Must be quick; may not throw. */
export interface MachineKeeper {
  /** Once, before the first event. */
  begin(ids: CallIds, machine: MachineOptions): void;
  add(event: TurnEvent, atMs: number, effects: readonly TurnEffect[]): void;
  /** The event in which the machine broke a promise of its own, instead of having effects. The last of the call. */
  addBreak(event: TurnEvent, atMs: number, message: string): void;
}

/** Those who follow one call. */
export class Observers {
  readonly #all: CallObserver[] = [];

  add(observer: CallObserver): void {
    this.#all.push(observer);
  }

  event(event: CallEvent): void {
    for (const observer of this.#all) observer.event?.(event);
  }

  handled(event: TurnEvent, effects: readonly TurnEffect[]): void {
    for (const observer of this.#all) observer.handled?.(event, effects);
  }

  toolFailed(fault: ToolFault): void {
    for (const observer of this.#all) observer.toolFailed?.(fault);
  }

  synthesis(...told: Parameters<NonNullable<CallObserver['synthesis']>>): void {
    for (const observer of this.#all) observer.synthesis?.(...told);
  }

  /** Runs `run` within what each of them puts around a model request. */
  aroundStep(step: StepRun, run: () => void): void {
    if (this.#all.length === 0) return run();
    runWithin(this.#all, ({ aroundStep }) => aroundStep && ((inner) => aroundStep(step, inner)), run);
  }

  /** The same around the handler of a tool. */
  aroundTool(id: string, run: () => void): void {
    if (this.#all.length === 0) return run();
    runWithin(this.#all, ({ aroundTool }) => aroundTool && ((inner) => aroundTool(id, inner)), run);
  }

  /** What log lines should carry besides, as all of them say. */
  get logFields(): object {
    return Object.assign({}, ...this.#all.map((observer) => observer.logFields?.())) as object;
  }
}

type Around = (run: () => void) => void;

/** Runs `run` within what each of them puts around it, the first one innermost. */
function runWithin(
  observers: readonly CallObserver[],
  aroundOf: (observer: CallObserver) => Around | undefined,
  run: () => void,
): void {
  let whole = run;
  for (const observer of observers) {
    const around = aroundOf(observer);
    if (!around) continue;
    const inner = whole;
    whole = () => around(inner);
  }
  whole();
}
