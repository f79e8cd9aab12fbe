/**
 * What happens next in a call: events and their time in, effects out. No I/O, no clock, no promise, no random id.
 *
 *   caller-turn -> request-step -> text-delta -> say
 *                      ^        -> tool-call  -> run-tool -> tool-settled -+
 *                      +--------------- step ended, all settled -----------+
 *
 * Read from top to bottom it follows a turn: it begins, a step streams in, its tools run, it ends; then what may come
 * between (interruption, silence, keys) and how the call ends. The rules are those of the design, by number.
 */
import type { Message, ToolCall } from '../model/contract.ts';
import type { ToolControl } from '../tool/contract.ts';
import { isBackchannel } from './backchannel.ts';
import { ToolCalls } from './calls.ts';
import type { SpeechKind, StepFacts, TurnEffect, TurnEvent, TurnOutcome, TurnReport } from './contract.ts';
import { History, type AssistantEntry, type Span } from './history.ts';
import { Interruption } from './interruption.ts';
import type { MachineOptions } from './options.ts';
import { PhraseBook } from './phrases.ts';
import { nextDue, type SilenceCause } from './silence.ts';
import { Speech } from './speech.ts';
import { newStep, newTurn, type CallState, type TurnState } from './step.ts';
import { Timers } from './timers.ts';
import { Unheard } from './unheard.ts';

type EventOf<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;

/** Timers may fire a little early; a deadline this near has come. */
const TIMER_SLACK_MS = 1;

/** A voice that says no word for so long is a noise on the line, and nobody waits for it. */
const NOISE_MS = 10_000;

/** What is not listened to any more once the call cannot go on. */
const OF_CALLER = new Set<TurnEvent['type']>(['caller-turn', 'caller-speech', 'interrupt', 'digit']);

/** So many losses in a row, and the voice is taken to be gone. Before that, the caller is asked to repeat. */
const MOST_LOST = 2;

/** For a turn that nobody's words began, and whose result already has its place further up. */
const RESULT_IS_IN = 'A result that was still out has come in meanwhile. Tell the caller.';

export class TurnMachine {
  readonly #options: MachineOptions;
  readonly #history: History;
  readonly #interruption: Interruption;
  readonly #phrases = new PhraseBook();
  readonly #speech: Speech;
  readonly #calls: ToolCalls;
  readonly #timers: Timers;
  readonly #unheard: Unheard;
  #effects: TurnEffect[] = [];
  #life: 'new' | 'live' | 'transferring' | 'ending' | 'ended' = 'new';
  #endReason = '';
  #generation = 0;
  #turnNumber = 0;
  #turn: TurnState | undefined;
  /** What is said outside of turns: greeting, nudges, the program's own words. */
  #idleSpans: Span[] = [];
  #idleSinceMs = 0;
  #isCallerSpeaking = false;
  /** Results came that the model has not been told of (R14). */
  #hasNews = false;
  #nudges = 0;
  #digits = '';
  /** What is carried out as soon as everything said has been heard. */
  #farewell: ToolControl | undefined;
  /** What becomes of the call if nobody takes it over. */
  #lastResort: ToolControl | undefined;
  /** How often words were lost since some of the model's were last heard. */
  #lost = 0;
  /** Why the call cannot go on. The caller is not listened to any more. */
  #outage: string | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    const push = (effect: TurnEffect) => this.#push(effect);
    this.#history = new History(options.instructions, options.turn);
    this.#interruption = new Interruption(options.turn);
    this.#speech = new Speech(this.#history, options.hearing, push);
    this.#calls = new ToolCalls(this.#history, options.tools, push);
    this.#timers = new Timers(push);
    this.#unheard = new Unheard(options.turn);
  }

  /** What the model would be told at this instant. */
  get messages(): readonly Message[] {
    return this.#history.messages;
  }

  /** Nothing will ever be asked for again. */
  get isEnded(): boolean {
    return this.#life === 'ended';
  }

  /** Why the call ended, once it is ending. */
  get endReason(): string {
    return this.#endReason;
  }

  /** @param atMs milliseconds since the call's start; never less than the time before. */
  handle(event: TurnEvent, atMs: number): TurnEffect[] {
    const effects: TurnEffect[] = (this.#effects = []);
    if (this.#life === 'ended') return effects;
    if (this.#life === 'ending') {
      if (event.type === 'tool-settled') this.#settleTool(event, atMs);
      return effects;
    }
    this.#dispatch(event, atMs);
    this.#turn?.silence.mark(atMs, this.#silenceCause);
    return effects;
  }

  #dispatch(event: TurnEvent, atMs: number): void {
    if (this.#outage !== undefined && OF_CALLER.has(event.type)) return;
    // prettier-ignore
    switch (event.type) {
      case 'call-start': return this.#startCall(event.facts, atMs);
      case 'caller-turn': return this.#hearCaller(event.text, event.endpointingMs ?? 0, atMs);
      case 'caller-speech': return this.#hearVoice(event, atMs);
      case 'hearing': return this.#hear(event.isUp, atMs);
      case 'interrupt': return this.#interrupt(atMs);
      case 'text-delta': return this.#isCurrent(event.generation) ? this.#sayDelta(event.delta, atMs) : undefined;
      case 'tool-call-start': return this.#isCurrent(event.generation) ? this.#closeFiller() : undefined;
      case 'tool-call': return this.#isCurrent(event.generation) ? this.#startCallOf(event.call, atMs) : undefined;
      case 'tool-call-failed': return this.#isCurrent(event.generation) ? this.#refuseCall(event, atMs) : undefined;
      case 'step-end': return this.#isCurrent(event.generation) ? this.#endStep(event, atMs) : undefined;
      case 'step-failed': return this.#isCurrent(event.generation) ? this.#endStep(event, atMs) : undefined;
      case 'tool-settled': return this.#settleTool(event, atMs);
      case 'tool-progress': return this.#tellProgress(event.callId, event.text, atMs);
      case 'playback-start': return this.#startPlayback(atMs);
      case 'heard': return this.#hearBack(event, atMs);
      case 'playback-idle': return this.#endPlayback(atMs);
      case 'playback-stalled': return this.#stallPlayback(event, atMs);
      case 'speech-failed': return this.#loseSpeech(event);
      case 'timer': return this.#ring(event.timer, atMs);
      case 'digit': return this.#takeDigit(event.digit, atMs);
      case 'say': return this.#sayVerbatim(event, atMs);
      case 'transfer-failed': return this.#failTransfer(event.message, atMs);
      case 'outage': return this.#breakOff(event.reason, atMs);
      case 'hang-up': return this.#endCall(event.reason, 'caller', atMs);
    }
  }

  // ---- a turn begins ------------------------------------------------------------------------------------------------

  #startCall(facts: string | undefined, atMs: number): void {
    this.#life = 'live';
    this.#idleSinceMs = atMs;
    if (facts) this.#history.addFacts(facts);
    if (this.#options.greeting) this.#speak(this.#options.greeting, 'greeting', atMs);
    this.#watchIdle(atMs);
  }

  #hearCaller(text: string, endpointingMs: number, atMs: number): void {
    if (text.trim() === '' || this.#life !== 'live') return;
    this.#isCallerSpeaking = false;
    this.#timers.clear('noise');
    const isSpoken = this.#options.hearing === 'reported';
    this.#unheard.understood();
    if (isSpoken && (this.#turn || this.#speech.isAudible) && isBackchannel(text)) return this.#resume(atMs); // "mm-hm": go on
    this.#interrupt(atMs);
    this.#beginTurn(text, endpointingMs, atMs);
  }

  #beginTurn(text: string, endpointingMs: number, atMs: number): void {
    const turn = (this.#turn = newTurn(++this.#turnNumber, atMs, endpointingMs));
    this.#idleSpans = [];
    this.#farewell = undefined;
    this.#interruption.forget();
    this.#report({ type: 'turn-start', turn: turn.number, text });
    if (text !== '') {
      this.#nudges = 0;
      this.#history.addCallerTurn(turn.number, text);
    }
    this.#requestStep(turn, 'answer', atMs);
  }

  /** R4, R5, R8, R23: everything said and settled so far is in the list; the step after the last asks for words only. */
  #requestStep(turn: TurnState, priority: 'tool-follow-up' | 'answer', atMs: number): void {
    const { maxSteps } = this.#options.turn;
    if (this.#history.isOverfull) this.#compact(turn);
    this.#history.addLateResults(turn.number);
    if (this.#history.endsWithAgent) this.#history.addNote(turn.number, RESULT_IS_IN);
    this.#hasNews = false;
    const number = ++turn.steps;
    const isLast = number >= maxSteps || !turn.mayCall;
    turn.step = newStep(number, isLast);
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
    this.#watchSilence(atMs);
  }

  #compact(turn: TurnState, isForced = false): boolean {
    const droppedMessages = this.#history.compact(turn.number, isForced);
    if (droppedMessages === 0) return false;
    const keptMessages = this.#history.messages.length;
    this.#report({ type: 'compaction', turn: turn.number, droppedMessages, keptMessages });
    return true;
  }

  // ---- a step streams in --------------------------------------------------------------------------------------------

  #isCurrent(generation: number): boolean {
    return generation === this.#generation && this.#turn !== undefined && this.#turn.step.isOpen;
  }

  /** R1: to the speaker in the same tick. */
  #sayDelta(delta: string, atMs: number): void {
    const turn = this.#turn as TurnState;
    const { step } = turn;
    if (!step.span) {
      if (delta.trim() === '') return; // nothing to say, and no message of white space
      const entry = (step.entry ??= this.#history.openEntry(turn.number));
      step.span = this.#speech.open(entry, turn.spans);
    }
    step.hasText = true;
    step.hasSpoken = true;
    turn.waitingSinceMs = atMs;
    turn.phrases = 0;
    this.#say(step.entry as AssistantEntry, step.span, delta, step.sawCall ? 'filler' : 'answer', atMs);
  }

  /** R2: the first fragment of a call closes what is being said, whatever its punctuation. */
  #closeFiller(): void {
    const { step } = this.#turn as TurnState;
    if (step.ignoresCalls) return;
    step.sawCall = true;
    this.#closeSpan(step);
  }

  #closeSpan(step: { span: Span | undefined }): void {
    if (step.span) this.#speech.close(step.span);
    step.span = undefined;
  }

  /** R3: the handler starts in the tick in which its call is complete. */
  #startCallOf(received: ToolCall, atMs: number): void {
    const turn = this.#turn as TurnState;
    if (turn.step.ignoresCalls) return;
    this.#closeFiller();
    const state = this.#calls.add(turn, received, atMs);
    if (!state.isHeld) this.#calls.run(state);
    this.#watchSilence(atMs);
  }

  #refuseCall({ call, message }: EventOf<'tool-call-failed'>, atMs: number): void {
    const turn = this.#turn as TurnState;
    if (turn.step.ignoresCalls) return;
    this.#closeFiller();
    const state = this.#calls.add(turn, call, atMs);
    this.#calls.refuse(state, message);
    this.#countInvalid(state);
  }

  #endStep(event: EventOf<'step-end'> | EventOf<'step-failed'>, atMs: number): void {
    const turn = this.#turn as TurnState;
    const { step } = turn;
    step.isOpen = false;
    this.#closeSpan(step);
    this.#reportStepEnd(turn, event);
    if (step.calls.length > 0) return this.#advance(atMs); // R7, R10: what is complete counts, whatever the reason
    const isAtLimit = step.number > 1 && step.number >= this.#options.turn.maxSteps;
    if (event.type === 'step-failed') {
      if (event.code === 'context-overflow' && this.#compact(turn, true))
        return this.#requestStep(turn, 'answer', atMs);
      return this.#recover(turn, step.hasText ? 'cut' : 'failed', atMs);
    }
    if (event.isTruncated) return this.#recover(turn, step.hasText ? 'cut' : 'failed', atMs);
    if (event.finishReason === 'content_filter') return this.#recover(turn, 'failed', atMs);
    if (!step.hasText) return this.#recover(turn, isAtLimit ? 'step-limit' : 'failed', atMs);
    if (event.finishReason === 'length') return this.#finish(turn, 'cut', atMs);
    this.#finish(turn, isAtLimit ? 'step-limit' : 'replied', atMs);
  }

  // ---- its tools run ------------------------------------------------------------------------------------------------

  #settleTool({ callId, outcome, durationMs }: EventOf<'tool-settled'>, atMs: number): void {
    const state = this.#calls.takeEnded(callId);
    if (!state) return;
    const isLate = !this.#isOfThisStep(state);
    this.#calls.settle(state, outcome, durationMs, isLate);
    this.#countInvalid(state);
    if (this.#life === 'ending') {
      this.#history.addLateResults(state.turn); // for the record
      return this.#endWhenSettled();
    }
    if (!isLate) return this.#advance(atMs);
    this.#hasNews = true;
    this.#idleSinceMs = atMs;
    this.#watchIdle(atMs);
  }

  /** R9: the same invalid call twice ends tool use for this turn. */
  #countInvalid({ call, turn, outcome }: CallState): void {
    if (this.#turn?.number !== turn || !outcome || outcome.ok) return;
    if (outcome.failure !== 'unknown-tool' && outcome.failure !== 'invalid-arguments') return;
    const key = `${call.name} ${call.arguments}`;
    if (this.#turn.invalid.has(key)) this.#turn.mayCall = false;
    this.#turn.invalid.add(key);
  }

  #isOfThisStep(state: CallState): boolean {
    return this.#turn !== undefined && !this.#turn.finishing && this.#turn.step.calls.includes(state);
  }

  /** R4, R19: once the answer has ended and its calls are settled, the next step leaves in this tick. */
  #advance(atMs: number): void {
    const turn = this.#turn;
    if (!turn || turn.finishing || turn.step.isOpen || turn.step.calls.length === 0) return;
    const { calls } = turn.step;
    if (calls.some((state) => !state.outcome && !state.isHeld)) return;
    if (calls.some((state) => state.isHeld) && !this.#releaseHeld(turn, atMs)) return;
    const outcomes = calls.map((state) => state.outcome);
    const control = outcomes.map((outcome) => (outcome?.ok ? outcome.control : undefined)).find((found) => found);
    if (control) return this.#speech.isAudible ? undefined : this.#carryOut(control, atMs);
    const says = outcomes.flatMap((outcome) => (outcome?.ok && outcome.say !== undefined ? [outcome.say] : []));
    const hasFailed = outcomes.some((outcome) => outcome?.ok === false); // which the model has yet to tell
    if (says.length === 0 || hasFailed) return this.#requestStep(turn, 'tool-follow-up', atMs);
    for (const say of says) this.#speak(say, 'verbatim', atMs);
    this.#finish(turn, 'replied', atMs);
  }

  /**
   * R19: terminal calls run when all else went well and every word before them has been heard. Returns whether they are
   * settled, which they are at once only when they will not be carried out.
   */
  #releaseHeld(turn: TurnState, atMs: number): boolean {
    const held = turn.step.calls.filter((state) => state.isHeld);
    if (turn.step.calls.some((state) => state.outcome?.ok === false)) {
      for (const state of held) this.#calls.revoke(state, 'Not carried out, because another tool failed.');
      return true;
    }
    const words = held.map((state) => state.facts?.filler ?? []).find((filler) => filler.length > 0);
    if (!turn.step.hasSpoken && words) this.#speak(this.#phrases.next(words) ?? '', 'tool-filler', atMs);
    if (!this.#speech.isAudible) for (const state of held) this.#calls.run(state);
    return false;
  }

  #carryOut(control: ToolControl, atMs: number): void {
    this.#farewell = undefined;
    if (control.type === 'hang-up') return this.#endCall(control.reason, 'agent', atMs);
    const turn = this.#turn;
    if (turn) {
      this.#abortStep();
      this.#calls.drop(turn, 'The caller was handed over first, and it was cancelled.');
      this.#endTurn(turn, turn.finishing ?? 'replied', atMs);
    }
    this.#life = 'transferring';
    this.#push({ type: 'transfer', to: control.to });
  }

  #failTransfer(message: string, atMs: number): void {
    if (this.#life !== 'transferring') return;
    this.#life = 'live';
    if (this.#outage !== undefined) return this.#sayFarewell({ type: 'hang-up', reason: this.#outage }, atMs);
    if (this.#lastResort) return this.#sayGoodbye(this.#lastResort, atMs);
    this.#history.addNote(this.#turnNumber + 1, `The transfer failed and the caller is still here: ${message}`);
    this.#beginTurn('', 0, atMs);
  }

  #tellProgress(callId: string, text: string, atMs: number): void {
    const state = this.#calls.running(callId);
    if (!state || text.trim() === '') return;
    this.#report({ type: 'tool-progress', turn: state.turn, id: callId, name: state.call.name, text });
    if (this.#turn && this.#isOfThisStep(state) && !this.#isCallerSpeaking) {
      this.#turn.phrases++;
      this.#speak(text, 'progress', atMs);
    }
  }

  // ---- the turn ends ------------------------------------------------------------------------------------------------

  /** R7, R10: nothing is left to go on with, so the caller is asked to say it again. */
  #recover(turn: TurnState, outcome: TurnOutcome, atMs: number): void {
    this.#speak(this.#phrases.next(this.#options.phrases.recovery) ?? '', 'recovery', atMs);
    this.#finish(turn, outcome, atMs);
  }

  #finish(turn: TurnState, outcome: TurnOutcome, atMs: number): void {
    turn.finishing = outcome;
    if (turn.hasLost && !this.#farewell && this.#outage === undefined) {
      turn.hasLost = false; // the end of an answer whose beginning was not heard
      return this.#recover(turn, 'failed', atMs);
    }
    if (!this.#speech.isAudible) this.#allHeard(atMs);
  }

  /** Everything said has been heard: what waited for that happens now. */
  #allHeard(atMs: number): void {
    const turn = this.#turn;
    if (turn?.finishing) this.#endTurn(turn, turn.finishing, atMs);
    if (this.#farewell) return this.#carryOut(this.#farewell, atMs);
    if (this.#outage !== undefined && !this.#turn) return this.#endForOutage(atMs);
    if (this.#turn) this.#advance(atMs);
    this.#watchSilence(atMs);
    this.#watchUnheard(atMs);
    this.#watchIdle(atMs);
  }

  #endTurn(turn: TurnState, outcome: TurnOutcome, atMs: number): void {
    turn.silence.mark(atMs, undefined);
    const { heard } = this.#speech.tell(turn.spans);
    const latency = {
      firstWordMs: turn.firstWordAtMs === undefined ? undefined : Math.round(turn.firstWordAtMs - turn.startedAtMs),
      totalMs: Math.round(atMs - turn.startedAtMs),
      silence: turn.silence.result,
    };
    this.#turn = undefined;
    this.#idleSinceMs = atMs;
    this.#report({ type: 'turn-end', turn: turn.number, outcome, heard, latency });
  }

  // ---- speech out ---------------------------------------------------------------------------------------------------

  /** A whole phrase, as an utterance of its own, in the message that the history has open for it. */
  #speak(text: string, kind: SpeechKind, atMs: number): void {
    if (text.trim() === '') return;
    const turn = this.#turn;
    const step = turn?.step;
    const isInStep = step !== undefined && (step.isOpen || step.calls.some((state) => !state.outcome));
    if (step) this.#closeSpan(step);
    const number = this.#turnNumber;
    const entry = isInStep
      ? (step.entry ??= this.#history.openEntry(number))
      : (this.#history.appendable ?? this.#history.openEntry(number));
    if (isInStep) step.hasSpoken = true;
    const span = this.#speech.open(entry, turn ? turn.spans : this.#idleSpans);
    this.#say(entry, span, text, kind, atMs);
    this.#speech.close(span);
  }

  #say(entry: AssistantEntry, span: Span, text: string, kind: SpeechKind, atMs: number): void {
    const turn = this.#turn;
    this.#speech.say(entry, span, text, { kind, turn: this.#turnNumber, step: turn ? turn.step.number : 0 });
    if (this.#speech.isAudible) return;
    this.#idleSinceMs = atMs;
    if (!turn) return;
    turn.quietSinceMs = atMs;
    turn.firstWordAtMs ??= atMs;
  }

  #sayVerbatim({ text, thenHangUp, thenTransfer }: EventOf<'say'>, atMs: number): void {
    this.#speak(text, 'verbatim', atMs);
    if (thenHangUp !== undefined) {
      const hangUp = { type: 'hang-up', reason: thenHangUp } as const;
      this.#farewell = thenTransfer === undefined ? hangUp : { type: 'transfer', to: thenTransfer };
      this.#lastResort = thenTransfer === undefined ? undefined : hangUp;
      if (!this.#speech.isAudible) return this.#allHeard(atMs);
    }
    this.#watchIdle(atMs);
  }

  #startPlayback(atMs: number): void {
    this.#speech.started();
    if (this.#turn) this.#turn.firstWordAtMs ??= atMs;
    if (this.#isCallerSpeaking) this.#pause(atMs);
  }

  /** R22. When the model falls silent in the middle of a sentence, so does the agent: then R17 counts from here. */
  #hearBack({ utterance, characters }: EventOf<'heard'>, atMs: number): void {
    const wasAllHeard = this.#speech.isAllHeard;
    this.#speech.heard(utterance, characters, atMs);
    if (!this.#turn || !this.#speech.isSilent) return;
    if (!wasAllHeard) this.#turn.quietSinceMs = atMs;
    this.#watchSilence(atMs);
  }

  #endPlayback(atMs: number): void {
    if (!this.#speech.isAudible) return;
    const wasAllHeard = this.#speech.isAllHeard;
    const outcome = this.#speech.ended();
    this.#idleSinceMs = atMs;
    if (this.#turn && !wasAllHeard) this.#turn.quietSinceMs = atMs;
    if (outcome === 'words') this.#lost = 0;
    if (outcome === 'lost') this.#mendSpeech(atMs);
    else this.#allHeard(atMs);
  }

  // ---- the voice, or the ear, fails ---------------------------------------------------------------------------------

  /** R17 holds for a voice that does not come as for a model or a tool that takes its time. */
  #stallPlayback({ quietMs, canSpeak }: EventOf<'playback-stalled'>, atMs: number): void {
    this.#speech.stalled(canSpeak);
    const turn = this.#turn;
    if (!turn || !this.#speech.isStalled) return;
    if (this.#speech.hasStarted) turn.quietSinceMs = atMs - quietMs;
    if (this.#speech.wordsHeardAtMs > turn.waitingSinceMs) {
      turn.waitingSinceMs = this.#speech.wordsHeardAtMs; // it got on with its answer until then
      turn.phrases = 0;
    }
    this.#watchSilence(atMs);
  }

  #loseSpeech({ utterance, code, message, requestId }: EventOf<'speech-failed'>): void {
    const step = this.#turn?.step;
    if (step?.span?.utterance === utterance) this.#closeSpan(step); // what the model goes on to say is tried anew
    this.#speech.giveUp(utterance);
    this.#report({ type: 'error', turn: this.#turnNumber, code, message, requestId });
  }

  /** The caller has not heard all that was said: they are asked to say it again, until the voice is taken to be gone. */
  #mendSpeech(atMs: number): void {
    const turn = this.#turn;
    if (++this.#lost >= MOST_LOST) this.#breakOff('speech-failed', atMs);
    if (turn?.finishing && !this.#farewell && this.#outage === undefined) return this.#recover(turn, 'failed', atMs);
    if (turn && !turn.finishing && turn.step.isOpen) turn.hasLost = true;
    this.#allHeard(atMs);
  }

  /** The call cannot go on. A turn that runs is finished: what it does for the caller is still theirs to hear. */
  #breakOff(reason: string, atMs: number): void {
    if (this.#outage !== undefined) return;
    this.#outage = reason;
    this.#isCallerSpeaking = false;
    this.#timers.clear('noise');
    this.#resume(atMs);
    if (this.#life === 'live' && !this.#turn && !this.#farewell) this.#endForOutage(atMs);
  }

  #endForOutage(atMs: number): void {
    const { transferTo: to } = this.#options.turn;
    this.#sayFarewell(
      to === undefined ? { type: 'hang-up', reason: this.#outage ?? '' } : { type: 'transfer', to },
      atMs,
    );
  }

  #sayFarewell(farewell: ToolControl, atMs: number): void {
    const { outage, handover } = this.#options.phrases;
    this.#farewell = farewell;
    this.#speak(this.#phrases.next(farewell.type === 'hang-up' ? outage : handover) ?? '', 'verbatim', atMs);
    if (!this.#speech.isAudible) this.#allHeard(atMs);
  }

  #sayGoodbye(farewell: ToolControl, atMs: number): void {
    this.#farewell = farewell;
    this.#speak(this.#phrases.next(this.#options.phrases.goodbye) ?? '', 'verbatim', atMs);
    if (!this.#speech.isAudible) return this.#allHeard(atMs);
    this.#watchIdle(atMs);
  }

  // ---- interruption -------------------------------------------------------------------------------------------------

  /** R11: any voice pauses; words, or enough of it, interrupt; else playback goes on where it stopped. */
  #hearVoice({ phase, words }: EventOf<'caller-speech'>, atMs: number): void {
    if (phase === 'start') {
      this.#isCallerSpeaking = true;
      this.#timers.set('noise', atMs + NOISE_MS, atMs);
      this.#unheard.voiceStarted(atMs);
      this.#interruption.start(atMs);
      if (this.#speech.isAudible) this.#pause(atMs);
      return;
    }
    if (phase === 'words') {
      this.#interruption.words(words ?? '');
      if (this.#isCallerSpeaking) this.#timers.set('noise', atMs + NOISE_MS, atMs);
    } else {
      this.#isCallerSpeaking = false;
      this.#timers.clear('noise');
      this.#idleSinceMs = atMs;
      this.#interruption.end(atMs);
      this.#unheard.voiceEnded(atMs);
    }
    this.#judge(atMs);
    this.#watchUnheard(atMs);
    this.#watchSilence(atMs);
    this.#watchIdle(atMs);
  }

  #pause(atMs: number): void {
    this.#speech.pause();
    this.#judge(atMs);
  }

  #resume(atMs: number): void {
    this.#interruption.forget();
    this.#speech.resume();
    this.#watchSilence(atMs);
  }

  /** What is dismissed while the caller still speaks may yet be confirmed, by their words. */
  #judge(atMs: number): void {
    if (!this.#speech.isAudible) return;
    const verdict = this.#interruption.verdict(atMs);
    if (verdict === 'confirmed') this.#interrupt(atMs);
    else if (verdict === 'dismissed') this.#speech.resume();
    else this.#timers.set('interruption', this.#interruption.nextAtMs(atMs), atMs);
  }

  /** R12, R13: silence, the step let go, the history cut to what was heard; what writes goes on. */
  #interrupt(atMs: number): void {
    const turn = this.#turn;
    if (!turn && !this.#speech.isAudible) return;
    const { heard, unheard } = this.#speech.tell(turn ? turn.spans : this.#idleSpans);
    if (turn && !this.#speech.isAudible) this.#closeSpan(turn.step);
    if (this.#speech.isStalled) this.#lost++;
    this.#silenceNow();
    this.#unheard.understood();
    this.#farewell = undefined;
    this.#interruption.forget();
    this.#report({ type: 'interruption', turn: this.#turnNumber, heard, unheard });
    if (turn) this.#calls.drop(turn, 'The caller spoke before this was done, and it was cancelled.');
    this.#idleSinceMs = atMs;
    if (turn) this.#endTurn(turn, 'interrupted', atMs);
    this.#watchIdle(atMs);
  }

  #silenceNow(): void {
    this.#speech.clear();
    this.#abortStep();
  }

  #abortStep(): void {
    const step = this.#turn?.step;
    if (!step?.isOpen || this.#turn?.finishing) return;
    step.isOpen = false;
    step.span = undefined;
    this.#push({ type: 'abort-step', generation: this.#generation });
    this.#generation++;
  }

  // ---- silence ------------------------------------------------------------------------------------------------------

  get #silenceCause(): SilenceCause | undefined {
    const turn = this.#turn;
    if (!turn) return undefined;
    if (this.#speech.isStalled) return 'speech';
    if (!this.#speech.isSilent) return this.#speech.hasStarted ? undefined : 'speech';
    const { calls, isOpen } = turn.step;
    if (calls.some((state) => !state.outcome && !state.isHeld)) return 'tool';
    const isSaid = turn.finishing !== undefined || (!isOpen && calls.some((state) => state.isHeld));
    return isSaid ? undefined : 'model'; // the sound behind the last word is nobody's silence
  }

  /** R16, R17: the next phrase is due while the agent is silent, has not finished, and nobody else speaks. */
  #watchSilence(atMs: number): void {
    const turn = this.#turn;
    if (!turn || !this.#owesSound(turn)) return;
    this.#timers.setNoLater('silence', this.#nextSilence(turn).atMs, atMs);
  }

  #nextSilence(turn: TurnState) {
    const { step } = turn;
    const waiting = this.#waitingCall(turn);
    const isSilentTool = !step.hasSpoken && waiting !== undefined && (waiting.facts?.filler.length ?? 0) > 0;
    return nextDue(
      {
        quietSinceMs: turn.quietSinceMs,
        waitingSinceMs: turn.waitingSinceMs,
        phrases: turn.phrases,
        silentToolSinceMs: isSilentTool ? waiting.startedAtMs : undefined,
        hasSpoken: step.hasSpoken && !(this.#speech.isStalled && !this.#speech.hasStarted),
      },
      this.#options.turn,
    );
  }

  /** The caller hears nothing, and should. */
  #owesSound(turn: TurnState): boolean {
    const isDone = turn.finishing !== undefined && !this.#speech.isStalled;
    return !isDone && this.#speech.isSilent && !this.#isCallersTurn(turn);
  }

  /** They speak, or a tool waits for what they do: the silence is not the agent's to break. */
  #isCallersTurn(turn: TurnState): boolean {
    return this.#isCallerSpeaking || (turn.step.hasSpoken && this.#waitingCall(turn)?.facts?.waitsForCaller === true);
  }

  #waitingCall(turn: TurnState): CallState | undefined {
    return turn.step.calls.find((state) => !state.outcome && !state.isHeld);
  }

  #breakSilence(atMs: number): void {
    const turn = this.#turn;
    if (!turn || !this.#owesSound(turn)) return;
    const due = this.#nextSilence(turn);
    if (due.atMs <= atMs + TIMER_SLACK_MS) {
      if (due.what === 'give-up') return this.#giveUp(turn, atMs);
      this.#speakWhileWaiting(turn, due.what, atMs);
    }
    this.#watchSilence(atMs);
  }

  #speakWhileWaiting(turn: TurnState, what: 'filler' | 'progress', atMs: number): void {
    const facts = this.#waitingCall(turn)?.facts;
    const own = what === 'filler' ? facts?.filler : facts?.progress;
    const common = what === 'filler' ? this.#options.phrases.hold : this.#options.phrases.progress;
    const hasOwn = own !== undefined && own.length > 0 && !this.#phrases.wouldRepeat(own);
    turn.phrases++;
    if (this.#speech.isStalled && !this.#speech.canSpeakAhead) {
      turn.quietSinceMs = atMs; // nor would a phrase come out: looked at again when the next one is due
      return;
    }
    const text = this.#phrases.next(hasOwn ? own : common) ?? '';
    const kind = hasOwn && what === 'filler' ? 'tool-filler' : 'progress';
    if (this.#speech.isStalled) this.#speakAhead(turn, text, kind);
    else this.#speak(text, kind, atMs);
  }

  #speakAhead(turn: TurnState, text: string, kind: SpeechKind): void {
    const entry = turn.step.entry ?? this.#history.appendable ?? this.#history.openEntry(turn.number);
    const span = this.#speech.openAhead(entry, turn.spans);
    this.#speech.say(entry, span, text, { kind, turn: turn.number, step: turn.step.number, isAhead: true });
    this.#speech.close(span);
  }

  /** R17: too long; the caller is told, and handed to a person if there is one. */
  #giveUp(turn: TurnState, atMs: number): void {
    this.#closeSpan(turn.step);
    if (this.#speech.isStalled) this.#speech.clear();
    this.#abortStep();
    this.#calls.drop(turn, 'It took too long and was cancelled.');
    const { giveUpMs, transferTo } = this.#options.turn;
    const message = `Nothing to say to the caller for ${giveUpMs} ms: gave up on this turn.`;
    const { number, step } = turn;
    this.#report({ type: 'error', turn: number, step: step.number, code: 'gave-up', message, requestId: undefined });
    turn.finishing = 'failed';
    if (transferTo) this.#farewell = { type: 'transfer', to: transferTo };
    this.#recover(turn, 'failed', atMs);
  }

  /** Nobody speaks, no turn runs, and the caller is not being handed over. */
  get #isIdle(): boolean {
    return !this.#turn && !this.#speech.isAudible && !this.#isCallerSpeaking && this.#life === 'live';
  }

  /** R17, while no turn can begin: the service that understands the caller was lost, or is back. */
  #hear(isUp: boolean, atMs: number): void {
    this.#unheard.hearing(isUp, atMs);
    this.#watchUnheard(atMs);
  }

  #watchUnheard(atMs: number): void {
    const due = this.#mayBreakSilence ? this.#unheard.next(this.#idleSinceMs) : undefined;
    if (due) this.#timers.set('unheard', due.atMs, atMs);
  }

  get #mayBreakSilence(): boolean {
    return this.#isIdle && this.#outage === undefined && this.#farewell === undefined;
  }

  #tellUnheard(atMs: number): void {
    const due = this.#mayBreakSilence ? this.#unheard.next(this.#idleSinceMs) : undefined;
    if (!due) return;
    if (due.atMs > atMs + TIMER_SLACK_MS) return this.#watchUnheard(atMs);
    this.#unheard.spoke();
    const text = this.#phrases.next(this.#options.phrases[due.what]) ?? '';
    this.#speak(text, due.what === 'recovery' ? 'recovery' : 'progress', atMs);
    if (due.what === 'recovery') this.#unheard.understood(); // they will not come
    this.#watchIdle(atMs);
  }

  /** R14, R18: nobody speaks and nothing runs: late results are told, or the caller is nudged. */
  #watchIdle(atMs: number): void {
    if (!this.#isIdle) return;
    if (this.#hasNews) this.#timers.setNoLater('late-result', atMs + this.#options.turn.lateResultMs, atMs);
    if (this.#calls.areRunning) return;
    this.#timers.setNoLater('away', this.#idleSinceMs + this.#options.turn.awayMs, atMs);
  }

  #nudge(atMs: number): void {
    if (!this.#isIdle || this.#calls.areRunning) return;
    if (this.#idleSinceMs + this.#options.turn.awayMs <= atMs + TIMER_SLACK_MS) {
      const { nudge } = this.#options.phrases;
      this.#idleSinceMs = atMs;
      if (this.#nudges++ < this.#options.turn.nudges) this.#speak(this.#phrases.next(nudge) ?? '', 'nudge', atMs);
      else return this.#sayGoodbye({ type: 'hang-up', reason: 'caller-away' }, atMs);
    }
    this.#watchIdle(atMs);
  }

  #tellLateResults(atMs: number): void {
    if (!this.#hasNews || !this.#isIdle) return;
    this.#beginTurn('', 0, atMs);
  }

  // ---- keys and timers ----------------------------------------------------------------------------------------------

  #takeDigit(digit: string, atMs: number): void {
    this.#report({ type: 'digit', digit });
    this.#idleSinceMs = atMs;
    if (digit !== '#') this.#digits += digit;
    if (digit === '#') this.#endDigits(atMs);
    else this.#timers.set('digits', atMs + this.#options.turn.digitsMs, atMs);
  }

  #endDigits(atMs: number): void {
    const digits = this.#digits || '#';
    this.#digits = '';
    this.#timers.clear('digits');
    this.#hearCaller(`(keypad) ${digits}`, 0, atMs);
  }

  #ring(timer: string, atMs: number): void {
    this.#timers.rang(timer);
    // prettier-ignore
    switch (timer) {
      case 'interruption': return this.#judge(atMs);
      case 'noise': return this.#isCallerSpeaking ? this.#hearVoice({ type: 'caller-speech', phase: 'end' }, atMs) : undefined;
      case 'silence': return this.#breakSilence(atMs);
      case 'unheard': return this.#tellUnheard(atMs);
      case 'late-result': return this.#tellLateResults(atMs);
      case 'away': return this.#nudge(atMs);
      case 'digits': return this.#digits === '' ? undefined : this.#endDigits(atMs);
    }
  }

  // ---- the call ends ------------------------------------------------------------------------------------------------

  /** R20: everything is let go, but for writes: they finish, and are recorded. */
  #endCall(reason: string, by: 'agent' | 'caller', atMs: number): void {
    const turn = this.#turn;
    this.#silenceNow();
    if (turn) {
      this.#calls.drop(turn, 'The call ended first, and it was cancelled.');
      this.#endTurn(turn, by === 'agent' ? 'replied' : 'interrupted', atMs);
    }
    this.#timers.clearAll();
    if (by === 'agent') this.#push({ type: 'hang-up', reason });
    this.#history.addLateResults(this.#turnNumber); // for the record
    this.#life = 'ending';
    this.#endReason = reason;
    this.#endWhenSettled();
  }

  #endWhenSettled(): void {
    if (this.#calls.areRunning) return;
    this.#life = 'ended';
    this.#report({ type: 'call-end', reason: this.#endReason });
  }

  // ---- what is told -------------------------------------------------------------------------------------------------

  #reportStepEnd(turn: TurnState, event: EventOf<'step-end'> | EventOf<'step-failed'>): void {
    const { step } = turn;
    const facts: StepFacts = event.facts;
    if (facts.usage) this.#history.calibrate(facts.usage.promptTokens);
    turn.silence.wasQueued(facts.queueMs);
    const hasFailed = event.type === 'step-failed';
    if (hasFailed) {
      const { code, message } = event;
      const { requestId } = facts;
      this.#report({ type: 'error', turn: turn.number, step: step.number, code, message, requestId });
    }
    this.#report({
      type: 'step-end',
      turn: turn.number,
      step: step.number,
      finishReason: hasFailed ? 'failed' : event.finishReason,
      textKind: step.sawCall ? 'filler' : 'answer',
      ...facts,
    });
  }

  #report(event: TurnReport): void {
    this.#effects.push({ type: 'report', event });
  }

  #push(effect: TurnEffect): void {
    this.#effects.push(effect);
  }
}
