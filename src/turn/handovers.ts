/**
 * R27: the caller is handed to another agent of the team. A tool asks for it; that it cannot be is said as the tool's result; it is
 * carried out once the words before it have been heard, and then all that counts is the new agent's.
 */
import { needed } from '../lib/assert.ts';
import type { HandOff, HandOffContext, ToolOutcome } from '../tool/contract.ts';
import type { TurnEffect, TurnEventOf } from './contract.ts';
import type { History } from './history.ts';
import type { MachineOptions } from './options.ts';
import type { Personas } from './personas.ts';
import type { Speech } from './speech.ts';
import type { StepState, TurnState } from './step.ts';
import type { Turns } from './turns.ts';

export interface HandoverParts {
  personas: Personas;
  turns: Turns;
  speech: Speech;
  history: History;
}

/** R28: it has the caller for one thing alone, and the team is the agent's. */
const IN_TASK =
  'The caller was not handed over: this conversation is had for one thing alone. End it with `something_else`, so that whoever began it can hand them over.';

export class Handovers {
  readonly #parts: HandoverParts;
  readonly #push: (effect: TurnEffect) => void;
  /** Since the caller last said something. */
  #count = 0;
  /** Agents that have greeted the caller, or might have. */
  readonly #met = new Set<string>();
  /** What a tool had said first in this step is said. */
  #saidIn: StepState | undefined;

  constructor(parts: HandoverParts, push: (effect: TurnEffect) => void) {
    this.#parts = parts;
    this.#push = push;
    this.#met.add(nameOf(parts.personas.current));
  }

  /** They are not handed on and on unheard. */
  callerSpoke(): void {
    this.#count = 0;
  }

  /** What a tool has ended with, as it counts: a handover that cannot be is a result that the model reads. */
  judge(event: TurnEventOf<'tool-settled'>): TurnEventOf<'tool-settled'> {
    const { outcome } = event;
    const problem =
      outcome.ok && outcome.control?.type === 'hand-off' ? this.#problemOf(outcome.control.to) : undefined;
    return problem === undefined ? event : { ...event, outcome: refused(problem) };
  }

  #problemOf(to: string): string | undefined {
    const { personas } = this.#parts;
    const { team = {}, turn } = personas.current;
    if (personas.isTask) return IN_TASK;
    if (!personas.find(to)) {
      const names = Object.keys(team);
      const those = names.length === 0 ? 'This agent has no team.' : `In the team are: ${names.join(', ')}.`;
      return `The caller was not handed over: there is no \`${to}\` in the team. ${those}`;
    }
    if (this.#count < turn.mostHandoffs) return undefined;
    const times = this.#count === 1 ? 'once' : `${this.#count} times`;
    return `The caller was not handed over: they were ${times} already, without a word of theirs. Help them yourself, or ask them what they want.`;
  }

  /** What the tool has said before it is carried out. Returns whether that is to be heard first. */
  sayFirst({ step }: TurnState, says: readonly string[], atMs: number): boolean {
    const { turns, speech } = this.#parts;
    if (this.#saidIn === step) return false;
    this.#saidIn = step;
    for (const say of says) turns.speak(say, 'verbatim', atMs);
    return speech.isAudible;
  }

  /**
   * It is carried out, between two turns: from here on everything is the new agent's. Returns what it greets with; undefined when
   * it has none, or is back, and answers at once.
   */
  carryOut(control: HandOff, atMs: number): string | undefined {
    const { personas, turns, history } = this.#parts;
    const context = shownOf(control);
    const persona = needed(personas.find(control.to), 'an agent of the team to hand the caller over to');
    const from = nameOf(personas.current);
    const to = nameOf(persona);
    const { number } = turns;
    turns.breakOff('replied', 'The caller was handed over first, and it was cancelled.', atMs);
    this.#count++;
    const greeting = this.#met.has(to) ? undefined : persona.greeting;
    this.#met.add(to);
    personas.change(persona);
    turns.calls.know(persona.tools);
    history.changeAgent(persona.instructions, number, context === 'all');
    history.addNote(number, noteFor(control, { from, isGreeting: greeting !== undefined }));
    this.#push({ type: 'agent-change', agent: to });
    this.#push({ type: 'report', event: { type: 'agent-change', turn: number, from, to, context } });
    return greeting;
  }
}

/** What the new agent is told. One that greets the caller has spoken, and need not. */
function noteFor(control: HandOff, { from, isGreeting }: { from: string; isGreeting: boolean }): string {
  const { about } = control;
  const shown = SHOWN[shownOf(control)];
  const told = about === undefined ? '' : ` You should know: ${about}`;
  const next = isGreeting ? '' : ' Go on with what the caller wants.';
  return `The caller has been handed over to you by \`${from}\`. ${shown}${next}${told}`;
}

const SHOWN = {
  all: 'What stands above was said before you came.',
  summary: 'What was said before is summed up for you.',
  none: 'You are not shown what was said before.',
} as const satisfies Record<HandOffContext, string>;

/** A summary that nobody has written is all that there is: the caller does not wait for one. */
const shownOf = ({ context, about }: HandOff): HandOffContext =>
  context === 'summary' && about === undefined ? 'all' : context;

/** Every agent of a team has a name; one that has no team needs none. */
const nameOf = ({ agent = '' }: Pick<MachineOptions, 'agent'>): string => agent;

const refused = (message: string): ToolOutcome => ({
  ok: false,
  content: JSON.stringify({ error: message }),
  failure: 'invalid-arguments',
});
