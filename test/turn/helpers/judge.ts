/**
 * Judges what a machine asks for, event by event, in any call whatever: the promises of design section 3 that hold at
 * every instant, whatever happens around the machine. Findings begin with the rule that is broken. Messages are judged
 * by `validate-messages.ts`.
 */
import type { Message } from '../../../src/model/contract.ts';
import type { ToolEffect } from '../../../src/tool/contract.ts';
import type { TurnEffect, TurnEvent, TurnReport } from '../../../src/turn/contract.ts';
import type { MachineOptions } from '../../../src/turn/options.ts';
import { HistoryWatch } from './validate-messages.ts';

/** How much later than asked timers may be in these worlds, and the step in which their time runs. */
const TIMER_SLACK_MS = 250;
/** So long a turn may wait for a line to say that it has stopped, and the caller for being asked, once it has. */
const LATE_STOP_MS = 150;
const CUT_IN_MS = 4_000;
/** What must not be asked for once the line is being given up. */
const ALIVE = new Set<TurnEffect['type']>(['say', 'flush', 'request-step', 'run-tool', 'transfer', 'pause', 'resume']);
/** A caller's turn with this word in it is no backchannel: it must be answered. */
const IN_EARNEST = /\bplease\b/;

interface Machine {
  readonly messages: readonly Message[];
  readonly isEnded: boolean;
}

/** What the world around the machine knows beside the event. */
export interface Circumstances {
  /** The caller hears something at this instant. */
  isAudible: boolean;
  /** The speaker was about to say that it is idle, before the event. */
  owedIdle: boolean;
  /** It still is. */
  owesIdle: boolean;
}

/** The newest step of the turn that runs. */
interface Step {
  toolChoice: 'auto' | 'none';
  /** Calls that came, whether they could run or not. */
  calls: number;
  running: Set<string>;
  hasEnded: boolean;
  hasTerminal: boolean;
  /** One of its tools returned words to be spoken instead of another request. */
  hasWords: boolean;
  /** The model has said something. */
  hasText: boolean;
}

const QUIET: Circumstances = { isAudible: false, owedIdle: false, owesIdle: false };

export class CallJudge {
  readonly #options: MachineOptions;
  readonly #effectOf: ReadonlyMap<string, ToolEffect>;
  readonly #watch: HistoryWatch;
  #problems: string[] = [];

  #openGeneration: number | undefined;
  #newestGeneration = -Infinity;
  #step: Step | undefined;
  #turn: number | undefined;
  #turns = 0;
  #stepsInTurn = 0;
  /** Invalid calls of this turn; from the second equal one on no call needs to be run (R9). */
  #invalid = 0;
  readonly #running = new Map<string, { effect: ToolEffect; turn: number }>();
  readonly #ran = new Set<string>();
  readonly #cancelled = new Set<string>();
  readonly #started = new Set<string>();
  readonly #ended = new Set<string>();
  /** Results that no request has carried yet. */
  readonly #unsent = new Map<string, { token: string; isLate: boolean; sinceMs: number }>();

  #utterance = -Infinity;
  #isFlushed = true;
  #isPaused = false;
  #owedIdle = false;
  /** The utterance that was said ahead of others, until it is flushed. */
  #ahead: number | undefined;
  #isCallerSpeaking = false;
  #lastPhrase = '';
  #silentSinceMs = 0;
  /** Since when nothing runs, nothing is heard and nobody has done anything. */
  #quietSinceMs = 0;
  #hasSpokenInTurn = false;

  /** Nothing that the caller says is understood any more. */
  #isBrokenOff = false;
  /** The facts of the call are yet to come, and their time is not over. */
  #areFactsAwaited = false;
  #failures = 0;
  #isStalled = false;
  #isTransferring = false;
  #isHangingUp = false;
  #hasHungUp = false;
  #hasEnded = false;
  readonly #timers = new Set<string>();
  /** A line that speaks by itself: what the caller said over it, until it is asked; and by when it must be. */
  #held: { text: string; untilMs: number } | undefined;
  #nowMs = 0;
  /** The first utterance that was said in the turn that runs. */
  #firstOfTurn = Infinity;
  /** Since when a caller who cut in is to be asked, or go on. */
  #cutInAtMs: number | undefined;
  /** R25: the caller has asked something in this turn, and has heard something of it. */
  #isAsked = false;
  #hasSounded = false;
  #takenBackInARow = 0;
  /** What they had said in a turn that was taken back, until it is asked. */
  #takenBack: { turn: number; text: string } | undefined;

  constructor(options: MachineOptions, facts?: string) {
    this.#options = options;
    this.#effectOf = new Map(options.tools.map(({ name, effect }) => [name, effect]));
    this.#watch = new HistoryWatch(options, facts);
  }

  /** Everything said so far has been heard, or cleared. */
  get isHeard(): boolean {
    return this.#watch.ledger.isHeard;
  }

  /** The generation whose events count now. */
  get openGeneration(): number | undefined {
    return this.#openGeneration;
  }

  /** The last turn that was taken back had gone on from another one. */
  get isChain(): boolean {
    return this.#takenBackInARow > 1;
  }

  /** The last request asked what was said in a turn that was taken back together with what followed. */
  wasJoined = false;

  /** A turn runs. */
  get hasTurn(): boolean {
    return this.#turn !== undefined;
  }

  /** The model has been asked. */
  get hasAsked(): boolean {
    return this.#newestGeneration > -Infinity;
  }

  /** What is wrong after this event, which the machine has just handled. */
  look(
    event: TurnEvent,
    atMs: number,
    effects: readonly TurnEffect[],
    machine: Machine,
    { isAudible, owedIdle, owesIdle } = QUIET,
  ): string[] {
    this.#problems = [];
    this.#nowMs = atMs;
    this.#lookAtSilence(atMs);
    this.#lookAtWaiting(atMs);
    this.#lookAtCutIn(atMs);
    const isFenced = 'generation' in event && event.generation !== this.#openGeneration;
    if (isFenced && effects.length > 0) this.#wrong(`R12: a late ${event.type} had effects: ${types(effects)}`);
    if (effects.length > 0 && (this.#hasEnded || (this.#hasHungUp && event.type !== 'tool-settled')))
      this.#wrong(`R20: effects after the hang-up: ${types(effects)}`);
    this.#owedIdle = owedIdle;
    this.#hearSound(event, effects, isAudible);
    if (!isFenced) this.#judge(event, atMs, effects, machine, isAudible);
    this.#problems.push(...this.#watch.lookAt(event, effects, machine.messages));
    this.#lookAtStandstill(owesIdle);
    return this.#problems;
  }

  /** Of a voice. What begins to play and is held back in that instant has not sounded. */
  #hearSound(event: TurnEvent, effects: readonly TurnEffect[], isAudible: boolean): void {
    if (this.#options.heardBy !== 'reported') return;
    const isHeldBack = event.type === 'playback-start' && (has(effects, 'pause') || has(effects, 'clear'));
    const isBegun = event.type === 'playback-start' ? !isHeldBack && !this.#isPaused : isAudible;
    this.#hasSounded ||= isBegun || (event.type === 'heard' && event.characters > 0);
  }

  #judge(
    event: TurnEvent,
    atMs: number,
    effects: readonly TurnEffect[],
    { messages }: Machine,
    isAudible: boolean,
  ): void {
    const [wasSilent, wasQuiet, wasPaused, step] = [this.#isSilent, this.#isQuiet, this.#isPaused, this.#step];
    const first = this.#turn === undefined ? this.#utterance : this.#firstOfTurn;
    const goesOn = event.type === 'interrupt' && event.upTo !== undefined && event.upTo < first;
    const hadTurn = this.#turn !== undefined;
    const wasHeard = this.isHeard;
    const isAsking = this.#before(event, atMs);
    this.#watch.tell(event);
    for (const effect of effects) {
      this.#effect(effect, event, atMs);
      this.#problems.push(...this.#watch.carryOut(effect, effects, messages));
    }
    if (isAsking && step && step === this.#step) this.#lookAtAsking(step, effects);
    const isOver = this.#isGone || this.#isBrokenOff;
    if (
      isAudible &&
      !wasPaused &&
      event.type === 'caller-speech' &&
      event.phase === 'start' &&
      !isOver &&
      !this.#isLine
    )
      if (!has(effects, 'pause')) this.#wrong('R11: the caller speaks over the agent, and playback goes on');
    if (!wasHeard) this.#lookForHeld(effects);
    if (goesOn) this.#lookAtGoingOn(hadTurn, effects);
    else this.#after(event, effects);
    if (!wasSilent || !this.#isSilent) this.#silentSinceMs = atMs;
    if (!wasQuiet || !this.#isQuiet || isOfCaller(event)) this.#quietSinceMs = atMs;
  }

  /** What is wrong when the call is over and everything has settled. */
  finish(machine: Machine): string[] {
    this.#problems = [];
    if (!this.#hasEnded) this.#wrong('R20: the end of the call was not reported');
    if (!machine.isEnded) this.#wrong('R20: the machine says that the call has not ended');
    if (this.#openGeneration !== undefined) this.#wrong('R20: a step is open after the end');
    if (this.#turn !== undefined) this.#wrong('R20: a turn is open after the end');
    if (this.#timers.size > 0) this.#wrong(`R20: timers are left after the end: ${[...this.#timers].join(', ')}`);
    for (const id of this.#ran) if (!this.#ended.has(id)) this.#wrong(`R14: the end of \`${id}\` was not reported`);
    if (this.#unsent.size === 0) return this.#problems;
    const left = JSON.stringify(machine.messages);
    for (const [id, { token }] of this.#unsent)
      if (!left.includes(token)) this.#wrong(`R14: the result of \`${id}\` is lost`);
    return this.#problems;
  }

  #wrong(problem: string): void {
    this.#problems.push(problem);
  }

  /** A turn that began over what a line speaks waits for a moment whether that has stopped. */
  #lookForHeld(effects: readonly TurnEffect[]): void {
    if (!this.#isLine || has(effects, 'request-step')) return;
    for (const effect of effects) {
      if (effect.type !== 'report' || effect.event.type !== 'turn-start') continue;
      this.#held = { text: effect.event.text, untilMs: this.#nowMs + LATE_STOP_MS };
    }
  }

  get #isLine(): boolean {
    return this.#options.heardBy === 'line';
  }

  /** R12: the line has stopped in words from before this turn, which goes on, and asks if it has waited for that. */
  #lookAtGoingOn(hadTurn: boolean, effects: readonly TurnEffect[]): void {
    if (this.#isGone || this.#isTransferring || this.#isBrokenOff) return;
    if (hadTurn && this.#turn === undefined)
      this.#wrong('R12: a turn was ended by a line that had not come to anything of it');
    if (this.#held && !this.#areFactsAwaited && !has(effects, 'request-step'))
      this.#wrong('R12: the line has stopped, and the turn that waited for it does not ask');
  }

  /** R17: who cut in and said nothing is not left alone. */
  #lookAtCutIn(atMs: number): void {
    if (!this.#isQuiet || this.#isGone || this.#isTransferring || this.#isBrokenOff) return;
    const waitedMs = atMs - Math.max(this.#cutInAtMs ?? Infinity, this.#quietSinceMs);
    if (waitedMs > CUT_IN_MS + TIMER_SLACK_MS)
      this.#wrong(`R17: the caller cut in, and hears nothing for ${waitedMs} ms`);
  }

  /** The line is being given up, or has been. */
  get #isGone(): boolean {
    return this.#hasHungUp || this.#isHangingUp;
  }

  // ---- events

  /** Takes down what happened. Returns whether the newest step may now have all that its next request needs. */
  #before(event: TurnEvent, atMs: number): boolean {
    switch (event.type) {
      case 'text-delta':
        if (this.#step) this.#step.hasText ||= event.delta.trim() !== '';
        return false;
      case 'text-taken-back':
        if (this.#step) this.#step.hasText = false;
        return false;
      case 'step-end':
      case 'step-failed':
        this.#openGeneration = undefined;
        if (this.#step) this.#step.hasEnded = true;
        return true;
      case 'tool-settled': {
        const { callId, outcome } = event;
        const run = this.#running.get(callId);
        if (!this.#running.delete(callId) || !run) return false;
        if (!outcome.ok && (outcome.failure === 'invalid-arguments' || outcome.failure === 'unknown-tool'))
          this.#invalid++;
        if (outcome.ok || outcome.failure !== 'cancelled')
          this.#unsent.set(callId, {
            token: tokenOf(outcome.content),
            isLate: run.turn !== this.#turn,
            sinceMs: atMs,
          });
        if (!this.#step?.running.delete(callId)) return false;
        this.#step.hasWords ||= outcome.ok && outcome.say !== undefined;
        return true;
      }
      case 'tool-call':
        if (!this.#step) return false;
        this.#step.calls++;
        this.#step.hasTerminal ||= this.#effectOf.get(event.call.name) === 'terminal';
        return false;
      case 'tool-call-failed':
        if (this.#step) this.#step.calls++;
        this.#invalid++;
        return false;
      case 'call-start':
        this.#areFactsAwaited = event.factsWithinMs !== undefined;
        return false;
      case 'facts':
        this.#areFactsAwaited = false;
        return false;
      case 'caller-speech':
        if (event.phase !== 'words') this.#isCallerSpeaking = event.phase === 'start';
        return false;
      case 'caller-turn':
        this.#isCallerSpeaking = false;
        return false;
      case 'playback-idle':
        this.#isStalled = false;
        this.#isPaused = false; // a line that cannot be paused has gone on
        return false;
      case 'outage':
        this.#isBrokenOff = true;
        return false;
      case 'playback-stalled':
        this.#isStalled = true;
        return false;
      case 'playback-start':
        this.#isStalled = false;
        return false;
      case 'speech-failed':
        this.#isBrokenOff ||= ++this.#failures >= 2; // a voice that fails again is a call that cannot go on
        return false;
      case 'transfer-failed':
        this.#isTransferring = false;
        return false;
      case 'hang-up':
        this.#hasHungUp = true;
        return false;
      case 'timer':
        this.#timers.delete(event.timer);
        if (event.timer === 'facts') this.#areFactsAwaited = false;
        this.#isBrokenOff ||= event.timer === 'longest-call'; // the caller is said goodbye to
        return false;
      default:
        return false;
    }
  }

  /** R4: with its last result, and its end, a step asks for the next one in that tick. */
  #lookAtAsking(step: Step, effects: readonly TurnEffect[]): void {
    if (this.#isGone || step.toolChoice === 'none' || step.calls === 0 || step.hasTerminal) return;
    if (!step.hasEnded || step.running.size > 0) return;
    if (step.hasWords ? !has(effects, 'say') : !has(effects, 'request-step'))
      this.#wrong('R4: all results are in, and nothing is asked for');
  }

  #after(event: TurnEvent, effects: readonly TurnEffect[]): void {
    switch (event.type) {
      case 'text-delta': {
        const said = effects.flatMap((effect) => (effect.type === 'say' ? [effect.text] : []));
        if (said.length === 0 && event.delta.trim() === '') return; // white space before a word need not be said
        if (said.length !== 1 || said[0] !== event.delta)
          this.#wrong(`R1: expected \`${event.delta}\` to be said once, got ${JSON.stringify(said)}`);
        return;
      }
      case 'tool-call-start':
      case 'step-end':
      case 'step-failed':
        if (event.type === 'tool-call-start' && this.#step?.toolChoice === 'none') return; // no filler: the last words
        if (!this.#isFlushed) this.#wrong(`R2: after ${event.type} the text before it has not been flushed`);
        return;
      case 'tool-call': {
        const effect = this.#effectOf.get(event.call.name);
        const runs = effects.filter(({ type }) => type === 'run-tool').length;
        if (this.#step?.toolChoice === 'none' && runs > 0) this.#wrong('R8: a call of the last step was run');
        if (this.#step?.toolChoice !== 'auto' || this.#invalid >= 2 || effect === undefined) return;
        if (effect !== 'terminal' && runs !== 1) this.#wrong(`R3: ${runs} runs of \`${event.call.name}\` in its tick`);
        return;
      }
      case 'interrupt':
        if (this.#isGone || this.#isTransferring || this.#isBrokenOff) return;
        if (effects.some((effect) => effect.type === 'report' && effect.event.type === 'turn-start')) return; // answered before
        if (this.#turn !== undefined || this.#openGeneration !== undefined)
          this.#wrong('R12: the turn goes on after an interruption');
        if (!this.isHeard && (!this.#isLine || event.upTo !== undefined))
          this.#wrong('R12: words are left to be heard after an interruption');
        if (event.upTo !== undefined) this.#cutInAtMs = this.#nowMs;
        return this.#lookAtReads('an interruption');
      case 'caller-turn': {
        if (this.#isGone || this.#isTransferring || this.#isBrokenOff || !IN_EARNEST.test(event.text)) return;
        if (this.#areFactsAwaited || this.#held) return;
        const request = effects.find((effect) => effect.type === 'request-step');
        const last = request?.messages.findLast(({ role }) => role === 'user');
        if (!last?.content?.endsWith(event.text)) this.#wrong('R12: what the caller said is not asked');
        return;
      }
      case 'hang-up':
        if (this.#openGeneration !== undefined) this.#wrong('R20: the open step was not aborted');
        this.#lookAtReads('the hang-up');
        return this.#lookAtEnd();
      case 'tool-settled':
        return this.#hasHungUp ? this.#lookAtEnd() : undefined;
      default:
    }
  }

  /** R13: nothing that only reads goes on after this. */
  #lookAtReads(what: string): void {
    for (const [id, { effect }] of this.#running)
      if (effect === 'read' && !this.#cancelled.has(id)) this.#wrong(`R13: \`${id}\` reads on after ${what}`);
  }

  /** R20: with nothing left to wait for the call has ended, in that tick. */
  #lookAtEnd(): void {
    const isWriting = [...this.#running.values()].some(({ effect }) => effect !== 'read');
    if (!isWriting && !this.#hasEnded) this.#wrong('R20: nothing runs any more, and the call has not ended');
  }

  // ---- effects

  #effect(effect: TurnEffect, event: TurnEvent, atMs: number): void {
    if (this.#isGone && ALIVE.has(effect.type)) this.#wrong(`R20: \`${effect.type}\` after the hang-up`);
    switch (effect.type) {
      case 'request-step':
        return this.#request(effect);
      case 'abort-step':
        if (effect.generation !== this.#openGeneration)
          this.#wrong(`R12: aborted ${effect.generation}, open is ${this.#openGeneration ?? 'none'}`);
        this.#openGeneration = undefined;
        return;
      case 'say':
        return this.#say(effect, atMs);
      case 'flush':
        if (effect.utterance === this.#ahead) {
          this.#ahead = undefined;
          return;
        }
        if (effect.utterance !== this.#utterance || this.#isFlushed)
          this.#wrong(`R6: flushed utterance ${effect.utterance}, open is ${this.#utterance}`);
        this.#isFlushed = true;
        return;
      case 'clear':
        if (this.#isLine && event.type !== 'interrupt' && !this.#isGone)
          this.#wrong('R12: what a line that speaks by itself was given was taken back');
        if (this.#isStalled) this.#isBrokenOff ||= ++this.#failures >= 2; // nor did these words come
        this.#isStalled = false;
        this.#isPaused = false;
        this.#isFlushed = true;
        return;
      case 'pause':
        if (this.#isPaused || (this.isHeard && this.#turn === undefined && !this.#owedIdle))
          this.#wrong('R11: paused what does not play');
        this.#isPaused = true;
        return;
      case 'resume':
        if (!this.#isPaused) this.#wrong('R11: resumed what was not paused');
        this.#isPaused = false;
        return;
      case 'run-tool':
        return this.#run(effect, event);
      case 'cancel-tool': {
        const running = this.#running.get(effect.callId);
        if (!running || running.effect === 'write')
          this.#wrong(`R13: cancelled a ${running?.effect ?? 'settled'} call`);
        if (this.#cancelled.has(effect.callId)) this.#wrong(`R13: cancelled \`${effect.callId}\` twice`);
        this.#cancelled.add(effect.callId);
        this.#step?.running.delete(effect.callId);
        return;
      }
      case 'set-timer':
        if (effect.afterMs === null) this.#timers.delete(effect.timer);
        else if (Number.isFinite(effect.afterMs) && effect.afterMs >= 0) this.#timers.add(effect.timer);
        else this.#wrong(`R17: a timer of ${effect.afterMs} ms`);
        return;
      case 'hang-up':
      case 'transfer':
        if (!this.isHeard) this.#wrong(`R19: ${effect.type} before the words before it were heard`);
        if (effect.type === 'hang-up') this.#isHangingUp = true;
        else this.#isTransferring = true;
        return;
      case 'report':
        return this.#report(effect.event, event, atMs);
    }
  }

  #request({ generation, turn, step, toolChoice, messages }: Extract<TurnEffect, { type: 'request-step' }>): void {
    if (this.#openGeneration !== undefined) this.#wrong('R4: two steps are open');
    const { text } = this.#held ?? { text: '' };
    if (!messages.some(({ role, content }) => text === '' || (role === 'user' && content?.includes(text))))
      this.#wrong('R12: what the caller said over the line is not asked');
    this.wasJoined = this.#takenBack !== undefined;
    if (this.#takenBack !== undefined) this.#lookAtTakenBack(this.#takenBack.text, messages);
    this.#held = this.#cutInAtMs = this.#takenBack = undefined;
    if (this.#areFactsAwaited) this.#wrong('R23: a request goes out before the facts of the call');
    if (generation <= this.#newestGeneration) this.#wrong(`R12: generation ${generation} is not new`);
    if (turn !== this.#turn) this.#wrong(`R4: a request for turn ${turn} in turn ${this.#turn ?? 'none'}`);
    if (step !== ++this.#stepsInTurn) this.#wrong(`R4: expected step ${this.#stepsInTurn}, got ${step}`);
    const { maxSteps } = this.#options.turn;
    if (step > maxSteps) this.#wrong(`R8: step ${step} of at most ${maxSteps}`);
    if (step === maxSteps && toolChoice !== 'none') this.#wrong('R8: the last step may call tools');
    this.#openGeneration = this.#newestGeneration = generation;
    this.#step = {
      toolChoice,
      calls: 0,
      running: new Set(),
      hasEnded: false,
      hasTerminal: false,
      hasWords: false,
      hasText: false,
    };
    if (this.#unsent.size === 0) return;
    const texts = messages.map(({ content }) => content ?? '');
    for (const [id, { token }] of this.#unsent) if (texts.some((text) => text.includes(token))) this.#unsent.delete(id);
  }

  /** R25: what the caller had said is asked, with what followed in the same message unless something stands behind it. */
  #lookAtTakenBack(text: string, messages: readonly Message[]): void {
    const at = messages.findLastIndex(({ role, content }) => role === 'user' && content?.startsWith(text));
    if (at < 0) this.#wrong(`R25: \`${text}\` was taken back, and is not asked`);
    else if (messages[at + 1]?.role === 'user') this.#wrong(`R25: what followed \`${text}\` has a message of its own`);
  }

  #run({ call, effect, turn }: Extract<TurnEffect, { type: 'run-tool' }>, event: TurnEvent): void {
    if (this.#ran.has(call.id)) this.#wrong(`R15: \`${call.id}\` was run twice`);
    if (effect === 'terminal') {
      if (!this.isHeard) this.#wrong('R19: a terminal tool ran before the words before it were heard');
      if (event.type === 'tool-call') this.#wrong('R19: a terminal tool ran before its step had ended');
      const others = [...(this.#step?.running ?? [])].filter((id) => this.#running.get(id)?.effect !== 'terminal');
      if (others.length > 0) this.#wrong(`R19: a terminal tool ran beside ${others.join(', ')}`);
    } else if (event.type !== 'tool-call') this.#wrong(`R3: \`${call.id}\` was run by ${event.type}`);
    this.#ran.add(call.id);
    this.#running.set(call.id, { effect, turn });
    this.#step?.running.add(call.id);
  }

  #say(effect: Extract<TurnEffect, { type: 'say' }>, atMs: number): void {
    this.#cutInAtMs = undefined;
    this.#firstOfTurn = Math.min(this.#firstOfTurn, effect.utterance);
    this.#hasSounded ||= this.#options.heardBy !== 'reported'; // it is shown, or spoken whatever comes
    if (effect.text === '') this.#wrong('R1: nothing was said, aloud');
    this.#phrase(effect);
    this.#silentSinceMs = atMs;
    this.#hasSpokenInTurn = true;
    if (effect.isAhead) {
      if (effect.utterance <= this.#utterance) this.#wrong(`R6: utterance ${effect.utterance} is not new`);
      this.#ahead = effect.utterance; // what it overtakes may stay open
      return;
    }
    const isSame = effect.utterance === this.#utterance;
    if (effect.utterance < this.#utterance) this.#wrong(`R6: utterance ${effect.utterance} after ${this.#utterance}`);
    if (isSame && this.#isFlushed) this.#wrong(`R6: more was said in utterance ${effect.utterance}, which was flushed`);
    if (!isSame && !this.#isFlushed) this.#wrong(`R6: utterance ${this.#utterance} was never flushed`);
    this.#utterance = effect.utterance;
    this.#isFlushed = false;
  }

  #phrase({ kind, text }: Extract<TurnEffect, { type: 'say' }>): void {
    if (kind === 'recovery') this.#step = undefined; // given up
    const { outage, handover } = this.#options.phrases;
    this.#isBrokenOff ||= outage.includes(text) || handover.includes(text);
    if (kind !== 'tool-filler' && kind !== 'progress') return;
    if (text === this.#lastPhrase) this.#wrong(`R16: \`${text}\` twice in a row`);
    this.#lastPhrase = text;
  }

  #report(report: TurnReport, event: TurnEvent, atMs: number): void {
    switch (report.type) {
      case 'turn-start':
        if (this.#turn !== undefined) this.#wrong(`R12: turn ${report.turn} began in turn ${this.#turn}`);
        if (report.turn !== this.#turns + 1) this.#wrong(`R4: turn ${report.turn} after ${this.#turns}`);
        this.#turn = this.#turns = report.turn;
        this.#firstOfTurn = Infinity;
        this.#cutInAtMs = undefined;
        this.#stepsInTurn = 0;
        this.#invalid = 0;
        this.#hasSpokenInTurn = false;
        this.#silentSinceMs = atMs;
        this.#isAsked = report.text !== '';
        this.#hasSounded = false;
        return;
      case 'turn-taken-back':
        if (report.turn !== this.#turn || !this.#isAsked) this.#wrong('R25: took back what the caller has not asked');
        if (this.#hasSounded) this.#wrong('R25: took back what the caller has heard something of');
        if (!isOfCaller(event) && event.type !== 'playback-start' && event.type !== 'timer')
          this.#wrong(`R25: taken back by ${event.type}`);
        this.#takenBack = report;
        this.#takenBackInARow++;
        return;
      case 'turn-end':
        if (this.#isAsked && !this.#hasSounded && isOfCaller(event) && this.#takenBack === undefined)
          this.#wrong('R25: the caller went on before anything was audible, and the turn was not taken back');
        if (report.turn !== this.#turn) this.#wrong(`R7: turn ${report.turn} ended in turn ${this.#turn ?? 'none'}`);
        if (this.#openGeneration !== undefined && !this.#hasHungUp) this.#wrong('R7: a turn ended with a step open');
        if (this.#takenBack?.turn !== report.turn) {
          this.#takenBack = undefined;
          this.#takenBackInARow = 0;
        }
        this.#turn = undefined;
        this.#step = undefined;
        return;
      case 'tool-start':
        this.#started.add(report.id);
        return;
      case 'tool-end':
        if (!this.#started.has(report.id)) this.#wrong(`R9: \`${report.id}\` ended, and was never reported to start`);
        if (this.#ended.has(report.id)) this.#wrong(`R14: the end of \`${report.id}\` was reported twice`);
        this.#ended.add(report.id);
        return;
      case 'call-end':
        if (this.#hasEnded) this.#wrong('R20: the end was reported twice');
        if ([...this.#running.values()].some(({ effect }) => effect === 'write'))
          this.#wrong('R20: the call ended while a write was running');
        this.#hasEnded = true;
        return;
      case 'interruption':
        if (event.type === 'tool-settled' || 'generation' in event) this.#wrong(`R12: interrupted by ${event.type}`);
        this.#isFlushed ||= this.#options.heardBy === 'emitted'; // what was emitted needs no clearing
        return;
      default:
    }
  }

  // ---- time

  /** Nobody is heard, and it is the agent's turn to change that. */
  get #isSilent(): boolean {
    return this.#turn !== undefined && this.isHeard && !this.#isPaused && !this.#isCallerSpeaking;
  }

  /** Nobody is heard, and nothing is going on. */
  get #isQuiet(): boolean {
    return this.#turn === undefined && this.isHeard && !this.#isPaused && !this.#isCallerSpeaking;
  }

  /** All words of an answer have been heard: the turn waits for the sound behind the last one, which is nobody's silence. */
  get #isAnswered(): boolean {
    const step = this.#step;
    return step !== undefined && step.hasEnded && step.calls === 0 && step.hasText && this.isHeard;
  }

  /** R17: while a turn runs the caller is not left in silence for longer than the ladder allows. */
  #lookAtSilence(atMs: number): void {
    if (!this.#isSilent || this.#isGone || this.#isTransferring || this.#isAnswered) return;
    const { silenceMs, progressMs } = this.#options.turn;
    const mostMs = (this.#hasSpokenInTurn ? Math.max(silenceMs, progressMs) : silenceMs) + TIMER_SLACK_MS;
    const silentMs = atMs - this.#silentSinceMs;
    if (silentMs > mostMs) this.#wrong(`R17: silent for ${silentMs} ms, at most ${mostMs}`);
  }

  /** R14: a late result does not wait for ever for a caller who is silent. */
  #lookAtWaiting(atMs: number): void {
    if (this.#unsent.size === 0 || !this.#isQuiet || this.#isGone || this.#isTransferring || this.#isBrokenOff) return;
    const mostMs = this.#options.turn.lateResultMs + TIMER_SLACK_MS;
    for (const [id, { isLate, sinceMs }] of this.#unsent) {
      const waitedMs = atMs - Math.max(sinceMs, this.#quietSinceMs);
      if (isLate && waitedMs > mostMs) this.#wrong(`R14: the result of \`${id}\` has waited for ${waitedMs} ms`);
    }
  }

  /** R4, R7: a turn that runs is waiting for something. */
  #lookAtStandstill(owesIdle: boolean): void {
    if (this.#turn === undefined || this.#isGone || this.#isTransferring) return;
    const isHeld = this.#held !== undefined && this.#nowMs <= this.#held.untilMs + TIMER_SLACK_MS;
    const isFed = this.#areFactsAwaited || isHeld;
    const waits = this.#running.size > 0 || !this.isHeard || this.#isPaused || owesIdle || isFed;
    if (this.#openGeneration === undefined && !waits) this.#wrong(`R4: turn ${this.#turn} waits for nothing`);
  }
}

/** Contents of results in these worlds hold a mark of their own, such as `<7>`. */
function tokenOf(content: string): string {
  return /<[^>]+>/.exec(content)?.[0] ?? content;
}

function isOfCaller({ type }: TurnEvent): boolean {
  return type === 'caller-turn' || type === 'caller-speech' || type === 'interrupt' || type === 'digit';
}

function has(effects: readonly TurnEffect[], type: TurnEffect['type']): boolean {
  return effects.some((effect) => effect.type === type);
}

function types(effects: readonly TurnEffect[]): string {
  return effects.map(({ type }) => type).join(', ');
}
