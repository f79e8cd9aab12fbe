/**
 * The model of a call in virtual time: the client that talks to the real one (its budget, retries, deadlines and reading of
 * streams), and the stand-in in the place of the network.
 */
import { MODELS } from '../call/vendors.ts';
import { wallMsOf, type Clock, type WallClock } from '../lib/clock.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { createBudget } from '../model/budget.ts';
import type { LanguageModel, Message, ModelEvent, ModelStep, StepRequest } from '../model/contract.ts';
import type { Plan } from '../model/plan.ts';
import { Places } from '../lib/places.ts';
import { ElectronDispatcher } from '../simulate/electron/dispatcher.ts';
import type { ElectronOptionsInput } from '../simulate/electron/options.ts';
import { hexDigits, seededRandom, type Random } from '../simulate/electron/random.ts';
import { ElectronService, type FaultOptions } from '../simulate/electron/service.ts';
import type { OwnModel } from './call-options.ts';
import type { SentRequest } from './result.ts';

export interface TestModelOptions {
  clock: WallClock;
  /** Of the call. */
  nowMs: () => number;
  /** How the stand-in answers. */
  electron: ElectronOptionsInput;
  faults: readonly FaultOptions[];
  /** What the account allows. */
  plan: Plan;
  random: Random;
  log?: Log | undefined;
  /** In place of the client and the stand-in; a function makes one that goes by the call's clock. */
  model?: OwnModel | ((clock: Clock) => LanguageModel) | undefined;
}

/** What is remembered of servers is remembered for the process: each call has one of its own. */
let servers = 0;

export class TestModel implements LanguageModel {
  readonly name: string;
  /** As the model got them. */
  readonly requests: SentRequest[] = [];
  /** Undefined where the test has brought a model. */
  readonly service: ElectronService | undefined;
  readonly #options: TestModelOptions;
  readonly #inner: LanguageModel;
  /** The step that is being asked for; a client asks for one at a time. */
  #step: StepRequest | undefined;
  #running = 0;

  /** @throws {VoiceError} `options-invalid`, when the stand-in cannot behave so. */
  constructor(options: TestModelOptions) {
    this.#options = options;
    const { clock, faults, model } = options;
    if (!model) {
      this.service = new ElectronService({ keepRequests: 1, ...options.electron }, clock);
      for (const fault of faults) this.service.fault(fault);
    }
    this.#inner = (typeof model === 'function' ? model(clock) : model) ?? this.#client(this.service!);
    this.name = this.#inner.name;
  }

  /** What thinks is none of ours, and takes the time that it takes. */
  get isReal(): boolean {
    return typeof this.#options.model === 'object';
  }

  /** It waits for what costs the call no time. */
  get isWaiting(): boolean {
    const { model } = this.#options;
    return typeof model === 'object' && model.isWaiting === true;
  }

  /** Steps that have been asked for, and have not ended. */
  get running(): number {
    return this.#running;
  }

  prewarm(): Promise<void> {
    return this.#inner.prewarm();
  }

  startStep(asked: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
    const request = this.service ? { ...asked, options: { ...asked.options, model: undefined } } : asked;
    this.#step = request;
    if (this.#options.model) this.#note(request.messages, request.toolChoice === 'none');
    let isRunning = true;
    const over = () => {
      if (isRunning) this.#running--;
      isRunning = false;
    };
    this.#running++;
    const step = this.#inner.startStep(request, (event) => {
      if (event.type === 'step-end' || event.type === 'step-failed') over();
      listener(event);
    });
    return {
      abort() {
        over();
        step.abort();
      },
    };
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** The fixed replies that nobody has asked for, in words. */
  get unusedReplies(): string[] | undefined {
    const { electron } = this.#options;
    if (!this.service || !electron.replies?.length) return undefined;
    return this.service.unusedReplies().map(({ place, rule: { when, after, say } }) => {
      const facts = [...(when ? [`when \`${String(when)}\``] : []), ...(after ? [`after \`${String(after)}\``] : [])];
      return `reply ${place + 1} (${[...facts, ...(say ? [`"${say}"`] : [])].join(', ')})`;
    });
  }

  #client(service: ElectronService): LanguageModel {
    const { clock, plan, random, log = silentLog } = this.#options;
    const onRequest: ConstructorParameters<typeof ElectronDispatcher>[1]['onRequest'] = ({ body }) => {
      if (body) this.#note(body.messages as readonly Message[], body.tool_choice === 'none');
    };
    const electronSeams = {
      dispatcher: new ElectronDispatcher(service, { clock, onRequest }),
      random,
      newId: () => `call_${hexDigits(random, 32)}`,
    };
    // who types in a test takes no time to: what is a flood of a real account are a hundred turns of theirs
    const budget = createBudget({ plan, clock, hasOtherCalls: plan !== 'none' });
    return MODELS.electron.create({
      settings: { apiKey: 'sk_simulated', baseUrl: `http://model-${++servers}.test/waves/v1`, electronSeams },
      budget: () => budget,
      places: () => new Places(Infinity, clock),
      clock,
      log,
    });
  }

  #note(messages: readonly Message[], isWithoutTools: boolean): void {
    const { turn = 0, step = 0 } = (this.#step?.context ?? {}) as { turn?: number; step?: number };
    const toolChoice = isWithoutTools ? 'none' : 'auto';
    this.requests.push({ atMs: this.#options.nowMs(), turn, step, messages, toolChoice });
  }
}

/** The stand-in alone, in good health, by a call's clock. */
export function standInModel(clock: Clock): LanguageModel {
  return new TestModel({
    clock: { nowMs: () => clock.nowMs(), after: (ms, run) => clock.after(ms, run), wallMs: () => wallMsOf(clock) },
    nowMs: () => clock.nowMs(),
    electron: { seed: 1, today: new Date(wallMsOf(clock)).toISOString().slice(0, 10), pace: 'documented' },
    ...{ faults: [], plan: 'none', random: seededRandom(1) },
  });
}
