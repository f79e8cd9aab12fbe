/** What is kept of a call of a test, and handed out as its result. */
import type { Agent } from '../call/agent.ts';
import type { CallEvent } from '../call/events.ts';
import { parseJson } from '../lib/json.ts';
import type { CallerEnd, TurnBegin } from './caller-end.ts';
import type { PlayedPeople } from './people/played-people.ts';
import type {
  CallerStretch,
  CallResult,
  HarnessTrouble,
  SentRequest,
  ToolRun,
  ToolUse,
  Turn,
  WorldLook,
} from './result.ts';
import type { FollowedCall, KeptCall } from './followed-call.ts';
import type { StubbedTools } from './stubs.ts';
import { leavesSilence, toolFactsOf, toolUsesIn } from './tool-uses.ts';
import { turnsOf } from './turns.ts';

/** What is known of the model. */
export interface ModelFacts {
  readonly requests: SentRequest[];
  /** The fixed replies that nobody has asked for; undefined where there are none. */
  readonly unusedReplies: string[] | undefined;
}

export interface CallRecordParts {
  agent: Agent;
  model: ModelFacts;
  tools: StubbedTools;
  /** Who is rung for the caller. Default: nobody can be. */
  people?: Pick<PlayedPeople, 'rung'> | undefined;
  /** Of the call. */
  nowMs: () => number;
  world?: (() => unknown) | undefined;
}

/** Where a turn began, and how much there was of everything by then. */
interface Mark extends TurnBegin {
  events: number;
  stretches: number;
  runs: number;
}

export class CallRecord implements KeptCall {
  readonly events: CallEvent[] = [];
  readonly troubles: HarnessTrouble[] = [];
  readonly #parts: CallRecordParts;
  readonly #machine: string[] = [];
  readonly #looks: WorldLook[] = [];
  readonly #marks = new Map<number, Mark>();

  readonly #toolNames: string[];
  /** Those that wait for keys, and the like. */
  readonly #waiting: ReadonlySet<string>;

  constructor(parts: CallRecordParts) {
    this.#parts = parts;
    const facts = toolFactsOf(parts.agent);
    this.#toolNames = [...new Set(facts.map(({ name }) => name))];
    this.#waiting = new Set(facts.filter(leavesSilence).map(({ name }) => name));
    this.#look({ when: 'before' });
  }

  /** Takes an event. `caller`: their end, once there is one. */
  hear(event: CallEvent, caller: CallerEnd | undefined): void {
    if (event.type === 'turn-start') {
      const { turn, atMs } = event;
      const [events, runs] = [this.events.length, this.#parts.tools.runs.length];
      this.#marks.set(turn, { turn, atMs, events, runs, stretches: caller?.stretches.length ?? 0 });
    }
    this.events.push(event);
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
  result(call: FollowedCall, caller: CallerEnd): CallResult {
    const { agent, model, tools, people, world } = this.#parts;
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
      toolNames: this.#toolNames,
      ...(people && { people: people.rung }),
      ...(world && { world: [...this.#looks] }),
      ...(end && { end }),
      machine: this.#machine.join(''),
      ...(unusedReplies && { unusedReplies }),
      troubles: [...this.troubles],
    };
  }

  /** One turn of it as it stands now. What it is a view of, the whole call until now, is made when it is asked for. */
  turn(number: number, call: FollowedCall, caller: CallerEnd): Turn | undefined {
    const { model, tools } = this.#parts;
    const since = this.#marks.get(number - 1);
    const events = this.events.slice(since?.events);
    const part: CallResult = {
      ...{ callId: call.id, agent: this.#parts.agent.name, visible: 'inside' },
      ...caller.facts(events, since),
      events,
      requests: model.requests.slice(model.requests.findLastIndex(({ turn }) => turn < number) + 1),
      caller: stretchesSince(caller.stretches, since),
      tools: toolUsesIn(events).map((use) => this.#withFacts(use)),
      runs: tools.runs.slice(since?.runs),
      troubles: this.troubles,
    };
    const turn = turnsOf(part).find((one) => one.number === number);
    if (!turn) return undefined;
    const whole = this.#asOfNow(call, caller);
    return Object.defineProperty<Turn>({ ...turn }, 'call', { get: whole, enumerable: false });
  }

  /** What is known now, put together once somebody asks. */
  #asOfNow(call: FollowedCall, caller: CallerEnd): () => CallResult {
    const until = {
      events: this.events.length,
      requests: this.#parts.model.requests.length,
      looks: this.#looks.length,
    };
    const [atMs, stretches, runs] = [call.atMs, caller.stretches.length, this.#parts.tools.runs.length];
    let made: CallResult | undefined;
    return () => {
      if (made) return made;
      const { end: _, ...all } = this.result(call, caller);
      const { sound } = all;
      const samples = sound && Math.round((atMs * sound.sampleRateHz) / 1_000);
      return (made = {
        ...all,
        events: all.events.slice(0, until.events),
        requests: all.requests.slice(0, until.requests),
        caller: all.caller.slice(0, stretches),
        runs: (all.runs ?? []).slice(0, runs),
        tools: all.tools.filter(({ fromMs }) => fromMs <= atMs),
        ...(all.people && { people: all.people.filter(({ fromMs }) => fromMs <= atMs) }),
        ...(all.heard && { heard: all.heard.filter(({ fromMs }) => fromMs < atMs) }),
        ...(all.agentSound && { agentSound: all.agentSound.filter(({ fromMs }) => fromMs < atMs) }),
        ...(sound && {
          sound: { ...sound, caller: sound.caller.subarray(0, samples), agent: sound.agent.subarray(0, samples) },
        }),
        ...(all.world && { world: all.world.slice(0, until.looks) }),
        ...(this.#endBefore(until.events) && this.end && { end: this.end }),
      });
    };
  }

  #endBefore(events: number): boolean {
    return this.events[events - 1]?.type === 'call-end';
  }

  #withFacts(use: ToolUse): ToolUse {
    const waitsForCaller = this.#waiting.has(use.name);
    return { ...use, ...(waitsForCaller && { waitsForCaller }), isStubbed: this.#parts.tools.isStubbed(use.name) };
  }

  #look(facts: Omit<WorldLook, 'atMs' | 'state'>): void {
    const { world, nowMs } = this.#parts;
    if (!world) return;
    this.#looks.push({ atMs: nowMs(), ...facts, state: parseJson(JSON.stringify(world()) ?? 'null') });
  }
}

/** What had not ended by then, and what came later: some of it is told before it is said. */
function stretchesSince(all: readonly CallerStretch[], since: Mark | undefined): CallerStretch[] {
  if (!since) return [...all];
  const last = all.findLastIndex(
    ({ toMs }, index) => toMs < since.atMs || (toMs === since.atMs && index < since.stretches),
  );
  return all.slice(last + 1);
}
