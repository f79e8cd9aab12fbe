/** R27: which agent of its team a call has, and what becomes that one's in the tick of a handover: its model, its tools, its voice. */
import { needed } from '../lib/assert.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import type { ConverseFor, ToolRunner } from '../tool/contract.ts';
import type { TaskParts } from '../tool/task.ts';
import type { TurnEffect, TurnEvent } from '../turn/contract.ts';
import type { Agent } from './agent.ts';
import type { ModelSteps } from './model-steps.ts';
import type { CallOptions } from './options.ts';
import type { Discretion } from './sensitive/discretion.ts';
import { TaskRuns } from './task-runs.ts';
import { wholeTeam } from './team.ts';

/** What an agent's are. */
export interface CastParts {
  steps: ModelSteps;
  tools: ToolRunner;
  discretion: Discretion;
  feed: (event: TurnEvent) => void;
  expect: (answer: ExpectedAnswer) => void;
}

export class Cast {
  readonly #options: CallOptions;
  readonly #parts: CastParts;
  /** As the call began: with the tools that each of them had then. */
  readonly #all: ReadonlyMap<string, { agent: Agent; then: Agent }>;
  /** Of a call that has had a task. */
  #tasks: TaskRuns | undefined;
  #current: Agent;

  constructor(options: CallOptions, parts: CastParts) {
    const { agent } = options;
    this.#options = options;
    this.#parts = parts;
    this.#all = new Map(wholeTeam(agent).map((one) => [one.name, { agent: one, then: { ...one } }]));
    this.#current = this.#all.get(agent.name)?.then ?? agent;
  }

  /** R28: has the conversation of a task, for its handler. */
  converse: ConverseFor = (call, task, input) => this.#taskRuns.converse(call, task as TaskParts, input);

  /** R28: a task has the caller, or has ended. */
  carryOut(effect: Extract<TurnEffect, { type: 'begin-task' | 'end-task' }>): void {
    if (effect.type === 'begin-task') this.#taskRuns.begin(effect.callId);
    else this.#taskRuns.end(effect.callId, effect.end);
  }

  get #taskRuns(): TaskRuns {
    const { clock } = this.#options;
    return (this.#tasks ??= new TaskRuns({ ...this.#parts, clock, agent: () => this.#current }));
  }

  /** The one that has the caller. */
  get current(): Agent {
    return this.#current;
  }

  /** How they are listened to. */
  get manner(): { language: string | undefined; digitsMs: number } {
    const { language, turn } = this.#current.machine;
    return { language, digitsMs: turn.digitsMs };
  }

  /** `name`: as the agent's own file has it. */
  change(name: string): void {
    const { steps, tools } = this.#parts;
    const { medium, model, modelOf = () => model } = this.#options;
    const { agent, then } = needed(this.#all.get(name), 'an agent to be of the team');
    this.#current = then;
    steps.use(then, modelOf(agent));
    then.toolbox.takeOver(tools, { dedupeMs: then.machine.turn.dedupeMs });
    medium.become?.(agent);
  }
}
