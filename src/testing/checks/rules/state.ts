/** What the judge knows of a call so far: taken down from events and effects, and from nothing else. */
import type { Message } from '../../../model/contract.ts';
import { needed } from '../../../lib/assert.ts';
import type { ToolEffect, ToolFacts } from '../../../tool/contract.ts';
import type { TurnEffect, TurnEvent } from '../../../turn/contract.ts';
import type { MachineOptions } from '../../../turn/options.ts';
import { HistoryWatch } from './messages.ts';
import { personaIn } from './personas.ts';

/** The newest step of the turn that runs. */
export interface Step {
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

/** R24: what was asked of a turn that is not sure. */
export interface Early {
  generation: number;
  text: string;
  said: string;
  reads: Set<string>;
  messages: readonly Message[];
  /** What has come of it. */
  events: TurnEvent[];
}

/** R24: it was kept in this event. `isAsking`: its step has all that the next request needs. */
export interface Kept {
  early: Early;
  step: Step;
  isAsking: boolean;
}

export class JudgedCall {
  options: MachineOptions;
  effectOf: ReadonlyMap<string, ToolEffect>;
  readonly watch: HistoryWatch;
  problems: string[] = [];

  openGeneration: number | undefined;
  newestGeneration = -Infinity;
  step: Step | undefined;
  turn: number | undefined;
  turns = 0;
  /** Handovers since the caller last said something (R27). */
  handovers = 0;
  /** In this very tick: the silence of the turn before goes on. */
  handedOverAtMs = -Infinity;
  /** R28: the tools of the tasks that are about to begin, by their calls; and who began those that are on. */
  readonly beginnings = new Map<string, readonly ToolFacts[]>();
  readonly below: { callId: string; step: Step | undefined; options: MachineOptions }[] = [];
  stepsInTurn = 0;
  /** Invalid calls of this turn; from the second equal one on no call needs to be run (R9). */
  invalid = 0;
  readonly running = new Map<string, { effect: ToolEffect; turn: number; waitsForCaller: boolean }>();
  readonly ran = new Set<string>();
  readonly cancelled = new Set<string>();
  readonly started = new Set<string>();
  readonly ended = new Set<string>();
  /** Results that no request has carried yet. */
  readonly unsent = new Map<string, { token: string; isLate: boolean; sinceMs: number }>();

  utterance = -Infinity;
  isFlushed = true;
  isPaused = false;
  owedIdle = false;
  /** The utterance that was said ahead of others, until it is flushed. */
  ahead: number | undefined;
  isCallerSpeaking = false;
  /** Where the caller's last voice began, until it has come to something. */
  voiceBegan: 'over an answer' | 'in silence' | undefined;
  /** R11: a listener's words, and what they are to be; undefined when they may be either. */
  listened: 'beside' | 'a turn' | undefined;
  /** Something asks, of what the agent has said since the last turn began. */
  hasQuestion = false;
  lastPhrase = '';
  silentSinceMs = 0;
  /** Since when nothing runs, nothing is heard and nobody has done anything. */
  quietSinceMs = 0;
  hasSpokenInTurn = false;

  /** Nothing that the caller says is understood any more. */
  isBrokenOff = false;
  /** The facts of the call are yet to come, and their time is not over. */
  areFactsAwaited = false;
  failures = 0;
  isStalled = false;
  isTransferring = false;
  /** The agent waits on hold. */
  isOnHold = false;
  isHangingUp = false;
  hasHungUp = false;
  hasEnded = false;
  readonly timers = new Set<string>();
  /** A line that speaks by itself: what the caller said over it, until it is asked; and by when it must be. */
  held: { text: string; untilMs: number } | undefined;
  nowMs = 0;
  /** The first utterance that was said in the turn that runs. */
  firstOfTurn = Infinity;
  /** Since when a caller who cut in is to be asked, or go on. */
  cutInAtMs: number | undefined;
  /** R25: the caller has asked something in this turn, and has heard something of it. */
  isAsked = false;
  hasSounded = false;
  /** What was held back goes on, and may be over in that instant: whether it sounded nobody can say. */
  mayHaveSounded = false;
  /** R24: what was asked of a turn that is not sure, and what has come of it. */
  early: Early | undefined;
  /** Since the last turn began. */
  askedAhead = 0;
  kept: Kept | undefined;
  isPrepared = false;
  takenBackInARow = 0;
  /** What they had said in a turn that was taken back, until it is asked. */
  takenBack: { turn: number; text: string } | undefined;
  /** The last request asked what was said in a turn that was taken back together with what followed. */
  wasJoined = false;

  constructor(options: MachineOptions, facts?: string) {
    this.options = options;
    this.effectOf = effectsOf(options);
    this.watch = new HistoryWatch(options, facts);
  }

  /** R28: a task has the caller, with tools of its own. */
  beginTask(callId: string): void {
    const tools = this.beginnings.get(callId) ?? [];
    this.running.delete(callId);
    this.below.push({ callId, step: this.step, options: this.options });
    this.options = { ...this.options, tools };
    this.effectOf = effectsOf(this.options);
    this.step = undefined;
    this.takenBack = undefined; // what the caller had said was asked, by who begins the task
  }

  /** R28: who began it has them again. Returns whether it had begun. */
  endTask(callId: string): boolean {
    this.running.delete(callId);
    this.step?.running.delete(callId);
    if (this.below.at(-1)?.callId !== callId) return false;
    const { step, options } = needed(this.below.pop(), 'a task to end');
    if (this.turn !== undefined) this.takenBack = undefined; // it was asked, by the task
    this.options = options;
    this.effectOf = effectsOf(options);
    this.step = this.turn === undefined ? undefined : step;
    this.step?.running.delete(callId);
    return true;
  }

  /** R28: of a tool that the present one has. */
  isTask(name: string): boolean {
    return this.options.tools.some((tool) => tool.name === name && tool.isTask === true);
  }

  /** R27: another agent has the caller. */
  become(agent: string): void {
    this.options = personaIn(this.options, agent);
    this.effectOf = effectsOf(this.options);
  }

  /** Everything said so far has been heard, or cleared. */
  get isHeard(): boolean {
    return this.watch.isHeard;
  }

  get isLine(): boolean {
    return this.options.heardBy === 'line';
  }

  /** The line is being given up, or has been. */
  get isGone(): boolean {
    return this.hasHungUp || this.isHangingUp;
  }

  /** A turn runs, or not all has been heard. */
  get isAnswering(): boolean {
    return this.turn !== undefined || !this.isHeard || this.owedIdle;
  }

  /** Nobody is heard, and it is the agent's turn to change that. */
  get isSilent(): boolean {
    return this.turn !== undefined && this.isHeard && !this.isPaused && !this.isCallerSpeaking;
  }

  /** Nobody is heard, and nothing is going on. */
  get isQuiet(): boolean {
    return this.turn === undefined && this.isHeard && !this.isPaused && !this.isCallerSpeaking && !this.isOnHold;
  }

  /** All words of an answer have been heard: the turn waits for the sound behind the last one, which is nobody's silence. */
  get isAnswered(): boolean {
    const step = this.step;
    return step !== undefined && step.hasEnded && step.calls === 0 && step.hasText && this.isHeard;
  }

  wrong(problem: string): void {
    this.problems.push(problem);
  }
}

const effectsOf = ({ tools }: MachineOptions) => new Map(tools.map(({ name, effect }) => [name, effect]));

/** A result by which it is known again: a mark of its own, such as `<7>`, or all of it. */
export function tokenOf(content: string): string {
  return /<[^>]+>/.exec(content)?.[0] ?? content;
}

/** The same words, whatever a service has put between them. */
export const plainWords = (text: string): string => text.toLowerCase().replace(/[\s?.,!]+/g, '');

export function isOfCaller({ type }: TurnEvent): boolean {
  return type === 'caller-turn' || type === 'caller-speech' || type === 'interrupt' || type === 'digit';
}

export function has(effects: readonly TurnEffect[], type: TurnEffect['type']): boolean {
  return effects.some((effect) => effect.type === type);
}

export function types(effects: readonly TurnEffect[]): string {
  return effects.map(({ type }) => type).join(', ');
}
