/**
 * False stops: a backchannel, a cough or a noise over the agent's words after which it did not finish its sentence. A pause
 * that it goes on from is none; how long it held still is told.
 */
import type { CallResult, SoundStretch } from '../result.ts';
import { agentStretches, eventsOf, isIn, nextOfCaller, type Scope } from '../scope.ts';
import { FINEST_GAP_MS } from '../sound.ts';
import { endsSentence } from '../words.ts';

/** A stop within this is one for what was heard. */
const STOPS_WITHIN_MS = 3_000;

export interface OverAgent {
  atMs: number;
  what: string;
  /** The agent did not finish its sentence. */
  isStop: boolean;
  /** How long it was silent before it went on; 0 when it never paused. */
  heldMs: number;
}

/** Every backchannel and noise that began while the agent sounded. */
export function soundsOverAgentIn(scope: Scope): OverAgent[] {
  const sounds = agentStretches(scope.call);
  return scope.call.caller.flatMap((stretch) => {
    if (stretch.kind === 'utterance' || stretch.kind === 'keys' || !isIn(scope, stretch.fromMs)) return [];
    const { fromMs: atMs, what } = stretch;
    if (!sounds.some(({ fromMs, toMs }) => fromMs < atMs && toMs > atMs)) return [];
    const untilMs = Math.min(atMs + STOPS_WITHIN_MS, nextOfCaller(scope, atMs));
    const held = holdIn(scope.call, { fromMs: atMs, toMs: untilMs });
    return [{ atMs, what, isStop: isStopIn(scope.call, { fromMs: atMs, toMs: untilMs }), heldMs: held }];
  });
}

/** The first silence that begins in `within`, until the agent sounds again; 0 when it does not, or never paused. */
function holdIn({ agentSound = [] }: CallResult, within: SoundStretch): number {
  const index = agentSound.findIndex(({ toMs }) => isIn(within, toMs));
  const [before, after] = [agentSound[index], agentSound[index + 1]];
  if (!before || !after || after.fromMs > within.toMs) return 0;
  const heldMs = after.fromMs - before.toMs;
  return heldMs >= FINEST_GAP_MS ? heldMs : 0;
}

/** The agent says so itself or, of one that is only heard, it broke off in the middle of a sentence. */
function isStopIn(call: CallResult, within: SoundStretch): boolean {
  if (call.visible === 'inside') return eventsOf(call, 'interruption').some(({ atMs }) => isIn(within, atMs));
  const stop = agentStretches(call).find(({ toMs }) => isIn(within, toMs));
  const goesOn = call.agentSound?.some(({ fromMs }) => stop && fromMs > stop.toMs && fromMs < within.toMs);
  const last = call.heard?.findLast(({ toMs }) => stop && toMs <= stop.toMs + FINEST_GAP_MS);
  return stop !== undefined && !goesOn && last !== undefined && !endsSentence(last.text);
}
