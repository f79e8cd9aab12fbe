/** A recorded call as it is now, when it goes another way at some instant: as it was until then, and what it does there. Pure. */
import { saidEvent, toEvent, type CallEvent, type EventBody } from '../../call/events.ts';
import type { ReplayedEvent } from '../../record/machine-log.ts';
import type { CallResult, CallSound } from '../../testing/result.ts';
import { toolUsesIn } from '../../testing/tool-uses.ts';
import type { TurnEffect } from '../../turn/contract.ts';
import { sentRequestsIn } from '../machine-requests.ts';

interface Place {
  /** What its machine was told before. */
  before: readonly ReplayedEvent[];
  atMs: number;
  /** What it does there. */
  effects: readonly TurnEffect[];
  /** Of the machine as it is now. */
  machine: string;
}

export function callUntil(recorded: CallResult, { before, atMs, effects, machine }: Place): CallResult {
  const { callId, caller, sound, heard, agentSound, end: _, ...rest } = recorded;
  const told = before.reduce((sum, event) => sum + toldBy(event.effects).length, 0);
  const now = toldBy(effects).map((body) => ({ ...body, callId, atMs: Math.round(atMs) }));
  const events = [...eventsUntil(recorded.events, told), ...now];
  const isBefore = ({ fromMs }: { fromMs: number }) => fromMs < atMs;
  return {
    ...{ ...rest, callId, events, machine, tools: toolUsesIn(events), requests: sentRequestsIn(machine) },
    caller: caller.filter(isBefore),
    ...(heard && { heard: heard.filter(isBefore) }),
    ...(agentSound && { agentSound: agentSound.filter(isBefore) }),
    ...(sound && { sound: soundUntil(sound, atMs) }),
  };
}

/** What a machine's effects are told as; an error, and the end, is told by others too. */
function toldBy(effects: readonly TurnEffect[]): EventBody[] {
  return effects.flatMap((effect) => {
    if (effect.type === 'say') return [saidEvent(effect)];
    if (effect.type !== 'report' || effect.event.type === 'call-end' || effect.event.type === 'error') return [];
    return [toEvent(effect.event)];
  });
}

/** What only the call tells, and not its machine. */
const OF_THE_LINE: ReadonlySet<CallEvent['type']> = new Set([
  ...(['call-start', 'call-end', 'answered-by', 'caller-speech-start', 'caller-speech-end', 'transcript'] as const),
  ...(['sensitive-start', 'sensitive-end', 'reply-audio-start', 'reply-audio-end', 'reply-audio-paused'] as const),
  ...(['reply-audio-resumed', 'transfer', 'transfer-progress', 'vendor-change', 'error'] as const),
]);

/** Up to the last of so many that its machine has told: by their times alone those of one instant cannot be told apart. */
function eventsUntil(events: readonly CallEvent[], told: number): CallEvent[] {
  let left = told;
  const end = events.findIndex(({ type }) => !OF_THE_LINE.has(type) && --left < 0);
  return end === -1 ? [...events] : events.slice(0, end);
}

function soundUntil({ sampleRateHz, caller, agent }: CallSound, atMs: number): CallSound {
  const samples = Math.round((atMs * sampleRateHz) / 1_000);
  return { sampleRateHz, caller: caller.subarray(0, samples), agent: agent.subarray(0, samples) };
}
