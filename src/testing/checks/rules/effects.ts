/** What a machine may ask for, effect by effect, and in which order. */
import type { Message } from '../../../model/contract.ts';
import type { TurnEffect, TurnEvent, TurnReport } from '../../../turn/contract.ts';
import { endEarly, lookAtAskingAhead, wasTold } from './ahead.ts';
import { isOfCaller, tokenOf, type JudgedCall } from './state.ts';

/** What must not be asked for once the line is being given up. */
const ALIVE = new Set<TurnEffect['type']>([
  ...(['say', 'flush', 'prepare', 'request-step', 'run-tool', 'transfer', 'pause', 'resume'] as const),
]);

export function lookAtEffect(state: JudgedCall, effect: TurnEffect, event: TurnEvent, atMs: number): void {
  if (state.isGone && ALIVE.has(effect.type)) state.wrong(`R20: \`${effect.type}\` after the hang-up`);
  if (state.isOnHold && speaksUp(effect)) state.wrong(`\`${effect.type}\` while the agent is on hold`);
  switch (effect.type) {
    case 'request-step':
      return effect.isAhead ? lookAtAskingAhead(state, effect) : lookAtRequest(state, effect);
    case 'prepare':
      state.isPrepared = true;
      if (!state.early) state.wrong('R24: made sound of what was not asked ahead');
      return;
    case 'unprepare':
      if (!state.isPrepared) state.wrong('R24: threw away what was not prepared');
      state.isPrepared = false;
      return;
    case 'abort-step':
      if (effect.generation === state.early?.generation) return;
      if (effect.generation !== state.openGeneration)
        state.wrong(`R12: aborted ${effect.generation}, open is ${state.openGeneration ?? 'none'}`);
      state.openGeneration = undefined;
      return;
    case 'say':
      return lookAtSay(state, effect, atMs);
    case 'flush':
      if (effect.utterance === state.ahead) {
        state.ahead = undefined;
        return;
      }
      if (effect.utterance !== state.utterance || state.isFlushed)
        state.wrong(`R6: flushed utterance ${effect.utterance}, open is ${state.utterance}`);
      state.isFlushed = true;
      return;
    case 'clear':
      if (state.isLine && event.type !== 'interrupt' && !state.isGone)
        state.wrong('R12: what a line that speaks by itself was given was taken back');
      if (state.isStalled) state.isBrokenOff ||= ++state.failures >= 2; // nor did these words come
      state.isStalled = false;
      state.isPaused = false;
      state.isFlushed = true;
      return;
    case 'pause':
      if (state.isPaused || (state.isHeard && state.turn === undefined && !state.owedIdle))
        state.wrong('R11: paused what does not play');
      state.isPaused = true;
      return;
    case 'resume':
      if (!state.isPaused) state.wrong('R11: resumed what was not paused');
      state.isPaused = false;
      return;
    case 'run-tool':
      return lookAtRun(state, effect, event);
    case 'cancel-tool': {
      const running = state.running.get(effect.callId);
      if (!running || running.effect === 'write') state.wrong(`R13: cancelled a ${running?.effect ?? 'settled'} call`);
      if (state.cancelled.has(effect.callId)) state.wrong(`R13: cancelled \`${effect.callId}\` twice`);
      state.cancelled.add(effect.callId);
      state.step?.running.delete(effect.callId);
      return;
    }
    case 'set-timer':
      if (effect.afterMs === null) state.timers.delete(effect.timer);
      else if (Number.isFinite(effect.afterMs) && effect.afterMs >= 0) state.timers.add(effect.timer);
      else state.wrong(`R17: a timer of ${effect.afterMs} ms`);
      return;
    case 'begin-task':
      if (state.turn === undefined || state.openGeneration !== undefined)
        state.wrong('R28: a task begins between turns');
      if (!state.isHeard) state.wrong('R28: a task begins before the words before it were heard');
      if (state.below.length >= 3) state.wrong('R28: a task in a task in a task in a task');
      return state.beginTask(effect.callId);
    case 'end-task':
      return lookAtEndOfTask(state, effect, atMs);
    case 'agent-change':
      if (state.turn !== undefined || state.step) state.wrong('R27: another agent in the middle of a turn');
      if (!state.isHeard) state.wrong('R27: handed over before the words before were heard');
      return state.become(effect.agent);
    case 'hang-up':
    case 'transfer':
      if (!state.isHeard) state.wrong(`R19: ${effect.type} before the words before it were heard`);
      if (effect.type === 'hang-up') state.isHangingUp = true;
      else state.isTransferring = true;
      return;
    case 'report':
      return lookAtReport(state, effect.event, event, atMs);
  }
}

/** On hold nobody is asked or told anything, but for what the program itself has said, and a goodbye. */
const speaksUp = (effect: TurnEffect): boolean =>
  effect.type === 'request-step' || effect.type === 'prepare' || (effect.type === 'say' && effect.kind !== 'verbatim');

export function lookAtRequest(
  state: JudgedCall,
  { generation, turn, step, toolChoice, messages }: Extract<TurnEffect, { type: 'request-step' }>,
): void {
  if (state.openGeneration !== undefined) state.wrong('R4: two steps are open');
  const { text } = state.held ?? { text: '' };
  if (!messages.some(({ role, content }) => text === '' || (role === 'user' && content?.includes(text))))
    state.wrong('R12: what the caller said over the line is not asked');
  state.wasJoined = state.takenBack !== undefined;
  if (state.takenBack !== undefined) lookAtTakenBack(state, state.takenBack.text, messages);
  state.held = state.cutInAtMs = state.takenBack = undefined;
  if (state.areFactsAwaited) state.wrong('R23: a request goes out before the facts of the call');
  if (generation <= state.newestGeneration) state.wrong(`R12: generation ${generation} is not new`);
  if (turn !== state.turn) state.wrong(`R4: a request for turn ${turn} in turn ${state.turn ?? 'none'}`);
  if (step !== ++state.stepsInTurn) state.wrong(`R4: expected step ${state.stepsInTurn}, got ${step}`);
  const { maxSteps } = state.options.turn;
  if (step > maxSteps) state.wrong(`R8: step ${step} of at most ${maxSteps}`);
  if (step === maxSteps && toolChoice !== 'none') state.wrong('R8: the last step may call tools');
  state.openGeneration = state.newestGeneration = generation;
  state.step = {
    toolChoice,
    calls: 0,
    running: new Set(),
    hasEnded: false,
    hasTerminal: false,
    hasWords: false,
    hasText: false,
  };
  wasTold(state, messages);
}

/** R25: what the caller had said is asked, with what followed in the same message unless something stands behind it. */
function lookAtTakenBack(state: JudgedCall, text: string, messages: readonly Message[]): void {
  const words = messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])).join(' ');
  if (!words.includes(text)) state.wrong(`R25: \`${text}\` was taken back, and is not asked`);
  const last = text.split(' ').slice(-3).join(' ');
  const at = messages.findLastIndex(({ role, content }) => role === 'user' && content?.includes(last));
  if (messages[at]?.content?.endsWith(last) && messages[at + 1]?.role === 'user')
    state.wrong(`R25: what followed \`${text}\` has a message of its own`);
}

export function lookAtRun(
  state: JudgedCall,
  { call, effect, turn }: Extract<TurnEffect, { type: 'run-tool' }>,
  event: TurnEvent,
): void {
  if (state.ran.has(call.id)) state.wrong(`R15: \`${call.id}\` was run twice`);
  if (effect === 'terminal' || state.isTask(call.name)) {
    if (!state.isHeard) state.wrong('R19: a terminal tool ran before the words before it were heard');
    if (event.type === 'tool-call') state.wrong('R19: a terminal tool ran before its step had ended');
    const others = [...(state.step?.running ?? [])].filter((id) => state.running.get(id)?.effect !== 'terminal');
    if (others.length > 0) state.wrong(`R19: a terminal tool ran beside ${others.join(', ')}`);
  } else if (event.type !== 'tool-call' && !state.kept) state.wrong(`R3: \`${call.id}\` was run by ${event.type}`);
  state.ran.add(call.id);
  const facts = state.options.tools.find(({ name }) => name === call.name);
  state.running.set(call.id, { effect, turn, waitsForCaller: facts?.waitsForCaller === true });
  if (state.early) state.early.reads.add(call.id);
  else state.step?.running.add(call.id);
}

export function lookAtSay(state: JudgedCall, effect: Extract<TurnEffect, { type: 'say' }>, atMs: number): void {
  state.cutInAtMs = undefined;
  state.firstOfTurn = Math.min(state.firstOfTurn, effect.utterance);
  state.hasSounded ||= state.options.heardBy !== 'reported'; // it is shown, or spoken whatever comes
  if (effect.text === '') state.wrong('R1: nothing was said, aloud');
  state.hasQuestion ||= /[?？؟か]/u.test(effect.text);
  lookAtPhrase(state, effect);
  state.silentSinceMs = atMs;
  state.hasSpokenInTurn = true;
  if (effect.isAhead) {
    if (effect.utterance <= state.utterance) state.wrong(`R6: utterance ${effect.utterance} is not new`);
    state.ahead = effect.utterance; // what it overtakes may stay open
    return;
  }
  const isSame = effect.utterance === state.utterance;
  if (effect.utterance < state.utterance) state.wrong(`R6: utterance ${effect.utterance} after ${state.utterance}`);
  if (isSame && state.isFlushed) state.wrong(`R6: more was said in utterance ${effect.utterance}, which was flushed`);
  if (!isSame && !state.isFlushed) state.wrong(`R6: utterance ${state.utterance} was never flushed`);
  state.utterance = effect.utterance;
  state.isFlushed = false;
}

export function lookAtPhrase(state: JudgedCall, { kind, text }: Extract<TurnEffect, { type: 'say' }>): void {
  if (kind === 'recovery') state.step = undefined; // given up
  const { outage, handover } = state.options.phrases;
  state.isBrokenOff ||= outage.includes(text) || handover.includes(text);
  if (kind === 'answer') return;
  const isFiller = kind === 'tool-filler' || kind === 'progress';
  if (isFiller && text === state.lastPhrase) state.wrong(`R16: \`${text}\` twice in a row`);
  state.lastPhrase = text; // of whatever kind: with another phrase between them, two are not in a row
}

export function lookAtReport(state: JudgedCall, report: TurnReport, event: TurnEvent, atMs: number): void {
  switch (report.type) {
    case 'turn-start':
      if (state.turn !== undefined) state.wrong(`R12: turn ${report.turn} began in turn ${state.turn}`);
      if (report.turn !== state.turns + 1) state.wrong(`R4: turn ${report.turn} after ${state.turns}`);
      state.turn = state.turns = report.turn;
      state.voiceBegan = undefined;
      state.hasQuestion = false;
      state.firstOfTurn = Infinity;
      state.cutInAtMs = undefined;
      state.stepsInTurn = 0;
      state.invalid = 0;
      if (state.handedOverAtMs !== atMs) {
        state.hasSpokenInTurn = false;
        state.silentSinceMs = atMs;
      }
      if (report.text !== '') state.handovers = 0;
      state.askedAhead = 0;
      state.isAsked = report.text !== '';
      state.hasSounded = state.mayHaveSounded = false;
      return;
    case 'agent-change':
      return lookAtHandover(state, report, atMs);
    case 'hold-start':
      if (!state.isHeard) state.wrong('R19: on hold before the words before it were heard');
      state.isOnHold = true;
      return;
    case 'hold-end':
      if (!state.isOnHold) state.wrong('a hold ended that had not begun');
      state.isOnHold = false;
      return;
    case 'ahead-end':
      return endEarly(state, report.outcome);
    case 'turn-taken-back':
      state.voiceBegan = undefined;
      if (report.turn !== state.turn || !state.isAsked) state.wrong('R25: took back what the caller has not asked');
      if (state.hasSounded) state.wrong('R25: took back what the caller has heard something of');
      if (!isOfCaller(event) && event.type !== 'playback-start' && event.type !== 'timer')
        state.wrong(`R25: taken back by ${event.type}`);
      state.takenBack = report;
      state.takenBackInARow++;
      return;
    case 'turn-end':
      if (state.isAsked && !state.hasSounded && !state.mayHaveSounded && isOfCaller(event) && !state.takenBack)
        state.wrong('R25: the caller went on before anything was audible, and the turn was not taken back');
      if (report.turn !== state.turn) state.wrong(`R7: turn ${report.turn} ended in turn ${state.turn ?? 'none'}`);
      if (state.openGeneration !== undefined && !state.hasHungUp) state.wrong('R7: a turn ended with a step open');
      if (state.takenBack?.turn !== report.turn) {
        state.takenBack = undefined;
        state.takenBackInARow = 0;
      }
      state.turn = undefined;
      state.step = undefined;
      return;
    case 'tool-start':
      state.started.add(report.id);
      return;
    case 'tool-end':
      if (!state.started.has(report.id)) state.wrong(`R9: \`${report.id}\` ended, and was never reported to start`);
      if (state.ended.has(report.id)) state.wrong(`R14: the end of \`${report.id}\` was reported twice`);
      state.ended.add(report.id);
      return;
    case 'call-end':
      if (state.hasEnded) state.wrong('R20: the end was reported twice');
      if ([...state.running.values()].some(({ effect }) => effect === 'write'))
        state.wrong('R20: the call ended while a write was running');
      state.hasEnded = true;
      return;
    case 'interruption':
      if (event.type === 'tool-settled' || 'generation' in event) state.wrong(`R12: interrupted by ${event.type}`);
      state.isFlushed ||= state.options.heardBy === 'emitted'; // what was emitted needs no clearing
      state.voiceBegan = undefined;
      return;
    default:
  }
}

/** R28: its end is the result of the call that began it, for who did to read; and nothing of it is open. */
function lookAtEndOfTask(
  state: JudgedCall,
  { callId, end }: Extract<TurnEffect, { type: 'end-task' }>,
  atMs: number,
): void {
  const hadBegun = state.endTask(callId);
  if (hadBegun && state.openGeneration !== undefined) state.wrong('R28: a task ends with a step open');
  if (hadBegun === (end.how === 'refused'))
    state.wrong(`R28: a task that ${hadBegun ? 'had' : 'had not'} begun is ${end.how}`);
  state.unsent.forEach((result) => (result.sinceMs = Math.max(result.sinceMs, atMs)));
  if (end.how !== 'finished') return;
  state.unsent.set(callId, { token: tokenOf(end.content ?? ''), isLate: false, sinceMs: atMs });
}

/** R27: to an agent of its team, not on and on, and with all that is said then in its own words. */
function lookAtHandover(state: JudgedCall, { to }: Extract<TurnReport, { type: 'agent-change' }>, atMs: number): void {
  if (state.options.agent !== to)
    state.wrong(`R27: \`${to}\` was told of, and \`${state.options.agent}\` has the caller`);
  if (++state.handovers > mostHandoffsIn(state)) state.wrong(`R27: ${state.handovers} handovers without the caller`);
  state.handedOverAtMs = atMs;
  state.unsent.forEach((result) => (result.sinceMs = Math.max(result.sinceMs, atMs)));
}

const mostHandoffsIn = ({ options }: JudgedCall): number =>
  Math.max(options.turn.mostHandoffs, ...(options.others ?? []).map(({ turn }) => turn.mostHandoffs));
