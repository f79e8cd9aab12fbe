/**
 * The tool calls of a call: each starts at most once and has exactly one result (R3, R9, R13, R15, R21), whichever turn
 * it belongs to and however late the result comes (R14).
 */
import { assert, needed } from '../lib/assert.ts';
import type { ToolCall } from '../model/contract.ts';
import type { ToolControl, ToolEffect, ToolFacts, ToolOutcome } from '../tool/contract.ts';
import type { TurnEffect, TurnReport } from './contract.ts';
import type { AssistantEntry } from './entry.ts';
import type { History } from './history.ts';
import { MenuLoops } from './menu-loops.ts';
import type { MachineOptions } from './options.ts';
import { countInvalid, type CallState, type StepState, type TurnState } from './step.ts';

const SPOKE_FIRST = 'because the caller spoke first';
const CALLER_SPOKE_FIRST = `Not carried out, ${SPOKE_FIRST}. The call goes on.`;

export class ToolCalls {
  readonly #history: History;
  #facts: ReadonlyMap<string, ToolFacts> = new Map();
  readonly #push: (effect: TurnEffect) => void;
  readonly #menus: MenuLoops;
  /** Every call whose handler runs. */
  readonly #running = new Map<string, CallState>();
  /** R24: reads that were started before their turn was sure; and ids of those whose turn never was. */
  readonly #startedAhead = new Set<string>();
  readonly #spent = new Set<string>();

  constructor(
    history: History,
    { tools, pressed }: Pick<MachineOptions, 'tools' | 'pressed'>,
    push: (effect: TurnEffect) => void,
  ) {
    this.#history = history;
    this.#menus = new MenuLoops(pressed);
    this.#push = push;
    this.know(tools);
  }

  /** R27: those that may be called from now on. What runs goes on. */
  know(tools: readonly ToolFacts[]): void {
    this.#facts = new Map(tools.map((tool) => [tool.name, tool]));
  }

  get areRunning(): boolean {
    return this.#running.size > 0;
  }

  running(id: string): CallState | undefined {
    return this.#running.get(id);
  }

  /** A call that the model has made in this step. A terminal one is held until what was said before it is heard (R19). */
  add({ number, step }: TurnState, entry: AssistantEntry, received: ToolCall, atMs: number): CallState {
    const call = { ...received, id: this.#uniqueId(received.id) };
    this.#history.addCall(entry, call);
    const facts = this.#facts.get(call.name);
    const state: CallState = {
      call,
      receivedId: received.id,
      facts,
      turn: number,
      step: step.number,
      startedAtMs: atMs,
      isHeld: facts?.effect === 'terminal' || facts?.isTask === true,
      outcome: undefined,
    };
    step.calls.push(state);
    return state;
  }

  /** Some servers number the calls of every answer from zero; a history must not hold an id twice. */
  #uniqueId(id: string): string {
    if (!this.#isUsed(id)) return id;
    let count = 2;
    while (this.#isUsed(`${id}-${count}`)) count++;
    return `${id}-${count}`;
  }

  #isUsed(id: string): boolean {
    return this.#history.hasCall(id) || this.#spent.has(id);
  }

  /** R24: a call of an answer that is not sure to be given. Returns whether it was started: what only reads is. */
  runAhead(call: ToolCall, turn: number): boolean {
    const facts = this.#facts.get(call.name);
    const mayRun = facts?.effect === 'read' && facts.waitsForCaller !== true;
    if (!mayRun || this.#isUsed(call.id) || this.#startedAhead.has(call.id)) return false;
    this.#startedAhead.add(call.id);
    this.#push({ type: 'run-tool', call, effect: 'read', turn, step: 1 });
    return true;
  }

  /** That answer is not given. */
  dropAhead(id: string, isRunning: boolean): void {
    this.#startedAhead.delete(id);
    this.#spent.add(id);
    if (isRunning) this.#push({ type: 'cancel-tool', callId: id });
  }

  /** It is complete: it starts, unless it waits, or presses keys in circles. Returns whether it has done so for good. */
  begin(state: CallState, turn: TurnState): boolean {
    const refusal = this.#menus.refusal(state.call, () => this.#history.callerTurn(turn.number));
    if (refusal !== undefined) this.refuse(state, refusal);
    else if (!state.isHeld) this.run(state);
    countInvalid(turn, state);
    return this.#menus.isStuck;
  }

  run(state: CallState): void {
    assert(state.outcome === undefined && !this.#running.has(state.call.id), 'a call to be started once');
    state.isHeld = false;
    this.#running.set(state.call.id, state);
    this.#reportStart(state);
    if (this.#startedAhead.delete(state.call.id)) return;
    this.#push({ type: 'run-tool', call: state.call, effect: effectOf(state), turn: state.turn, step: state.step });
  }

  /** The handler has ended; undefined when it had been cancelled, and is answered as such. */
  takeEnded(id: string): CallState | undefined {
    const state = this.#running.get(id);
    this.#running.delete(id);
    return state;
  }

  settle(state: CallState, settled: ToolOutcome, durationMs: number, isLate = false): void {
    assert(state.outcome === undefined && !this.#running.has(state.call.id), 'a call to be settled once, at its end');
    const outcome = isLate && settled.ok && settled.control ? notDone(state, SPOKE_FIRST) : settled;
    state.outcome = outcome;
    state.isHeld = false;
    this.#history.answer(state.call.id, outcome.content, isLate);
    const { call, turn, step } = state;
    this.#report({
      type: 'tool-end',
      turn,
      step,
      id: call.id,
      name: call.name,
      ok: outcome.ok,
      ...(outcome.ok ? { result: outcome.content } : { error: outcome.content, failure: outcome.failure }),
      durationMs,
      ...(isLate ? { isLate } : {}),
    });
  }

  /** R9: what cannot run is a result that the model reads. */
  refuse(state: CallState, message: string): void {
    this.#reportStart(state);
    this.settle(state, { ok: false, content: JSON.stringify({ error: message }), failure: 'invalid-arguments' }, 0);
  }

  /** R19: what was to end the call does not. */
  #revoke(state: CallState, note: string): void {
    this.#reportStart(state);
    this.settle(state, notCarriedOut(note), 0);
  }

  /** R19, R28: what was held back is carried out; tasks one after the other, and before what ends the call. */
  release(calls: readonly CallState[]): void {
    const task = calls.find(({ isHeld, facts }) => isHeld && facts?.isTask);
    if (task) return this.run(task);
    for (const state of calls) if (state.isHeld) this.run(state);
  }

  /** R19: or it is not, because another tool failed. */
  revokeHeld(calls: readonly CallState[]): void {
    for (const state of calls) if (state.isHeld) this.#revoke(state, 'Not carried out, because another tool failed.');
  }

  /** R19, R27: of what the calls of a step have asked for, this is done now, and nothing else. */
  carryOut({ calls }: StepState, control: ToolControl | undefined): void {
    for (const state of calls) {
      const { outcome } = state;
      if (!outcome?.ok || !outcome.control) continue;
      if (outcome.control === control) {
        state.outcome = { ok: true, content: outcome.content };
        this.#history.isCarriedOut(state.call.id);
      } else this.#takeBackControl(state, control ? 'for something else was' : 'because another tool failed');
    }
  }

  /** It has run, and asked for something to be done once all was heard. No request has told of it. */
  #takeBackControl(state: CallState, why: string): void {
    state.outcome = notDone(state, why);
    this.#history.amend(state.call.id, state.outcome.content);
  }

  /** R13, R19: of what has not ended, reads are cancelled, writes go on, and what was to end the call is revoked; R27: so is a handover. */
  drop(turn: TurnState, note: string): void {
    for (const state of turn.step.calls) {
      if (state.outcome?.ok && state.outcome.control) this.#takeBackControl(state, SPOKE_FIRST);
      if (state.outcome) continue;
      if (state.isHeld) this.#revoke(state, CALLER_SPOKE_FIRST);
      else if (effectOf(state) === 'read') this.#cancel(state, note);
    }
  }

  /** R25: the same. Returns the calls of the step when none of them has had an effect or a result. */
  takeBack(turn: TurnState): readonly string[] {
    const { calls } = turn.step;
    const open = calls.filter(({ outcome }) => !outcome);
    this.drop(turn, 'The caller went on speaking, and it was cancelled.');
    const isNothing = calls.length === open.length && calls.every(({ outcome }) => outcome?.ok === false);
    return isNothing ? calls.map(({ call }) => call.id) : [];
  }

  #cancel(state: CallState, note: string): void {
    this.#running.delete(state.call.id);
    this.#push({ type: 'cancel-tool', callId: state.call.id });
    this.settle(state, { ok: false, content: JSON.stringify({ status: 'cancelled', note }), failure: 'cancelled' }, 0);
  }

  #reportStart(state: CallState): void {
    const { call, turn, step } = state;
    const { id, name, arguments: written } = call;
    this.#report({ type: 'tool-start', turn, step, id, name, arguments: written, effect: effectOf(state) });
  }

  #report(event: TurnReport): void {
    this.#push({ type: 'report', event });
  }
}

/** What the results of a step ask for, once all are in: with neither, it is the model's turn again. */
export function nextOf(calls: readonly CallState[]): {
  control?: ToolControl;
  says: readonly string[];
  isSayCut: boolean;
} {
  const outcomes = calls.map((state) => needed(state.outcome, 'every call of the step to be settled'));
  const hasFailed = outcomes.some(({ ok }) => !ok); // which the model has yet to tell
  const control = outcomes
    .map((outcome) => (outcome.ok ? outcome.control : undefined))
    .find((asked) => asked && !(hasFailed && asked.type === 'hand-off'));
  const says = outcomes.flatMap((outcome) => (outcome.ok && outcome.say !== undefined ? [outcome.say] : []));
  const isSayCut = outcomes.some((outcome) => outcome.ok && outcome.isSayCut === true);
  return { ...(control && { control }), says: hasFailed ? [] : says, isSayCut };
}

/** What ends the call has done nothing; another tool may well have. */
const notDone = (state: CallState, why: string): ToolOutcome =>
  notCarriedOut(
    effectOf(state) === 'terminal'
      ? `Not carried out, ${why}.`
      : `It was done, but the caller was not handed over, ${why}.`,
  );

const notCarriedOut = (note: string): ToolOutcome => ({
  ok: false,
  content: JSON.stringify({ status: 'revoked', note }),
  failure: 'cancelled',
});

/** A tool that the agent does not have does nothing: it reads. */
const effectOf = ({ facts }: CallState): ToolEffect => facts?.effect ?? 'read';
