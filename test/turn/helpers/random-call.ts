/**
 * One random call around a turn machine: a model that streams text, calls, cuts and failures, tools that are quick, slow,
 * broken or stuck, a speaker with a pace of its own, and a caller who speaks, mumbles, cuts in and hangs up whenever they
 * like. Everything in it is legal; times are multiples of 50 ms, so that much happens at the very same instant, in any
 * order. The seed decides it all. What went wrong comes back with the script that shows it.
 */
import type { ToolCall } from '../../../src/model/contract.ts';
import { effectKey, EffectJournal } from '../../../src/tool/journal.ts';
import type { ToolControl, ToolFacts, ToolOutcome, TransferOrder } from '../../../src/tool/contract.ts';
import type { TimerName, TurnEffect, TurnEvent } from '../../../src/turn/contract.ts';
import { CONCEALED_KEY } from '../../../src/turn/keypad.ts';
import { TurnMachine } from '../../../src/turn/machine.ts';
import type { MachineOptions } from '../../../src/turn/options.ts';
import { Dice } from '../../helpers/dice.ts';
import { CallJudge } from '../../../src/testing/checks/rules/judge.ts';
import { personaIn } from '../../../src/testing/checks/rules/personas.ts';
import { CAST, machineOptions, mayInterrupt, OF_TASK, stepFacts, TASK, type PlayOptions } from './play.ts';
import { writeScript } from './script.ts';
import { SimulatedSpeaker } from './speaker.ts';

const HAND_OFF: readonly ToolFacts[] = [
  { name: 'hand_off', effect: 'terminal', filler: [], progress: [] },
  { name: 'route', effect: 'write', filler: ['I will find someone.'], progress: [] },
];
/** Three agents, each with tools, phrases and timings of its own. One of them cannot be come to from all. */
const TEAM: PlayOptions = {
  agent: 'desk',
  team: { billing: 'acme-billing', booking: 'acme-booking' },
  tools: [...CAST, ...HAND_OFF],
  turn: { awayMs: 6_000, mostHandoffs: 2 },
  others: [
    {
      agent: 'acme-billing',
      team: { desk: 'desk', booking: 'acme-booking' },
      instructions: 'You are billing.',
      greeting: 'Billing, hello.',
      tools: [...CAST.slice(0, 1), ...CAST.slice(3), ...HAND_OFF],
      phrases: {
        hold: ['Billing looks.', 'Billing waits.'],
        recovery: ['Billing is sorry.'],
        nudge: 'Billing asks: are you there?',
      },
      turn: { awayMs: 4_000, silenceMs: 1_000, maxSteps: 3, compactAtMessages: 12, mostHandoffs: 2 },
      language: 'de',
    },
    {
      agent: 'acme-booking',
      team: { desk: 'desk' },
      instructions: 'You are booking.',
      tools: [...CAST.slice(0, 3), ...HAND_OFF],
      turn: { awayMs: 6_000, mostHandoffs: 3, transferTo: 'desk' },
    },
  ],
};
/** Whom the tools of a call hand the caller to; nobody knows the last one. */
const COLLEAGUES = ['billing', 'booking', 'desk', 'nobody'];

/** Tools of a task, and tasks in it. */
const TASKS: PlayOptions = { tools: [...CAST, TASK], turn: { awayMs: 6_000 } };

/** The settings under which the calls are made; a finding names its own. */
export const SETTINGS: Readonly<Record<string, PlayOptions>> = {
  'text, team': { ...TEAM, greeting: 'Hello.' },
  'voice, team': { ...TEAM, heardBy: 'reported', greeting: 'Hello, this is Acme.', facts: 'The caller is 7.' },
  'line, team': { ...TEAM, heardBy: 'line' },
  'text, tasks': { ...TASKS, greeting: 'Hello.', facts: 'The caller is 7.' },
  'voice, tasks': { ...TASKS, heardBy: 'reported', greeting: 'Hello, this is Acme.' },
  'voice, tasks, forgetful': { ...TASKS, heardBy: 'reported', turn: { compactAtMessages: 12 }, factsWithinMs: 1_000 },
  'line, tasks': { ...TASKS, heardBy: 'line' },
  text: { greeting: 'Hello.' },
  'text, impatient': {
    turn: {
      silenceMs: 300,
      progressMs: 500,
      giveUpMs: 2_000,
      awayMs: 3_000,
      nudges: 1,
      lateResultMs: 0,
      maxSteps: 2,
      mostHoldMs: 10_000,
    },
  },
  'text, forgetful': { turn: { compactAtMessages: 12, awayMs: 5_000, dedupeMs: 1_000 }, facts: 'The caller is 7.' },
  voice: { heardBy: 'reported', greeting: 'Hello, this is Acme.' },
  'voice, impatient': {
    heardBy: 'reported',
    turn: { silenceMs: 300, progressMs: 500, giveUpMs: 2_000, awayMs: 3_000, nudges: 1, fillerAfterMs: 0, maxSteps: 3 },
  },
  'voice, forgetful': {
    heardBy: 'reported',
    turn: { compactAtMessages: 12, awayMs: 5_000, interruptMs: 200, pauseMs: 300, transferTo: 'desk' },
    facts: 'The caller is 7.',
  },
  'voice, failing': {
    heardBy: 'reported',
    greeting: 'Hello, this is Acme.',
    turn: { awayMs: 8_000, mostHoldMs: 10_000 },
  },
  'text, facts to come': { greeting: 'Hello.', factsWithinMs: 1_000, turn: { compactAtMessages: 12 } },
  'voice, facts to come': {
    heardBy: 'reported',
    greeting: 'Hello, this is Acme.',
    factsWithinMs: 3_000,
    turn: { silenceMs: 300, progressMs: 500, awayMs: 3_000, nudges: 1, awayEnds: false, compactAtMessages: 12 },
  },
  'voice, short': {
    heardBy: 'reported',
    greeting: 'Hello, is this Acme?',
    turn: { awayMs: 2_000, longestCallMs: 6_000, transferTo: 'desk' },
    language: 'de',
  },
  line: { heardBy: 'line', greeting: 'Hello, this is Acme.', turn: { awayMs: 6_000, lateResultMs: 200 } },
  'line, impatient': {
    heardBy: 'line',
    greeting: 'Hello, is this Acme?',
    turn: { silenceMs: 300, progressMs: 500, giveUpMs: 2_000, awayMs: 3_000, nudges: 1, compactAtMessages: 12 },
  },
  'line, facts to come': { heardBy: 'line', greeting: 'Hello, this is Acme.', factsWithinMs: 3_000 },
};

/** Voices that stall and fail. */
const FAILS = new Set(['voice, failing']);
const NAMES = Object.keys(SETTINGS);
const MACHINES: readonly MachineOptions[] = NAMES.map((name) => machineOptions(SETTINGS[name]));
/** No call goes on for longer: the caller gives up first. */
const MOST_EVENTS = 160;
const TICK_MS = 50;
/** One call in so many is replayed from its log. */
const REPLAY_EVERY = 50;
const BACKCHANNELS = ['okay', 'mm-hm', 'haan', 'uh-huh', 'yeah okay', 'hmm', 'ja genau'];
const ON_HOLD = ['Your call is important to us.', 'You are number two in the queue.', 'For sales, press one.'];
const HELLOS = ['hello?', 'hello hello', 'are you there?', 'hallo, sind Sie noch da?'];

export interface Finding {
  seed: number;
  problems: string[];
  settings: string;
  /** For `play(script, { ...SETTINGS[settings], timers: 'scripted' })`. */
  script: string;
  events: number;
}

interface Pending {
  atMs: number;
  /** Decides between things of the same instant. */
  order: number;
  run: () => void;
}

interface Run {
  call: ToolCall;
  key: string | undefined;
  /** Calls that are told its outcome. */
  joined: string[];
  isDone: boolean;
  turn: number;
}

/** Something is being done that is no task, which waits for its caller. */
const isWriting = (run?: Run): boolean => run?.key !== undefined && !run.isDone && run.call.name !== 'take_order';

/** How often what happened in the calls, by name: `say recovery`, `turn-end cut`, `journal join`. */
export type Tally = Map<string, number>;

/** Plays the call of that seed; undefined when nothing was wrong. Adds what happened to `tally`. */
export function playRandomCall(seed: number, tally?: Tally): Finding | undefined {
  return new RandomCall(seed, tally).play();
}

class RandomCall {
  readonly #seed: number;
  readonly #tally: Tally | undefined;
  readonly #dice: Dice;
  readonly #settings: string;
  readonly #options: MachineOptions;
  /** Of the agent that has the caller. */
  #persona: MachineOptions;
  readonly #machine: TurnMachine;
  readonly #judge: CallJudge;
  readonly #speaker: SimulatedSpeaker | undefined;
  readonly #journal: EffectJournal;
  readonly #facts: string | undefined;

  #nowMs = 0;
  #pending: Pending[] = [];
  readonly #timers = new Map<TimerName, Pending>();
  readonly #generations: number[] = [];
  readonly #events: { event: TurnEvent; atMs: number }[] = [];
  /** What came of the events, as JSON; kept only when the call is to be replayed. */
  #effects: string[] | undefined;
  #problems: string[] = [];

  #runs: (Run | undefined)[] = [];
  readonly #runOf = new Map<string, Run>();
  /** Effects done and being done, by key, with their end: a second one is a double effect. */
  readonly #deeds = new Map<string, number>();
  readonly #ids: string[] = [];
  /** Those that are on, with whom the caller had before. */
  readonly #tasks: { callId: string; persona: MachineOptions; isSensitive: boolean }[] = [];
  #words = 0;
  #actsLeft: number;
  #hasHungUp = false;
  /** Somebody is rung for the caller, or asked. */
  #isAsking = false;
  /** Rows of keys that nobody may know. */
  #rows = 0;

  constructor(seed: number, tally: Tally | undefined) {
    this.#seed = seed;
    this.#tally = tally;
    this.#dice = new Dice(seed);
    const index = this.#dice.below(NAMES.length);
    const options = MACHINES[index];
    if (!options) throw new Error('Expected settings');
    this.#settings = NAMES[index] ?? '';
    this.#facts = SETTINGS[this.#settings]?.facts;
    this.#options = this.#persona = options;
    this.#machine = new TurnMachine(options);
    this.#judge = new CallJudge(options, this.#facts);
    this.#journal = new EffectJournal(options.turn.dedupeMs);
    this.#actsLeft = this.#dice.between(1, 5) + (this.#hasTasks || this.#options.team ? 3 : 0);
    if (seed % REPLAY_EVERY === 0) this.#effects = [];
    if (options.heardBy !== 'emitted') {
      this.#speaker = new SimulatedSpeaker({
        charactersPerSecond: this.#dice.pick([20, 40, 100, 400]),
        startDelayMs: this.#dice.pick([0, 0, 100, 400]),
        report: this.#dice.chance(0.2) ? 'word' : 'utterance',
        canPause: options.heardBy !== 'line',
        canSpeak: this.#dice.chance(0.7),
        countsTrailingSpace: this.#dice.chance(0.7),
      });
    }
  }

  play(): Finding | undefined {
    const factsWithinMs = SETTINGS[this.#settings]?.factsWithinMs;
    this.#hand({
      type: 'call-start',
      ...(this.#facts === undefined ? {} : { facts: this.#facts }),
      ...(factsWithinMs === undefined ? {} : { factsWithinMs }),
    });
    if (factsWithinMs !== undefined) this.#tellFacts();
    this.#after(this.#wait(), () => this.#callerActs());
    if (FAILS.has(this.#settings)) this.#after(this.#wait(), () => this.#voiceFails());
    while (this.#problems.length === 0 && this.#step());
    if (this.#problems.length === 0) this.#problems = this.#judge.finish(this.#machine);
    if (this.#problems.length === 0 && this.#effects) this.#replay(this.#effects);
    if (this.#problems.length === 0) return undefined;
    return {
      seed: this.#seed,
      problems: this.#problems,
      settings: this.#settings,
      script: writeScript(this.#events, this.#generations),
      events: this.#events.length,
    };
  }

  /** In time, late, or never; and sometimes there are none. */
  #tellFacts(): void {
    const what = this.#dice.weigh({ text: 60, none: 10, problem: 10, never: 20 });
    if (what === 'never') return;
    const event: TurnEvent = { type: 'facts' };
    if (what === 'text') event.text = 'The caller is 7.';
    else if (what === 'problem') event.problem = 'no facts';
    this.#after(this.#wait(), () => this.#handNow(event));
  }

  // ---- time

  /** Lets the next thing happen; false when nothing is left. */
  #step(): boolean {
    if (!this.#hasHungUp && this.#events.length > MOST_EVENTS) {
      this.#hangUp();
      return true;
    }
    let next: Pending | undefined;
    for (const pending of this.#pending) if (!next || isBefore(pending, next)) next = pending;
    let timer: TimerName | undefined;
    for (const [name, pending] of this.#timers) {
      if (next && !isBefore(pending, next)) continue;
      next = pending;
      timer = name;
    }
    const speakerMs = this.#hasHungUp ? undefined : this.#speaker?.nextAtMs;
    if (speakerMs !== undefined && (!next || speakerMs < next.atMs || (speakerMs === next.atMs && next.order > 0.5))) {
      this.#nowMs = Math.max(this.#nowMs, Math.ceil(speakerMs));
      const told = this.#speaker?.tellNext(speakerMs);
      if (told) this.#handNow(told.event);
      return true;
    }
    if (!next) return false;
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    if (timer !== undefined) {
      this.#timers.delete(timer);
      this.#hand({ type: 'timer', timer });
    } else {
      this.#pending.splice(this.#pending.indexOf(next), 1);
      next.run();
    }
    return true;
  }

  #after(delayMs: number, run: () => void): void {
    this.#pending.push({ atMs: this.#nowMs + delayMs, order: this.#dice.next(), run });
  }

  /** Mostly soon, seldom very late. */
  #wait(): number {
    const most = this.#dice.pick([0, 200, 200, 1_000, 1_000, 3_000, 8_000]);
    return Math.floor(this.#dice.between(0, most) / TICK_MS) * TICK_MS;
  }

  #soon(): number {
    return this.#dice.below(5) * TICK_MS;
  }

  // ---- events and effects

  #hand(event: TurnEvent): void {
    if (mayInterrupt(event)) {
      for (let told = this.#speaker?.tellNext(this.#nowMs); told; told = this.#speaker?.tellNext(this.#nowMs))
        this.#handNow(told.event);
      const heard = this.#speaker?.heardNow();
      if (heard) this.#handNow(heard);
    }
    this.#handNow(event);
  }

  #handNow(event: TurnEvent): void {
    if (this.#problems.length > 0) return;
    if (this.#isAsking && ['caller-turn', 'digit', 'hang-up', 'say', 'outage'].includes(event.type))
      this.#add(`${event.type} while somebody is asked`);
    if (event.type === 'hang-up') this.#hasHungUp = true;
    this.#events.push({ event, atMs: this.#nowMs });
    const isAudible = this.#speaker?.isAudible ?? false;
    const owedIdle = this.#speaker?.owesIdle ?? false;
    let effects: TurnEffect[];
    try {
      effects = this.#machine.handle(event, this.#nowMs);
      if (this.#effects) this.#effects.push(JSON.stringify(effects));
      for (const effect of effects) this.#speaker?.apply(effect, this.#nowMs);
      const owesIdle = this.#speaker?.owesIdle ?? false;
      this.#problems.push(
        ...this.#judge.look(event, this.#nowMs, effects, this.#machine, { isAudible, owedIdle, owesIdle }),
      );
    } catch (thrown) {
      this.#problems.push(`thrown: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
      return;
    }
    if (this.#tally) this.#count(event, effects);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: TurnEffect): void {
    switch (effect.type) {
      case 'request-step':
        this.#generations.push(effect.generation);
        return this.#answer(effect.generation, effect.toolChoice);
      case 'run-tool':
        return this.#runTool(effect.call, effect.turn);
      case 'cancel-tool':
        return this.#cancelTool(effect.callId);
      case 'set-timer': {
        this.#timers.delete(effect.timer);
        if (effect.afterMs === null) return;
        const lateMs = this.#dice.chance(0.15) ? this.#dice.between(1, 3) * TICK_MS : 0;
        const atMs = this.#nowMs + effect.afterMs + lateMs;
        this.#timers.set(effect.timer, { atMs, order: this.#dice.next(), run: () => undefined });
        return;
      }
      case 'agent-change':
        this.#persona = personaIn(this.#persona, effect.agent);
        return;
      case 'begin-task':
        this.#tasks.push({ callId: effect.callId, persona: this.#persona, isSensitive: this.#dice.chance(0.4) });
        this.#persona = { ...this.#persona, tools: OF_TASK };
        return;
      case 'end-task':
        return this.#endTask(effect.callId);
      case 'hang-up':
        return this.#after(this.#soon(), () => this.#hangUp(effect.reason));
      case 'transfer':
        return this.#handOver(effect);
      default:
    }
  }

  #count(event: TurnEvent, effects: readonly TurnEffect[]): void {
    this.#add(event.type);
    if (event.type === 'facts') this.#add(this.#judge.hasAsked ? 'facts late' : 'facts in time');
    if (event.type === 'timer' && event.timer === 'facts') this.#add('facts given up');
    if (event.type === 'tool-settled') this.#add(`settled ${event.outcome.ok ? 'ok' : event.outcome.failure}`);
    if (
      event.type === 'caller-turn' &&
      HELLOS.includes(event.text) &&
      effects.every(({ type }) => type !== 'request-step')
    )
      this.#add('hello and the turn goes on');
    if (event.type === 'caller-turn' && this.#judge.wasListening) this.#add("a listener's word outlasts the answer");
    const asks = effects.some(({ type }) => type === 'request-step');
    if (event.type === 'interrupt' && event.upTo !== undefined && this.#judge.hasTurn)
      this.#add('the line stops and the turn goes on');
    if (event.type === 'timer' && event.timer === 'not-understood' && this.#options.heardBy === 'line')
      this.#add('the caller cut in and is asked');
    if (event.type === 'timer' && event.timer === 'taken-back' && asks) this.#add('taken back and asked again');
    if (event.type === 'caller-turn' && asks && this.#judge.wasJoined) this.#add('taken back and gone on');
    if (event.type === 'caller-turn' && this.#judge.isOnHold) this.#add('recording on hold');
    if (event.type === 'timer' && event.timer === 'late-stop' && asks) this.#add('a turn waits for the line');
    for (const effect of effects) {
      if (effect.type === 'say' && this.#options.phrases.tooLong.includes(effect.text)) this.#add('say too long');
      if (effect.type === 'say') this.#add(`say ${effect.kind}`);
      else if (effect.type === 'request-step') this.#add(`request ${effect.toolChoice}`);
      else if (effect.type === 'run-tool') {
        this.#add(`run ${effect.effect}`);
        if (this.#judge.aheadGeneration !== undefined) this.#add('run ahead');
      } else if (effect.type !== 'report') this.#add(`effect ${effect.type}`);
      else if (effect.event.type === 'turn-end') this.#add(`turn-end ${effect.event.outcome}`);
      else if (effect.event.type === 'task-end') this.#add(`task ${effect.event.how}`);
      else if (effect.event.type === 'task-start') this.#countTask();
      else if (effect.event.type === 'agent-change') this.#countHandover(effect.event.context);
      else if (effect.event.type === 'tool-end' && effect.event.name === 'hand_off' && !effect.event.ok)
        this.#countUndone(event, effect.event.failure);
      else if (effect.event.type === 'tool-end' && effect.event.isLate) this.#add('tool-end late');
      else if (effect.event.type === 'ahead-end') this.#add(`asked ahead ${effect.event.outcome}`);
      else if (effect.event.type === 'turn-taken-back') this.#countTakenBack(effect.event.turn);
      else if (effect.event.type === 'turn-start' && effect.event.text === '') this.#add('turn of a late result');
      else if (effect.event.type === 'turn-start' && event.type === 'playback-idle')
        this.#add('turn of an early answer');
      else if (effect.event.type === 'hold-end') this.#add(`hold-end ${effect.event.why}`);
      else this.#add(`report ${effect.event.type}`);
    }
  }

  // ---- handing over

  #transfer(): ToolControl {
    const order = { type: 'transfer', to: 'desk' } as const;
    return this.#dice.chance(0.6) ? { ...order, warm: { summary: 'They want a person.' } } : order;
  }

  /** In person it takes as long as somebody is rung and asked, in which the caller waits, speaks, types or is gone. */
  #handOver({ warm }: TransferOrder): void {
    const afterMs = warm ? this.#dice.pick([0, 2_000, 10_000, 40_000]) + this.#wait() : this.#soon();
    const isTaken = this.#dice.chance(warm ? 0.4 : 0.6);
    this.#isAsking = warm !== undefined;
    if (warm) this.#add('transfer in person');
    this.#after(afterMs, () => {
      if (this.#hasHungUp) return;
      this.#isAsking = false;
      if (isTaken) return this.#hangUp('transferred');
      if (warm) this.#add('back from nobody');
      this.#hand({ type: 'transfer-failed', message: 'busy' });
    });
  }

  #countTask(): void {
    this.#add('task begun');
    if (this.#tasks.length > 0) this.#add('task in a task');
    if (this.#runs.some(isWriting)) this.#add('task begun while a write runs');
  }

  #countHandover(context: string): void {
    this.#add(`agent-change ${context}`);
    if (this.#runs.some((run) => run?.key !== undefined && !run.isDone)) this.#add('handed over while a write runs');
    if (this.#persona.agent !== 'desk') this.#add('handed on');
  }

  #countUndone(event: TurnEvent, failure: string | undefined): void {
    if (failure === 'invalid-arguments') this.#add('handover refused');
    else if (event.type === 'hang-up') this.#add('hang-up in a handover');
    else this.#add('handover taken back');
  }

  #countTakenBack(turn: number): void {
    this.#add('report turn-taken-back');
    const isWriting = (run?: Run) => run?.turn === turn && run.key !== undefined && !run.isDone;
    if (this.#runs.some(isWriting)) this.#add('a write goes on in a turn that was taken back');
    if (this.#judge.isChain) this.#add('taken back twice');
  }

  #add(what: string): void {
    this.#tally?.set(what, (this.#tally.get(what) ?? 0) + 1);
  }

  #hangUp(reason = 'caller-hung-up'): void {
    if (this.#hasHungUp) return;
    this.#hand({ type: 'hang-up', reason });
    if (!this.#dice.chance(0.2)) return;
    const late: TurnEvent[] = [
      { type: 'caller-turn', text: 'please wait' },
      { type: 'caller-speech', phase: 'start' },
      { type: 'interrupt' },
      { type: 'digit', digit: '#' },
      { type: 'say', text: 'Hello?' },
      { type: 'playback-idle' },
      { type: 'transfer-failed', message: 'busy' },
      { type: 'hang-up', reason },
    ];
    for (let count = this.#dice.between(1, 3); count > 0; count--) {
      const event = this.#dice.pick(late);
      this.#after(this.#wait(), () => this.#handNow(event));
    }
  }

  /** A second machine, given the same events as they stand in a log, asks for the very same. */
  #replay(effects: readonly string[]): void {
    const machine = new TurnMachine(this.#options);
    this.#events.forEach(({ event, atMs }, index) => {
      const again = JSON.stringify(machine.handle(JSON.parse(JSON.stringify(event)) as TurnEvent, atMs));
      if (again !== effects[index]) this.#problems.push(`replay: event ${index} gave ${again}`);
    });
  }

  // ---- the model

  /** Plans an answer and sends it piece by piece, as long as it is wanted, and sometimes longer. */
  #answer(generation: number, toolChoice: 'auto' | 'none'): void {
    const events = this.#planAnswer(generation, toolChoice);
    const goesOnAfterAbort = this.#dice.chance(0.3);
    let delayMs = this.#wait();
    const send = (): void => {
      const event = events.shift();
      if (!event) return;
      const isWanted = generation === this.#judge.openGeneration || generation === this.#judge.aheadGeneration;
      if (!isWanted && !goesOnAfterAbort) return;
      if (this.#hasHungUp && !goesOnAfterAbort) return;
      this.#hand(event);
      delayMs = this.#dice.chance(0.05) ? this.#wait() : this.#dice.below(4) * TICK_MS;
      if (events.length > 0) this.#after(delayMs, send);
    };
    if (events.length > 0) this.#after(delayMs, send);
  }

  #planAnswer(generation: number, toolChoice: 'auto' | 'none'): TurnEvent[] {
    const calls = this.#tasks.length > 0 ? 80 : 25;
    const kind = this.#dice.weigh({ text: 35, calls, both: 28, empty: 3, hang: 3, failed: 6 });
    if (kind === 'hang') return [];
    const events: TurnEvent[] = [];
    const text = (): void => {
      for (let count = this.#dice.between(1, 3); count > 0; count--)
        events.push({ type: 'text-delta', generation, delta: this.#dice.chance(0.07) ? '\n' : this.#newWords() });
    };
    if (kind === 'text' || kind === 'both') text();
    if (kind !== 'empty' && this.#dice.chance(0.04)) {
      events.push({ type: 'text-taken-back', generation });
      text();
    }
    const hasCalls = kind === 'calls' || kind === 'both';
    if (hasCalls && (toolChoice === 'auto' || this.#dice.chance(0.3))) {
      events.push({ type: 'tool-call-start', generation });
      for (let count = this.#dice.pick([1, 1, 1, 2, 3]); count > 0; count--) {
        const event = this.#newCall(generation);
        events.push(event);
        if (this.#dice.chance(0.3)) events.push(this.#newExtra(event));
      }
      if (this.#dice.chance(0.15)) text();
    }
    if (kind === 'failed' || this.#dice.chance(0.08)) {
      events.splice(this.#dice.below(events.length + 1)); // cut anywhere
      const code = this.#dice.pick(['stream-cut', 'first-token-timeout', 'rate-limited']);
      events.push({ type: 'step-failed', generation, code, message: `electron: ${code}`, facts: stepFacts() });
    } else {
      const likely = hasCalls ? 'tool_calls' : 'stop';
      const other = this.#dice.pick(['stop', 'length', 'content_filter', 'unknown', 'tool_calls'] as const);
      const finishReason = this.#dice.chance(0.8) ? likely : other;
      const isTruncated = this.#dice.chance(0.05);
      events.push({ type: 'step-end', generation, finishReason, isTruncated, facts: stepFacts() });
    }
    return events;
  }

  #newWords(): string {
    const words = Array.from({ length: this.#dice.between(1, 3) }, () => `w${++this.#words}`).join(' ');
    if (this.#dice.chance(0.3)) return `${words}? `;
    return this.#dice.chance(0.8) ? `${words} ` : words;
  }

  #newCall(generation: number): TurnEvent {
    const name = this.#dice.weigh({
      lookup_order: 25,
      find_slots: 20,
      book_slot: 22,
      send_sms: 18,
      end_call: 5,
      transfer_call: 5,
      wait_on_hold: 12,
      launch_rocket: 4,
      hand_off: this.#options.team ? 80 : 0,
      route: this.#options.team ? 15 : 0,
      take_order: this.#hasTasks ? (this.#runs.some(isWriting) ? 100 : 25) : 0,
      finish: this.#tasks.length > 0 ? 90 : 0,
    });
    const isOld = this.#ids.length > 0 && this.#dice.chance(0.08);
    const id = isOld ? this.#dice.pick(this.#ids) : `c${this.#ids.length + 1}`;
    if (!isOld) this.#ids.push(id);
    const isWithin = name === 'take_order' && this.#tasks.length > 0; // no task waits for itself
    const args = `{"n":${isWithin ? 100 + ++this.#words : this.#dice.below(3)}}`;
    if (this.#dice.chance(0.07))
      return {
        type: 'tool-call-failed',
        generation,
        call: { id, name, arguments: '{}' },
        message: 'Broken arguments.',
      };
    return { type: 'tool-call', generation, call: { id, name, arguments: args } };
  }

  /** What a server sends beside the call of that event, whole each time. */
  #newExtra(event: TurnEvent): TurnEvent {
    if (event.type !== 'tool-call' && event.type !== 'tool-call-failed') return event;
    const { generation, call } = event;
    const extra = { sign: `x${++this.#words}` };
    if (this.#dice.chance(0.5)) return { type: 'answer-extra', generation, message: extra };
    return { type: 'answer-extra', generation, message: extra, calls: { [call.id]: extra } };
  }

  // ---- the tools

  get #hasTasks(): boolean {
    return this.#options.tools.some(({ isTask }) => isTask);
  }

  /** A task's handler waits until the machine says that it is over, unless its time is over before. */
  #converse(run: Run): void {
    const ask = this.#dice.chance(0.6) ? { ask: `q${++this.#words}?` } : {};
    const maxTurns = this.#dice.between(1, 5);
    const begin: TurnEvent = {
      type: 'task-begin',
      callId: run.call.id,
      instructions: 'Ask.',
      tools: OF_TASK,
      maxTurns,
      ...ask,
    };
    if (this.#dice.chance(0.7)) this.#hand(begin);
    else this.#after(this.#soon(), () => !run.isDone && this.#handNow(begin));
    if (this.#dice.chance(0.1)) this.#after(this.#wait(), () => this.#endTask(run.call.id, 'timeout'));
  }

  #endTask(callId: string, failure: 'timeout' | 'tool-error' = 'tool-error'): void {
    if (failure !== 'timeout' && this.#tasks.at(-1)?.callId === callId) {
      const { persona } = this.#tasks.pop() ?? { persona: this.#persona };
      this.#persona = persona;
    }
    const run = this.#runOf.get(callId);
    if (!run || run.isDone) return;
    run.isDone = true;
    if (run.key !== undefined) this.#deeds.delete(run.key);
    const outcome: ToolOutcome = { ok: false, content: `{"r":"<${callId}>"}`, failure };
    this.#journal.end(run.key, { type: 'not-done' }, this.#nowMs);
    this.#after(this.#soon(), () => run.joined.forEach((id) => this.#settle(id, outcome)));
  }

  #runTool(call: ToolCall, turn: number): void {
    const effect = this.#persona.tools.find(({ name }) => name === call.name)?.effect;
    const key = effect === 'write' ? effectKey(call.name, JSON.parse(call.arguments), call.arguments) : undefined;
    const answer = this.#journal.begin(key, this.#nowMs);
    if (key !== undefined) this.#add(`journal ${answer.type}`);
    if (answer.type === 'join') {
      const run = this.#runs[answer.run];
      if (!run) throw new Error('The journal joins a run that is not there');
      run.joined.push(call.id);
      return;
    }
    if (answer.type === 'answer') {
      const outcome: ToolOutcome = { ok: true, content: `{"again":"<${call.id}>"}`, isFromJournal: true };
      return this.#after(this.#soon(), () => this.#settle(call.id, outcome));
    }
    const run: Run = { call, key, joined: [call.id], isDone: false, turn };
    this.#runs[answer.run] = run;
    this.#runOf.set(call.id, run);
    if (call.name === 'take_order' && this.#persona.tools.some(({ isTask }) => isTask)) return this.#converse(run);
    this.#do(run, effect);
  }

  /** The fake handler: counts what it does, and takes as long as it takes. */
  #do(run: Run, effect: string | undefined): void {
    if (run.key !== undefined) {
      const untilMs = this.#deeds.get(run.key);
      if (untilMs !== undefined && this.#nowMs < untilMs) this.#problems.push(`R15: \`${run.key}\` was done twice`);
      this.#deeds.set(run.key, Infinity);
    }
    const delayMs = Math.max(TICK_MS, this.#dice.chance(this.#options.team ? 0.25 : 0.03) ? 30_000 : this.#wait());
    if (effect !== undefined && this.#dice.chance(0.1))
      this.#after(this.#soon(), () => {
        if (!this.#hasHungUp)
          // a handler may say so when it has been cancelled, or is done
          this.#hand({ type: 'tool-progress', callId: run.call.id, text: `p${++this.#words}` });
      });
    const kind = this.#dice.weigh({ ok: 75, failed: 8, timeout: 5, invalid: 6, say: 6 });
    this.#after(delayMs, () => {
      if (run.isDone) return;
      run.isDone = true;
      const dedupeMs = kind === 'ok' || kind === 'say' ? this.#options.turn.dedupeMs : 0;
      if (run.key !== undefined) this.#deeds.set(run.key, this.#nowMs + dedupeMs);
      let told: ToolOutcome | undefined;
      for (const id of run.joined) {
        const outcome = this.#outcome(id, effect, kind, run.call);
        told ??= outcome;
        this.#settle(id, outcome);
      }
      if (told)
        this.#journal.end(run.key, told.ok ? { type: 'done', outcome: told } : { type: 'not-done' }, this.#nowMs);
    });
  }

  #outcome(id: string, effect: string | undefined, kind: string, call: ToolCall): ToolOutcome {
    const content = `{"r":"<${id}>"}`;
    if (effect === undefined) return { ok: false, content, failure: 'unknown-tool' };
    if (kind === 'failed') return { ok: false, content, failure: 'tool-error' };
    if (kind === 'timeout') return { ok: false, content, failure: 'timeout' };
    if (kind === 'invalid') return { ok: false, content, failure: 'invalid-arguments' };
    if (call.name === 'end_call') return { ok: true, content, control: { type: 'hang-up', reason: 'agent-ended' } };
    if (call.name === 'wait_on_hold') return { ok: true, content, control: { type: 'hold' } };
    if (call.name === 'transfer_call') return { ok: true, content, control: this.#transfer() };
    if (call.name === 'finish') return this.#finishTask(id);
    if (call.name === 'hand_off' || (call.name === 'route' && this.#dice.chance(0.6))) return this.#handOff();
    if (kind === 'say') return { ok: true, content, say: `v${++this.#words}.` };
    return { ok: true, content };
  }

  #finishTask(id: string): ToolOutcome {
    const how = this.#dice.pick(['finished', 'finished', 'given-up', 'something-else'] as const);
    const end = how === 'finished' ? { how, content: `{"e":"<${id}e>"}` } : { how };
    return { ok: true, content: '{"done":"finished"}', control: { type: 'end-task', end } };
  }

  #handOff(): ToolOutcome {
    const context = this.#dice.pick(['all', 'all', 'summary', 'none'] as const);
    const known = Object.keys(this.#persona.team ?? {});
    const to = this.#dice.pick(this.#dice.chance(0.85) ? known : COLLEAGUES);
    const about = this.#dice.chance(0.3) ? { about: `a${++this.#words}` } : {};
    const control = { type: 'hand-off', to, context, ...about } as const;
    const say = this.#dice.chance(0.2) ? { say: `v${++this.#words}.` } : {};
    return { ok: true, content: '{"done":"hand-off"}', ...say, control };
  }

  #cancelTool(callId: string): void {
    const run = this.#runOf.get(callId);
    if (!run || run.isDone) return;
    run.isDone = true;
    this.#after(this.#soon(), () =>
      this.#settle(callId, { ok: false, content: '{"error":"cancelled"}', failure: 'cancelled' }),
    );
  }

  #settle(callId: string, outcome: ToolOutcome): void {
    this.#hand({ type: 'tool-settled', callId, outcome, durationMs: 100 });
  }

  // ---- the voice

  #voiceFails(): void {
    if (this.#hasHungUp) return;
    if (this.#dice.chance(0.6)) this.#speaker?.stall(this.#nowMs, this.#nowMs + this.#wait());
    else {
      const failed = this.#speaker?.fail(this.#nowMs);
      if (failed) this.#handNow(failed);
    }
    if (this.#dice.chance(0.8)) this.#after(500 + this.#wait(), () => this.#voiceFails());
  }

  // ---- the caller

  #callerActs(): void {
    if (this.#hasHungUp) return;
    if (this.#actsLeft-- <= 0) {
      if (this.#dice.chance(0.7)) this.#hangUp(); // else they are gone without a word
      return;
    }
    const any = this.#dice.weigh({
      turn: 50,
      sudden: 10,
      'goes on': 14,
      mumble: 10,
      hello: 6,
      hum: 4,
      cough: 6,
      noise: 5,
      interrupt: 10,
      keys: 4,
      recording: 8,
      program: 5,
      outage: 1,
      deaf: 6,
    });
    const typed = this.#isSensitive && this.#dice.chance(0.3) ? 'keys' : any;
    const act = this.#judge.isOnHold && this.#dice.chance(0.6) ? 'recording' : typed;
    let afterMs = 0;
    const script: { event: TurnEvent; afterMs: number }[] = [];
    const then = (event: TurnEvent, waitMs = afterMs): void => {
      script.push({ event, afterMs: waitMs });
      afterMs = this.#dice.below(8) * TICK_MS;
    };
    const words = this.#dice.chance(0.9) ? `please ${this.#newWords().trim()} now` : this.#dice.pick(BACKCHANNELS);
    switch (act) {
      case 'turn':
        then({ type: 'caller-speech', phase: 'start' });
        if (this.#dice.chance(0.6)) then({ type: 'caller-speech', phase: 'words', words: 'please' });
        if (this.#dice.chance(0.6)) then({ type: 'caller-speech', phase: 'words', words });
        then({ type: 'caller-speech', phase: 'end' });
        this.#seemFinished(words, then);
        then({ type: 'caller-turn', text: words });
        break;
      case 'sudden':
        then({ type: 'caller-turn', text: words });
        break;
      case 'goes on': // taken too early, once or more, and what follows may be no words, or none that are understood
        then({ type: 'caller-turn', text: words });
        for (let count = this.#dice.between(1, 3); count > 0; count--) {
          const more = this.#dice.chance(0.8) ? `please ${this.#newWords().trim()} now` : this.#dice.pick(BACKCHANNELS);
          if (this.#dice.chance(0.9)) then({ type: 'caller-speech', phase: 'start' });
          if (this.#dice.chance(0.7)) then({ type: 'caller-speech', phase: 'words', words: more });
          then({ type: 'caller-speech', phase: 'end' });
          this.#seemFinished(more, then);
          if (this.#dice.chance(0.8)) then({ type: 'caller-turn', text: more });
        }
        break;
      case 'mumble': {
        const mumble = this.#dice.pick(BACKCHANNELS);
        then({ type: 'caller-speech', phase: 'start' });
        if (this.#dice.chance(0.7)) then({ type: 'caller-speech', phase: 'words', words: mumble });
        then({ type: 'caller-speech', phase: 'end' });
        if (this.#dice.chance(0.6)) then({ type: 'caller-turn', text: mumble });
        break;
      }
      case 'hello': {
        const hello = this.#dice.pick(HELLOS);
        if (this.#dice.chance(0.7)) then({ type: 'caller-speech', phase: 'start' });
        if (this.#dice.chance(0.7)) then({ type: 'caller-speech', phase: 'words', words: hello });
        then({ type: 'caller-speech', phase: 'end' });
        then({ type: 'caller-turn', text: hello });
        break;
      }
      case 'hum':
        for (let count = this.#dice.between(3, 12); count > 0; count--) {
          then({ type: 'caller-speech', phase: 'start' });
          afterMs = 200;
          then({ type: 'caller-speech', phase: 'end' });
          afterMs = 900;
        }
        break;
      case 'cough':
        then({ type: 'caller-speech', phase: 'start' });
        then({ type: 'caller-speech', phase: 'end' });
        break;
      case 'noise':
        then({ type: 'caller-speech', phase: 'start' });
        afterMs = 1_500;
        then({ type: 'caller-speech', phase: 'end' });
        break;
      case 'interrupt':
        if (this.#options.heardBy === 'line') return this.#lineActs(words);
        then({ type: 'interrupt' });
        if (this.#dice.chance(0.2)) then({ type: 'interrupt' });
        if (this.#dice.chance(0.7)) then({ type: 'caller-turn', text: words });
        break;
      case 'keys':
        if (this.#isSensitive) {
          this.#concealRow(then);
          break;
        }
        for (let count = this.#dice.between(1, 3); count > 0; count--)
          then({ type: 'digit', digit: this.#dice.pick(['1', '2', '#']) });
        break;
      case 'recording': // of whoever has put the agent on hold; to anybody else it is what the caller says
        if (this.#dice.chance(0.5)) then({ type: 'caller-speech', phase: 'start' });
        if (this.#dice.chance(0.5)) then({ type: 'caller-speech', phase: 'end' });
        then({ type: 'caller-turn', text: this.#dice.pick(ON_HOLD) });
        break;
      case 'outage':
        then({ type: 'outage', reason: 'listening-failed' });
        break;
      case 'deaf':
        if (this.#dice.chance(0.5)) then({ type: 'ear-up', isUp: false });
        then({ type: 'caller-speech', phase: 'start' });
        then({ type: 'ear-up', isUp: false });
        afterMs = this.#dice.below(400) * TICK_MS;
        then({ type: 'caller-speech', phase: 'end' });
        afterMs = this.#dice.below(2_000) * TICK_MS;
        then({ type: 'ear-up', isUp: true });
        if (this.#dice.chance(0.7)) then({ type: 'caller-turn', text: words });
        break;
      case 'program': {
        const say: TurnEvent = { type: 'say', text: `s${++this.#words}.` };
        then(
          this.#dice.chance(0.2)
            ? { ...say, thenHangUp: 'drained', ...(this.#dice.chance(0.3) && { thenTransfer: 'desk' }) }
            : say,
        );
        break;
      }
    }
    const go = (): void => {
      const next = script.shift();
      if (next) this.#after(next.afterMs, () => (this.#say(next.event), go()));
      else this.#after(this.#wait(), () => this.#callerActs());
    };
    go();
  }

  get #isSensitive(): boolean {
    return this.#tasks.some(({ isSensitive }) => isSensitive);
  }

  /** A row that is made before the door of the machine, which has a sign for each key and a placeholder for the row. */
  #concealRow(then: (event: TurnEvent, afterMs?: number) => void): void {
    const keys = this.#dice.between(1, 4);
    for (let count = keys; count > 0; count--) then({ type: 'digit', digit: CONCEALED_KEY });
    const row = `(keypad) [keys#${++this.#rows} ${keys} digits]`;
    then({ type: 'caller-turn', text: row }, this.#dice.pick([0, 0, 2_000]));
    this.#add('a row of keys that nobody knows');
  }

  /** R24: what they have said looks finished, perhaps before it is, and more than once. Then it takes a while to be sure. */
  #seemFinished(words: string, then: (event: TurnEvent, afterMs?: number) => void): void {
    const plain = words.replace(/[? ]+/g, ' ');
    const parts = [
      words,
      words.replace(/ now$/, ''),
      plain.toUpperCase(),
      `${plain.charAt(0).toUpperCase()}${plain.slice(1)}.`,
    ];
    for (let count = this.#dice.pick([0, 1, 1, 1, 2, 3]); count > 0; count--) {
      then({ type: 'caller-likely-finished', text: this.#dice.pick(parts) });
      if (this.#dice.chance(0.2)) then({ type: 'caller-speech', phase: 'words', words });
    }
    then({ type: 'caller-speech', phase: 'end' }, this.#dice.pick([50, 300, 300, 1_500]));
  }

  /** A line that hears and speaks by itself: what the caller does, and that it has stopped, in any order. */
  #lineActs(words: string): void {
    const stop = (): void => this.#lineStops();
    const prompt = (): void => this.#say({ type: 'caller-turn', text: words });
    const key = (): void => this.#say({ type: 'digit', digit: this.#dice.pick(['1', '#']) });
    const partly = (): void => this.#say({ type: 'caller-speech', phase: 'words', words: 'please' });
    const acts = this.#dice.pick([
      [stop],
      [stop, prompt],
      [prompt, stop],
      [stop, stop, prompt],
      [prompt, stop, stop],
      [key, stop],
      [stop, key],
      [partly, stop, key, prompt],
      [stop, partly, partly],
      [prompt, key, stop],
    ]);
    let afterMs = 0;
    for (const act of acts) {
      this.#after(afterMs, () => !this.#hasHungUp && act());
      afterMs += this.#dice.pick([0, 50, 50, 100, 400, 2_000]);
    }
    this.#after(afterMs + this.#wait(), () => this.#callerActs());
  }

  #lineStops(): void {
    const events = this.#speaker?.stop(this.#nowMs, this.#dice.pick([1, 1, 0.5, 0]), this.#dice.below(3)) ?? [];
    if (events.length > 0) this.#add('the line stops');
    for (const event of events) this.#handNow(event);
  }

  #say(event: TurnEvent): void {
    if (!this.#hasHungUp) this.#hand(event);
  }
}

function isBefore(a: Pending, b: Pending): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
