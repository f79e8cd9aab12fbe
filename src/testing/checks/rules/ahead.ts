/** R24, as the judge reads it: what is asked ahead is neither heard nor done before its turn is sure, and then all of it at once. */
import type { Message } from '../../../model/contract.ts';
import type { TurnEffect, TurnEvent } from '../../../turn/contract.ts';
import { lookAtAsking } from './after.ts';
import { takeDown } from './before.ts';
import { letters } from './ledger.ts';
import type { Early, JudgedCall, Kept, Step } from './state.ts';

/** What may come of an answer whose turn is not sure. */
const OF_AHEAD = new Set<TurnEffect['type']>([
  'prepare',
  'unprepare',
  'run-tool',
  'set-timer',
  'cancel-tool',
  'report',
]);

/** Whether this event is of the answer that was asked ahead. */
export function isOfAhead({ early }: JudgedCall, event: TurnEvent): boolean {
  if (!early) return false;
  if ('generation' in event) return event.generation === early.generation;
  return (event.type === 'tool-settled' || event.type === 'tool-progress') && early.reads.has(event.callId);
}

/** Nothing of it is heard, and it only reads. */
export function lookAtEarly(state: JudgedCall, event: TurnEvent, effects: readonly TurnEffect[]): void {
  const { early } = state;
  if (!early) return;
  early.events.push(event);
  if (event.type === 'text-delta') early.said += event.delta;
  for (const effect of effects) {
    if (!OF_AHEAD.has(effect.type)) state.wrong(`R24: \`${effect.type}\` for a turn that is not sure`);
    if (effect.type === 'run-tool' && effect.effect !== 'read')
      state.wrong(`R24: a ${effect.effect} for a turn that is not sure`);
  }
}

export function lookAtAskingAhead(
  state: JudgedCall,
  { generation, turn, messages, priority }: Extract<TurnEffect, { type: 'request-step' }>,
): void {
  if (state.early) state.wrong('R24: two answers are asked ahead');
  if (state.turn !== undefined || state.openGeneration !== undefined) state.wrong('R24: asked ahead in a turn');
  if (!state.isHeard) state.wrong('R24: asked ahead while the agent is heard');
  if (state.options.heardBy !== 'reported') state.wrong('R24: asked ahead where nobody hears a voice');
  if (priority !== 'speculation') state.wrong(`R24: asked ahead as \`${priority}\``);
  if (turn !== state.turns + 1) state.wrong(`R24: asked ahead for turn ${turn} after ${state.turns}`);
  if (++state.askedAhead > state.options.turn.aheadRequests) state.wrong('R24: asked ahead too often');
  if (generation <= state.newestGeneration) state.wrong(`R12: generation ${generation} is not new`);
  if (state.areFactsAwaited) state.wrong('R23: a request goes out before the facts of the call');
  state.newestGeneration = generation;
  const text = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  state.early = { generation, text, said: '', reads: new Set(), messages, events: [] };
}

/** What became of it is told. */
export function endEarly(state: JudgedCall, outcome: string): void {
  const { early } = state;
  state.early = undefined;
  if (!early) return state.wrong('R24: an end of what was not asked ahead');
  if (outcome === 'kept') return keep(state, early);
  if (state.isPrepared) state.wrong('R24: what was made sound of is left');
  const settled = early.events.flatMap((event) => (event.type === 'tool-settled' ? [event.callId] : []));
  for (const id of early.reads) {
    if (!settled.includes(id) && !state.cancelled.has(id)) state.wrong(`R24: \`${id}\` reads on for nothing`);
    state.running.delete(id);
    state.cancelled.add(id);
    state.ran.delete(id); // of a turn that never was
  }
}

/** It happens now, as if it had just come. */
function keep(state: JudgedCall, early: Early): void {
  state.isPrepared = false;
  state.openGeneration = early.generation;
  state.stepsInTurn = 1;
  const step: Step = {
    toolChoice: state.options.turn.maxSteps === 1 ? 'none' : 'auto',
    calls: 0,
    running: new Set(early.reads),
    hasEnded: false,
    hasTerminal: false,
    hasWords: false,
    hasText: false,
  };
  state.step = step;
  let isAsking = false;
  for (const event of early.events) isAsking = takeDown(state, event, state.nowMs) || isAsking;
  state.kept = { early, step, isAsking };
  wasTold(state, early.messages);
}

/** All that is there goes out in that tick. */
export function lookAtKept(state: JudgedCall, { early, step, isAsking }: Kept, effects: readonly TurnEffect[]): void {
  const isModel = (kind: string) => kind === 'answer' || kind === 'filler';
  const said = effects.flatMap((effect) => (effect.type === 'say' && isModel(effect.kind) ? [effect.text] : []));
  if (letters(said.join('')) !== letters(early.said))
    state.wrong(`R24: \`${early.said}\` was there, and \`${said.join('')}\` is said`);
  if (isAsking && step === state.step) lookAtAsking(state, step, effects);
}

/** R14: results that stand in a request are told. */
export function wasTold(state: JudgedCall, messages: readonly Message[]): void {
  if (state.unsent.size === 0) return;
  const texts = messages.map(({ content }) => content ?? '');
  for (const [id, { token }] of state.unsent) if (texts.some((text) => text.includes(token))) state.unsent.delete(id);
}
