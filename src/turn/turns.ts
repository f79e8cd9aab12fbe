/**
 * The turns of a call, one after the other, and what is done in the one that runs: a step is asked for, its words are said
 * as they stream in, its calls are started, and it is let go. What happens next is decided by the machine.
 */
import { assert, needed } from '../lib/assert.ts';
import { limitSpeech } from '../lib/speech-length.ts';
import { Ahead } from './ahead.ts';
import { ToolCalls } from './calls.ts';
import type { SpeechKind, TurnEffect, TurnEvent, TurnEventOf, TurnOutcome, TurnReport } from './contract.ts';
import { Facts } from './facts.ts';
import type { History } from './history.ts';
import type { Idle } from './idle.ts';
import { LateStop } from './late-stop.ts';
import type { SpokenOver } from './interruption.ts';
import type { MachineOptions } from './options.ts';
import { PhraseBook } from './phrases.ts';
import { factsErrorReport, stepEndReports, turnEndReport } from './reports.ts';
import { gotOn } from './silence.ts';
import type { Speech } from './speech.ts';
import {
  countInvalid,
  newStep,
  newTurn,
  runningCall,
  type CallState,
  type StepEndEvent,
  type TurnState,
} from './step.ts';
import { TakenBack } from './taken-back.ts';

/** For a turn that nobody's words began, and whose result already has its place further up. */
const RESULT_IS_IN = 'A result that was still out has come in meanwhile. Tell the caller.';
/** For a turn in which the agent has said something to bridge a wait, and is asked for its answer now. */
const GO_ON = 'That was said to bridge the wait. Go on with the answer to what the caller said.';

export class Turns {
  readonly calls: ToolCalls;
  readonly ahead: Ahead;
  readonly facts: Facts;
  readonly lateStop = new LateStop();
  readonly takenBack = new TakenBack();
  readonly phrases = new PhraseBook();
  readonly #options: MachineOptions;
  readonly #history: History;
  readonly #speech: Speech;
  readonly #idle: Idle;
  readonly #push: (effect: TurnEffect) => void;
  #turn: TurnState | undefined;
  #number = 0;
  /** The first turn whose words are asked in the one that runs. */
  #askedFrom = 0;
  #generation = 0;

  constructor(
    options: MachineOptions,
    { history, speech, idle }: { history: History; speech: Speech; idle: Idle },
    push: (effect: TurnEffect) => void,
  ) {
    const calls = (this.calls = new ToolCalls(history, options, push));
    const nextGeneration = (): number => ++this.#generation;
    this.ahead = new Ahead(options.turn, { history, speech, calls, nextGeneration }, push);
    this.facts = new Facts(history, (problem) => this.#goOnAfterFacts(problem));
    this.#options = options;
    this.#history = history;
    this.#speech = speech;
    this.#idle = idle;
    this.#push = push;
  }

  /** The one that runs. */
  get current(): TurnState | undefined {
    return this.#turn;
  }

  /** Of the one that runs, or of the last; 0 before the first. */
  get number(): number {
    return this.#number;
  }

  // ---- a turn begins ------------------------------------------------------------------------------------------------

  /**
   * @param text What the caller said; empty when the agent begins by itself. R25: it goes on in the message of the turn that
   * was taken back, unless something stands behind that.
   */
  begin(text: string, endpointingMs: number, atMs: number): TurnState {
    assert(this.#turn === undefined, 'one turn to end before the next begins');
    const number = ++this.#number;
    const said = this.ahead.claim(text, atMs) ?? text; // the same words, as they were asked
    const taken = this.takenBack.turn;
    this.takenBack.forget();
    const whole = taken === undefined ? undefined : this.#history.joinCallerTurn(taken, number, said);
    const asked = whole ?? text;
    const isSplit = taken !== undefined && (whole === undefined || this.#history.callerTurn(taken) !== ''); // its calls stand between
    this.#askedFrom = isSplit ? taken : number;
    const turn = (this.#turn = newTurn(number, asked !== '', { atMs, endpointingMs }));
    this.#speech.startAnew();
    this.#report({ type: 'turn-start', turn: number, text: asked });
    if (whole === undefined && text !== '') this.#history.addCallerTurn(number, said);
    return turn;
  }

  /** R24: the caller's words look finished, and nothing else is going on. */
  askAhead(text: string, atMs: number): void {
    const isVoice = this.#options.heardBy === 'reported';
    if (!isVoice || this.facts.areAwaited || this.#history.isOverfull || this.#history.hasNotes) return;
    const toolChoice = this.#options.turn.maxSteps === 1 ? 'none' : 'auto';
    this.ahead.ask(limitSpeech(text), { turn: this.#number + 1, from: this.takenBack.turn, toolChoice }, atMs);
  }

  /** R24: the first step of a turn that has just begun was asked before. Returns what has come of it, to happen now. */
  takeAhead(turn: TurnState, atMs: number): readonly TurnEvent[] | undefined {
    if (this.facts.areAwaited || this.lateStop.isAwaited) this.ahead.drop(atMs);
    const kept = this.ahead.take(atMs);
    if (!kept) return undefined;
    this.#history.request();
    turn.step = newStep(++turn.steps, this.#options.turn.maxSteps === 1, true);
    this.#speech.beginStep();
    return kept;
  }

  /** R4, R5, R8, R23: everything said and settled so far is in the list; the step after the last asks for words only. */
  requestStep(turn: TurnState, priority: 'tool-follow-up' | 'answer'): void {
    turn.isHeld = this.facts.areAwaited || this.lateStop.isAwaited;
    if (turn.isHeld) return;
    assert(!turn.step.isOpen && turn.step.calls.every(({ outcome }) => outcome), 'a step to be over before the next');
    if (this.#history.isOverfull) this.#compact(turn);
    this.#history.addLateResults(turn.number);
    addAsides(turn, this.#history);
    if (this.#history.endsWithAgent) this.#history.addNote(turn.number, turn.isAsked ? GO_ON : RESULT_IS_IN);
    const number = ++turn.steps;
    const isLast = number >= this.#options.turn.maxSteps || !turn.mayCall;
    turn.step = newStep(number, isLast);
    this.#speech.beginStep();
    const messages = this.#history.request();
    this.#push({
      type: 'request-step',
      generation: ++this.#generation,
      turn: turn.number,
      step: number,
      messages,
      toolChoice: isLast ? 'none' : 'auto',
      priority,
    });
    this.#report({ type: 'step-start', turn: turn.number, step: number, messages: messages.length, attempt: 1 });
  }

  #goOnAfterFacts(problem: string | undefined): void {
    if (problem !== undefined) this.#report(factsErrorReport(this.#number, problem));
    this.#goOn();
  }

  /** A line that speaks by itself has stopped, or speaks on: either is known now. */
  goOnAfterStop(): void {
    this.lateStop.settle();
    this.#goOn();
  }

  #goOn(): void {
    if (this.#turn?.isHeld && !this.#turn.finishing) this.requestStep(this.#turn, 'answer');
  }

  /** R12: it has stopped, and that changes nothing but what was heard. Returns whether that is so; in any case, if it must be. */
  survivesStop(upTo: number, mustBe = false): boolean {
    if (!mustBe && !goesOnAfterStop(this.#turn, this.#speech, upTo)) return false;
    const { heard, unheard } = this.#speech.stopAt(upTo);
    if (unheard !== '') this.#report({ type: 'interruption', turn: this.#number, heard, unheard });
    this.goOnAfterStop();
    return true;
  }

  /** "Hello?", said while the turn waits for its model or a tool: it goes on, and the next step knows of it. */
  hearAside(turn: TurnState, text: string): void {
    turn.asides.push(text);
  }

  /** The turn that waits for words of the model or the result of a tool, if one does. */
  get waiting(): TurnState | undefined {
    const turn = this.#turn;
    if (!turn || turn.finishing) return undefined;
    const isWaiting = turn.isHeld || (turn.step.isOpen && !turn.step.hasText) || runningCall(turn.step) !== undefined;
    return isWaiting ? turn : undefined;
  }

  /** What the caller's voice comes over. */
  get spokenOver(): SpokenOver {
    const isWaiting = this.waiting !== undefined;
    return { isWaiting, mustSayWords: this.#idle.isAway && !this.#turn, isTooEarly: this.isTooEarly };
  }

  /** R25: a turn runs in which the caller has asked something, and nothing of the answer was audible. */
  get isTooEarly(): boolean {
    return this.#turn?.isAsked === true && this.#speech.isUnheard;
  }

  /** A request was too long for the server, which would have taken so much of it. Returns whether anything could be left out. */
  shorten(turn: TurnState, fits: number | undefined): boolean {
    this.#history.wasTooLong(fits);
    return this.#compact(turn, true);
  }

  #compact(turn: TurnState, isForced = false): boolean {
    const droppedMessages = this.#history.compact(turn.number, isForced, this.#askedFrom);
    if (droppedMessages === 0) return isForced && this.#history.shortenResults(turn.number);
    const keptMessages = this.#history.messages.length;
    this.#report({ type: 'compaction', turn: turn.number, droppedMessages, keptMessages });
    return true;
  }

  // ---- a step streams in --------------------------------------------------------------------------------------------

  /** The turn whose step this is, while the model answers it; undefined for what comes late. */
  #turnOf(generation: number): TurnState | undefined {
    return generation === this.#generation && this.#turn?.step.isOpen ? this.#turn : undefined;
  }

  /** R1: to the speaker in the same tick. */
  sayDelta({ generation, delta }: TurnEventOf<'text-delta'>, atMs: number): void {
    const turn = this.#turnOf(generation);
    if (!turn || (!this.#speech.isOpen && delta.trim() === '')) return; // no message of white space
    const { step, wait } = turn;
    step.hasText = true;
    step.hasSpoken = true;
    gotOn(wait, atMs);
    this.#speech.add(delta, this.#about(step.sawCall ? 'filler' : 'answer'));
    this.#wasSaid(atMs);
  }

  /** It was not for the caller: what they have not heard of it they will not, and no trace of that is kept. */
  takeBack({ generation }: TurnEventOf<'text-taken-back'>, atMs: number): void {
    const turn = this.#turnOf(generation);
    if (!turn?.step.hasText) return;
    const told = this.#speech.takeBack();
    this.#report({ type: 'text-taken-back', turn: turn.number, step: turn.step.number, ...told });
    turn.step.hasText = turn.step.hasSpoken = false;
    turn.wait.quietSinceMs = atMs;
  }

  /** R2: the first fragment of a call closes what is being said, whatever its punctuation. */
  closeFiller({ generation }: { generation: number }): TurnState | undefined {
    const turn = this.#turnOf(generation);
    if (!turn || turn.step.ignoresCalls) return undefined;
    turn.step.sawCall = true;
    this.#speech.close();
    return turn;
  }

  /** R3: the handler starts in the tick in which its call is complete. Returns whether a menu has it go round in circles for good. */
  startCall(event: TurnEventOf<'tool-call'>, atMs: number): boolean {
    const turn = this.closeFiller(event);
    if (!turn) return false;
    const state = this.calls.add(turn, this.#speech.entryOfStep(turn.number), event.call, atMs);
    return this.calls.begin(state, turn);
  }

  refuseCall(event: TurnEventOf<'tool-call-failed'>, atMs: number): void {
    const turn = this.closeFiller(event);
    if (!turn) return;
    const state = this.calls.add(turn, this.#speech.entryOfStep(turn.number), event.call, atMs);
    this.calls.refuse(state, event.message);
    countInvalid(turn, state);
  }

  /** What the model's server wants to read again beside the calls. */
  keepExtra({ generation, message, calls = {} }: TurnEventOf<'answer-extra'>): void {
    const turn = this.#turnOf(generation);
    if (!turn || turn.step.calls.length === 0) return;
    if (message) this.#history.setExtra(this.#speech.entryOfStep(turn.number), message);
    for (const { receivedId, call } of turn.step.calls) {
      const extra = Object.hasOwn(calls, receivedId) ? calls[receivedId] : undefined;
      if (extra) this.#history.setExtraOfCall(call.id, extra);
    }
  }

  /** The model has ended. Returns the turn, which is to go on somehow. */
  endStep(event: StepEndEvent): TurnState | undefined {
    const turn = this.#turnOf(event.generation);
    if (!turn) return undefined;
    turn.step.isOpen = false;
    this.#speech.finish();
    const { usage, queueMs } = event.facts;
    if (usage) this.#history.calibrate(usage.promptTokens);
    turn.silence.wasQueued(queueMs);
    for (const report of stepEndReports(turn, event)) this.#report(report);
    return turn;
  }

  /** The model is not listened to any more: what still comes of its answer is late. */
  abortStep(): void {
    const turn = this.#turn;
    if (!turn?.step.isOpen || turn.finishing) return;
    turn.step.isOpen = false;
    this.#speech.abandon();
    this.#push({ type: 'abort-step', generation: this.#generation });
    this.#generation++;
  }

  // ---- its tools run ------------------------------------------------------------------------------------------------

  /** A handler has ended: which call's, and whether it came too late for its step (R14). Undefined if it was cancelled. */
  settle({ callId, outcome, durationMs }: TurnEventOf<'tool-settled'>): { isLate: boolean; turn: number } | undefined {
    const state = this.calls.takeEnded(callId);
    if (!state) return undefined;
    const isLate = !this.#isOfThisStep(state);
    this.calls.settle(state, outcome, durationMs, isLate);
    if (this.#turn?.number === state.turn) countInvalid(this.#turn, state);
    return { isLate, turn: state.turn };
  }

  #isOfThisStep(state: CallState): boolean {
    return this.#turn !== undefined && !this.#turn.finishing && this.#turn.step.calls.includes(state);
  }

  /** What a handler tells of its progress is said, but not while the caller speaks, nor for a step that is over. */
  tellProgress({ callId, text }: TurnEventOf<'tool-progress'>, isCallerSpeaking: boolean, atMs: number): void {
    const state = this.calls.running(callId);
    if (!state || text.trim() === '') return;
    this.#report({ type: 'tool-progress', turn: state.turn, id: callId, name: state.call.name, text });
    if (!this.#turn || !this.#isOfThisStep(state) || isCallerSpeaking) return;
    this.#turn.wait.phrases++;
    this.speak(text, 'progress', atMs);
  }

  /**
   * R19: terminal calls run when all else went well and every word before them has been heard. Returns whether they are
   * settled, which they are at once only when they will not be carried out.
   */
  releaseHeld({ step: { calls, hasSpoken } }: TurnState, atMs: number): boolean {
    if (calls.some(({ outcome }) => outcome?.ok === false)) {
      this.calls.revokeHeld(calls);
      return true;
    }
    const words = calls.find(({ isHeld, facts }) => isHeld && facts && facts.filler.length > 0)?.facts?.filler;
    if (!hasSpoken && words) this.speakOneOf(words, 'tool-filler', atMs);
    if (!this.#speech.isAudible) this.calls.release(calls);
    return false;
  }

  // ---- what is said besides -----------------------------------------------------------------------------------------

  /** The next of these phrases. */
  speakOneOf(phrases: readonly string[], kind: SpeechKind, atMs: number): void {
    this.speak(this.phrases.next(phrases) ?? '', kind, atMs);
  }

  /** A whole phrase, as an utterance of its own, in the message that the history has open for it. */
  speak(text: string, kind: SpeechKind, atMs: number): void {
    if (text.trim() === '') return;
    this.ahead.drop(atMs);
    const step = this.#turn?.step;
    const isInStep = step !== undefined && (step.isOpen || step.calls.some((state) => !state.outcome));
    if (isInStep) step.hasSpoken = true;
    this.#speech.speak(limitSpeech(text), this.#about(kind), isInStep);
    this.#wasSaid(atMs);
  }

  /** The same while the voice stalls: before the rest of what does. */
  speakAhead(text: string, kind: SpeechKind): void {
    this.#speech.speakAhead(text, this.#about(kind));
  }

  #about(kind: SpeechKind) {
    return { kind, turn: this.#number, step: this.#turn?.step.number ?? 0 };
  }

  /** In text, what is said is heard in that moment. */
  #wasSaid(atMs: number): void {
    if (this.#speech.isAudible) return;
    this.#idle.restart(atMs);
    if (!this.#turn) return;
    this.#turn.wait.quietSinceMs = atMs;
    this.#turn.firstWordAtMs ??= atMs;
  }

  // ---- the turn ends ------------------------------------------------------------------------------------------------

  /** Whatever the turn was doing; when none runs, nothing happens. `note`: what the model is told of reads that ran. */
  breakOff(outcome: TurnOutcome, note: string, atMs: number): void {
    this.ahead.drop(atMs);
    if (!this.#turn) return;
    this.abortStep();
    this.calls.drop(this.#turn, note);
    this.end(outcome, atMs);
  }

  /**
   * R25: it leaves what the caller said, and those of its calls that have had an effect or a result. `isMeant`: they cut in
   * beyond doubt. Then nothing is asked before they say something.
   */
  takeBackTurn(turn: TurnState, atMs: number, isMeant: boolean): void {
    if (isMeant) this.calls.drop(turn, 'The caller cut in, and it was cancelled.');
    else this.#history.forgetCalls(this.calls.takeBack(turn));
    for (const text of turn.asides.splice(0)) {
      if (this.#history.joinCallerTurn(turn.number, turn.number, text) === undefined) turn.asides.push(text);
    }
    this.takenBack.begin(turn.number, isMeant ? Infinity : atMs);
    this.#report({ type: 'turn-taken-back', turn: turn.number, text: this.#history.callerTurn(turn.number) });
    this.end('interrupted', atMs);
  }

  end(outcome: TurnOutcome, atMs: number): void {
    const turn = needed(this.#turn, 'a turn to end');
    turn.silence.mark(atMs, undefined);
    const { heard } = this.#speech.tell();
    this.#speech.startAnew();
    addAsides(turn, this.#history);
    this.#turn = undefined;
    this.#idle.restart(atMs);
    this.#report(turnEndReport(turn, outcome, heard, atMs));
  }

  // ---- what did not arrive ------------------------------------------------------------------------------------------

  loseSpeech({ utterance, code, message, requestId }: TurnEventOf<'speech-failed'>): void {
    this.#speech.giveUp(utterance);
    this.#report({ type: 'error', turn: this.#number, code, message, requestId });
  }

  /** R17, while no turn can begin: what the caller says is not understood, or they cut in and said nothing. */
  tellNotUnderstood(atMs: number): void {
    const what = this.#idle.takePhrase(atMs);
    this.speakOneOf(this.#options.phrases[what], what === 'recovery' ? 'recovery' : 'progress', atMs);
  }

  #report(event: TurnReport): void {
    this.#push({ type: 'report', event });
  }
}

/** It came to nothing that this turn has said, or the turn waits for what the caller presses, who has just done that. */
function goesOnAfterStop(turn: TurnState | undefined, speech: Speech, upTo: number): boolean {
  if (!turn) return speech.isBeyond(upTo);
  const facts = runningCall(turn.step)?.facts;
  return !speech.isStoppedBy(upTo) || (facts?.waitsForCaller === true && !facts.isTask);
}

function addAsides(turn: TurnState, history: History): void {
  for (const text of turn.asides) history.addAside(turn.number, text);
  turn.asides = [];
}
