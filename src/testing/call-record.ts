/** What is kept of a call of a test, and handed out as its result. */
import type { Agent } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/events.ts';
import { parseJson } from '../lib/json.ts';
import type { CallerEnd } from './caller-end.ts';
import type { TestModel } from './model.ts';
import type { CallResult, HarnessTrouble, ToolRun, ToolUse, WorldLook } from './result.ts';
import type { StubbedTools } from './stubs.ts';
import { toolUsesIn } from './tool-uses.ts';

export interface CallRecordParts {
  agent: Agent;
  model: TestModel;
  tools: StubbedTools;
  /** Of the call. */
  nowMs: () => number;
  world?: (() => unknown) | undefined;
}

export class CallRecord {
  readonly events: CallEvent[] = [];
  readonly troubles: HarnessTrouble[] = [];
  readonly #parts: CallRecordParts;
  readonly #machine: string[] = [];
  readonly #looks: WorldLook[] = [];

  constructor(parts: CallRecordParts) {
    this.#parts = parts;
    this.#look({ when: 'before' });
  }

  /** Takes the machine's log, line by line. */
  readonly machineLine = (line: string): void => void this.#machine.push(line);

  trouble(what: string): void {
    this.troubles.push({ what, atMs: this.#parts.nowMs() });
  }

  /** A run of a tool has come to its end. */
  ran({ name, effect }: ToolRun): void {
    this.#look({ when: 'after', tool: name, effect });
  }

  get end(): { atMs: number; reason: string } | undefined {
    const last = this.events.at(-1);
    return last?.type === 'call-end' ? { atMs: last.atMs, reason: last.reason } : undefined;
  }

  /** Everything so far; plain data, and not changed by what comes. */
  result(call: Call, caller: CallerEnd): CallResult {
    const { agent, model, tools, world } = this.#parts;
    const { end } = this;
    if (end && this.#looks.at(-1)?.when !== 'end') this.#look({ when: 'end' });
    const { unusedReplies } = model;
    return {
      callId: call.id,
      agent: agent.name,
      visible: 'inside',
      ...caller.facts(this.events),
      events: [...this.events],
      requests: [...model.requests],
      caller: structuredClone(caller.stretches) as CallResult['caller'],
      tools: toolUsesIn(this.events).map((use) => this.#withFacts(use)),
      runs: tools.runs.map((run) => ({ ...run })),
      ...(world && { world: [...this.#looks] }),
      ...(end && { end }),
      machine: this.#machine.join(''),
      ...(unusedReplies && { unusedReplies }),
      troubles: [...this.troubles],
    };
  }

  #withFacts(use: ToolUse): ToolUse {
    const { agent, tools } = this.#parts;
    const { waitsForCaller } = agent.machine.tools.find(({ name }) => name === use.name) ?? {};
    return { ...use, ...(waitsForCaller && { waitsForCaller }), isStubbed: tools.isStubbed(use.name) };
  }

  #look(facts: Omit<WorldLook, 'atMs' | 'state'>): void {
    const { world, nowMs } = this.#parts;
    if (!world) return;
    this.#looks.push({ atMs: nowMs(), ...facts, state: parseJson(JSON.stringify(world()) ?? 'null') });
  }
}
