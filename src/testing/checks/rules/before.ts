/** What the judge takes down of an event before it looks at what came of it. */
import { backchannelsOf } from '../../../turn/backchannel.ts';
import type { TurnEffect, TurnEvent } from '../../../turn/contract.ts';
import { has, tokenOf, type JudgedCall } from './state.ts';

/** Takes down what happened. Returns whether the newest step may now have all that its next request needs. */
export function takeDown(state: JudgedCall, event: TurnEvent, atMs: number): boolean {
  switch (event.type) {
    case 'text-delta':
      if (state.step) state.step.hasText ||= event.delta.trim() !== '';
      return false;
    case 'text-taken-back':
      if (state.step) state.step.hasText = false;
      return false;
    case 'step-end':
    case 'step-failed':
      state.openGeneration = undefined;
      if (state.step) state.step.hasEnded = true;
      return true;
    case 'tool-settled': {
      const { callId, outcome } = event;
      const run = state.running.get(callId);
      if (!state.running.delete(callId) || !run) return false;
      if (!outcome.ok && (outcome.failure === 'invalid-arguments' || outcome.failure === 'unknown-tool'))
        state.invalid++;
      if (outcome.ok ? !outcome.control : outcome.failure !== 'cancelled')
        // what is asked for is no news
        state.unsent.set(callId, {
          token: tokenOf(outcome.content),
          isLate: run.turn !== state.turn,
          sinceMs: atMs,
        });
      if (!state.step?.running.delete(callId)) return false;
      state.step.hasWords ||= outcome.ok && outcome.say !== undefined;
      state.step.hasTerminal ||= outcome.ok && outcome.control !== undefined; // R27: a handover of a tool of any effect
      return true;
    }
    case 'tool-call':
      if (!state.step) return false;
      state.step.calls++;
      state.step.hasTerminal ||= state.effectOf.get(event.call.name) === 'terminal' || state.isTask(event.call.name);
      return false;
    case 'tool-call-failed':
      if (state.step) state.step.calls++;
      state.invalid++;
      return false;
    case 'task-begin':
      state.beginnings.set(event.callId, event.tools);
      return false;
    case 'call-start':
      state.areFactsAwaited = event.factsWithinMs !== undefined;
      return false;
    case 'facts':
      state.areFactsAwaited = false;
      return false;
    case 'caller-speech':
      if (event.phase !== 'words') state.isCallerSpeaking = event.phase === 'start';
      if (event.phase === 'start') state.voiceBegan = state.isAnswering ? 'over an answer' : 'in silence';
      return false;
    case 'caller-turn':
      state.isCallerSpeaking = false;
      state.listened = listenedBy(state, event.text);
      state.voiceBegan = undefined;
      return false;
    case 'interrupt':
      if (event.upTo !== undefined) state.voiceBegan = undefined; // a line has stopped for it
      return false;
    case 'playback-idle':
      state.isStalled = false;
      state.isPaused = false; // a line that cannot be paused has gone on
      return false;
    case 'outage':
      state.isBrokenOff = true;
      return false;
    case 'playback-stalled':
      state.isStalled = true;
      return false;
    case 'playback-start':
      state.isStalled = false;
      return false;
    case 'speech-failed':
      state.isBrokenOff ||= ++state.failures >= 2; // a voice that fails again is a call that cannot go on
      return false;
    case 'transfer-failed':
      state.isTransferring = false;
      return false;
    case 'hang-up':
      state.hasHungUp = true;
      return false;
    case 'timer':
      state.timers.delete(event.timer);
      if (event.timer === 'facts') state.areFactsAwaited = false;
      state.isBrokenOff ||= event.timer === 'longest-call'; // the caller is said goodbye to
      return false;
    default:
      return false;
  }
}

/** R11: it goes by when the voice began. Over a question they may be its answer, and what went on into an answer is beside it. */
function listenedBy(state: JudgedCall, text: string): JudgedCall['listened'] {
  const { heardBy, language } = state.options;
  if (heardBy === 'emitted' || !backchannelsOf(language).isBackchannel(text)) return undefined;
  if (state.voiceBegan === 'over an answer') return state.hasQuestion ? undefined : 'beside';
  return state.voiceBegan === 'in silence' && !state.isAnswering ? 'a turn' : undefined;
}

/** Of a voice. What begins to play and is held back in that instant has not sounded. */
export function hearSound(
  state: JudgedCall,
  event: TurnEvent,
  effects: readonly TurnEffect[],
  isAudible: boolean,
): void {
  if (state.options.heardBy !== 'reported') return;
  const isHeldBack = event.type === 'playback-start' && (has(effects, 'pause') || has(effects, 'clear'));
  const isBegun = event.type === 'playback-start' ? !isHeldBack && !state.isPaused : isAudible;
  state.hasSounded ||= isBegun || (event.type === 'heard' && event.characters > 0);
  state.mayHaveSounded ||= has(effects, 'resume');
}
