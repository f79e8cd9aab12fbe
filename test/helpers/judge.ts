/**
 * Judges what a machine asks for, event by event, in any call whatever: the promises of design section 3 that hold at
 * every instant, whatever happens around the machine. Findings begin with the rule that is broken. Messages are judged
 * by `validate-messages.ts`.
 */
import type { Message } from '../../src/model/contract.ts';
import type { ToolEffect } from '../../src/tool/contract.ts';
import type { TurnEffect, TurnEvent, TurnReport } from '../../src/turn/contract.ts';
import type { MachineOptions } from '../../src/turn/options.ts';
import { HistoryWatch } from './validate-messages.ts';

/** How much later than asked timers may be in these worlds, and the step in which their time runs. */
const TIMER_SLACK_MS = 250;

interface Machine {
  readonly messages: readonly Message[];
  readonly isEnded: boolean;
}

/** What must not be asked for once the line is being given up. */
const ALIVE = new Set<TurnEffect['type']>(['say', 'flush', 'request-step', 'run-tool', 'transfer', 'pause', 'resume']);

export class CallJudge {
  readonly #options: MachineOptions;
  readonly #effectOf: ReadonlyMap<string, ToolEffect>;
  readonly #watch: HistoryWatch;
  #problems: string[] = [];

  #openStep: { generation: number; toolChoice: 'auto' | 'none' } | undefined;
  #newestGeneration = -Infinity;
  #turn: number | undefined;
  #turns = 0;
  /** Invalid calls of this turn; from the second equal one on no call needs to be run (R9). */
  #invalid = 0;
  readonly #running = new Map<string, ToolEffect>();
  readonly #ran = new Set<string>();
  readonly #ended = new Set<string>();
  /** Results that no request has carried yet: call id to the token in its content. */
  readonly #unsent = new Map<string, string>();

  #utterance = -Infinity;
  #isFlushed = true;
  #isPaused = false;
  #isCallerSpeaking = false;
  #lastPhrase = '';
  #silentSinceMs = 0;
  #hasSpokenInTurn = false;

  #isHangingUp = false;
  #hasHungUp = false;
  #hasEnded = false;
  readonly #timers = new Set<string>();

  constructor(options: MachineOptions, facts?: string) {
    this.#options = options;
    this.#effectOf = new Map(options.tools.map(({ name, effect }) => [name, effect]));
    this.#watch = new HistoryWatch(options, facts);
  }

  get isHeard(): boolean {
    return this.#watch.ledger.isHeard;
  }

  /** The generation whose events count now. */
  get openGeneration(): number | undefined {
    return this.#openStep?.generation;
  }

  /** Whether a turn is running. */
  get isInTurn(): boolean {
    return this.#turn !== undefined;
  }

  /** What is wrong after this event. `owesIdle`: the speaker is about to say that it is idle. */
  look(event: TurnEvent, atMs: number, effects: readonly TurnEffect[], machine: Machine, owesIdle = false): string[] {
    this.#problems = [];
    this.#lookAtSilence(atMs);
    const isFenced = 'generation' in event && event.generation !== this.#openStep?.generation;
    if (isFenced && effects.length > 0) this.#wrong(`R12: a late ${event.type} had effects: ${types(effects)}`);
    if (this.#hasEnded && effects.length > 0) this.#wrong(`R20: effects after the end: ${types(effects)}`);
    const toolChoice = this.#openStep?.toolChoice;
    const wasSilent = this.#isSilent;
    if (!isFenced) this.#before(event);
    for (const effect of effects) this.#effect(effect, event, atMs);
    if (!isFenced) this.#after(event, effects, toolChoice);
    this.#problems.push(...this.#watch.look(event, effects, machine.messages));
    this.#lookAtStandstill(owesIdle);
    if (!wasSilent || !this.#isSilent) this.#silentSinceMs = atMs;
    return this.#problems;
  }

  /** What is wrong when the call is over and everything has settled. */
  finish(machine: Machine): string[] {
    this.#problems = [];
    if (!this.#hasEnded) this.#wrong('R20: the end of the call was not reported');
    if (!machine.isEnded) this.#wrong('R20: the machine says that the call has not ended');
    if (this.#openStep) this.#wrong('R20: a step is open after the end');
    if (this.#turn !== undefined) this.#wrong('R20: a turn is open after the end');
    if (this.#timers.size > 0) this.#wrong(`R20: timers are left after the end: ${[...this.#timers].join(', ')}`);
    for (const id of this.#ran) if (!this.#ended.has(id)) this.#wrong(`R14: the end of \`${id}\` was not reported`);
    const left = JSON.stringify(machine.messages);
    for (const [id, token] of this.#unsent)
      if (!left.includes(token)) this.#wrong(`R14: the result of \`${id}\` is lost`);
    return this.#problems;
  }

  #wrong(problem: string): void {
    this.#problems.push(problem);
  }

  // ---- events

  #before(event: TurnEvent): void {
    switch (event.type) {
      case 'step-end':
      case 'step-failed':
        this.#openStep = undefined;
        return;
      case 'tool-settled': {
        const { callId, outcome } = event;
        if (!this.#running.delete(callId)) return;
        if (!outcome.ok && (outcome.failure === 'invalid-arguments' || outcome.failure === 'unknown-tool'))
          this.#invalid++;
        if (outcome.ok || outcome.failure !== 'cancelled') this.#unsent.set(callId, tokenOf(outcome.content));
        return;
      }
      case 'tool-call-failed':
        this.#invalid++;
        return;
      case 'caller-speech':
        if (event.phase !== 'words') this.#isCallerSpeaking = event.phase === 'start';
        return;
      case 'caller-turn':
        this.#isCallerSpeaking = false;
        return;
      case 'hang-up':
        this.#hasHungUp = true;
        return;
      case 'timer':
        this.#timers.delete(event.timer);
        return;
      default:
    }
  }

  #after(event: TurnEvent, effects: readonly TurnEffect[], toolChoice: 'auto' | 'none' | undefined): void {
    if (event.type === 'text-delta') {
      const said = effects.flatMap((effect) => (effect.type === 'say' ? [effect.text] : []));
      if (said.length !== 1 || said[0] !== event.delta)
        this.#wrong(`R1: expected \`${event.delta}\` to be said once, got ${JSON.stringify(said)}`);
    } else if (event.type === 'tool-call') {
      const effect = this.#effectOf.get(event.call.name);
      const runs = effects.filter((one) => one.type === 'run-tool');
      if (toolChoice === 'none' && runs.length > 0) this.#wrong('R8: a call of the last step was run');
      if (toolChoice !== 'auto' || this.#invalid >= 2 || effect === undefined) return;
      if (effect !== 'terminal' && runs.length !== 1)
        this.#wrong(`R3: ${runs.length} runs of \`${event.call.name}\` in its tick`);
    }
  }

  // ---- effects

  #effect(effect: TurnEffect, event: TurnEvent, atMs: number): void {
    if ((this.#hasHungUp || this.#isHangingUp) && ALIVE.has(effect.type))
      this.#wrong(`R20: \`${effect.type}\` after the hang-up`);
    switch (effect.type) {
      case 'request-step':
        return this.#request(effect);
      case 'abort-step':
        if (effect.generation !== this.#openStep?.generation)
          this.#wrong(`R12: aborted ${effect.generation}, open is ${this.#openStep?.generation ?? 'none'}`);
        this.#openStep = undefined;
        return;
      case 'say':
        return this.#say(effect, atMs);
      case 'flush':
        if (effect.utterance !== this.#utterance || this.#isFlushed)
          this.#wrong(`R6: flushed utterance ${effect.utterance}, open is ${this.#utterance}`);
        this.#isFlushed = true;
        return;
      case 'clear':
        this.#isPaused = false;
        this.#isFlushed = true;
        return;
      case 'pause':
        if (this.#isPaused || (this.isHeard && this.#turn === undefined)) this.#wrong('R11: paused what does not play');
        this.#isPaused = true;
        return;
      case 'resume':
        if (!this.#isPaused) this.#wrong('R11: resumed what was not paused');
        this.#isPaused = false;
        return;
      case 'run-tool':
        if (this.#ran.has(effect.call.id)) this.#wrong(`R15: \`${effect.call.id}\` was run twice`);
        if (effect.effect === 'terminal') {
          if (!this.isHeard) this.#wrong('R19: a terminal tool ran before the words before it were heard');
          if (event.type === 'tool-call') this.#wrong('R19: a terminal tool ran before its step had ended');
        } else if (event.type !== 'tool-call') this.#wrong(`R3: \`${effect.call.id}\` was run by ${event.type}`);
        this.#ran.add(effect.call.id);
        this.#running.set(effect.call.id, effect.effect);
        return;
      case 'cancel-tool': {
        const running = this.#running.get(effect.callId);
        if (running === undefined || running === 'write') this.#wrong(`R13: cancelled a ${running ?? 'settled'} call`);
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
        return;
      case 'report':
        return this.#report(effect.event, event, atMs);
    }
  }

  #request(effect: Extract<TurnEffect, { type: 'request-step' }>): void {
    if (this.#openStep) this.#wrong('R4: two steps are open');
    if (effect.generation <= this.#newestGeneration) this.#wrong(`R12: generation ${effect.generation} is not new`);
    if (effect.turn !== this.#turn)
      this.#wrong(`R4: a request for turn ${effect.turn} in turn ${this.#turn ?? 'none'}`);
    this.#openStep = { generation: effect.generation, toolChoice: effect.toolChoice };
    this.#newestGeneration = effect.generation;
    if (this.#unsent.size === 0) return;
    const texts = effect.messages.map(({ content }) => content ?? '');
    for (const [id, token] of this.#unsent) if (texts.some((text) => text.includes(token))) this.#unsent.delete(id);
  }

  #say(effect: Extract<TurnEffect, { type: 'say' }>, atMs: number): void {
    if (effect.text === '') this.#wrong('R1: nothing was said, aloud');
    const isSame = effect.utterance === this.#utterance;
    if (effect.utterance < this.#utterance) this.#wrong(`R6: utterance ${effect.utterance} after ${this.#utterance}`);
    if (isSame && this.#isFlushed) this.#wrong(`R6: more was said in utterance ${effect.utterance}, which was flushed`);
    if (!isSame && !this.#isFlushed) this.#wrong(`R6: utterance ${this.#utterance} was never flushed`);
    this.#utterance = effect.utterance;
    this.#isFlushed = false;
    if (effect.kind === 'tool-filler' || effect.kind === 'progress') {
      if (effect.text === this.#lastPhrase) this.#wrong(`R16: \`${effect.text}\` twice in a row`);
      this.#lastPhrase = effect.text;
    }
    this.#silentSinceMs = atMs;
    this.#hasSpokenInTurn = true;
  }

  #report(report: TurnReport, event: TurnEvent, atMs: number): void {
    switch (report.type) {
      case 'turn-start':
        if (this.#turn !== undefined) this.#wrong(`R12: turn ${report.turn} began in turn ${this.#turn}`);
        if (report.turn !== this.#turns + 1) this.#wrong(`R4: turn ${report.turn} after ${this.#turns}`);
        this.#turn = this.#turns = report.turn;
        this.#invalid = 0;
        this.#hasSpokenInTurn = false;
        this.#silentSinceMs = atMs;
        return;
      case 'turn-end':
        if (report.turn !== this.#turn) this.#wrong(`R7: turn ${report.turn} ended in turn ${this.#turn ?? 'none'}`);
        this.#turn = undefined;
        return;
      case 'tool-end':
        if (this.#ended.has(report.id)) this.#wrong(`R14: the end of \`${report.id}\` was reported twice`);
        this.#ended.add(report.id);
        return;
      case 'call-end':
        if (this.#hasEnded) this.#wrong('R20: the end was reported twice');
        if ([...this.#running.values()].includes('write')) this.#wrong('R20: the call ended while a write was running');
        this.#hasEnded = true;
        return;
      case 'interruption':
        if (event.type === 'tool-settled' || 'generation' in event) this.#wrong(`R12: interrupted by ${event.type}`);
        this.#isFlushed ||= this.#options.hearing === 'emitted'; // what was emitted needs no clearing
        return;
      default:
    }
  }

  // ---- time

  /** Nobody is heard, and it is the agent's turn to change that. */
  get #isSilent(): boolean {
    return this.#turn !== undefined && this.isHeard && !this.#isPaused && !this.#isCallerSpeaking;
  }

  /** R17: while a turn runs the caller is not left in silence for longer than the ladder allows. */
  #lookAtSilence(atMs: number): void {
    if (!this.#isSilent || this.#hasHungUp || this.#isHangingUp) return;
    const { silenceMs, progressMs } = this.#options.turn;
    const mostMs = (this.#hasSpokenInTurn ? Math.max(silenceMs, progressMs) : silenceMs) + TIMER_SLACK_MS;
    const silentMs = atMs - this.#silentSinceMs;
    if (silentMs > mostMs) this.#wrong(`R17: silent for ${silentMs} ms, at most ${mostMs}`);
  }

  /** R4, R7: a turn that runs is waiting for something. */
  #lookAtStandstill(owesIdle: boolean): void {
    if (this.#turn === undefined || this.#hasHungUp || this.#isHangingUp) return;
    const waits = this.#openStep || this.#running.size > 0 || !this.isHeard || this.#isPaused || owesIdle;
    if (!waits) this.#wrong(`R4: turn ${this.#turn} waits for nothing`);
  }
}

/** Contents of results in these worlds hold a mark of their own, such as `<7>`. */
function tokenOf(content: string): string {
  return /<[^>]+>/.exec(content)?.[0] ?? content;
}

function types(effects: readonly TurnEffect[]): string {
  return effects.map(({ type }) => type).join(', ');
}
