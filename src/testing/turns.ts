/**
 * The turns of a call, each a view of it: from the end of the caller's voice until they have said the next thing. Made of
 * the events where those are known; of a call that is only heard, of what the caller said.
 */
import { deadAirIn } from './metrics/dead-air.ts';
import { answerLatencyOf, firstSoundOf } from './metrics/latency.ts';
import { toldAfter } from './metrics/true-history.ts';
import { yieldsIn } from './metrics/yields.ts';
import type { CallResult, SoundStretch, Turn, TurnInterruption } from './result.ts';
import { isFiller, saidIn, type SaidPiece } from './said.ts';
import { eventsOf, heardIn, isUtterance, soundsOf, turnEndOf, type EventOf, type Scope } from './scope.ts';
import { lengthMs } from './sound.ts';
import { wordsOf } from './words.ts';

/** The turns that a check has to look at; the greeting is none. */
export function turnsIn(call: CallResult | Turn): Turn[] {
  return 'call' in call ? [call] : turnsOf(call).filter(({ number }) => number > 0);
}

/** All turns of a call so far, the greeting (0) first where there was one. */
export function turnsOf(call: CallResult): Turn[] {
  const begun = call.visible === 'inside' ? begunByEvents(call) : begunByVoice(call);
  const said = saidIn(call.events);
  const begins = said.some(({ turn }) => turn === 0) ? [{ number: 0, said: '', fromMs: 0 }, ...begun] : begun;
  return begins.map((begin, index) => {
    const toMs = begins[index + 1]?.fromMs ?? Infinity;
    return viewOf(call, { ...begin, toMs }, said);
  });
}

interface Begin {
  number: number;
  said: string;
  fromMs: number;
}

function begunByEvents(call: CallResult): Begin[] {
  const starts = eventsOf(call, 'turn-start');
  return starts.map((start, index) => ({
    number: start.turn,
    said: start.text,
    fromMs: voiceEndBefore(call, start, starts[index - 1]?.atMs ?? -Infinity),
  }));
}

const begunByVoice = ({ caller }: CallResult): Begin[] =>
  caller.filter(isUtterance).map(({ text, toMs }, index) => ({ number: index + 1, said: text, fromMs: toMs }));

/**
 * The end of what the caller said, before a turn was made of it; of a turn that nothing was said for, when it began. A sound
 * longer ago was of a turn before.
 */
function voiceEndBefore(call: CallResult, { atMs, turn }: EventOf<'turn-start'>, beforeMs: number): number {
  const recent = call.caller.filter(isUtterance).filter(({ fromMs, toMs }) => fromMs <= atMs && toMs > beforeMs);
  const ends = recent.flatMap(soundsOf).map(({ toMs }) => toMs);
  const spoken = ends.filter((toMs) => toMs <= atMs && toMs > beforeMs);
  const last = spoken.at(-1);
  if (last !== undefined) return last;
  const endpointingMs = turnEndOf(call, turn)?.latency.silence.endpointingMs ?? 0;
  return Math.max(0, beforeMs, atMs - endpointingMs);
}

function viewOf(
  call: CallResult,
  { number, said, fromMs, toMs }: Begin & SoundStretch,
  all: readonly SaidPiece[],
): Turn {
  const scope: Scope = { call, turn: number, fromMs, toMs };
  const end = turnEndOf(call, number);
  const pieces = all.filter(({ turn }) => turn === number);
  const first = firstSoundOf(scope);
  const answerMs = answerLatencyOf(scope);
  const interruption = interruptionOf(scope);
  const turn: Omit<Turn, 'call'> = {
    number,
    agent: agentOf(call, number),
    said,
    text: textOf(pieces),
    heard: heardOf(scope, end),
    filler: textOf(pieces.filter(({ kind }) => isFiller(kind))),
    tools: call.tools.filter((tool) => tool.turn === number),
    ...(end && { outcome: end.outcome, silence: end.latency.silence }),
    ...(typeof first === 'object' && { latencyMs: first.ms }),
    ...(answerMs !== undefined && { answerMs }),
    deadAirMs: deadAirIn(scope).reduce((sum, silence) => sum + lengthMs(silence), 0),
    ...(interruption && { interruption }),
    fromMs,
    toMs,
  };
  return Object.defineProperty(turn, 'call', { value: call, enumerable: false }) as Turn;
}

/** The one to whom the caller was last handed before it. */
const agentOf = (call: CallResult, turn: number): string =>
  eventsOf(call, 'agent-change').findLast((change) => change.turn < turn)?.to ?? call.agent;

const textOf = (pieces: readonly SaidPiece[]): string =>
  pieces
    .map(({ text }) => text.trim())
    .join(' ')
    .trim();

/** From the sound where it is understood, else as the call knows it. */
function heardOf(scope: Scope, end: EventOf<'turn-end'> | undefined): string {
  const words = heardIn(scope);
  if (words === undefined) return end?.heard ?? '';
  return words.map(({ text }) => text).join(' ');
}

function interruptionOf(scope: Scope): TurnInterruption | undefined {
  const event = eventsOf(scope.call, 'interruption').find(({ turn }) => turn === scope.turn);
  if (!event) return undefined;
  const yields = yieldsIn(scope).filter(({ atMs }) => atMs <= event.atMs);
  const heardWords = heardIn(scope)?.length ?? wordsOf(event.heard).length;
  const toldWords = wordsOf(toldAfter(scope.call, event)?.text ?? event.heard).length;
  const yieldMs = yields.at(-1)?.yieldMs;
  return { atMs: event.atMs, ...(yieldMs !== undefined && { yieldMs }), heardWords, toldWords };
}
