/** The part of a call that a check or a metric looks at, and what lies in it. */
import type { CallEvent, CallEventType } from '../call/events.ts';
import { joined } from './sound.ts';
import type { CallResult, CallerStretch, HeardWord, SoundStretch, Turn } from './result.ts';

export type EventOf<Type extends CallEventType> = Extract<CallEvent, { type: Type }>;
export type Utterance = Extract<CallerStretch, { kind: 'utterance' }>;

/** All of a call, or one turn of it. */
export interface Scope extends SoundStretch {
  call: CallResult;
  /** Undefined for the whole call. */
  turn: number | undefined;
}

/** What a check was given, as the part of the call that it is. */
export function scopeOf(call: CallResult | Turn): Scope {
  if ('call' in call) return { call: call.call, turn: call.number, fromMs: call.fromMs, toMs: call.toMs };
  return { call, turn: undefined, fromMs: -Infinity, toMs: Infinity };
}

export const isIn = ({ fromMs, toMs }: SoundStretch, atMs: number): boolean => atMs >= fromMs && atMs < toMs;

/** Those of one type. */
export function eventsOf<Type extends CallEventType>({ events }: CallResult, type: Type): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

/** The end of a turn; undefined while it goes on. Looked for once a turn and more: the search ends where it is found. */
export const turnEndOf = ({ events }: CallResult, number: number): EventOf<'turn-end'> | undefined =>
  events.find((event): event is EventOf<'turn-end'> => event.type === 'turn-end' && event.turn === number);

/** When a turn was over; undefined while it goes on. Of a call that is only heard: when its caller took it to be. */
export function turnOverMs(call: CallResult, number: number): number | undefined {
  if (call.visible === 'inside') return turnEndOf(call, number)?.atMs;
  return call.caller.filter(isUtterance)[number - 1]?.doneMs;
}

export const isUtterance = (stretch: CallerStretch): stretch is Utterance => stretch.kind === 'utterance';

/** What the caller said that begins in this part of the call. */
export const utterancesIn = (scope: Scope): Utterance[] =>
  scope.call.caller.filter(isUtterance).filter(({ fromMs }) => isIn(scope, fromMs));

/** Where the caller's sounds lie: an utterance is silent in its labelled pauses. */
export function soundsOf(stretch: CallerStretch): SoundStretch[] {
  if (stretch.kind === 'keys') return [];
  const pauses = isUtterance(stretch) ? (stretch.pauses ?? []) : [];
  const edges = [stretch.fromMs, ...pauses.flatMap(({ fromMs, toMs }) => [fromMs, toMs]), stretch.toMs];
  return edges.flatMap((fromMs, index) =>
    index % 2 === 0 ? [{ fromMs, toMs: edges[index + 1] ?? stretch.toMs }] : [],
  );
}

/** The agent's words of this part of the call; undefined where the sound cannot be understood. */
export function heardIn(scope: Scope): HeardWord[] | undefined {
  const { call, turn } = scope;
  if (turn === undefined) return call.heard;
  return call.heard?.filter((word) => (word.turn === undefined ? isIn(scope, word.fromMs) : word.turn === turn));
}

/** The agent's stretches of sound, pauses within speech closed. */
export const agentStretches = ({ agentSound }: CallResult): SoundStretch[] => joined(agentSound ?? []);

/** The caller says the next thing, or the call ends. */
export function nextOfCaller({ call, toMs }: Scope, fromMs: number): number {
  const next = call.caller.find((stretch) => isUtterance(stretch) && stretch.fromMs > fromMs)?.fromMs ?? Infinity;
  return Math.min(next, toMs, call.end?.atMs ?? Infinity);
}
