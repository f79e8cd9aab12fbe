/** Parley in a process: one pool of connections and one budget, shared by every call. */
import { randomUUID } from 'node:crypto';
import { holdProcess, type Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { createBudget, type Budget } from '../model/budget.ts';
import type { LanguageModel } from '../model/contract.ts';
import { createElectron } from '../model/electron/client.ts';
import { DEFAULT_BASE_URL } from '../model/electron/wire.ts';
import type { Plan } from '../model/plan.ts';
import type { Agent } from '../call/agent.ts';
import { Call } from '../call/call.ts';
import type { CallStarter, StartOptions } from '../call/start.ts';
import { MachineLog } from '../record/machine-log.ts';
import { logCall } from '../watch/call-log.ts';
import { textSpeaker } from '../call/text-speaker.ts';

export interface ParleyOptions {
  /** Default: `SMALLEST_API_KEY`. Other OpenAI-compatible servers may need none. */
  apiKey?: string | undefined;
  /** Default: `SMALLEST_BASE_URL`, else Smallest AI's own. Any OpenAI-compatible server. */
  baseUrl?: string | undefined;
  /**
   * Requests a minute and at once that the account allows. Default `standard`, 10 and 3, at Smallest AI; `none` at any
   * other server, whose limits are its own.
   */
  plan?: Plan | undefined;
  /** In place of one made from the plan, such as one that workers share. */
  budget?: Budget | undefined;
  /** In place of Electron. Then all of the above say nothing. */
  model?: LanguageModel | undefined;
  /** Default: silent. */
  log?: Log | undefined;
  clock?: Clock | undefined;
}

export class Parley implements CallStarter {
  readonly model: LanguageModel;
  readonly #options: ParleyOptions;
  readonly #calls = new Set<Call>();
  #letGoOfProcess: (() => void) | undefined;

  constructor(options: ParleyOptions = {}) {
    this.#options = options;
    const { log, clock } = options;
    const baseUrl = options.baseUrl ?? (process.env['SMALLEST_BASE_URL'] || DEFAULT_BASE_URL);
    const plan = options.plan ?? (isSmallestAi(baseUrl) ? 'standard' : 'none');
    this.model =
      options.model ??
      createElectron({
        apiKey: options.apiKey ?? (process.env['SMALLEST_API_KEY'] || undefined),
        baseUrl,
        budget: options.budget ?? createBudget({ plan, clock }),
        log,
        clock,
      });
    void this.model.prewarm();
  }

  /** Calls that have not ended. */
  get calls(): ReadonlySet<Call> {
    return this.#calls;
  }

  /** Opens a call: the greeting is said before this returns, unless there is none. */
  startCall(agent: Agent, options: StartOptions = {}): Call {
    const { log, clock } = this.#options;
    const call = new Call({
      agent,
      model: this.model,
      medium: options.medium ?? { bridge: 'text', heardBy: 'emitted', speaker: () => textSpeaker },
      callId: options.callId ?? `call-${randomUUID()}`,
      caller: options.caller,
      keeper: options.record && new MachineLog(options.record),
      log,
      clock,
    });
    if (log) logCall(call, log);
    options.listen?.(call);
    this.#hold(call);
    return call.start();
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

  /** Ends every call and lets go of every connection. */
  async close(): Promise<void> {
    const ends = [...this.#calls].map((call) => {
      call.hangUp('shutting-down');
      return call.ended.catch(() => {});
    });
    await Promise.all(ends);
    await this.model.close();
  }
}

function isSmallestAi(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && /(^|\.)smallest\.ai$/.test(new URL(baseUrl).hostname);
}

/** Reads nothing but its options and, where they are silent, the environment. */
export function createParley(options: ParleyOptions = {}): Parley {
  return new Parley(options);
}
