/** Parley in a process: its models, each with one pool of connections and one budget, shared by every call. */
import { callIdMaker, checkCallId } from '../lib/call-id.ts';
import { holdProcess, wallMsOf, type Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LanguageModel } from '../model/contract.ts';
import type { Agent } from '../call/agent.ts';
import { Call } from '../call/call.ts';
import { runHooks } from '../call/hooks.ts';
import type { CallStarter, StartOptions } from '../call/start.ts';
import { wholeTeam } from '../call/team.ts';
import { MachineLog } from '../record/machine-log.ts';
import { logCall } from '../watch/call-log.ts';
import type { Prices } from '../watch/cost.ts';
import { TEXT } from '../call/text-speaker.ts';
import type { Models } from './models.ts';

export interface ParleyParts {
  models: Models;
  clock: Clock;
  /** Default: silent. */
  log?: Log | undefined;
  /** By which the log tells what each call has cost. Default: it does not. */
  prices?: Prices | undefined;
  /** Makes ids of calls, each unlike any other. Default: by the clock and at random. */
  newCallId?: (() => string) | undefined;
}

/** Every call of the process that is not answered by a worker, and what they share. `createParley` makes one. */
export class Parley implements CallStarter {
  /** By which its calls go. */
  readonly clock: Clock;
  /** An id for a call, unlike any other of any worker. Later ones sort behind earlier ones. */
  readonly newCallId: () => string;
  readonly #models: Models;
  readonly #log: Log | undefined;
  readonly #prices: Prices | undefined;
  readonly #calls = new Set<Call>();
  /** Of calls whose hooks still run. */
  readonly #hooked = new Set<Promise<void>>();
  #letGoOfProcess: (() => void) | undefined;

  constructor({ models, clock, log, prices, newCallId }: ParleyParts) {
    this.clock = clock;
    this.newCallId = newCallId ?? callIdMaker({ wallMs: () => wallMsOf(clock) });
    this.#models = models;
    this.#log = log;
    this.#prices = prices;
  }

  /** Calls that have not ended. */
  get calls(): ReadonlySet<Call> {
    return this.#calls;
  }

  /**
   * What answers this agent's calls; made when it is first asked for.
   * @throws {VoiceError} `options-invalid`, when its vendor is not among those of the process, or lacks a setting.
   */
  modelOf(agent: Agent): LanguageModel {
    return this.#models.of(agent.vendors.model, agent.own.models);
  }

  /** Opens connections, so that the agent's first answer does not wait for one. */
  prewarm(agent: Agent): void {
    for (const model of new Set(wholeTeam(agent).map((one) => this.modelOf(one)))) void model.prewarm();
  }

  /**
   * Opens a call: the greeting is said before this returns, unless there is none.
   * @throws {VoiceError} As `modelOf` does; `options-invalid` for a `callId` that is empty or too long.
   */
  startCall(agent: Agent, options: StartOptions = {}): Call {
    const log = this.#log;
    const call = new Call({
      agent,
      model: this.modelOf(agent),
      modelOf: (other) => this.modelOf(other),
      medium: options.medium ?? TEXT,
      callId: options.callId === undefined ? this.newCallId() : checkCallId(options.callId),
      caller: options.caller,
      keeper: options.record && new MachineLog(options.record),
      log,
      clock: this.clock,
    });
    if (log) logCall(call, log, this.#prices);
    options.listen?.(call);
    this.#hold(call);
    const hooked = runHooks(call, agent.hooks, { clock: this.clock, log });
    if (hooked) this.#hooked.add(hooked);
    void hooked?.then(() => this.#hooked.delete(hooked));
    return call.start({ isHeld: options.isHeld });
  }

  /** While a call waits for nothing but a timer, as between two tries to connect, the process must not end under it. */
  #hold(call: Call): void {
    this.#calls.add(call);
    this.#letGoOfProcess ??= holdProcess();
    const letGo = () => {
      this.#calls.delete(call);
      if (this.#calls.size > 0) return;
      this.#letGoOfProcess?.();
      this.#letGoOfProcess = undefined;
    };
    call.ended.then(letGo, letGo);
  }

  /** Ends every call, waits for the agents' hooks within their bounds (`hooksMs`), and lets go of every connection. */
  async close(): Promise<void> {
    const ends = [...this.#calls].map((call) => {
      call.hangUp('shutting-down');
      return call.ended.catch(() => {});
    });
    await Promise.all(ends);
    await Promise.all(this.#hooked); // each has its bound
    await this.#models.close();
  }
}
