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
import type { ToolControl, ToolFacts, ToolOutcome } from '../tool/contract.ts';
import { isBackchannel } from './backchannel.ts';
import type { SpeechKind, StepFacts, TurnEffect, TurnEvent, TurnOutcome, TurnReport } from './contract.ts';
import { heardOf, History, type AssistantEntry, type Span } from './history.ts';
import { Interruption } from './interruption.ts';
import type { MachineOptions } from './options.ts';
import { PhraseBook } from './phrases.ts';
import { nextDue, type SilenceCause } from './silence.ts';
import { newStep, newTurn, type CallState, type TurnState } from './step.ts';

type EventOf<Type extends TurnEvent['type']> = Extract<TurnEvent, { type: Type }>;

/** Timers may fire a little early; a deadline this near has come. */
const TIMER_SLACK_MS = 1;

/** For a turn that nobody's words began, and whose result already has its place further up. */
const RESULT_IS_IN = 'A result that was still out has come in meanwhile. Tell the caller.';

export class TurnMachine {
  readonly #options: MachineOptions;
  readonly #tools: ReadonlyMap<string, ToolFacts>;
  readonly #history: History;
  readonly #interruption: Interruption;
  readonly #phrases = new PhraseBook();
  readonly #timers = new Map<string, number>();
  /** Every call whose handler runs, whichever turn it belongs to. */
  readonly #running = new Map<string, CallState>();
  #effects: TurnEffect[] = [];
  #life: 'new' | 'live' | 'transferring' | 'ending' | 'ended' = 'new';
  #endReason = '';
  #generation = 0;
  #turnNumber = 0;
  #turn: TurnState | undefined;
  #utterances = 0;
  /** What is said outside of turns: greeting, nudges, the program's own words. */
  #idleSpans: Span[] = [];
  #idleSinceMs = 0;
  /** Something has been said that is not all heard; never in text, where what is said is heard. */
  #isAudible = false;
  #hasStarted = false;
  #isPaused = false;
  #isCallerSpeaking = false;
  /** Results came that the model has not been told of (R14). */
  #hasNews = false;
  #nudges = 0;
  #digits = '';
  /** What is carried out as soon as everything said has been heard. */
  #farewell: ToolControl | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]));
    this.#history = new History(options.instructions, options.turn);
    this.#interruption = new Interruption(options.turn);
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
    // prettier-ignore
    switch (event.type) {
      case 'call-start': return this.#startCall(event.facts, atMs);
      case 'caller-turn': return this.#hearCaller(event.text, event.endpointingMs ?? 0, atMs);
      case 'caller-speech': return this.#hearVoice(event, atMs);
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
      case 'timer': return this.#ring(event.timer, atMs);
      case 'digit': return this.#takeDigit(event.digit, atMs);
      case 'say': return this.#sayVerbatim(event, atMs);
      case 'transfer-failed': return this.#failTransfer(event.message, atMs);
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
    const isSpoken = this.#options.hearing === 'reported';
    if (isSpoken && (this.#turn || this.#isAudible) && isBackchannel(text)) return this.#resume(atMs); // "mm-hm": go on
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
      step.span = this.#openSpan(entry, turn.spans);
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
    if (step.span) this.#push({ type: 'flush', utterance: step.span.utterance });
    step.span = undefined;
  }

  /** R3: the handler starts in the tick in which its call is complete. */
  #startCallOf(received: ToolCall, atMs: number): void {
    const turn = this.#turn as TurnState;
    if (turn.step.ignoresCalls) return;
    const state = this.#addCall(turn, received, atMs);
    if (state.facts?.effect === 'terminal') state.isHeld = true;
    else this.#run(state);
    this.#watchSilence(atMs);
  }

  /** R9: what cannot run is a result that the model reads. */
  #refuseCall({ call, message }: EventOf<'tool-call-failed'>, atMs: number): void {
    const turn = this.#turn as TurnState;
    if (turn.step.ignoresCalls) return;
    const state = this.#addCall(turn, call, atMs);
    this.#reportStart(state);
    const content = JSON.stringify({ error: message });
    this.#settle(state, { ok: false, content, failure: 'invalid-arguments' }, 0);
  }

  #addCall(turn: TurnState, received: ToolCall, atMs: number): CallState {
    this.#closeFiller();
    const { step } = turn;
    const call = { ...received, id: this.#uniqueId(received.id) };
    step.entry ??= this.#history.openEntry(turn.number);
    this.#history.addCall(step.entry, call);
    const state: CallState = {
      call,
      facts: this.#tools.get(call.name),
      turn: turn.number,
      step: step.number,
      startedAtMs: atMs,
      isHeld: false,
      outcome: undefined,
    };
    step.calls.push(state);
    return state;
  }

  /** Some servers number the calls of every answer from zero; a history must not hold an id twice. */
  #uniqueId(id: string): string {
    if (!this.#history.hasCall(id)) return id;
    let count = 2;
    while (this.#history.hasCall(`${id}-${count}`)) count++;
    return `${id}-${count}`;
  }

  #run(state: CallState): void {
    state.isHeld = false;
    this.#running.set(state.call.id, state);
    this.#reportStart(state);
    const effect = state.facts?.effect ?? 'read';
    this.#push({ type: 'run-tool', call: state.call, effect, turn: state.turn, step: state.step });
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
    const state = this.#running.get(callId);
    if (!state) return; // cancelled, and answered as such
    this.#running.delete(callId);
    const isLate = !this.#isOfThisStep(state);
    this.#settle(state, outcome, durationMs, isLate);
    if (this.#life === 'ending') {
      this.#history.addLateResults(state.turn); // for the record
      return this.#endWhenSettled();
    }
    if (!isLate) return this.#advance(atMs);
    this.#hasNews = true;
    this.#idleSinceMs = atMs;
    this.#watchIdle(atMs);
  }

  /** Exactly one result for each call (R13, R21). */
  #settle(state: CallState, outcome: ToolOutcome, durationMs: number, isLate = false): void {
    state.outcome = outcome;
    state.isHeld = false;
    this.#history.answer(state.call.id, outcome.content);
    if (!outcome.ok) this.#countInvalid(state, outcome.failure);
    this.#report({
      type: 'tool-end',
      turn: state.turn,
      step: state.step,
      id: state.call.id,
      name: state.call.name,
      ok: outcome.ok,
      ...(outcome.ok ? { result: outcome.content } : { error: outcome.content, failure: outcome.failure }),
      durationMs,
      ...(isLate ? { isLate } : {}),
    });
  }

  /** R9: the same invalid call twice ends tool use for this turn. */
  #countInvalid({ call, turn }: CallState, failure: string): void {
    if (this.#turn?.number !== turn || (failure !== 'unknown-tool' && failure !== 'invalid-arguments')) return;
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
    if (control) return this.#isAudible ? undefined : this.#carryOut(control, atMs);
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
      for (const state of held) this.#revoke(state, 'Not carried out, because another tool failed.');
      return true;
    }
    const words = held.map((state) => state.facts?.filler ?? []).find((filler) => filler.length > 0);
    if (!turn.step.hasSpoken && words) this.#speak(this.#phrases.next(words) ?? '', 'tool-filler', atMs);
    if (!this.#isAudible) for (const state of held) this.#run(state);
    return false;
  }

  #revoke(state: CallState, note: string): void {
    this.#reportStart(state);
    this.#settle(state, { ok: false, content: JSON.stringify({ status: 'revoked', note }), failure: 'cancelled' }, 0);
  }

  #carryOut(control: ToolControl, atMs: number): void {
    this.#farewell = undefined;
    if (control.type === 'hang-up') return this.#endCall(control.reason, 'agent', atMs);
    if (this.#turn) this.#endTurn(this.#turn, this.#turn.finishing ?? 'replied', atMs);
    this.#life = 'transferring';
    this.#push({ type: 'transfer', to: control.to });
  }

  #failTransfer(message: string, atMs: number): void {
    if (this.#life !== 'transferring') return;
    this.#life = 'live';
    this.#history.addNote(this.#turnNumber + 1, `The transfer failed and the caller is still here: ${message}`);
    this.#beginTurn('', 0, atMs);
  }

  #tellProgress(callId: string, text: string, atMs: number): void {
    const state = this.#running.get(callId);
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
    if (!this.#isAudible) this.#allHeard(atMs);
  }

  /** Everything said has been heard: what waited for that happens now. */
  #allHeard(atMs: number): void {
    const turn = this.#turn;
    if (turn?.finishing) this.#endTurn(turn, turn.finishing, atMs);
    if (this.#farewell) return this.#carryOut(this.#farewell, atMs);
    if (this.#turn) this.#advance(atMs);
    this.#watchSilence(atMs);
    this.#watchIdle(atMs);
  }

  #endTurn(turn: TurnState, outcome: TurnOutcome, atMs: number): void {
    if (this.#options.hearing === 'emitted') this.#history.hearAll();
    turn.silence.mark(atMs, undefined);
    const { heard } = heardOf(turn.spans);
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
    const span = this.#openSpan(entry, turn ? turn.spans : this.#idleSpans);
    this.#say(entry, span, text, kind, atMs);
    this.#push({ type: 'flush', utterance: span.utterance });
  }

  #openSpan(entry: AssistantEntry, spans: Span[]): Span {
    const span = this.#history.openSpan(entry, ++this.#utterances);
    spans.push(span);
    return span;
  }

  #say(entry: AssistantEntry, span: Span, text: string, kind: SpeechKind, atMs: number): void {
    this.#history.addText(entry, span, text);
    const turn = this.#turn;
    this.#push({
      type: 'say',
      utterance: span.utterance,
      text,
      kind,
      turn: this.#turnNumber,
      step: turn ? turn.step.number : 0,
    });
    if (this.#options.hearing === 'reported') {
      this.#isAudible = true;
      return;
    }
    this.#idleSinceMs = atMs;
    if (!turn) return;
    turn.quietSinceMs = atMs;
    turn.firstWordAtMs ??= atMs;
  }

  #sayVerbatim({ text, thenHangUp }: EventOf<'say'>, atMs: number): void {
    this.#speak(text, 'verbatim', atMs);
    if (thenHangUp !== undefined) {
      this.#farewell = { type: 'hang-up', reason: thenHangUp };
      if (!this.#isAudible) return this.#allHeard(atMs);
    }
    this.#watchIdle(atMs);
  }

  #startPlayback(atMs: number): void {
    this.#hasStarted = true;
    if (this.#turn) this.#turn.firstWordAtMs ??= atMs;
    if (this.#isCallerSpeaking) this.#pause(atMs);
  }

  /** R22. When the model falls silent in the middle of a sentence, so does the agent: then R17 counts from here. */
  #hearBack({ utterance, characters }: EventOf<'heard'>, atMs: number): void {
    this.#history.hear(utterance, characters);
    if (!this.#turn || !this.#isSilent) return;
    this.#turn.quietSinceMs = atMs;
    this.#watchSilence(atMs);
  }

  #endPlayback(atMs: number): void {
    if (!this.#isAudible) return;
    this.#isAudible = this.#hasStarted = this.#isPaused = false;
    this.#history.hearAll();
    this.#idleSinceMs = atMs;
    if (this.#turn) this.#turn.quietSinceMs = atMs;
    this.#allHeard(atMs);
  }

  // ---- interruption -------------------------------------------------------------------------------------------------

  /** R11: any voice pauses; words, or enough of it, interrupt; else playback goes on where it stopped. */
  #hearVoice({ phase, words }: EventOf<'caller-speech'>, atMs: number): void {
    if (phase === 'start') {
      this.#isCallerSpeaking = true;
      this.#interruption.start(atMs);
      if (this.#isAudible) this.#pause(atMs);
      return;
    }
    if (phase === 'words') this.#interruption.words(words ?? '');
    else {
      this.#isCallerSpeaking = false;
      this.#idleSinceMs = atMs;
      this.#interruption.end(atMs);
    }
    this.#judge(atMs);
    this.#watchSilence(atMs);
    this.#watchIdle(atMs);
  }

  #pause(atMs: number): void {
    if (!this.#isPaused) this.#push({ type: 'pause' });
    this.#isPaused = true;
    this.#judge(atMs);
  }

  #resume(atMs: number): void {
    this.#interruption.forget();
    if (this.#isPaused) this.#push({ type: 'resume' });
    this.#isPaused = false;
    this.#watchSilence(atMs);
  }

  #judge(atMs: number): void {
    if (!this.#isAudible) return;
    const verdict = this.#interruption.verdict(atMs);
    if (verdict === 'confirmed') this.#interrupt(atMs);
    else if (verdict === 'dismissed') this.#resumeUnlessSpeaking();
    else this.#setTimer('interruption', this.#interruption.nextAtMs(atMs), atMs);
  }

  /** Playback goes on; what the caller may still be saying is judged by its words alone. */
  #resumeUnlessSpeaking(): void {
    if (this.#isPaused) this.#push({ type: 'resume' });
    this.#isPaused = false;
  }

  /** R12, R13: silence, the step let go, the history cut to what was heard; what writes goes on. */
  #interrupt(atMs: number): void {
    const turn = this.#turn;
    if (!turn && !this.#isAudible) return;
    if (this.#options.hearing === 'emitted') this.#history.hearAll();
    const { heard, unheard } = heardOf(turn ? turn.spans : this.#idleSpans);
    if (turn && !this.#isAudible) this.#closeSpan(turn.step);
    this.#silenceNow();
    this.#farewell = undefined;
    this.#interruption.forget();
    this.#report({ type: 'interruption', turn: this.#turnNumber, heard, unheard });
    if (turn) this.#dropCalls(turn, 'The caller spoke before this was done, and it was cancelled.');
    this.#idleSinceMs = atMs;
    if (turn) this.#endTurn(turn, 'interrupted', atMs);
    this.#watchIdle(atMs);
  }

  #silenceNow(): void {
    if (this.#isAudible) this.#push({ type: 'clear' });
    this.#isAudible = this.#hasStarted = this.#isPaused = false;
    this.#abortStep();
    this.#history.cutToHeard();
  }

  #abortStep(): void {
    const step = this.#turn?.step;
    if (!step?.isOpen || this.#turn?.finishing) return;
    step.isOpen = false;
    step.span = undefined;
    this.#push({ type: 'abort-step', generation: this.#generation });
    this.#generation++;
  }

  /** R13, R19: reads are cancelled, writes go on and their results come late, what was to end the call is revoked. */
  #dropCalls(turn: TurnState, note: string): void {
    for (const state of turn.step.calls) {
      if (state.outcome) continue;
      if (state.isHeld) this.#revoke(state, 'Not carried out, because the caller spoke first. The call goes on.');
      else if ((state.facts?.effect ?? 'read') === 'read') this.#cancel(state, note);
    }
  }

  #cancel(state: CallState, note: string): void {
    this.#running.delete(state.call.id);
    this.#push({ type: 'cancel-tool', callId: state.call.id });
    this.#settle(state, { ok: false, content: JSON.stringify({ status: 'cancelled', note }), failure: 'cancelled' }, 0);
  }

  // ---- silence ------------------------------------------------------------------------------------------------------

  /** The caller hears nothing, and nothing that they would hear is on its way. */
  get #isSilent(): boolean {
    return !this.#isAudible || (this.#hasStarted && this.#history.isAllHeard);
  }

  get #silenceCause(): SilenceCause | undefined {
    const turn = this.#turn;
    if (!turn) return undefined;
    if (!this.#isSilent) return this.#hasStarted ? undefined : 'speech';
    return turn.step.calls.some((state) => !state.outcome && !state.isHeld) ? 'tool' : 'model';
  }

  /** R16, R17: the next phrase is due while the agent is silent, has not finished, and nobody else speaks. */
  #watchSilence(atMs: number): void {
    const turn = this.#turn;
    if (!turn || turn.finishing || !this.#isSilent || this.#isCallersTurn(turn)) return;
    this.#setTimer('silence', this.#nextSilence(turn).atMs, atMs, 'earliest');
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
        hasSpoken: step.hasSpoken,
      },
      this.#options.turn,
    );
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
    if (!turn || turn.finishing || !this.#isSilent || this.#isCallersTurn(turn)) return;
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
    const text = this.#phrases.next(hasOwn ? own : common) ?? '';
    this.#speak(text, hasOwn && what === 'filler' ? 'tool-filler' : 'progress', atMs);
  }

  /** R17: too long; the caller is told, and handed to a person if there is one. */
  #giveUp(turn: TurnState, atMs: number): void {
    this.#closeSpan(turn.step);
    this.#abortStep();
    this.#dropCalls(turn, 'It took too long and was cancelled.');
    const { giveUpMs, transferTo } = this.#options.turn;
    const message = `Nothing to say to the caller for ${giveUpMs} ms: gave up on this turn.`;
    const { number, step } = turn;
    this.#report({ type: 'error', turn: number, step: step.number, code: 'gave-up', message, requestId: undefined });
    turn.finishing = 'failed';
    if (transferTo) this.#farewell = { type: 'transfer', to: transferTo };
    this.#recover(turn, 'failed', atMs);
  }

  /** R14, R18: nobody speaks and nothing runs: late results are told, or the caller is nudged. */
  #watchIdle(atMs: number): void {
    if (this.#turn || this.#isAudible || this.#isCallerSpeaking || this.#life !== 'live') return;
    if (this.#hasNews) this.#setTimer('late-result', atMs + this.#options.turn.lateResultMs, atMs, 'earliest');
    if (this.#running.size > 0) return;
    this.#setTimer('away', this.#idleSinceMs + this.#options.turn.awayMs, atMs, 'earliest');
  }

  #nudge(atMs: number): void {
    if (this.#turn || this.#isAudible || this.#isCallerSpeaking || this.#running.size > 0) return;
    if (this.#idleSinceMs + this.#options.turn.awayMs <= atMs + TIMER_SLACK_MS) {
      const { nudge, goodbye } = this.#options.phrases;
      this.#idleSinceMs = atMs;
      if (this.#nudges++ < this.#options.turn.nudges) this.#speak(this.#phrases.next(nudge) ?? '', 'nudge', atMs);
      else {
        this.#farewell = { type: 'hang-up', reason: 'caller-away' };
        this.#speak(this.#phrases.next(goodbye) ?? '', 'verbatim', atMs);
        if (!this.#isAudible) return this.#allHeard(atMs);
      }
    }
    this.#watchIdle(atMs);
  }

  #tellLateResults(atMs: number): void {
    if (!this.#hasNews || this.#turn || this.#isAudible || this.#isCallerSpeaking) return;
    this.#beginTurn('', 0, atMs);
  }

  // ---- keys and timers ----------------------------------------------------------------------------------------------

  #takeDigit(digit: string, atMs: number): void {
    this.#report({ type: 'digit', digit });
    this.#idleSinceMs = atMs;
    if (digit !== '#') this.#digits += digit;
    if (digit === '#') this.#endDigits(atMs);
    else this.#setTimer('digits', atMs + this.#options.turn.digitsMs, atMs);
  }

  #endDigits(atMs: number): void {
    const digits = this.#digits || '#';
    this.#digits = '';
    this.#clearTimer('digits');
    this.#hearCaller(`(keypad) ${digits}`, 0, atMs);
  }

  #ring(timer: string, atMs: number): void {
    this.#timers.delete(timer);
    // prettier-ignore
    switch (timer) {
      case 'interruption': return this.#judge(atMs);
      case 'silence': return this.#breakSilence(atMs);
      case 'late-result': return this.#tellLateResults(atMs);
      case 'away': return this.#nudge(atMs);
      case 'digits': return this.#digits === '' ? undefined : this.#endDigits(atMs);
    }
  }

  /** `earliest`: a timer that is already set to ring before stays; it finds out then what is due. */
  #setTimer(timer: string, dueAtMs: number, atMs: number, mode: 'exact' | 'earliest' = 'exact'): void {
    const set = this.#timers.get(timer);
    if (set !== undefined && (mode === 'earliest' ? set <= dueAtMs : set === dueAtMs)) return;
    this.#timers.set(timer, dueAtMs);
    this.#push({ type: 'set-timer', timer, afterMs: Math.max(0, dueAtMs - atMs) });
  }

  #clearTimer(timer: string): void {
    if (this.#timers.delete(timer)) this.#push({ type: 'set-timer', timer, afterMs: null });
  }

  // ---- the call ends ------------------------------------------------------------------------------------------------

  /** R20: everything is let go, but for writes: they finish, and are recorded. */
  #endCall(reason: string, by: 'agent' | 'caller', atMs: number): void {
    const turn = this.#turn;
    if (this.#options.hearing === 'emitted') this.#history.hearAll();
    this.#silenceNow();
    if (turn) {
      this.#dropCalls(turn, 'The call ended first, and it was cancelled.');
      this.#endTurn(turn, by === 'agent' ? 'replied' : 'interrupted', atMs);
    }
    for (const timer of [...this.#timers.keys()]) this.#clearTimer(timer);
    if (by === 'agent') this.#push({ type: 'hang-up', reason });
    this.#history.addLateResults(this.#turnNumber); // for the record
    this.#life = 'ending';
    this.#endReason = reason;
    this.#endWhenSettled();
  }

  #endWhenSettled(): void {
    if (this.#running.size > 0) return;
    this.#life = 'ended';
    this.#report({ type: 'call-end', reason: this.#endReason });
  }

  // ---- what is told -------------------------------------------------------------------------------------------------

  #reportStart({ call, facts, turn, step }: CallState): void {
    const effect = facts?.effect ?? 'read';
    this.#report({ type: 'tool-start', turn, step, id: call.id, name: call.name, arguments: call.arguments, effect });
  }

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
