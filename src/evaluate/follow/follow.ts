/**
 * A recorded call once more, with the agent as it is now. Its machine is told what it was told then, at the same instants: what
 * the caller said, pressed and heard, what the model answered and what tools brought, for as long as it asks and does the same.
 * Where it does not, it is another call: what differs is told, and there it ends.
 */
import type { Agent } from '../../call/agent.ts';
import { teamOptions } from '../../call/team-options.ts';
import { VoiceError } from '../../lib/errors.ts';
import { replayMachine, type ReplayedEvent } from '../../record/machine-log.ts';
import type { CallResult } from '../../testing/result.ts';
import type { ToolOutcome } from '../../tool/contract.ts';
import type { MachineOptions } from '../../turn/options.ts';
import { MachineNow, type Parting } from './machine-now.ts';
import { callUntil } from './until.ts';
import { ToolsNow } from './tools-now.ts';

/** Where a call goes another way than the recorded one. */
export interface Divergence {
  /** In milliseconds since the call's start. */
  atMs: number;
  turn: number;
  /** A sentence without its end. */
  what: string;
  /** What is said, or what the model is told, is other, and nothing else: `goOn` can go on. */
  isOfWords?: boolean;
}

/** By whom the model's part of a turn was said. */
export type AnsweredBy = 'recording' | 'model';

export interface WentOn {
  /** Where the words became others. */
  from: Divergence;
  /** By turn. */
  answeredBy: ReadonlyMap<number, AnsweredBy>;
}

/** Both calls. */
export interface Followed {
  recorded: CallResult;
  /** As it is now: to its end, or until it goes another way. */
  now: CallResult;
  /** Undefined: it went the same way to its end. */
  divergence: Divergence | undefined;
  /** Of one that was gone on with past a place at which only words were other. */
  wentOn?: WentOn;
  /** What has changed that a recording cannot show. */
  notes: string[];
}

/**
 * @param agent As it is now.
 * @throws {VoiceError} `recording-invalid`, when what its machine was told was not recorded, or by another Parley
 */
export function follow(recorded: CallResult, agent: Agent): Followed {
  const tape = readTape(recorded);
  const machine = new MachineNow(recorded.callId, optionsNow(agent, tape.options, recorded));
  const tools = new ToolsNow(agent, tape.outcomes);
  const notes = settingsUnseen(tape.options, agent);
  for (const [index, heard] of tape.events.entries()) {
    const parting = machine.hear(heard) ?? partingOfTools(heard, tools);
    if (!parting) continue;
    const { atMs, turn, what, isOfWords } = parting;
    const before = tape.events.slice(0, index);
    const now = callUntil(recorded, { before, atMs, effects: parting.effects, machine: machine.log });
    return {
      recorded,
      now,
      divergence: { atMs: Math.round(atMs), turn, what, ...(isOfWords && { isOfWords }) },
      notes,
    };
  }
  const divergence = tape.broken;
  return { recorded, now: { ...recorded, machine: machine.log }, divergence, notes };
}

// ---- the recording --------------------------------------------------------------------------------------------------

interface Tape {
  /** What its machine was built from. */
  options: MachineOptions;
  events: readonly ReplayedEvent[];
  /** By the call's id, what came of each tool. */
  outcomes: ReadonlyMap<string, ToolOutcome>;
  /** Where this Parley goes another way than the one that recorded it, whatever the agent. */
  broken: Divergence | undefined;
}

function readTape({ machine }: CallResult): Tape {
  if (machine === undefined)
    throw new VoiceError('recording-invalid', 'expected machine.jsonl, which has what the call was made of');
  const events: ReplayedEvent[] = [];
  const { difference } = replayMachine(machine, (event) => void events.push(event));
  const [first] = events;
  if (!first) throw new VoiceError('recording-invalid', 'expected machine.jsonl to have events, got none');
  const outcomes = events.flatMap(({ event }) =>
    event.type === 'tool-settled' ? [[event.callId, event.outcome] as const] : [],
  );
  const broken = difference && {
    ...{ atMs: Math.round(difference.atMs), turn: 0 },
    what: `Parley itself goes another way than the one that recorded this (\`parley replay\` shows it)`,
  };
  return { options: first.options, events, outcomes: new Map(outcomes), broken };
}

// ---- the agent ------------------------------------------------------------------------------------------------------

/** As the call's machine would be built now; what belongs to the call and not to the agent stays. */
function optionsNow(agent: Agent, was: MachineOptions, { events }: CallResult): MachineOptions {
  const start = events.find((event) => event.type === 'call-start');
  const isGreetedAsEver = start?.direction !== 'outbound' && start?.earlierCallId === undefined;
  return {
    ...{ ...agent.machine, ...teamOptions(agent), heardBy: was.heardBy },
    greeting: isGreetedAsEver ? agent.machine.greeting : was.greeting,
    ...(was.pressed && { pressed: was.pressed }),
  };
}

/** Of these a machine knows nothing: when a turn ended, and when a word was heard, is told to it. */
const OF_EAR_AND_VOICE = ['endpointMs', 'leastEndpointMs', 'mostEndpointMs', 'leadMs'] as const;

function settingsUnseen({ turn: was }: MachineOptions, { machine: { turn } }: Agent): string[] {
  return OF_EAR_AND_VOICE.filter((name) => turn[name] !== was[name]).map(
    (name) =>
      `\`turn.${name}\` was ${was[name]}, and is ${turn[name]}: a recording has when turns ended and words were heard, and cannot show what that changes`,
  );
}

/** A call that the machine makes as it did may be one that its tool does not take as it did. */
function partingOfTools({ effects, atMs }: ReplayedEvent, tools: ToolsNow): Parting | undefined {
  for (const effect of effects) {
    const what = tools.hear(effect);
    if (what !== undefined)
      return { atMs, turn: effect.type === 'run-tool' ? effect.turn : 0, what, isOfWords: false, effects };
  }
  return undefined;
}
