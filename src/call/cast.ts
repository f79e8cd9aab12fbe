/** R27: which agent of its team a call has, and what becomes that one's in the tick of a handover: its model, its tools, its voice. */
import { needed } from '../lib/assert.ts';
import type { ToolRunner } from '../tool/contract.ts';
import type { Agent } from './agent.ts';
import type { ModelSteps } from './model-steps.ts';
import type { CallOptions } from './options.ts';
import { wholeTeam } from './team.ts';

/** What an agent's are. */
export interface CastParts {
  steps: ModelSteps;
  tools: ToolRunner;
}

export class Cast {
  readonly #options: CallOptions;
  readonly #parts: CastParts;
  /** As the call began: with the tools that each of them had then. */
  readonly #all: ReadonlyMap<string, { agent: Agent; then: Agent }>;
  #current: Agent;

  constructor(options: CallOptions, parts: CastParts) {
    this.#options = options;
    this.#current = options.agent;
    this.#parts = parts;
    this.#all = new Map(wholeTeam(options.agent).map((agent) => [agent.name, { agent, then: { ...agent } }]));
  }

  /** The one that has the caller. */
  get current(): Agent {
    return this.#current;
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
