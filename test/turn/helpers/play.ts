/**
 * Plays a script to a turn machine in virtual time and keeps all that came of it. Timers that the machine sets go off by
 * themselves; in between, an independent validator looks at the messages after every single event.
 *
 *   caller-likely-finished "text"
 *   caller-turn "text" [endpointing ms]     caller-speech start | end | words "text"      interrupt [UP_TO]
 *   text-delta "text"                       step-end REASON [truncated | queue MS | tokens N]   step-failed CODE
 *   tool-call NAME {arguments} [#id]        tool-call-failed NAME {arguments} "message"   tool-call-start
 *   tool-settled [#id] {result}             tool-settled [#id] failed FAILURE {result}    tool-progress [#id] "text"
 *   tool-settled [#id] say "text"           tool-settled [#id] hang-up | hold | transfer "to" tool-settled [#id] journal {..}
 *   tool-settled [#id] hand-off [none | summary [ABOUT]] "to"              tool-settled [#id] say-and-hand-off TO "words"
 *   tool-settled [#id] end-task finished {result} | HOW                    task-begin [#id] MOST_TURNS ["ask"]
 *   playback-start N                        heard N CHARACTERS | heard N "as far as this" [exactly]   playback-idle
 *   playback-stalled QUIET_MS [can-speak]   speech-failed N CODE                          outage "reason"
 *   ear-up yes | no                         facts "text" | none | problem "why"           answer-extra {"message":..,"calls":..}
 *   timer NAME     digit D     say "text" ["then hang up, why"]   hang-up ["reason"]      transfer-failed "why"    wait
 *
 * Events of a step carry the generation of the newest step, with `@N` that of the Nth. Calls are named `call_1`,
 * `call_2`, ... in the order of the script unless an `#id` is given; a `tool-settled` without one means the call that has
 * been running longest. The first `tool-call` of a step is preceded by its `tool-call-start`, as the model promises.
 */
import type { Message, ToolCall } from '../../../src/model/contract.ts';
import type { TaskEnd, ToolFacts, ToolFailure, ToolOutcome } from '../../../src/tool/contract.ts';
import {
  TIMER_NAMES,
  type StepFacts,
  type TimerName,
  type TurnEffect,
  type TurnEvent,
  type TurnEventOf,
  type TurnReport,
} from '../../../src/turn/contract.ts';
import { TurnMachine } from '../../../src/turn/machine.ts';
import {
  Phrases,
  TurnOptions,
  type MachineOptions,
  type Persona,
  type PhrasesInput,
  type TurnOptionsInput,
} from '../../../src/turn/options.ts';
import { readScript, type Argument, type ScriptLine } from './script.ts';
import { SimulatedSpeaker, type SimulatedSpeakerOptions } from './speaker.ts';
import { HistoryWatch } from '../../../src/testing/checks/rules/messages.ts';

export const INSTRUCTIONS = 'You are the voice of Acme.';

/** The tools of the scripts: one of each kind. */
export const CAST: readonly ToolFacts[] = [
  {
    name: 'lookup_order',
    effect: 'read',
    filler: ['One moment while I look.', 'Let me see what I have.'],
    progress: ['Still looking.', 'The order system is slow today.'],
  },
  { name: 'find_slots', effect: 'read', filler: [], progress: [] },
  { name: 'book_slot', effect: 'write', filler: ['I am booking it.', 'I will put you down.'], progress: [] },
  { name: 'send_sms', effect: 'write', filler: [], progress: [] },
  { name: 'end_call', effect: 'terminal', filler: [], progress: [] },
  { name: 'transfer_call', effect: 'terminal', filler: [], progress: [] },
  { name: 'wait_on_hold', effect: 'terminal', filler: [], progress: [] },
];

/** A tool that is a conversation, and what it has in it. */
export const TASK: ToolFacts = {
  name: 'take_order',
  effect: 'write',
  filler: ['Let me ask you something.', 'I have a question.'],
  progress: [],
  waitsForCaller: true,
  isTask: true,
};
export const OF_TASK: readonly ToolFacts[] = [
  ...CAST.slice(0, 1),
  ...CAST.slice(3, 5),
  { name: 'finish', effect: 'write', filler: [], progress: [] },
  TASK,
];

export interface PlayOptions {
  /** Its name, of an agent that has a team. */
  agent?: string;
  /** Whom it may hand the caller to, by its names for them. */
  team?: Readonly<Record<string, string>>;
  /** The other agents. */
  others?: readonly PlayOptions[];
  instructions?: string;
  /** Default: none. */
  greeting?: string;
  facts?: string;
  /** They are yet to come, and waited for so long. */
  factsWithinMs?: number;
  /** Default `CAST`. */
  tools?: readonly ToolFacts[];
  turn?: TurnOptionsInput;
  phrases?: PhrasesInput;
  /** That is listened for. Default `en`. */
  language?: string;
  /** Default `emitted`, or `reported` when there is a speaker. */
  heardBy?: MachineOptions['heardBy'];
  /** Who plays what is said, when it is `reported`. Default: nobody, the script tells what was heard. */
  speaker?: SimulatedSpeakerOptions;
  /** `fire` (default): timers go off when they are due. `scripted`: only by `timer NAME`. */
  timers?: 'fire' | 'scripted';
}

type EffectType = TurnEffect['type'];
type EffectOf<Type extends EffectType> = Extract<TurnEffect, { type: Type }>;
type ReportType = TurnReport['type'];
type ReportOf<Type extends ReportType> = Extract<TurnReport, { type: Type }>;
export type Timed<T> = T & { atMs: number };

/** Plays `script` from the start of a call. `go` plays on from where it ended. */
export function play(script: string, options: PlayOptions = {}): Playback {
  return new Playback(options).go(script);
}

/** What a machine is built from in these tests. */
export function machineOptions(options: PlayOptions = {}): MachineOptions {
  const { others } = options;
  return {
    ...personaOf(options),
    ...(others && { others: others.map(personaOf) }),
    heardBy: options.heardBy ?? (options.speaker ? 'reported' : 'emitted'),
  };
}

function personaOf(options: PlayOptions): Persona {
  return {
    ...(options.agent !== undefined && { agent: options.agent, team: options.team ?? {} }),
    instructions: options.instructions ?? INSTRUCTIONS,
    greeting: options.greeting,
    tools: options.tools ?? CAST,
    turn: TurnOptions.parse(options.turn ?? {}),
    phrases: Phrases.parse(options.phrases ?? {}),
    language: options.language,
  };
}

export class Playback {
  readonly options: MachineOptions;
  readonly machine: TurnMachine;
  readonly watch: HistoryWatch;
  readonly #speaker: SimulatedSpeaker | undefined;
  readonly #firesTimers: boolean;
  readonly #timers = new Map<TimerName, number>();
  readonly #effects: Timed<TurnEffect>[] = [];
  readonly #events: Timed<TurnEvent>[] = [];
  readonly #history: { atMs: number; messages: readonly Message[] }[] = [];
  /** Generations of the steps requested so far, in order. */
  readonly #generations: number[] = [];
  /** Calls that run, longest first. */
  #running: string[] = [];
  #callCount = 0;
  #hasCallStarted = false;
  #nowMs = 0;

  constructor(options: PlayOptions = {}) {
    this.options = machineOptions(options);
    this.machine = new TurnMachine(this.options);
    this.watch = new HistoryWatch(this.options, options.facts);
    this.#speaker = options.speaker && new SimulatedSpeaker(options.speaker);
    this.#firesTimers = options.timers !== 'scripted';
    const { facts, factsWithinMs } = options;
    this.#hand({
      type: 'call-start',
      ...(facts === undefined ? {} : { facts }),
      ...(factsWithinMs === undefined ? {} : { factsWithinMs }),
    });
  }

  go(script: string): this {
    for (const line of readScript(script, this.#nowMs)) {
      this.#advanceTo(line.atMs);
      for (const event of this.#eventsOf(line)) this.#hand(event);
    }
    return this;
  }

  /** What the world was asked to do at that millisecond: reports and timers have lists of their own. */
  at(ms: number): TurnEffect[] {
    return this.#effects.filter(isDeed).flatMap(({ atMs, ...effect }) => (atMs === ms ? [effect] : []));
  }

  /** The first effect of that type. */
  find<Type extends EffectType>(type: Type): Timed<EffectOf<Type>> | undefined {
    return this.all(type)[0];
  }

  all<Type extends EffectType>(type: Type): Timed<EffectOf<Type>>[] {
    return this.#effects.filter((effect): effect is Timed<EffectOf<Type>> => effect.type === type);
  }

  reports<Type extends ReportType>(type: Type): Timed<ReportOf<Type>>[] {
    return this.all('report').flatMap(({ atMs, event }) =>
      event.type === type ? [{ ...(event as ReportOf<Type>), atMs }] : [],
    );
  }

  get requests(): Timed<EffectOf<'request-step'>>[] {
    return this.all('request-step');
  }

  /** Every piece that was said: `[at, text, kind]`. */
  get said(): [atMs: number, text: string, kind: string][] {
    return this.all('say').map(({ atMs, text, kind }) => [atMs, text, kind]);
  }

  /** All words said, one piece after the other. */
  get speech(): string {
    return this.all('say')
      .map(({ text }) => text)
      .join('|');
  }

  get effects(): readonly Timed<TurnEffect>[] {
    return this.#effects;
  }

  get events(): readonly Timed<TurnEvent>[] {
    return this.#events;
  }

  get messages(): readonly Message[] {
    return this.machine.messages;
  }

  /** As they were after the last event at or before `ms`. */
  messagesAt(ms: number): readonly Message[] {
    return this.#history.findLast(({ atMs }) => atMs <= ms)?.messages ?? [];
  }

  /** The messages that are not the system's first ones, in short: `user: hello`, `tool call_1: {}`. */
  get talk(): string[] {
    return shortly(this.machine.messages);
  }

  /** Timers that are set, with the time at which they are due. */
  get timers(): ReadonlyMap<TimerName, number> {
    return this.#timers;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  // ---- time

  #advanceTo(atMs: number): void {
    for (let count = 0; ; count++) {
      if (count > 20_000)
        throw new Error(`The machine sets timers without end: ${[...this.#timers.keys()].join(', ')}`);
      const timer = this.#nextTimer();
      const speakerAtMs = this.#speaker?.nextAtMs;
      const nextMs = Math.min(timer?.[1] ?? Infinity, speakerAtMs ?? Infinity);
      if (nextMs > atMs) break;
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      if (speakerAtMs !== undefined && speakerAtMs <= nextMs) {
        this.#listen(nextMs);
      } else if (timer) {
        this.#timers.delete(timer[0]);
        this.#hand({ type: 'timer', timer: timer[0] });
      }
    }
    this.#nowMs = atMs;
    this.#listen(atMs);
  }

  #listen(atMs: number): void {
    for (let told = this.#speaker?.tellNext(atMs); told; told = this.#speaker?.tellNext(atMs))
      this.#handNow(told.event);
  }

  #nextTimer(): [name: TimerName, dueMs: number] | undefined {
    if (!this.#firesTimers) return undefined;
    let next: [TimerName, number] | undefined;
    for (const timer of this.#timers) if (!next || timer[1] < next[1]) next = timer;
    return next;
  }

  // ---- events and effects

  #hand(event: TurnEvent): void {
    if (mayInterrupt(event)) {
      this.#listen(this.#nowMs);
      const heard = this.#speaker?.heardNow();
      if (heard) this.#handNow(heard);
    }
    this.#handNow(event);
  }

  #handNow(event: TurnEvent): void {
    const atMs = this.#nowMs;
    this.#events.push({ ...event, atMs });
    const effects = this.machine.handle(event, atMs);
    for (const effect of effects) this.#carryOut(effect);
    this.#history.push({ atMs, messages: structuredClone(this.machine.messages) });
    const problems = this.watch.look(event, effects, this.machine.messages);
    if (problems.length > 0) {
      throw new Error(`After ${JSON.stringify(event)} at ${atMs} ms:\n  ${problems.join('\n  ')}\n${this.#story()}`);
    }
  }

  #carryOut(effect: TurnEffect): void {
    this.#effects.push({ ...effect, atMs: this.#nowMs });
    this.#speaker?.apply(effect, this.#nowMs);
    switch (effect.type) {
      case 'request-step':
        this.#generations.push(effect.generation);
        this.#hasCallStarted = false;
        break;
      case 'run-tool':
        this.#running.push(effect.call.id);
        break;
      case 'set-timer':
        this.#timers.delete(effect.timer); // a timer that is set again goes behind the others
        if (effect.afterMs !== null) this.#timers.set(effect.timer, this.#nowMs + effect.afterMs);
        break;
      default:
    }
  }

  /** What the machine's messages were when something was wrong with them. */
  #story(): string {
    return shortly(this.machine.messages, 0)
      .map((line) => `    ${line}`)
      .join('\n');
  }

  // ---- the verbs of a script

  #eventsOf(line: ScriptLine): TurnEvent[] {
    const { verb, args } = line;
    const texts = args.flatMap((arg) => (arg.kind === 'text' ? [arg.text] : []));
    const text = texts[0];
    const json = args.find((arg) => arg.kind === 'object')?.json;
    const words = args.flatMap((arg) => (arg.kind === 'word' ? [arg.word] : []));
    switch (verb) {
      case 'wait':
        return [];
      case 'caller-turn':
        return [
          {
            type: 'caller-turn',
            text: needed(text, line),
            ...(words[0] === undefined ? {} : { endpointingMs: Number(words[0]) }),
          },
        ];
      case 'say':
        return [
          {
            type: 'say',
            text: needed(text, line),
            ...(texts[1] !== undefined && { thenHangUp: texts[1] }),
            ...(texts[2] !== undefined && { thenTransfer: texts[2] }),
          },
        ];
      case 'caller-likely-finished':
        return [{ type: 'caller-likely-finished', text: needed(text, line) }];
      case 'caller-speech': {
        const phase = needed(words[0], line);
        if (phase !== 'start' && phase !== 'words' && phase !== 'end') throw wrong(line);
        return [{ type: 'caller-speech', phase, ...(text === undefined ? {} : { words: text }) }];
      }
      case 'interrupt':
        return [{ type: 'interrupt', ...(words[0] !== undefined && { upTo: Number(words[0]) }) }];
      case 'text-delta':
        return [{ type: 'text-delta', generation: this.#generation(line), delta: needed(text, line) }];
      case 'text-taken-back':
        return [{ type: 'text-taken-back', generation: this.#generation(line) }];
      case 'tool-call-start':
        this.#hasCallStarted = true;
        return [{ type: 'tool-call-start', generation: this.#generation(line) }];
      case 'tool-call':
      case 'tool-call-failed':
        return this.#call(line, verb, needed(words[0], line), json ?? text ?? '{}', text);
      case 'step-end': {
        const reason = words[0];
        if (
          reason !== 'stop' &&
          reason !== 'length' &&
          reason !== 'tool_calls' &&
          reason !== 'content_filter' &&
          reason !== 'unknown'
        )
          throw wrong(line);
        const isTruncated = words[1] === 'truncated';
        const queueMs = words[1] === 'queue' ? Number(words[2]) : 0;
        const usage =
          words[1] === 'tokens' ? { promptTokens: Number(words[2]), completionTokens: 10, cachedTokens: 0 } : undefined;
        return [
          {
            type: 'step-end',
            generation: this.#generation(line),
            finishReason: reason,
            isTruncated,
            facts: { ...stepFacts(), queueMs, usage },
          },
        ];
      }
      case 'step-failed': {
        const code = needed(words[0], line);
        return [
          {
            type: 'step-failed',
            generation: this.#generation(line),
            code,
            message: text ?? `electron: ${code}`,
            facts: stepFacts(),
          },
        ];
      }
      case 'tool-settled': {
        const callId = this.#callId(args, line);
        this.#running = this.#running.filter((id) => id !== callId);
        return [{ type: 'tool-settled', callId, outcome: outcomeOf(words, text, json, line), durationMs: 100 }];
      }
      case 'task-begin':
        return [
          {
            type: 'task-begin',
            callId: this.#callId(args, line),
            instructions: 'Ask.',
            tools: OF_TASK,
            maxTurns: Number(needed(words[0], line)),
            ...(text !== undefined && { ask: text }),
          },
        ];
      case 'tool-progress':
        return [{ type: 'tool-progress', callId: this.#callId(args, line), text: needed(text, line) }];
      case 'playback-start':
        return [{ type: 'playback-start', utterance: Number(words[0]) }];
      case 'heard': {
        const utterance = Number(words[0]);
        const characters = text === undefined ? Number(words[1]) : text.length;
        return [{ type: 'heard', utterance, characters, ...(words.includes('exactly') && { isExact: true }) }];
      }
      case 'playback-idle':
        return [{ type: 'playback-idle' }];
      case 'timer':
        return [this.#ring(line, words[0])];
      case 'digit':
        return [{ type: 'digit', digit: needed(words[0] ?? text ?? (args.length > 0 ? '#' : undefined), line) }];
      case 'playback-stalled':
        return [{ type: 'playback-stalled', quietMs: Number(words[0]), canSpeak: words[1] === 'can-speak' }];
      case 'speech-failed': {
        const code = needed(words[1], line);
        const message = `lightning: ${code}`;
        return [{ type: 'speech-failed', utterance: Number(words[0]), code, message, requestId: undefined }];
      }
      case 'facts':
        if (words[0] === 'problem') return [{ type: 'facts', problem: needed(text, line) }];
        return [text === undefined ? { type: 'facts' } : { type: 'facts', text }];
      case 'answer-extra': {
        const extra = JSON.parse(needed(json, line)) as Pick<TurnEventOf<'answer-extra'>, 'message' | 'calls'>;
        return [{ type: 'answer-extra', generation: this.#generation(line), ...extra }];
      }
      case 'ear-up':
        return [{ type: 'ear-up', isUp: words[0] === 'yes' }];
      case 'outage':
        return [{ type: 'outage', reason: needed(text, line) }];
      case 'transfer-failed':
        return [{ type: 'transfer-failed', message: needed(text, line) }];
      case 'hang-up':
        return [{ type: 'hang-up', reason: text ?? 'caller-hung-up' }];
      default:
        throw wrong(line);
    }
  }

  #call(
    line: ScriptLine,
    type: 'tool-call' | 'tool-call-failed',
    name: string,
    args: string,
    text: string | undefined,
  ): TurnEvent[] {
    const generation = this.#generation(line);
    const id = line.args.find((arg) => arg.kind === 'id')?.id ?? `call_${++this.#callCount}`;
    const call: ToolCall = { id, name, arguments: args };
    const isFirst = !this.#hasCallStarted && line.step === undefined;
    if (isFirst) this.#hasCallStarted = true;
    return [
      ...(isFirst ? [{ type: 'tool-call-start' as const, generation }] : []),
      type === 'tool-call'
        ? { type, generation, call }
        : { type, generation, call: { ...call, arguments: '{}' }, message: needed(text, line) },
    ];
  }

  #ring(line: ScriptLine, name: string | undefined): TurnEvent {
    const timer = needed(
      TIMER_NAMES.find((other) => other === name),
      line,
    );
    this.#timers.delete(timer);
    return { type: 'timer', timer };
  }

  #generation(line: ScriptLine): number {
    const generation = line.step === undefined ? this.#generations.at(-1) : this.#generations[line.step - 1];
    if (generation === undefined) throw new Error(`No such step was requested: \`${line.source}\``);
    return generation;
  }

  #callId(args: Argument[], line: ScriptLine): string {
    return needed(args.find((arg) => arg.kind === 'id')?.id ?? this.#running[0], line);
  }
}

export function stepFacts(): StepFacts {
  return { usage: undefined, requestId: undefined, firstTokenMs: undefined, queueMs: 0, attempts: 1 };
}

/** Events before which a shell says exactly what has been heard. */
export function mayInterrupt({ type }: TurnEvent): boolean {
  return (
    type === 'caller-turn' ||
    type === 'caller-speech' ||
    type === 'interrupt' ||
    type === 'digit' ||
    type === 'timer' ||
    type === 'hang-up'
  );
}

/** A list of messages in a few words each; the first `from` are left out. */
export function shortly(messages: readonly Message[], from = 1): string[] {
  return messages.slice(from).map((message) => {
    switch (message.role) {
      case 'tool':
        return `tool ${message.tool_call_id}: ${message.content}`;
      case 'assistant': {
        const calls = (message.tool_calls ?? []).map((call) => `${call.function.name}#${call.id}`);
        return [`assistant: ${message.content ?? '-'}`, ...calls].join(' + ');
      }
      default:
        return `${message.role}: ${message.content}`;
    }
  });
}

function isDeed(effect: TurnEffect): boolean {
  return effect.type !== 'report' && effect.type !== 'set-timer';
}

function outcomeOf(words: string[], text: string | undefined, json: string | undefined, line: ScriptLine): ToolOutcome {
  switch (words[0]) {
    case undefined:
      return { ok: true, content: needed(json, line) };
    case 'say':
      return { ok: true, content: JSON.stringify({ said: text }), say: needed(text, line) };
    case 'journal':
      return { ok: true, content: needed(json, line), isFromJournal: true };
    case 'hang-up':
      return { ok: true, content: '{"ok":true}', control: { type: 'hang-up', reason: text ?? 'agent-ended' } };
    case 'hold':
      return { ok: true, content: '{"ok":true}', control: { type: 'hold' } };
    case 'transfer':
      return { ok: true, content: '{"ok":true}', control: { type: 'transfer', to: needed(text, line) } };
    case 'hand-off': {
      const context = words[1] === 'none' || words[1] === 'summary' ? words[1] : 'all';
      const about = words[2] === undefined ? {} : { about: words[2] };
      return {
        ok: true,
        content: '{"done":"hand-off"}',
        control: { type: 'hand-off', to: needed(text, line), context, ...about },
      };
    }
    case 'say-and-hand-off':
      return {
        ok: true,
        content: '{"done":"hand-off"}',
        say: needed(text, line),
        control: { type: 'hand-off', to: needed(words[1], line), context: 'all' },
      };
    case 'end-task': {
      const how = needed(words[1], line) as TaskEnd['how'];
      const end = how === 'finished' ? { how, content: needed(json, line) } : { how };
      return { ok: true, content: JSON.stringify({ done: how }), control: { type: 'end-task', end } };
    }
    case 'failed': {
      const failure = needed(words[1], line) as ToolFailure;
      return { ok: false, content: json ?? JSON.stringify({ error: failure }), failure };
    }
    default:
      throw wrong(line);
  }
}

function needed<T>(value: T | undefined, line: ScriptLine): T {
  if (value === undefined) throw wrong(line);
  return value;
}

function wrong(line: ScriptLine): Error {
  return new Error(`Cannot play \`${line.source}\``);
}
