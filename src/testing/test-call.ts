/**
 * A call for tests: what its caller does, and what is known of it. In virtual time, unless it is to be by real sockets, to a
 * worker of the test's own or to one elsewhere.
 *
 *   await using call = await startTestCall(agent, { model: { replies } });
 *   const turn = await call.say('What is free tomorrow?');
 *   turn.heard; turn.tools; call.result();
 */
import { createAgent, loadAgent, type Agent, type AgentInput } from '../call/agent.ts';
import type { CallEvent, CallEventType } from '../call/events.ts';
import { VoiceError } from '../lib/errors.ts';
import type { TestCallOptions } from './call-options.ts';
import type { CallerSound, SayOptions } from './caller-end.ts';
import { shown } from './heard-watch.ts';
import { openPhone } from './phone-setting.ts';
import type { CallResult, SentRequest, Turn } from './result.ts';
import type { Setting } from './setting.ts';
import { installGlobals } from './time/globals.ts';
import type { Pending } from './time/pending.ts';
import { turnsOf } from './turns.ts';
import { openVirtual } from './virtual-setting.ts';
import { openWorkerCall } from './worker-setting.ts';

export type { TestCallOptions };

/** Limits, in the call's time. */
const HEARD_WITHIN_MS = 120_000;
const ANSWERED_WITHIN_MS = 180_000;
const HAPPENS_WITHIN_MS = 900_000;
/** After the caller has hung up, what writes is waited for. */
const WRITES_WITHIN_MS = 15_000;

/**
 * Begins a call: the agent has been loaded, has answered, and its greeting has been heard.
 * @param agent The agent's file, the agent as it is written, or as `createAgent` made it. Of a worker elsewhere (`line: { url }`)
 * the agent is its own: none is loaded, and it may be left out.
 * @throws {VoiceError} `options-invalid`, when the agent or an option is not right; `tool-invalid`, when a tool is not;
 * `connect-failed` or `unauthorized`, when a worker elsewhere does not take the call.
 */
export async function startTestCall(
  agent?: string | URL | AgentInput | Agent,
  options: TestCallOptions = {},
): Promise<TestCall> {
  const { line } = options;
  if (typeof line === 'object') {
    const call = new TestCall(await openWorkerCall(line, options));
    if (options.greeting !== 'running') await call.settles();
    return call;
  }
  if (agent === undefined)
    throw new VoiceError('options-invalid', 'Expected an agent, got none and no `line: { url }`');
  const uninstall = installGlobals(); // a module that is loaded now may keep a timer's function for later
  const loaded = await loadFor(agent, options).finally(uninstall);
  const letGo = async () => (loaded === agent ? undefined : loaded.close());
  const open = line === 'phone' ? openPhone : openVirtual;
  const setting = await open(loaded, options).catch(async (error: unknown) => {
    await letGo();
    throw error;
  });
  const call = new TestCall({ ...setting, close: () => setting.close().finally(letGo) });
  const hasGreeting = loaded.machine.greeting !== undefined && line !== 'text';
  if (hasGreeting && options.greeting !== 'running') await call.until('reply-audio-end');
  return call;
}

async function loadFor(agent: string | URL | AgentInput | Agent, { log, env }: TestCallOptions): Promise<Agent> {
  if (typeof agent === 'string' || agent instanceof URL) return loadAgent(agent, { log, env, mayLackEnv: true });
  return 'toolbox' in agent ? agent : createAgent(agent, { log, env, mayLackEnv: true });
}

const notTold = (type: CallEventType, told: readonly CallEventType[]): VoiceError =>
  new VoiceError('options-invalid', `Expected something that a caller can tell (${told.join(', ')}), got \`${type}\``);

/** A call of a test, from both of its ends. `await using` ends it with the test. */
export class TestCall implements AsyncDisposable {
  readonly #setting: Setting;

  /** Use `startTestCall`. */
  constructor(setting: Setting) {
    this.#setting = setting;
  }

  // ---- what the caller does -----------------------------------------------------------------------------------------

  /**
   * The caller says `text`, behind what they are saying. Done when the agent has finished, and the turn that came of it is
   * over; who does not wait for that may go on listening meanwhile. Rejects when nothing came of it, or the call ended.
   */
  say(text: string, how: SayOptions = {}): Pending<Turn> {
    const { untilMs, turn } = this.#setting.caller.say(text, how);
    const limitMs = untilMs - this.atMs + ANSWERED_WITHIN_MS;
    return this.#setting.time.want(
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
    return this.#setting.time.want(`to hear ${shown(what)}`, this.#setting.caller.hears(what), HEARD_WITHIN_MS);
  }

  /** A sound that is no word. Done when it has sounded. */
  make(sound: CallerSound): Pending<void> {
    return this.#setting.time.want('the sound to end', this.#setting.caller.make(sound), HEARD_WITHIN_MS);
  }

  /** Presses these keys, five a second. Done with the last. */
  press(keys: string): Pending<void> {
    return this.#setting.time.want('the last key', this.#setting.caller.press(keys), HEARD_WITHIN_MS);
  }

  /** Lets so many milliseconds of the call pass. */
  wait(ms: number): Pending<void> {
    const passed = new Promise<void>((resolve) => this.#setting.time.clock.after(ms, resolve));
    return this.#setting.time.want(`${ms} ms to pass`, passed, ms + 1);
  }

  /**
   * Done when the agent has finished with what was said so far: no turn runs, whoever had the caller has handed them on, and
   * nobody is being rung for them; at once, when that is so, or the call is over.
   */
  settles(): Pending<void> {
    return this.#setting.time.want('the agent to finish', this.#setting.call.whenQuiet(), ANSWERED_WITHIN_MS);
  }

  /** Done at the next event of this type, with that; at once for the end of a call that is over. */
  until<Type extends CallEventType>(type: Type): Pending<Extract<CallEvent, { type: Type }>> {
    type Event = Extract<CallEvent, { type: Type }>;
    const { tells } = this.#setting.call;
    const happened = new Promise<Event>((resolve, reject) => {
      if (tells && !tells.includes(type)) return reject(notTold(type, tells));
      const hear = (event: CallEvent) => {
        if (event.type === type) resolve(event as Event);
        else if (event.type === 'call-end')
          reject(new VoiceError('closed', `Expected \`${type}\`, but the call ended: ${event.reason}`));
        else return;
        this.#setting.call.off('event', hear);
      };
      const last = this.events.at(-1);
      if (last?.type === 'call-end') hear(last);
      else this.#setting.call.on('event', hear);
    });
    return this.#setting.time.want(`\`${type}\``, happened, HAPPENS_WITHIN_MS);
  }

  /** The caller hangs up. Done when the call is over, and tools that write have come to their end. */
  hangUp(): Pending<CallResult> {
    this.#setting.caller.hangUp();
    const over = this.#setting.call.ended.then(() => this.#whenWritten()).then(() => this.result());
    return this.#setting.time.want('the call to end', over, WRITES_WITHIN_MS + 60_000);
  }

  // ---- what is known of it ------------------------------------------------------------------------------------------

  /** All that is known of the call so far, as plain data. */
  result(): CallResult {
    const { record, call, caller } = this.#setting;
    return record.result(call, caller);
  }

  /** The turns so far, the greeting (0) first. */
  get turns(): Turn[] {
    return turnsOf(this.result());
  }

  /** Everything that the call has told so far. */
  get events(): readonly CallEvent[] {
    return this.#setting.record.events;
  }

  /** What the model was asked so far, as it got it. */
  get requests(): readonly SentRequest[] {
    return this.#setting.model.requests;
  }

  /** Milliseconds since the call's start. */
  get atMs(): number {
    return this.#setting.call.atMs;
  }

  /** Ends the call, and gives back what it took of the process. Rejects with what is wrong with the test itself, if it comes out now. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#setting.record.end) await this.hangUp();
    } finally {
      await this.#setting.close();
    }
  }

  #turn(number: number): Turn {
    const { record, call, caller } = this.#setting;
    const turn = record.turn(number, call, caller);
    if (!turn) throw new VoiceError('internal', `Expected turn ${number} to be known`);
    return turn;
  }

  /** Writes that go on after the end come to theirs, within bounds: one may hang. */
  #whenWritten(): Promise<void> {
    const { time, tools } = this.#setting;
    const { clock } = time;
    const untilMs = clock.nowMs() + WRITES_WITHIN_MS;
    return new Promise((resolve) => {
      const look = () => {
        const isOver = tools.running.length === 0 || clock.nowMs() >= untilMs;
        if (isOver) resolve();
        else clock.after(100, look);
      };
      look();
    });
  }
}
