/** Whether the tools of an agent as it is now would take the calls that a recording has. Nothing is run. */
import type { Agent } from '../../call/agent.ts';
import { wholeTeam } from '../../call/team.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { ToolCall } from '../../model/contract.ts';
import { readArguments } from '../../tool/arguments.ts';
import type { Toolbox, ToolOutcome } from '../../tool/contract.ts';
import type { ToolDefinition } from '../../tool/define.ts';
import { toolsIn } from '../../tool/toolbox.ts';
import type { TurnEffect } from '../../turn/contract.ts';

export class ToolsNow {
  readonly #byAgent: ReadonlyMap<string, Toolbox>;
  /** Of who has the caller: the agent first, then the tasks that run, each begun by the one before it. */
  #toolboxes: Toolbox[];
  /** Of each call so far, by its id. */
  readonly #names = new Map<string, string>();
  readonly #outcomes: ReadonlyMap<string, ToolOutcome>;

  /** @param outcomes By the call's id, what came of it when it was recorded. */
  constructor(agent: Agent, outcomes: ReadonlyMap<string, ToolOutcome>) {
    this.#byAgent = new Map(wholeTeam(agent).map(({ name, toolbox }) => [name, toolbox]));
    this.#toolboxes = [agent.toolbox];
    this.#outcomes = outcomes;
  }

  /** The next that the call does. What is other, as a sentence without its end; undefined: a tool takes it as it did. */
  hear(effect: TurnEffect): string | undefined {
    switch (effect.type) {
      case 'agent-change':
        this.#toolboxes = [this.#byAgent.get(effect.agent) ?? this.#now];
        return undefined;
      case 'begin-task':
        this.#toolboxes.push(this.#now.ofTask(this.#names.get(effect.callId) ?? '') ?? this.#now);
        return undefined;
      case 'end-task':
        if (this.#toolboxes.length > 1) this.#toolboxes.pop();
        return undefined;
      case 'run-tool':
        this.#names.set(effect.call.id, effect.call.name);
        return this.#differenceIn(effect.call);
      default:
        return undefined;
    }
  }

  get #now(): Toolbox {
    return this.#toolboxes.at(-1)!;
  }

  #differenceIn({ id, name, arguments: text }: ToolCall): string | undefined {
    const wasRefused = isRefusal(this.#outcomes.get(id));
    const tool = toolsIn(this.#now).find(({ definition }) => definition.name === name);
    if (!tool) return wasRefused ? undefined : `\`${name}\` is called, which there is not any more`;
    const written = parseJson(text === '' ? '{}' : text);
    // what somebody keeps to themselves stands in no recording: nobody can say whether it would be taken
    if (this.#now.sensitiveFields(name).length > 0 || !isRecord(written)) return undefined;
    const isTaken = takes(tool.definition.input, written);
    if (isTaken === !wasRefused) return undefined;
    return isTaken ? `\`${name}\` takes ${text}, and refused it` : `\`${name}\` refuses ${text}, and took it`;
  }
}

/** Its arguments were refused, and nothing was run. */
const isRefusal = (outcome: ToolOutcome | undefined): boolean =>
  outcome?.ok === false && (outcome.failure === 'invalid-arguments' || outcome.failure === 'unknown-tool');

/** A check of the schema's own that throws has not said no. */
function takes(input: ToolDefinition['input'], written: Record<string, unknown>): boolean {
  try {
    return readArguments(input, written).success;
  } catch {
    return true;
  }
}
