/** All that a call of a test is made of, whatever its line and its time. */
import type { Agent } from '../call/agent.ts';
import type { CallEvent } from '../call/events.ts';
import { mapTeam } from '../call/team-options.ts';
import { wholeTeam } from '../call/team.ts';
import { silentLog } from '../lib/log.ts';
import type { Clock } from '../lib/clock.ts';
import { createToolbox, toolsIn } from '../tool/toolbox.ts';
import type { TestCallOptions } from './call-options.ts';
import type { CallRecord, ModelFacts } from './call-record.ts';
import type { CallerEnd } from './caller-end.ts';
import type { FollowedCall, KeptCall } from './followed-call.ts';
import type { StubbedTools } from './stubs.ts';
import type { Pending } from './time/pending.ts';

/** What a test waits by. */
export interface CallTime {
  readonly clock: Clock;
  /** Hands a test what it may wait for, `limitMs` of the call's time. `what`, of a sentence: `to hear "Tuesday"`. */
  want<T>(what: string, work: Promise<T>, limitMs: number): Pending<T>;
  /** Everything that is waited for fails, for this reason. */
  fail(error: Error): void;
}

export interface Setting {
  call: FollowedCall;
  caller: CallerEnd;
  record: KeptCall;
  tools: Pick<StubbedTools, 'running'>;
  model: Pick<ModelFacts, 'requests'>;
  time: CallTime;
  /** Gives back what it took of the process; the call is over. */
  close(): Promise<void>;
}

/** The agent as a test has it, and its team. `around`: what its `facts` are asked within. */
export function agentInTest(
  first: Agent,
  { env = {}, log = silentLog, hooks }: TestCallOptions,
  { tools, around }: { tools: StubbedTools; around: <T>(run: () => T) => T },
): Agent {
  tools.know(wholeTeam(first).flatMap(({ toolbox }) => toolsIn(toolbox)));
  return mapTeam(first, (agent) => {
    const { facts } = agent;
    return {
      ...agent,
      toolbox: createToolbox(tools.wrap(toolsIn(agent.toolbox)), { env, log, mayLackEnv: true }),
      facts: facts && ((caller) => around(() => facts(caller))),
      hooks: hooks === 'run' ? agent.hooks : { ...agent.hooks, onStart: undefined, onEnd: undefined },
    };
  });
}

type EventKeeper = { hear(event: CallEvent, caller: CallerEnd | undefined): void };

/** Has every event kept, and told to the caller's end. */
export function follow(call: FollowedCall, record: EventKeeper, caller: () => CallerEnd | undefined): void {
  call.on('event', (event) => {
    record.hear(event, caller());
    caller()?.hear(event);
  });
}

/** For whoever is told that nothing moves, or that something does not come. */
export function stateOf({ events }: CallRecord, tools: StubbedTools, isModelAsked: boolean): string {
  const running = tools.running.map(({ name, fromMs }) => `the tool \`${name}\` runs (since ${Math.round(fromMs)} ms)`);
  const doing = [...running, ...(isModelAsked ? ['the model is asked'] : [])];
  const last = events.at(-1);
  const told = last ? ` The call's last event was \`${last.type}\`, at ${last.atMs} ms.` : '';
  return `${doing.length > 0 ? `In the call, ${doing.join(' and ')}.` : 'In the call, nothing runs.'}${told}`;
}
