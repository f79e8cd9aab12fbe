/**
 * Dead air: stretches with no sound of either while the agent owes one, which is from the caller's last sound until the last
 * sound of its turn. What it waited for is its cause. Silence after the agent has finished is the caller's, and so is that in
 * which a tool waits for what they do.
 */
import type { Silence, SilenceCause } from '../../page/picture.ts';
import { readEvents } from '../../page/read-events.ts';
import type { CallResult, SoundStretch } from '../result.ts';
import { eventsOf, isIn, isUtterance, nextOfCaller, soundsOf, turnOverMs, utterancesIn, type Scope } from '../scope.ts';
import { overlapMs, silencesIn } from '../sound.ts';

/** Of one turn, in order; on a line of text there is none. */
export function deadAirIn(scope: Scope): SoundStretch[] {
  const { call, fromMs, turn } = scope;
  if (!call.agentSound || turn === 0) return [];
  const own = soundsOfTurn(scope);
  const nextMs = nextOfCaller(scope, fromMs);
  const endMs = turn === undefined ? undefined : turnOverMs(call, turn);
  const toMs = own.at(-1)?.toMs ?? Math.min(nextMs, endMs ?? Infinity);
  const owed = { fromMs, toMs: Math.min(toMs, nextMs, lastMs(call)) };
  return silencesIn(owed, [...soundsOfBoth(call, owed), ...waitsForCaller(call)]);
}

/** What the caller said and no turn was ever made of, though they waited: from its end until they said more, or were gone. */
export function unansweredIn(scope: Scope): SoundStretch[] {
  const { call } = scope;
  if (!call.agentSound || call.visible === 'outside') return [];
  const starts = eventsOf(call, 'turn-start').map(({ atMs }) => atMs);
  return utterancesIn(scope).flatMap(({ toMs: fromMs }) => {
    const toMs = Math.min(nextOfCaller(scope, fromMs), lastMs(call));
    if (starts.some((atMs) => atMs >= fromMs && atMs <= toMs)) return [];
    return silencesIn({ fromMs, toMs }, soundsOfBoth(call, { fromMs, toMs })).slice(0, 1);
  });
}

/** What the silences of a call waited for, each part with its cause, as far as that is known: found once for all of them. */
export const waitsIn = ({ events }: CallResult): Silence[] =>
  readEvents(events).scenes.flatMap(({ silences }) => silences);

/** How much of a silence went where, the longest first. */
export function causesOf(waits: readonly Silence[], silence: SoundStretch): { cause: SilenceCause; ms: number }[] {
  const byCause = new Map<SilenceCause, number>();
  for (const part of waits) {
    const ms = overlapMs(part, silence);
    if (ms > 0) byCause.set(part.cause, (byCause.get(part.cause) ?? 0) + ms);
  }
  return [...byCause].map(([cause, ms]) => ({ cause, ms })).toSorted((one, other) => other.ms - one.ms);
}

/** The agent's sounds that begin in a turn, before it was over or the caller said more; in order, told apart from 20 ms of silence on. */
export function soundsOfTurn(scope: Scope): SoundStretch[] {
  const { call, turn } = scope;
  const endMs = turn === undefined ? undefined : turnOverMs(call, turn);
  const untilMs = Math.min(endMs ?? Infinity, nextOfCaller(scope, scope.fromMs));
  return (call.agentSound ?? []).filter(({ fromMs }) => isIn(scope, fromMs) && fromMs <= untilMs);
}

/** Those that lie in `within`, if only in part. */
export function soundsOfBoth({ agentSound = [], caller }: CallResult, within: SoundStretch): SoundStretch[] {
  const touches = (stretch: SoundStretch) => overlapMs(stretch, within) > 0;
  return [...agentSound.filter(touches), ...caller.filter(touches).flatMap(soundsOf)];
}

/** While one of these runs, the agent owes nothing. */
export function waitsForCaller({ tools, end }: CallResult): SoundStretch[] {
  return tools
    .filter((tool) => tool.waitsForCaller)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? end?.atMs ?? Infinity }));
}

/** The end of the call or, of one that goes on, the last that is known of it. */
function lastMs({ end, events, caller, agentSound = [] }: CallResult): number {
  if (end) return end.atMs;
  const voice = caller.filter(isUtterance).at(-1)?.toMs ?? 0;
  return Math.max(events.at(-1)?.atMs ?? 0, voice, agentSound.at(-1)?.toMs ?? 0);
}
