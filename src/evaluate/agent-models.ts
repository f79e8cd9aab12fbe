/**
 * The models that answer for agents in earnest: the agent's own by the environment, or the server that a scenario names. What
 * they answer may be kept on a cassette, and come from one.
 */
import { resolve } from 'node:path';
import { loadAgent, type Agent } from '../call/agent.ts';
import { DEFAULT_VENDORS } from '../call/vendors.ts';
import type { Clock } from '../lib/clock.ts';
import { isA, VoiceError } from '../lib/errors.ts';
import { withoutSecrets } from '../lib/public-url.ts';
import { isSmallestAi, KeyMissing, SMALLEST_BASE_URL } from '../lib/smallest.ts';
import { createBudget } from '../model/budget.ts';
import type { Budget, LanguageModel } from '../model/contract.ts';
import type { PLAN_LIMITS } from '../model/plan.ts';
import type { TestCallOptions } from '../testing/call-options.ts';
import { createParley } from '../worker/create-parley.ts';
import { differenceOf, type MissedRequest } from './cassette-difference.ts';
import { openCassette, readCassette, writeCassette } from './cassette-file.ts';
import { recordModel, replayModel } from './cassette-models.ts';
import type { CallPlace, Cassette } from './cassette.ts';
import { PatientModel } from './patient-model.ts';
import { realModelOf, type RealModel, type Scenario } from './scenario/schema.ts';
import { openServer } from './thinkers.ts';

/** What answers in one call, and what was wrong with it, as far as that is known: it makes the call void. */
export interface CallModel {
  model: TestCallOptions['model'];
  troubles: readonly string[];
}

/** The sizes of account that evaluations know. */
export type PlanName = keyof typeof PLAN_LIMITS | 'none';

export interface AgentModelsOptions {
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** What the account allows. Default: `PARLEY_PLAN`, else `standard` at Smallest AI, and `none` elsewhere. */
  plan?: PlanName | undefined;
  /** File in which answers are kept... */
  record?: string | undefined;
  /** ...or from which they come: then nobody is asked. */
  replay?: string | undefined;
}

/** Of a scenario: who asks, and whom. */
type Asking = Pick<Scenario, 'name' | 'agent' | 'model'>;

interface Opened {
  modelOf: (agent: Agent) => LanguageModel;
  budget: Budget;
  close: () => Promise<void>;
}

/** The models of one evaluation: each server is opened once, and its account's room is shared by all calls. */
export class AgentModels {
  readonly #options: AgentModelsOptions;
  readonly #opened = new Map<string, Opened>();
  readonly #agents = new Map<string, Promise<Agent>>();
  readonly #played: Cassette | undefined;
  readonly #recorded: Cassette | undefined;

  /** @throws {VoiceError} `file-unreadable` or `recording-invalid`, when a file that is there is no cassette */
  constructor(options: AgentModelsOptions) {
    const { record, replay } = options;
    this.#options = options;
    this.#played = replay === undefined ? undefined : readCassette(replay);
    this.#recorded = record === undefined ? undefined : openCassette(record);
  }

  /**
   * Looks whether somebody is there who answers, before anything is played.
   * @param words For who has no key: who asks, and what else can be done, as parts of a sentence. Default: the scenario asks,
   * and answers can be played.
   * @throws {VoiceError} `options-invalid`, when the settings are not right or a key is missing
   */
  async check(scenario: Asking, folder: string, words = wordsOf(scenario)): Promise<void> {
    const real = realModelOf(scenario);
    if (real === undefined || this.#played) return;
    const agent = await this.#agent(scenario, folder);
    try {
      this.#open(real, agent).modelOf(agent);
    } catch (error) {
      throw isA(error, KeyMissing) ? keyMissing(words) : error;
    }
  }

  /** For one call; undefined where a stand-in answers. @throws {VoiceError} as `check` does */
  async of(scenario: Asking, folder: string, place: CallPlace): Promise<CallModel | undefined> {
    const real = realModelOf(scenario);
    if (real === undefined) return undefined;
    const troubles: string[] = [];
    const cassette = this.#played;
    if (cassette) {
      const missed = (request: MissedRequest) => void troubles.push(differenceOf(request));
      return { model: (clock) => named(real, replayModel({ cassette, place, clock, missed })), troubles };
    }
    const agent = await this.#agent(scenario, folder);
    const { modelOf, budget } = this.#open(real, agent);
    const model = named(real, this.#kept(modelOf(agent), place));
    return { model: new PatientModel(model, budget), troubles };
  }

  /** Lets go of the servers; what was to be kept is in its file then. @throws {VoiceError} when it cannot be written */
  async close(): Promise<void> {
    await Promise.all([...this.#opened.values()].map(({ close }) => close()));
    const { record } = this.#options;
    if (record !== undefined && this.#recorded) writeCassette(record, this.#recorded);
  }

  #kept(model: LanguageModel, place: CallPlace): LanguageModel {
    const cassette = this.#recorded;
    return cassette ? recordModel(model, { cassette, place, clock: this.#options.clock }) : model;
  }

  #agent({ agent }: Asking, folder: string): Promise<Agent> {
    const file = resolve(folder, agent);
    const loaded = this.#agents.get(file) ?? loadAgent(file);
    this.#agents.set(file, loaded);
    return loaded;
  }

  #open(real: RealModel, agent: Agent): Opened {
    const key = real === 'agent' ? `agent ${agent.vendors.model}` : JSON.stringify(real);
    const { clock } = this.#options;
    const budget = () => createBudget({ clock, plan: planOf(real, agent, this.#options) });
    const opened = this.#opened.get(key) ?? { ...this.#connect(real), budget: budget() };
    this.#opened.set(key, opened);
    return opened;
  }

  #connect(real: RealModel): Omit<Opened, 'budget'> {
    const { env, clock } = this.#options;
    if (real === 'agent') {
      const parley = createParley({ clock, plan: 'none' });
      return { modelOf: (agent) => parley.modelOf(agent), close: () => parley.close() };
    }
    const { model, close } = openServer({ ...real, apiKey: keyOf(real, env) }, clock);
    return { modelOf: () => model, close };
  }
}

interface KeyMissingWords {
  asks: string;
  instead: string;
}

const wordsOf = ({ name }: Asking): KeyMissingWords => ({
  asks: `\`${name}\` has \`model: agent\``,
  instead: 'or play answers that were kept by --replay-model FILE',
});

function keyMissing({ asks, instead }: KeyMissingWords): VoiceError {
  const message = `${asks}, and SMALLEST_API_KEY is not set: set it, or PARLEY_MODEL_BASE_URL for another server, ${instead}`;
  return new VoiceError('options-invalid', message);
}

/** The server that a scenario names has models by its own names. */
function named(real: RealModel, inner: LanguageModel): LanguageModel {
  if (real === 'agent') return inner;
  return {
    name: inner.name,
    prewarm: () => inner.prewarm(),
    close: () => inner.close(),
    startStep: (request, listener) =>
      inner.startStep({ ...request, options: { ...request.options, model: real.model } }, listener),
  };
}

function keyOf({ baseUrl, apiKeyEnv }: Exclude<RealModel, 'agent'>, env: NodeJS.ProcessEnv): string | undefined {
  const key = apiKeyEnv === undefined ? undefined : env[apiKeyEnv];
  if (apiKeyEnv === undefined || key) return key;
  const message = `expected ${apiKeyEnv} to hold the key of ${withoutSecrets(baseUrl)}, got nothing`;
  throw new VoiceError('options-invalid', message);
}

// ---- what is told of them -------------------------------------------------------------------------------------------

/** What its account allows; another server's limits are its own. */
export function planOf(real: RealModel, agent: Agent, options: Pick<AgentModelsOptions, 'env' | 'plan'>): PlanName {
  const isOwn = real === 'agent' && agent.vendors.model !== DEFAULT_VENDORS.model;
  return options.plan ?? (isOwn ? 'none' : planAt(real, options.env));
}

/** Before its agent is loaded: of the server that the environment or the scenario names. */
export function planAt(real: RealModel, env: NodeJS.ProcessEnv): PlanName {
  const named = env['PARLEY_PLAN'];
  if (named === 'standard' || named === 'enterprise' || named === 'none') return named;
  const own = env['PARLEY_MODEL_BASE_URL'] ?? env['SMALLEST_BASE_URL'] ?? SMALLEST_BASE_URL;
  return isSmallestAi(real === 'agent' ? own : real.baseUrl) ? 'standard' : 'none';
}

/** How reports name it. */
export function modelNameOf(scenario: Pick<Scenario, 'model'>, isReplayed: boolean): string {
  const real = realModelOf(scenario);
  if (real === undefined) return scenario.model === 'brain' ? 'stand-in' : 'stand-in, by replies';
  if (isReplayed) return 'recorded answers';
  return real === 'agent' ? "the agent's own" : `${real.model} at ${withoutSecrets(real.baseUrl)}`;
}
