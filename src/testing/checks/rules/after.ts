/** What must have come of an event: what is said, asked and let go of, by the rules. */
import type { TurnEffect, TurnEvent } from '../../../turn/contract.ts';
import { has, plainWords, type JudgedCall, type Step } from './state.ts';

/** So long a turn may wait for a line to say that it has stopped. */
const LATE_STOP_MS = 150;
/** A caller's turn with this word in it is no backchannel: it must be answered. */
const IN_EARNEST = /\bplease\b/;

export function lookAtOutcome(state: JudgedCall, event: TurnEvent, effects: readonly TurnEffect[]): void {
  switch (event.type) {
    case 'text-delta': {
      const said = effects.flatMap((effect) => (effect.type === 'say' ? [effect.text] : []));
      if (said.length === 0 && event.delta.trim() === '') return; // white space before a word need not be said
      if (said.length !== 1 || said[0] !== event.delta)
        state.wrong(`R1: expected \`${event.delta}\` to be said once, got ${JSON.stringify(said)}`);
      return;
    }
    case 'tool-call-start':
    case 'step-end':
    case 'step-failed':
      if (event.type === 'tool-call-start' && state.step?.toolChoice === 'none') return; // no filler: the last words
      if (!state.isFlushed) state.wrong(`R2: after ${event.type} the text before it has not been flushed`);
      return;
    case 'tool-call': {
      const effect = state.effectOf.get(event.call.name);
      const runs = effects.filter(({ type }) => type === 'run-tool').length;
      if (state.step?.toolChoice === 'none' && runs > 0) state.wrong('R8: a call of the last step was run');
      if (state.step?.toolChoice !== 'auto' || state.invalid >= 2 || effect === undefined) return;
      if (effect !== 'terminal' && !state.isTask(event.call.name) && runs !== 1)
        state.wrong(`R3: ${runs} runs of \`${event.call.name}\` in its tick`);
      return;
    }
    case 'interrupt':
      if (state.isGone || state.isTransferring || state.isBrokenOff) return;
      if (effects.some((effect) => effect.type === 'report' && effect.event.type === 'turn-start')) return; // answered before
      if (state.turn !== undefined || state.openGeneration !== undefined)
        state.wrong('R12: the turn goes on after an interruption');
      if (!state.isHeard && (!state.isLine || event.upTo !== undefined))
        state.wrong('R12: words are left to be heard after an interruption');
      if (event.upTo !== undefined) state.cutInAtMs = state.nowMs;
      return lookAtReads(state, 'an interruption');
    case 'caller-turn': {
      if (state.isGone || state.isTransferring || state.isBrokenOff) return;
      lookAtListening(state, effects);
      if (!IN_EARNEST.test(event.text)) return;
      if (state.areFactsAwaited || state.held) return;
      const request = effects.find((effect) => effect.type === 'request-step');
      const last = state.kept?.early.text ?? request?.messages.findLast(({ role }) => role === 'user')?.content ?? '';
      if (!plainWords(last).endsWith(plainWords(event.text))) state.wrong('R12: what the caller said is not asked');
      return;
    }
    case 'hang-up':
      if (state.openGeneration !== undefined) state.wrong('R20: the open step was not aborted');
      lookAtReads(state, 'the hang-up');
      return lookAtEnd(state);
    case 'tool-settled':
      return state.hasHungUp ? lookAtEnd(state) : undefined;
    default:
  }
}

/** R11: a listener's word is no turn, even when the agent has ended before it is known to be a whole one. */
function lookAtListening(state: JudgedCall, effects: readonly TurnEffect[]): void {
  const begins = effects.some((effect) => effect.type === 'report' && effect.event.type === 'turn-start');
  if (state.listened === 'beside' && begins) state.wrong("R11: a listener's word is a turn of its own");
  if (state.listened === 'a turn' && !begins && !state.isOnHold)
    state.wrong('R11: what was said in silence is no turn');
}

/** R4: with its last result, and its end, a step asks for the next one in that tick. */
export function lookAtAsking(state: JudgedCall, step: Step, effects: readonly TurnEffect[]): void {
  if (state.isGone || step.toolChoice === 'none' || step.calls === 0 || step.hasTerminal) return;
  if (!step.hasEnded || step.running.size > 0) return;
  if (step.hasWords ? !has(effects, 'say') : !has(effects, 'request-step'))
    state.wrong('R4: all results are in, and nothing is asked for');
}

/** A turn that began over what a line speaks waits for a moment whether that has stopped. */
export function lookForHeld(state: JudgedCall, effects: readonly TurnEffect[]): void {
  if (!state.isLine || has(effects, 'request-step')) return;
  for (const effect of effects) {
    if (effect.type !== 'report' || effect.event.type !== 'turn-start') continue;
    state.held = { text: effect.event.text, untilMs: state.nowMs + LATE_STOP_MS };
  }
}

/** R12: the line has stopped in words from before this turn, which goes on, and asks if it has waited for that. */
export function lookAtGoingOn(state: JudgedCall, hadTurn: boolean, effects: readonly TurnEffect[]): void {
  if (state.isGone || state.isTransferring || state.isBrokenOff) return;
  if (hadTurn && state.turn === undefined)
    state.wrong('R12: a turn was ended by a line that had not come to anything of it');
  if (state.held && !state.areFactsAwaited && !has(effects, 'request-step'))
    state.wrong('R12: the line has stopped, and the turn that waited for it does not ask');
}

/** R13: nothing that only reads goes on after this. */
export function lookAtReads(state: JudgedCall, what: string): void {
  for (const [id, { effect }] of state.running)
    if (effect === 'read' && !state.cancelled.has(id)) state.wrong(`R13: \`${id}\` reads on after ${what}`);
}

/** R20: with nothing left to wait for the call has ended, in that tick. */
export function lookAtEnd(state: JudgedCall): void {
  const isWriting = [...state.running.values()].some(({ effect }) => effect !== 'read');
  if (!isWriting && !state.hasEnded) state.wrong('R20: nothing runs any more, and the call has not ended');
}
