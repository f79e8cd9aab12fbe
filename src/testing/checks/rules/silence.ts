/** What must happen in time: nobody is left in silence (R17), and no result waits for ever (R14). */
import type { JudgedCall } from './state.ts';

/** How much later than asked timers may be. */
const TIMER_SLACK_MS = 250;
/** So long the caller may wait for being asked, once a line has stopped for them. */
const CUT_IN_MS = 4_000;

/** R17: while a turn runs the caller is not left in silence for longer than the ladder allows. */
export function lookAtSilence(state: JudgedCall, atMs: number): void {
  if (!state.isSilent || state.isGone || state.isTransferring || state.isAnswered) return;
  if (state.hasSpokenInTurn && [...state.running.values()].some(({ waitsForCaller }) => waitsForCaller)) {
    state.silentSinceMs = atMs; // until then it was theirs
    return;
  }
  const { silenceMs, progressMs } = state.options.turn;
  const mostMs = (state.hasSpokenInTurn ? Math.max(silenceMs, progressMs) : silenceMs) + TIMER_SLACK_MS;
  const silentMs = atMs - state.silentSinceMs;
  if (silentMs > mostMs) state.wrong(`R17: silent for ${silentMs} ms, at most ${mostMs}`);
}

/** R14: a late result does not wait for ever for a caller who is silent. */
export function lookAtWaiting(state: JudgedCall, atMs: number): void {
  if (state.unsent.size === 0 || !state.isQuiet || state.isGone || state.isTransferring || state.isBrokenOff) return;
  if (state.below.length > 0) return; // R28: results of who began a task are told once that is over
  const mostMs = state.options.turn.lateResultMs + TIMER_SLACK_MS;
  for (const [id, { isLate, sinceMs }] of state.unsent) {
    const waitedMs = atMs - Math.max(sinceMs, state.quietSinceMs);
    if (isLate && waitedMs > mostMs) state.wrong(`R14: the result of \`${id}\` has waited for ${waitedMs} ms`);
  }
}

/** R17: who cut in and said nothing is not left alone. */
export function lookAtCutIn(state: JudgedCall, atMs: number): void {
  if (!state.isQuiet || state.isGone || state.isTransferring || state.isBrokenOff) return;
  const waitedMs = atMs - Math.max(state.cutInAtMs ?? Infinity, state.quietSinceMs);
  if (waitedMs > CUT_IN_MS + TIMER_SLACK_MS)
    state.wrong(`R17: the caller cut in, and hears nothing for ${waitedMs} ms`);
}

/** R4, R7: a turn that runs is waiting for something. */
export function lookAtStandstill(state: JudgedCall, owesIdle: boolean): void {
  if (state.turn === undefined || state.isGone || state.isTransferring) return;
  const isHeld = state.held !== undefined && state.nowMs <= state.held.untilMs + TIMER_SLACK_MS;
  const isFed = state.areFactsAwaited || isHeld;
  const waits = state.running.size > 0 || !state.isHeard || state.isPaused || owesIdle || isFed;
  if (state.openGeneration === undefined && !waits) state.wrong(`R4: turn ${state.turn} waits for nothing`);
}
