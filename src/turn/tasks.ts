/**
 * R28: conversations within the conversation. A task's call holds the floor until it ends: what the caller says is answered by the
 * task, in a list of messages of its own, and the list of who began it stands still, with the call open in it. When the task ends,
 * by its own tools or because it cannot go on, its end is the result of that call, and who began it goes on in the same turn.
 */
import { needed } from '../lib/assert.ts';
import { MOST_TASKS_DEEP, type TaskEnd, type ToolOutcome } from '../tool/contract.ts';
import type { TurnEffect, TurnEventOf, TurnReport } from './contract.ts';
import type { History } from './history.ts';
import type { MachineOptions } from './options.ts';
import type { Personas } from './personas.ts';
import type { Speech } from './speech.ts';
import { closedStep, type CallState, type StepState, type TurnState } from './step.ts';
import type { Turns } from './turns.ts';

const TOO_DEEP = `tasks are nested ${MOST_TASKS_DEEP} deep at most`;
const SPOKE_FIRST = 'the caller spoke first';

/** Beside the caller, for a model that begins: some servers answer nobody else. */
const BEGIN = 'The caller is on the line. Begin.';

/** Who goes on when a task ends. */
interface Frame {
  call: CallState;
  /** The step that its call stands in, whose other calls may wait for it. */
  step: StepState;
  persona: Pick<MachineOptions, 'instructions' | 'tools' | 'team'>;
  /** Turns of the caller that it has had, and how many it may have. */
  turns: number;
  maxTurns: number;
}

export interface TasksParts {
  personas: Personas;
  history: History;
  speech: Speech;
  turns: Turns;
}

export class Tasks {
  readonly #parts: TasksParts;
  readonly #push: (effect: TurnEffect) => void;
  readonly #frames: Frame[] = [];
  /** Its handler is ready, and something is being said. */
  #due: TurnEventOf<'task-begin'> | undefined;

  constructor(parts: TasksParts, push: (effect: TurnEffect) => void) {
    this.#parts = parts;
    this.#push = push;
  }

  /**
   * Its handler has read what it begins with. Returns the turn in which it begins; undefined when it does not, since the caller has
   * spoken first, or it would stand within too many others: then its call has an end.
   */
  begin(event: TurnEventOf<'task-begin'>, atMs: number): TurnState | undefined {
    const { turns, history, personas, speech } = this.#parts;
    this.#due = speech.isAudible ? event : undefined;
    if (this.#due) return undefined;
    const turn = turns.current;
    const call = turns.calls.takeEnded(event.callId);
    if (!call) return void this.#tellEnd(event.callId, { how: 'refused' }); // its time was over
    if (!turn || turn.finishing || !turn.step.calls.includes(call)) return void this.#refuse(call, SPOKE_FIRST, atMs);
    if (this.#frames.length >= MOST_TASKS_DEEP) return void this.#refuse(call, TOO_DEEP, atMs);
    const { instructions, tools, team } = personas.current;
    const { maxTurns } = event;
    this.#frames.push({ call, step: turn.step, persona: { instructions, tools, team }, turns: 0, maxTurns });
    history.beginTask(event.instructions);
    this.#become({ instructions: event.instructions, tools: event.tools, team: undefined });
    this.#goOnIn(turn, closedStep(turn.steps));
    if (event.ask === undefined) history.addNote(turn.number, BEGIN);
    const { id, name } = call.call;
    this.#push({ type: 'begin-task', callId: id });
    this.#push({ type: 'report', event: { type: 'task-start', turn: turn.number, id, name } });
    return turn;
  }

  /** One that waits for what has been said meanwhile to be heard, once that is so. */
  takeDue(): TurnEventOf<'task-begin'> | undefined {
    return this.#parts.speech.isAudible ? undefined : this.#due;
  }

  /** Another turn begins, or the call ends: the caller has spoken first. */
  forgetDue(atMs: number): void {
    const call = this.#due && this.#parts.turns.calls.takeEnded(this.#due.callId);
    this.#due = undefined;
    if (call) this.#refuse(call, SPOKE_FIRST, atMs);
  }

  /** A turn of the top one begins. Those end that may have no more, or whose time is over; returns whether one has. */
  callerSpoke(atMs: number): boolean {
    const top = this.#frames.at(-1);
    if (!top) return false;
    top.turns++;
    const depth = this.#frames.length;
    while (this.#frames.some(({ turns, maxTurns }) => turns > maxTurns)) this.end({ how: 'too-long' }, atMs);
    return this.#frames.length < depth;
  }

  /** The handler of one has ended before it, since no tool may take so long: it ends with the caller's next words. */
  lose(callId: string): void {
    for (const frame of this.#frames) if (frame.call.call.id === callId) frame.turns = Infinity;
  }

  /**
   * The top one ends, between two steps or two turns. Who began it goes on: with the step of its call, where a turn runs. What
   * the caller has said that is none of the task's business goes with them.
   */
  end(end: TaskEnd, atMs: number): void {
    const { history, turns } = this.#parts;
    const turn = turns.current;
    const { call, step, persona } = needed(this.#frames.pop(), 'a task to end');
    // R25: words that were taken back are yet to be asked, by whom it may be
    const from = turn ? (end.how === 'something-else' ? turn.number : undefined) : turns.takenBack.turn;
    const words = from === undefined ? '' : history.callerTurn(from);
    this.#become(persona);
    history.endTask();
    if (turn) this.#goOnIn(turn, step);
    const { id, name } = call.call;
    this.#push({ type: 'report', event: reportOf(end, { turn: turns.number, id, name }) });
    this.#settle(call, end, atMs);
    if (from !== undefined && words !== '') history.addAside(from, words);
  }

  /** The call is over. */
  endAll(atMs: number): void {
    this.forgetDue(atMs);
    while (this.#frames.length > 0) this.end({ how: 'call-ended' }, atMs);
  }

  #become(persona: Frame['persona']): void {
    const { personas, turns } = this.#parts;
    personas.amend(persona, this.#frames.length > 0);
    turns.calls.know(persona.tools);
  }

  /** What is said and called from here on stands in the list that counts now. */
  #goOnIn(turn: TurnState, step: StepState): void {
    turn.step = step;
    this.#parts.speech.leaveStep();
  }

  #refuse(call: CallState, why: string, atMs: number): void {
    this.#settle(call, { how: 'refused', why }, atMs);
  }

  #settle(call: CallState, end: TaskEnd, atMs: number): void {
    this.#parts.turns.calls.settle(call, outcomeOf(end), atMs - call.startedAtMs);
    this.#tellEnd(call.call.id, end);
  }

  #tellEnd(callId: string, end: TaskEnd): void {
    this.#push({ type: 'end-task', callId, end });
  }
}

function reportOf(end: TaskEnd, about: { turn: number; id: string; name: string }): TurnReport {
  const why = end.how === 'finished' ? {} : { why: whyNot(end) };
  return { type: 'task-end', ...about, how: end.how, ...why };
}

/** What of a task the model reads that began it. */
function outcomeOf(end: TaskEnd): ToolOutcome {
  if (end.how === 'finished') return { ok: true, content: end.content ?? '{}' };
  return { ok: false, content: JSON.stringify({ error: whyNot(end) }), failure: 'tool-error' };
}

/** Why a task has no result, in words that a model can act on. */
export function whyNot({ how, why }: TaskEnd): string {
  switch (how) {
    case 'finished':
    case 'given-up':
      return `It was given up${why === undefined ? '.' : `: ${why}`}`;
    case 'too-long':
      return 'It was given up: it took too long.';
    case 'something-else':
      return 'It was not finished: the caller wants something else first. What they have said follows; answer that.';
    case 'refused':
      return `It was not begun: ${why ?? SPOKE_FIRST}.`;
    case 'call-ended':
      return 'It was not finished: the call ended first.';
  }
}
