/** How a program gets its `Parley`: by its options and, where they are silent, by the environment and the system's clock. */
import { systemClock, type Clock } from '../lib/clock.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { isSmallestAi, KeyMissing } from '../lib/smallest.ts';
import { isA } from '../lib/thrown.ts';
import type { VendorSettings } from '../lib/vendor.ts';
import { requireNode } from '../lib/runtime.ts';
import { readBlock } from '../lib/settings.ts';
import { DEFAULT_VENDORS, mergedSettings, vendorsWith, type Vendors } from '../call/vendors.ts';
import type { Budget, LanguageModel } from '../model/contract.ts';
import type { Plan } from '../model/plan.ts';
import { MadeModels, oneModel, type Models } from './models.ts';
import { Parley } from './parley.ts';

/** What a program's `Parley` is made with. Everything optional: see each for its default. */
export interface ParleyOptions {
  /** Default: `PARLEY_MODEL_API_KEY`, else `SMALLEST_API_KEY` where that may be sent. Other servers may need none. */
  apiKey?: string | undefined;
  /** The model's, any OpenAI-compatible server. Default: `PARLEY_MODEL_BASE_URL`, else `SMALLEST_BASE_URL`, else Smallest AI's own. */
  baseUrl?: string | undefined;
  /** The model's name, for agents that name none. Default: `PARLEY_MODEL_NAME`, else `electron`. */
  modelName?: string | undefined;
  /**
   * Requests a minute and at once that the account allows. Default `standard`, 10 and 3, at Smallest AI; `none` at any
   * other server, whose limits are its own.
   */
  plan?: Plan | undefined;
  /** In place of one made from the plan, such as one that workers share. */
  budget?: Budget | undefined;
  /** Models of the program's own, which agents name as `model.vendor`. Default: none. */
  vendors?: Pick<Partial<Vendors>, 'models'> | undefined;
  /** One for all agents, whatever they name. Then all of the above say nothing. */
  model?: LanguageModel | undefined;
  /** Default: silent. */
  log?: Log | undefined;
  /** Default: the system's. */
  clock?: Clock | undefined;
  /** Makes the ids of calls that are started without one. Default: by the clock's wall time, or the system's, and at random. */
  newCallId?: (() => string) | undefined;
}

/**
 * Makes the pool of models, one for the process. Reads nothing but its options and, where they are silent, the environment.
 * @throws {VoiceError} `options-invalid`, naming the option; also under Bun. A key is never shown; one that is missing is
 * told of by the first call that needs it.
 */
export function createParley(options: ParleyOptions = {}): Parley {
  requireNode();
  const { model, vendors, budget, log = silentLog, clock = systemClock, newCallId } = options;
  if (model) void model.prewarm();
  const models = model ? oneModel(model) : new MadeModels({ ...modelsOf(options), budget, log, clock });
  // with models of a program's own it may be that nobody asks for the default one
  if (!model && !vendors?.models) prewarmDefault(models);
  return new Parley({ models, log, clock, newCallId });
}

/** Agents may have models of their own, and then nobody asks this one. */
function prewarmDefault(models: Models): void {
  try {
    void models.of(DEFAULT_VENDORS.model).prewarm();
  } catch (error) {
    if (!isA(error, KeyMissing)) throw error;
  }
}

function modelsOf({ apiKey, baseUrl, modelName, plan, vendors }: ParleyOptions) {
  const { models } = vendorsWith(vendors);
  const given = { apiKey, baseUrl, modelApiKey: apiKey, modelBaseUrl: baseUrl, modelName };
  const missing = Object.entries(mergedSettings('account', { models })).filter(
    ([name]) => Reflect.get(given, name) === undefined,
  );
  const settings: VendorSettings = { ...given, ...readBlock(Object.fromEntries(missing), process.env) };
  return { vendors: models, settings: { ...settings, plan: plan ?? standardPlan(settings) } };
}

/** Whatever else is asked than Smallest AI has limits of its own. */
function standardPlan({ modelBaseUrl, baseUrl }: VendorSettings): Plan {
  return isSmallestAi(String(modelBaseUrl ?? baseUrl)) ? 'standard' : 'none';
}
