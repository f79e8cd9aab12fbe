/**
 * R28, on the call's side: a task's handler waits here while its conversation is had. The machine says when it begins, and from
 * then on its tools and its instructions count; and with what it ends, which is what the handler returns.
 */
import { needed } from '../lib/assert.ts';
import { wallMsOf, type Clock } from '../lib/clock.ts';
import { parseJson } from '../lib/json.ts';
import type { ExpectedAnswer } from '../listen/contract.ts';
import type { TaskEnd, ToolRunner, Toolbox } from '../tool/contract.ts';
import { ToolError } from '../tool/define.ts';
import { FINISH, type TaskParts, type TaskScript } from '../tool/task.ts';
import type { TurnEvent } from '../turn/contract.ts';
import { whyNot } from '../turn/tasks.ts';
import type { Agent } from './agent.ts';
import type { ModelSteps } from './model-steps.ts';
import type { Discretion } from './sensitive/discretion.ts';

export interface TaskRunsParts {
  /** The one that has the caller, tasks aside. */
  agent: () => Agent;
  steps: ModelSteps;
  tools: ToolRunner;
  discretion: Discretion;
  clock: Clock;
  feed: (event: TurnEvent) => void;
  /** What the caller is about to say. */
  expect: (answer: ExpectedAnswer) => void;
}

/** A task whose handler waits. */
interface TaskRun {
  callId: string;
  toolbox: Toolbox;
  script: TaskScript | undefined;
  expects: ExpectedAnswer | undefined;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

export class TaskRuns {
  readonly #parts: TaskRunsParts;
  readonly #waiting = new Map<string, TaskRun>();
  /** Those that have begun; the last has the floor. */
  readonly #begun: TaskRun[] = [];

  constructor(parts: TaskRunsParts) {
    this.#parts = parts;
  }

  /** What a task's handler does: it has its conversation, and returns what comes of it. */
  converse = (
    { callId, name }: { callId: string; name: string },
    task: TaskParts,
    input: unknown,
  ): Promise<unknown> => {
    const { feed, agent, clock, discretion } = this.#parts;
    const from = this.#begun.at(-1)?.toolbox ?? agent().toolbox;
    const toolbox = needed(from.ofTask(name), 'a task that is run to be one of the tools');
    discretion.begin(callId, toolbox.sensitiveFields(FINISH));
    const { language } = agent().machine;
    const { instructions, ask, expects, script } = task.begin(input, {
      language,
      now: () => new Date(wallMsOf(clock)),
    });
    return new Promise((resolve, reject) => {
      this.#waiting.set(callId, { callId, toolbox, script, expects, resolve, reject });
      const { maxTurns } = task;
      feed({
        type: 'task-begin',
        callId,
        instructions,
        tools: toolbox.facts,
        maxTurns,
        ...(ask !== undefined && { ask }),
      });
    });
  };

  /** It has the floor. */
  begin(callId: string): void {
    const run = needed(this.#waiting.get(callId), 'a task that begins to be one that waits');
    this.#begun.push(run);
    this.#giveFloor(run);
    if (run.expects !== undefined) this.#parts.expect(run.expects);
  }

  /** It is over, or did not begin: who began it has the floor again. */
  end(callId: string, end: TaskEnd): void {
    const run = this.#waiting.get(callId);
    this.#waiting.delete(callId);
    this.#parts.discretion.end(callId);
    if (!run) return;
    if (this.#begun.at(-1) === run) {
      this.#begun.pop();
      this.#giveFloor(this.#begun.at(-1));
    }
    if (end.how === 'finished') run.resolve(parseJson(end.content ?? '{}'));
    else run.reject(new ToolError(whyNot(end)));
  }

  #giveFloor(run: TaskRun | undefined): void {
    const { agent, steps, tools } = this.#parts;
    const { toolbox, machine } = agent();
    steps.letAnswer({ toolbox: run?.toolbox ?? toolbox, script: run?.script });
    (run?.toolbox ?? toolbox).takeOver(tools, { dedupeMs: machine.turn.dedupeMs });
  }
}
