/**
 * What happens next in a call: events and their time in, effects out. No I/O, no clock, no promise, no random id.
 *
 *   caller-turn -> request-step -> text-delta -> say
 *                      ^        -> tool-call  -> run-tool -> tool-settled -+
 *                      +--------------- step ended, all settled -----------+
 *
 * Read from top to bottom it follows a turn: it begins, a step ends, its tools run, it ends; then what may come between
 * (interruption, silence, keys) and who goes on. Here it is decided what happens next; what is done in a turn, word by word and
 * call by call, is in `turns.ts`, how the call ends in `closing.ts`, and each other part in a file of its own. The rules are those of the design.
 */
import { assert, needed } from '../lib/assert.ts';
import { limitSpeech } from '../lib/speech-length.ts';
import type { Message } from '../model/contract.ts';
import type { HandOff, TaskEnd, ToolControl } from '../tool/contract.ts';
import { Asides } from './asides.ts';
import { CallerVoice } from './caller-voice.ts';
import { nextOf } from './calls.ts';
import { Closing } from './closing.ts';
import {
  TIMER_NAMES,
  type TimerName,
  type TurnEffect,
  type TurnEvent,
  type TurnEventOf,
  type TurnOutcome,
  type TurnReport,
} from './contract.ts';
import { Due, MOVED_BY_WORDS } from './due.ts';
import { Ending, IGNORED_IN_OUTAGE, TOO_LONG } from './ending.ts';
import { Handovers } from './handovers.ts';
import { History } from './history.ts';
import { Hold } from './hold.ts';
import { Idle } from './idle.ts';
import { Keypad } from './keypad.ts';
import { MENU_LOOP } from './menu-loops.ts';
import type { MachineOptions } from './options.ts';
import { Personas } from './personas.ts';
import { Speech } from './speech.ts';
import { endOf, isAskedAnew, priorityOf, runningCall, type StepEndEvent, type TurnState } from './step.ts';
import { Tasks } from './tasks.ts';
import { Timers } from './timers.ts';
import { Turns } from './turns.ts';
import { Waiting } from './waiting.ts';

export class TurnMachine {
  readonly #options: MachineOptions;
  readonly #history: History;
  readonly #speech: Speech;
  readonly #idle: Idle;
  readonly #turns: Turns;
  readonly #voice: CallerVoice;
  readonly #waiting: Waiting;
  readonly #keypad: Keypad;
  readonly #ending: Ending;
  readonly #hold: Hold;
  readonly #asides: Asides;
  readonly #handovers: Handovers;
  readonly #tasks: Tasks;
  readonly #closing: Closing;
  readonly #due: Due;
  readonly #timers: Timers;
  #effects: TurnEffect[] = [];
  readonly #push = (effect: TurnEffect): void => void this.#effects.push(effect);
  readonly #report = (event: TurnReport): void => this.#push({ type: 'report', event });

  constructor(given: MachineOptions) {
    const personas = new Personas(given);
    const options = (this.#options = personas.current);
    const history = (this.#history = new History(options.instructions, options.turn));
    const speech = (this.#speech = new Speech(history, options.heardBy, this.#push));
    const idle = (this.#idle = new Idle(options.turn));
    const turns = (this.#turns = new Turns(options, { history, speech, idle }, this.#push));
    const voice = (this.#voice = new CallerVoice(speech, options, () => turns.spokenOver));
    const waiting = (this.#waiting = new Waiting(options, { turns, speech, voice }));
    this.#asides = new Asides(options, { turns, speech, waiting });
    const keypad = (this.#keypad = new Keypad(options.turn));
    const ending = (this.#ending = new Ending(options.turn));
    const hold = (this.#hold = new Hold(options, turns, this.#report));
    this.#handovers = new Handovers({ personas, turns, speech, history }, this.#push);
    const tasks = (this.#tasks = new Tasks({ personas, turns, speech, history }, this.#push));
    this.#closing = new Closing(
      options,
      { ending, turns, speech, voice, history, hold, tasks },
      { allHeard: (atMs) => this.#allHeard(atMs), beginTurn: (atMs) => this.#beginTurn('', 0, atMs), push: this.#push },
    );
    this.#due = new Due({ history, turns, speech, voice, idle, waiting, keypad, ending, hold });
    this.#timers = new Timers(this.#push);
  }

  /** What the model would be told at this instant. */
  get messages(): readonly Message[] {
    return this.#history.messages;
  }

  /** All that was said and done, whether or not the present agent is shown it. */
  get record(): readonly Message[] {
    return this.#history.record;
  }

  /** Nothing will ever be asked for again. */
  get isEnded(): boolean {
    return this.#ending.isEnded;
  }

  /** Why the call ended, once it is ending. */
  get endReason(): string {
    return this.#ending.reason;
  }

  /**
   * @param atMs milliseconds since the call's start; never less than the time before.
   * @throws {VoiceError} `internal`, when a promise of our own is broken: the machine is not to be used any more.
   */
  handle(event: TurnEvent, atMs: number): TurnEffect[] {
    const effects: TurnEffect[] = (this.#effects = []);
    if (!this.#ending.isOver) this.#dispatch(event, atMs);
    else if (!this.#ending.isEnded && event.type === 'tool-settled') this.#settleTool(event, atMs);
    else if (!this.#ending.isEnded && event.type === 'task-begin') this.#beginTask(event, atMs);
    const turn = this.#turns.current;
    turn?.silence.mark(atMs, this.#waiting.cause(turn));
    this.#idle.mark(atMs, this.#due.canTellNews);
    this.#arm(event.type === 'text-delta' ? MOVED_BY_WORDS : TIMER_NAMES, atMs);
    return effects;
  }

  /** Each part says when it is due, and what is due before its timer rings is set: nothing else sets one. */
  #arm(timers: readonly TimerName[], atMs: number): void {
    if (this.#ending.isOver) return this.#timers.clear();
    for (const timer of timers) this.#timers.arm(timer, this.#due.atMs(timer), atMs);
  }

  #ring(timer: TimerName, atMs: number): void {
    if (!this.#timers.rang(timer, this.#due.atMs(timer), atMs)) return;
    // prettier-ignore
    switch (timer) {
      case 'facts': return this.#turns.facts.giveUp();
      case 'interruption': return this.#voice.look(atMs) ? this.#interrupt(atMs) : undefined;
      case 'noise': return this.#hearVoice('end', undefined, atMs);
      case 'silence': return this.#breakSilence(atMs);
      case 'not-understood': return this.#turns.tellNotUnderstood(atMs);
      case 'late-result': return this.#due.newsAreDue() ? this.#beginTurn('', 0, atMs) : undefined; // R14: they are silent
      case 'away': return this.#nudge(atMs);
      case 'digits': return this.#hearCaller(`(keypad) ${this.#keypad.takeRow()}`, 0, atMs);
      case 'longest-call': return this.#closing.breakOff(TOO_LONG, atMs);
      case 'late-stop': return this.#turns.goOnAfterStop();
      case 'on-hold': return this.#beginTurn('', 0, atMs); // nobody has come
      case 'taken-back': return this.#beginTurn('', 0, atMs); // R25: nothing has followed
    }
  }

  #dispatch(event: TurnEvent, atMs: number): void {
    if (this.#ending.hasOutage && IGNORED_IN_OUTAGE.has(event.type)) return;
    if (this.#turns.ahead.hold(event, atMs)) return;
    // prettier-ignore
    switch (event.type) {
      case 'call-start': return this.#startCall(event, atMs);
      case 'facts': return this.#turns.facts.take(event);
      case 'caller-turn': return this.#hearCaller(limitSpeech(event.text), event.endpointingMs ?? 0, atMs);
      case 'caller-likely-finished': return this.#due.isQuiet && this.#ending.isOpen && !this.#asides.isLate(event.text) ? this.#turns.askAhead(event.text, atMs) : undefined;
      case 'caller-speech': return this.#hearVoice(event.phase, event.words, atMs);
      case 'ear-up': return this.#idle.ear(event.isUp, atMs);
      case 'interrupt': return this.#cutIn(event.upTo, atMs);
      case 'text-delta': return this.#turns.sayDelta(event, atMs);
      case 'text-taken-back': return this.#turns.takeBack(event, atMs);
      case 'tool-call-start': return void this.#turns.closeFiller(event);
      case 'tool-call': return this.#turns.startCall(event, atMs) ? this.#closing.breakOff(MENU_LOOP, atMs) : undefined;
      case 'tool-call-failed': return this.#turns.refuseCall(event, atMs);
      case 'answer-extra': return this.#turns.keepExtra(event);
      case 'step-end':
      case 'step-failed': return this.#endStep(event, atMs);
      case 'tool-settled': return this.#settleTool(event, atMs);
      case 'task-begin': return this.#beginTask(event, atMs);
      case 'tool-progress': return this.#turns.tellProgress(event, this.#voice.isSpeaking, atMs);
      case 'playback-start': return this.#startPlayback(atMs);
      case 'heard': return this.#waiting.hearBack(event, atMs);
      case 'playback-idle': return this.#endPlayback(atMs);
      case 'playback-stalled': return this.#waiting.stall(event, atMs);
      case 'speech-failed': return this.#turns.loseSpeech(event);
      case 'timer': return this.#ring(event.timer, atMs);
      case 'digit': return this.#takeDigit(event.digit, atMs);
      case 'say': return this.#sayVerbatim({ ...event, text: limitSpeech(event.text) }, atMs);
      case 'transfer-failed': return this.#closing.failTransfer(event.message, atMs);
      case 'outage': return this.#closing.breakOff(event.reason, atMs);
      case 'hang-up': return this.#closing.end(event.reason, 'caller', atMs);
    }
  }

  // ---- a turn begins ------------------------------------------------------------------------------------------------

  #startCall(event: TurnEventOf<'call-start'>, atMs: number): void {
    this.#ending.begin(atMs);
    this.#idle.restart(atMs);
    this.#turns.facts.begin(event, atMs);
    if (this.#options.greeting) this.#turns.speak(this.#options.greeting, 'greeting', atMs);
  }

  #hearCaller(text: string, endpointingMs: number, atMs: number): void {
    if (text.trim() === '') return;
    this.#voice.hush(); // though nobody may listen to what it said
    if (!this.#ending.isLive) return;
    this.#idle.understood();
    if (this.#hold.isRecording(text)) return;
    if (this.#options.heardBy !== 'emitted' && this.#asides.hear(text, atMs)) return this.#voice.letGoOn();
    this.#interrupt(atMs);
    this.#turns.lateStop.begin(!this.#speech.isAllHeard, atMs);
    this.#beginTurn(text, endpointingMs, atMs);
  }

  #beginTurn(text: string, endpointingMs: number, atMs: number): void {
    this.#ending.recall();
    this.#voice.forget();
    this.#asides.forget();
    const held = this.#hold.end(atMs);
    this.#tasks.forgetDue(atMs);
    if (text !== '') {
      this.#idle.callerIsThere();
      this.#handovers.callerSpoke();
      if (this.#tasks.callerSpoke(atMs)) this.#turns.ahead.drop(atMs); // R24: it was asked of the task
    }
    const turn = this.#turns.begin(text, endpointingMs, atMs);
    if (held !== undefined) this.#history.addNote(turn.number, held);
    const kept = this.#turns.takeAhead(turn, atMs);
    if (!kept) return this.#turns.requestStep(turn, 'answer');
    for (const event of kept) this.#dispatch(event, atMs); // R24: as if it had just come
  }

  // ---- its step ends, and its tools run -----------------------------------------------------------------------------

  #endStep(event: StepEndEvent, atMs: number): void {
    const turn = this.#turns.endStep(event);
    if (!turn) return;
    if (turn.step.calls.length > 0) return this.#advance(atMs); // R7, R10: what is complete counts, whatever the reason
    if (isAskedAnew(turn.step, event)) return this.#turns.requestStep(turn, 'answer');
    const isTooLong = event.type === 'step-failed' && event.code === 'context-overflow';
    if (isTooLong && this.#turns.shorten(turn, event.fits)) return this.#turns.requestStep(turn, priorityOf(turn));
    const { outcome, isFailed } = endOf(turn.step, event, this.#options.turn);
    if (isFailed) this.#recover(turn, outcome, atMs);
    else this.#finish(turn, outcome, atMs);
  }

  #settleTool(event: TurnEventOf<'tool-settled'>, atMs: number): void {
    this.#tasks.lose(event.callId);
    const settled = this.#turns.settle(this.#handovers.judge(event));
    if (!settled) return;
    if (this.#ending.isOver) {
      this.#history.addLateResults(settled.turn); // for the record
      return this.#closing.settle();
    }
    if (!settled.isLate) this.#advance(atMs);
    else if (this.#history.hasNews) this.#idle.newsCame(atMs); // R28: else it is told after the task
  }

  /** R4, R19: once the answer has ended and its calls are settled, the next step leaves in this tick. */
  #advance(atMs: number): void {
    const turn = this.#turns.current;
    const task = this.#tasks.takeDue();
    if (task) return this.#beginTask(task, atMs);
    if (!turn || turn.finishing || turn.step.isOpen || runningCall(turn.step)) return;
    const { calls } = turn.step;
    if (calls.length === 0 || (calls.some((state) => state.isHeld) && !this.#turns.releaseHeld(turn, atMs))) return;
    const { control, says, isSayCut } = nextOf(calls);
    if (control && (this.#speech.isAudible || this.#handovers.sayFirst(turn, says, atMs))) return;
    this.#turns.calls.carryOut(turn.step, control);
    if (control) return this.#carryOut(control, atMs);
    if (says.length === 0) return this.#turns.requestStep(turn, 'tool-follow-up');
    for (const say of says) this.#turns.speak(say, 'verbatim', atMs);
    this.#finish(turn, isSayCut ? 'cut' : 'replied', atMs);
  }

  // ---- the turn ends ------------------------------------------------------------------------------------------------

  /** R7, R10: nothing is left to go on with, so the caller is asked to say it again. */
  #recover(turn: TurnState, outcome: TurnOutcome, atMs: number): void {
    this.#turns.speakOneOf(this.#options.phrases.recovery, 'recovery', atMs);
    this.#finish(turn, outcome, atMs);
  }

  #finish(turn: TurnState, outcome: TurnOutcome, atMs: number): void {
    turn.finishing = outcome;
    if (turn.hasLost && this.#ending.isOpen) {
      turn.hasLost = false; // the end of an answer whose beginning was not heard
      return this.#recover(turn, 'failed', atMs);
    }
    if (!this.#speech.isAudible) this.#allHeard(atMs);
  }

  /** Everything said has been heard: what waited for that happens now. */
  #allHeard(atMs: number): void {
    const finishing = this.#turns.current?.finishing;
    const answer = this.#asides.takeAnswer();
    if (finishing) this.#turns.end(finishing, atMs);
    const { farewell } = this.#ending;
    if (farewell) return this.#carryOut(farewell, atMs);
    if (this.#turns.current) this.#advance(atMs);
    else if (answer !== undefined && this.#ending.isLive && this.#ending.isOpen) this.#beginTurn(answer, 0, atMs);
    else this.#closing.endForOutage(atMs);
  }

  // ---- speech out ---------------------------------------------------------------------------------------------------

  #sayVerbatim({ text, thenHangUp, thenTransfer }: TurnEventOf<'say'>, atMs: number): void {
    this.#turns.speak(text, 'verbatim', atMs);
    if (thenHangUp === undefined) return;
    this.#ending.planFor(thenHangUp, thenTransfer);
    if (!this.#speech.isAudible) this.#allHeard(atMs);
  }

  #startPlayback(atMs: number): void {
    this.#waiting.start(atMs);
    if (this.#voice.agentStarted(atMs)) this.#interrupt(atMs);
    else this.#speech.sounds();
  }

  #endPlayback(atMs: number): void {
    if (!this.#speech.isAudible) return;
    const outcome = this.#waiting.end(atMs);
    this.#idle.restart(atMs);
    if (outcome === 'words') this.#ending.heardWords();
    if (outcome === 'lost') this.#mendSpeech(atMs);
    else this.#allHeard(atMs);
  }

  /** The caller has not heard all that was said: they are asked to say it again, until the voice is taken to be gone. */
  #mendSpeech(atMs: number): void {
    const turn = this.#turns.current;
    if (this.#ending.lose()) this.#closing.breakOff('speech-failed', atMs);
    if (turn?.finishing && this.#ending.isOpen) return this.#recover(turn, 'failed', atMs);
    if (turn && !turn.finishing && turn.step.isOpen) turn.hasLost = true;
    if (!this.#speech.isAudible) this.#allHeard(atMs); // else the goodbye of an outage has yet to be heard
  }

  // ---- interruption -------------------------------------------------------------------------------------------------

  /** R11: any voice pauses; words, or enough of it, interrupt; else playback goes on where it stopped. */
  #hearVoice(phase: 'start' | 'words' | 'end', words: string | undefined, atMs: number): void {
    if (phase === 'start') this.#idle.voiceStarted(atMs);
    if (phase === 'start') this.#asides.voiceStarted();
    if (phase === 'end') this.#idle.voiceEnded(atMs);
    if (phase === 'words' && words?.trim()) this.#idle.restart(atMs);
    this.#turns.takenBack.restart(atMs);
    if (phase === 'words') this.#turns.ahead.hear(words ?? '', atMs);
    if (this.#voice.hear(phase, words ?? '', atMs)) this.#interrupt(atMs);
  }

  /**
   * R12, R13: the step let go, silence (a line that speaks by itself speaks on), the history cut to what was heard. R25: when
   * nothing was, the turn was taken too early, and its words wait for those that follow.
   */
  #interrupt(atMs: number, how: 'by-voice' | 'beyond-doubt' | 'line-stopped' = 'by-voice'): void {
    const turn = this.#turns.current;
    if (!turn && !this.#speech.isAudible) return;
    const hasStopped = how === 'line-stopped' || this.#options.heardBy !== 'line';
    const isTooEarly = this.#turns.isTooEarly;
    const { heard, unheard } = this.#speech.tell();
    if (!this.#speech.isAudible) this.#speech.close();
    if (this.#speech.isStalled) this.#ending.lose();
    if (hasStopped) this.#speech.clear();
    else this.#speech.leave();
    this.#turns.abortStep();
    this.#idle.understood();
    this.#idle.restart(atMs);
    this.#ending.recall();
    this.#voice.forget();
    this.#asides.forget();
    if (turn && isTooEarly) return this.#turns.takeBackTurn(turn, atMs, how !== 'by-voice');
    if (hasStopped) this.#report({ type: 'interruption', turn: this.#turns.number, heard, unheard });
    if (!turn) return;
    this.#turns.calls.drop(turn, 'The caller spoke before this was done, and it was cancelled.');
    this.#turns.end('interrupted', atMs);
  }

  /** R12. A line has stopped, perhaps in words from before this turn, which goes on then. Who says nothing is asked to. */
  #cutIn(upTo: number | undefined, atMs: number): void {
    const { hasOutage } = this.#ending;
    this.#turns.ahead.drop(atMs);
    if (upTo === undefined) return hasOutage ? undefined : this.#interrupt(atMs, 'beyond-doubt');
    if (this.#turns.survivesStop(upTo, hasOutage)) return;
    const answer = this.#asides.takeEarly();
    this.#interrupt(atMs, 'line-stopped');
    if (answer === undefined) this.#idle.cutIn(atMs);
    else this.#beginTurn(answer, 0, atMs);
  }

  // ---- silence ------------------------------------------------------------------------------------------------------

  /** R16, R17: after so long something must be said; or it is too long: the caller is told, and handed to a person. */
  #breakSilence(atMs: number): void {
    const turn = needed(this.#turns.current, 'a turn to wait in');
    if (this.#waiting.speak(turn, atMs) !== 'give-up') return;
    this.#closing.giveUp(turn);
    this.#recover(turn, 'failed', atMs);
  }

  // ---- between turns ------------------------------------------------------------------------------------------------

  /** R18. */
  #nudge(atMs: number): void {
    if (this.#idle.nudge(atMs)) this.#turns.speakOneOf(this.#options.phrases.nudge, 'nudge', atMs);
    else this.#closing.sayGoodbye({ type: 'hang-up', reason: 'caller-away' }, atMs);
  }

  #takeDigit(digit: string, atMs: number): void {
    this.#report({ type: 'digit', digit });
    this.#idle.restart(atMs);
    const row = this.#keypad.press(digit, atMs);
    if (row !== undefined) this.#hearCaller(`(keypad) ${row}`, 0, atMs);
  }

  // ---- who goes on with the caller ----------------------------------------------------------------------------------

  /** R19: everything said before has been heard. */
  #carryOut(control: ToolControl, atMs: number): void {
    assert(!this.#speech.isAudible, 'everything said to be heard before the caller is let go');
    if (control.type === 'hand-off') this.#handOver(control, atMs);
    else if (control.type === 'hold') this.#hold.begin(atMs);
    else if (control.type === 'end-task') this.#endTask(control.end, atMs);
    else this.#closing.carryOut(control, atMs);
  }

  /** R27: the next turn is another agent's, which greets the caller or answers at once. */
  #handOver(control: HandOff, atMs: number): void {
    const { quietSinceMs, phrases } = needed(this.#turns.current, 'a turn in which the caller is handed over').wait;
    const greeting = this.#handovers.carryOut(control, atMs);
    if (this.#ending.hasOutage) return this.#closing.endForOutage(atMs);
    if (greeting !== undefined) return this.#turns.speak(greeting, 'greeting', atMs);
    this.#beginTurn('', 0, atMs);
    Object.assign(needed(this.#turns.current, 'a turn of the new agent').wait, { quietSinceMs, phrases }); // R17: one silence
  }

  /** R28: all said before is heard, and a task has the caller: it asks, or its model begins. */
  #beginTask(event: TurnEventOf<'task-begin'>, atMs: number): void {
    const turn = this.#tasks.begin(event, atMs);
    if (!turn) return this.#ending.isOver ? this.#closing.settle() : this.#advance(atMs);
    if (event.ask === undefined) return this.#turns.requestStep(turn, 'tool-follow-up');
    this.#turns.speak(limitSpeech(event.ask), 'verbatim', atMs);
    this.#finish(turn, 'replied', atMs);
  }

  /** R28: who began it goes on in the same turn, with its end as the result of a call. */
  #endTask(end: TaskEnd, atMs: number): void {
    this.#tasks.end(end, atMs);
    this.#advance(atMs);
  }
}
