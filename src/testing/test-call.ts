/**
 * A call for tests, in virtual time: the real ear, turn machine, speaker and model client, and in the place of the network
 * and the services what the stand-ins are made of. Time moves only while the test waits for something of the call.
 *
 *   await using call = await startTestCall(agent, { model: { replies } });
 *   const turn = await call.say('What is free tomorrow?');
 *   turn.heard; turn.tools; call.result();
 */
import { FrameClock } from '../audio/frame-clock.ts';
import { createAgent, loadAgent, type Agent, type AgentInput } from '../call/agent.ts';
import type { Call } from '../call/call.ts';
import type { CallEvent, CallEventType } from '../call/events.ts';
import { answer, preparePhrases } from '../call/phone.ts';
import { callIdMaker } from '../lib/call-id.ts';
import { VirtualClock } from '../lib/clock.ts';
import { VoiceError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import type { LanguageModel } from '../model/contract.ts';
import type { Plan } from '../model/plan.ts';
import type { FaultInput } from '../simulate/electron/faults.ts';
import type { PaceInput } from '../simulate/electron/pace.ts';
import { seededRandom, mixSeeds } from '../simulate/electron/random.ts';
import type { ReplyRuleInput } from '../simulate/electron/replies.ts';
import { createToolbox, toolsIn } from '../tool/toolbox.ts';
import { oneModel } from '../worker/models.ts';
import { Parley } from '../worker/parley.ts';
import { CallRecord } from './call-record.ts';
import type { CallerEnd, CallerSound, SayOptions } from './caller-end.ts';
import { shown } from './heard-watch.ts';
import { EarStandIn, type EarStandInOptions } from './line/ear.ts';
import { VoiceStandIn, type VoiceStandInOptions } from './line/voice.ts';
import { TestModel } from './model.ts';
import type { CallResult, SentRequest, Turn } from './result.ts';
import { StubbedTools, type ToolStub } from './stubs.ts';
import { installGlobals, inScope, newScope } from './time/globals.ts';
import type { Pending } from './time/pending.ts';
import { TestTime } from './time/test-time.ts';
import { TextEnd } from './text-end.ts';
import { turnsOf } from './turns.ts';
import { VoiceEnd } from './voice-end.ts';

/** How a call of a test differs from a call with everything in good health. Everything optional. */
export interface TestCallOptions {
  /** What carries it. Default `voice`: sound, in virtual time; `text`: what a chat shows. */
  line?: 'voice' | 'text' | undefined;
  /**
   * What thinks: fixed replies at the pace of the real service (`documented`, the default, or `instant`), behind which
   * stands a simple brain; or a model of your own. Default: the brain.
   */
  model?: { replies?: ReplyRuleInput[] | undefined; pace?: PaceInput | undefined } | LanguageModel | undefined;
  /** What tools do in place of their own `run`, by their names. A name that the agent lacks is refused. */
  tools?: Readonly<Record<string, ToolStub>> | undefined;
  /** A `write` without a stub: fails the test (`refuse`, the default), or runs. */
  writes?: 'refuse' | 'run' | undefined;
  /** What time it is when the call begins, as ISO 8601. Default: Monday, 2026-01-05, nine o'clock UTC. */
  now?: string | undefined;
  /** The same seed and the same test give the same call, to the last byte. Default 1. */
  seed?: number | undefined;
  /** The caller's number, and the one that was called. Default `+15550100` and `+15550199`. */
  from?: string | undefined;
  to?: string | undefined;
  /** What else the line says of the call, as a carrier's parameters. */
  parameters?: Readonly<Record<string, string>> | undefined;
  /** What tools see as `context.env`. Default: nothing. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What goes wrong, one after the other, as the stand-in of the model has it. */
  faults?: { model?: readonly FaultInput[] | undefined } | undefined;
  /** What the account of the model allows. Default `none`: no limits. */
  plan?: Plan | undefined;
  /** How the stand-ins speak and hear. */
  voice?: VoiceStandInOptions | undefined;
  ear?: EarStandInOptions | undefined;
  /** Looked at before the call, after each run of a tool, and at the end; kept as JSON. */
  world?: (() => unknown) | undefined;
  /** Whether the test begins once the greeting has been `heard`, the default, or while it is `running`. */
  greeting?: 'heard' | 'running' | undefined;
  /** Whether the agent's `onStart` and `onEnd` are run. They tell the world of calls, so by default they are not: `skip`. */
  hooks?: 'skip' | 'run' | undefined;
  /** Default: silent. */
  log?: Log | undefined;
}

const MONDAY = '2026-01-05T09:00:00Z';
/** Limits, in the call's time. */
const HEARD_WITHIN_MS = 120_000;
const ANSWERED_WITHIN_MS = 180_000;
const HAPPENS_WITHIN_MS = 900_000;
/** After the caller has hung up, what writes is waited for. */
const WRITES_WITHIN_MS = 15_000;

/**
 * Begins a call: the agent has been loaded, has answered, and its greeting has been heard.
 * @param agent The agent's file, the agent as it is written, or as `createAgent` made it.
 * @throws {VoiceError} `options-invalid`, when the agent or an option is not right; `tool-invalid`, when a tool is not.
 */
export async function startTestCall(
  agent: string | URL | AgentInput | Agent,
  options: TestCallOptions = {},
): Promise<TestCall> {
  const epochMs = Date.parse(options.now ?? MONDAY);
  if (Number.isNaN(epochMs)) {
    throw new VoiceError('options-invalid', `Expected \`now\` to be a date as ISO 8601, got \`${options.now}\``);
  }
  const loaded = await loadFor(agent, options);
  const uninstall = installGlobals();
  try {
    const call = new TestCall({ agent: loaded, options, clock: new VirtualClock({ epochMs }), uninstall });
    await call.begin();
    return call;
  } catch (error) {
    uninstall();
    throw error;
  }
}

function loadFor(agent: string | URL | AgentInput | Agent, { log, env }: TestCallOptions): Promise<Agent> | Agent {
  if (typeof agent === 'string' || agent instanceof URL) return loadAgent(agent, { log, env });
  return 'toolbox' in agent ? agent : createAgent(agent, { log, env });
}

interface TestCallParts {
  agent: Agent;
  options: TestCallOptions;
  clock: VirtualClock;
  /** Gives the globals back. */
  uninstall: () => void;
}

/** A call of a test, from both of its ends. `await using` ends it with the test. */
export class TestCall implements AsyncDisposable {
  readonly #options: TestCallOptions;
  readonly #agent: Agent;
  readonly #time: TestTime;
  readonly #tools: StubbedTools;
  readonly #model: TestModel;
  readonly #parley: Parley;
  readonly #record: CallRecord;
  readonly #uninstall: () => void;
  #ends: { call: Call; caller: CallerEnd } | undefined;

  /** Use `startTestCall`. */
  constructor({ agent, options, clock, uninstall }: TestCallParts) {
    const { seed = 1, log, faults = {}, plan = 'none', model = {}, world } = options;
    const nowMs = () => clock.nowMs();
    this.#options = options;
    this.#uninstall = uninstall;
    this.#tools = new StubbedTools({
      ...{ stubs: options.tools ?? {}, writes: options.writes ?? 'refuse', clock, nowMs },
      refused: (error) => this.#fail(error),
      ended: (run) => this.#record.ran(run),
    });
    this.#agent = this.#inTest(agent, clock);
    const today = new Date(clock.wallMs()).toISOString().slice(0, 10);
    const isOwn = 'startStep' in model;
    this.#model = new TestModel({
      ...{ clock, nowMs, plan, log, faults: faults.model ?? [], model: isOwn ? model : undefined },
      electron: { seed, today, ...(isOwn ? {} : { pace: model.pace ?? 'documented', replies: model.replies ?? [] }) },
      random: seededRandom(mixSeeds(seed, 1)),
    });
    const random = seededRandom(mixSeeds(seed, 2));
    const newCallId = callIdMaker({
      wallMs: () => clock.wallMs(),
      random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256)),
    });
    this.#parley = new Parley({ models: oneModel(this.#model), clock, log, newCallId });
    this.#record = new CallRecord({ agent: this.#agent, model: this.#model, tools: this.#tools, nowMs, world });
    this.#time = new TestTime({ clock, holders: () => this.#tools.holders, describe: () => this.#state });
  }

  /** `startTestCall` does it. */
  async begin(): Promise<void> {
    this.#ends = this.#options.line === 'text' ? this.#chat() : await this.#ring();
    const hasGreeting = this.#agent.machine.greeting !== undefined && this.#options.line !== 'text';
    if (hasGreeting && this.#options.greeting !== 'running') await this.until('reply-audio-end');
  }

  // ---- what the caller does -----------------------------------------------------------------------------------------

  /**
   * The caller says `text`, behind what they are saying. Done when the agent has finished, and the turn that came of it is
   * over; who does not wait for that may go on listening meanwhile. Rejects when nothing came of it, or the call ended.
   */
  say(text: string, how: SayOptions = {}): Pending<Turn> {
    const { untilMs, turn } = this.#caller.say(text, how);
    const limitMs = untilMs - this.atMs + ANSWERED_WITHIN_MS;
    return this.#time.want(
      `an answer to "${text}"`,
      turn.then((number) => this.#turn(number)),
      limitMs,
    );
  }

  /**
   * Done at the very instant at which the last of these words has been heard at the caller's end, from now on: to the
   * sample. A text is compared word by word, whatever stands between them; a pattern with what has been heard since. Tells
   * when, in milliseconds since the call's start.
   */
  hears(what: string | RegExp): Pending<number> {
    return this.#time.want(`to hear ${shown(what)}`, this.#caller.hears(what), HEARD_WITHIN_MS);
  }

  /** A sound that is no word. Done when it has sounded. */
  make(sound: CallerSound): Pending<void> {
    return this.#time.want('the sound to end', this.#caller.make(sound), HEARD_WITHIN_MS);
  }

  /** Presses these keys, five a second. Done with the last. */
  press(keys: string): Pending<void> {
    return this.#time.want('the last key', this.#caller.press(keys), HEARD_WITHIN_MS);
  }

  /** Lets so many milliseconds of the call pass. */
  wait(ms: number): Pending<void> {
    const passed = new Promise<void>((resolve) => this.#time.clock.after(ms, resolve));
    return this.#time.want(`${ms} ms to pass`, passed, ms + 1);
  }

  /** Done at the next event of this type, with that; at once for the end of a call that is over. */
  until<Type extends CallEventType>(type: Type): Pending<Extract<CallEvent, { type: Type }>> {
    type Event = Extract<CallEvent, { type: Type }>;
    const happened = new Promise<Event>((resolve, reject) => {
      const hear = (event: CallEvent) => {
        if (event.type === type) resolve(event as Event);
        else if (event.type === 'call-end')
          reject(new VoiceError('closed', `Expected \`${type}\`, but the call ended: ${event.reason}`));
        else return;
        this.#call.off('event', hear);
      };
      const last = this.events.at(-1);
      if (last?.type === 'call-end') hear(last);
      else this.#call.on('event', hear);
    });
    return this.#time.want(`\`${type}\``, happened, HAPPENS_WITHIN_MS);
  }

  /** The caller hangs up. Done when the call is over, and tools that write have come to their end. */
  hangUp(): Pending<CallResult> {
    this.#caller.hangUp();
    const over = this.#call.ended.then(() => this.#whenWritten()).then(() => this.result());
    return this.#time.want('the call to end', over, WRITES_WITHIN_MS + 60_000);
  }

  // ---- what is known of it ------------------------------------------------------------------------------------------

  /** All that is known of the call so far, as plain data. */
  result(): CallResult {
    return this.#record.result(this.#call, this.#caller);
  }

  /** The turns so far, the greeting (0) first. */
  get turns(): Turn[] {
    return turnsOf(this.result());
  }

  /** Everything that the call has told so far. */
  get events(): readonly CallEvent[] {
    return this.#record.events;
  }

  /** What the model was asked so far, as it got it. */
  get requests(): readonly SentRequest[] {
    return this.#model.requests;
  }

  /** Milliseconds since the call's start. */
  get atMs(): number {
    return this.#time.clock.nowMs();
  }

  /** Ends the call, and gives back what it took of the process. Rejects with what is wrong with the test itself, if it comes out now. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#ends && !this.#record.end) await this.hangUp();
      await this.#parley.close();
    } finally {
      this.#uninstall();
    }
  }

  // ---- how it is made -----------------------------------------------------------------------------------------------

  /** The agent as this test has it. */
  #inTest(agent: Agent, clock: VirtualClock): Agent {
    const { env = {}, log = silentLog, hooks } = this.#options;
    const { facts } = agent;
    return {
      ...agent,
      toolbox: createToolbox(this.#tools.wrap(toolsIn(agent.toolbox)), { env, log }),
      facts: facts && ((caller) => inScope(newScope(clock), () => facts(caller))),
      hooks: hooks === 'run' ? agent.hooks : { ...agent.hooks, onStart: undefined, onEnd: undefined },
    };
  }

  async #ring(): Promise<{ call: Call; caller: CallerEnd }> {
    const { clock } = this.#time;
    const ear = new EarStandIn(clock, this.#options.ear);
    const voice = new VoiceStandIn(clock, this.#options.voice);
    const frameClock = new FrameClock(clock, (thrown) => this.#fail(asError(thrown)));
    const speech = { synthesizer: voice, transcriber: ear, frameClock };
    await preparePhrases(this.#agent, speech);
    const isTurnRunning = () => this.#ends?.call.isTurnRunning ?? false;
    const caller = new VoiceEnd({ clock, ear, voice, caller: this.#callerFacts, isTurnRunning });
    const machineLine = this.#record.machineLine;
    const keeper = { machineLine, attach() {}, tapCaller: () => () => {}, tapAgent: <Sink>(sink: Sink) => sink };
    const call = answer(this.#parley, caller.line, {
      ...{ agent: this.#agent, speech, recording: keeper, log: this.#options.log },
      listen: (begun) => this.#listen(begun, caller),
    });
    return { call, caller };
  }

  #chat(): { call: Call; caller: CallerEnd } {
    let caller: CallerEnd | undefined;
    const call = this.#parley.startCall(this.#agent, {
      caller: this.#callerFacts,
      record: this.#record.machineLine,
      listen: (begun) => this.#listen(begun, (caller = new TextEnd(begun, this.#time.clock))),
    });
    return { call, caller: caller ?? new TextEnd(call, this.#time.clock) };
  }

  #listen(call: Call, caller: CallerEnd): void {
    call.on('event', (event) => {
      this.#record.events.push(event);
      caller.hear(event);
    });
  }

  get #callerFacts() {
    const { from = '+15550100', to = '+15550199', parameters = {} } = this.#options;
    return { carrierCallId: '', from, to, parameters };
  }

  // ---- and goes on --------------------------------------------------------------------------------------------------

  get #call(): Call {
    return this.#begun.call;
  }

  get #caller(): CallerEnd {
    return this.#begun.caller;
  }

  get #begun(): { call: Call; caller: CallerEnd } {
    if (!this.#ends) throw new VoiceError('internal', 'The call has not begun');
    return this.#ends;
  }

  #turn(number: number): Turn {
    const turn = this.turns.find((one) => one.number === number);
    if (!turn) throw new VoiceError('internal', `Expected turn ${number} to be known`);
    return turn;
  }

  /** The test itself is at fault: every verb that is waited for says so. */
  #fail(error: Error): void {
    this.#record.trouble(error.message);
    this.#time.fail(error);
  }

  /** Writes that go on after the end come to theirs, within bounds: one may hang. */
  #whenWritten(): Promise<void> {
    const { clock } = this.#time;
    const untilMs = clock.nowMs() + WRITES_WITHIN_MS;
    return new Promise((resolve) => {
      const look = () => {
        const isOver = this.#tools.running.length === 0 || clock.nowMs() >= untilMs;
        if (isOver) resolve();
        else clock.after(100, look);
      };
      look();
    });
  }

  /** For whoever is told that nothing moves, or that something does not come. */
  get #state(): string {
    const running = this.#tools.running.map(
      ({ name, fromMs }) => `the tool \`${name}\` (since ${Math.round(fromMs)} ms)`,
    );
    const asked = this.#model.running > 0 ? ['the model is asked'] : [];
    const doing = [...running.map((tool) => `${tool} runs`), ...asked];
    const last = this.events.at(-1);
    const told = last ? ` The call's last event was \`${last.type}\`, at ${last.atMs} ms.` : '';
    return `${doing.length > 0 ? `In the call, ${doing.join(' and ')}.` : 'In the call, nothing runs.'}${told}`;
  }
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new VoiceError('internal', String(thrown));
