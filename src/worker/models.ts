/** The models of a process, by vendor: each is made when an agent first asks for it, and serves every call from then on. */
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { VendorSettings } from '../lib/vendor.ts';
import { modelOf, type Part } from '../call/vendor-list.ts';
import { markProvider, readOwnSettings, vendorNamed, type Vendors } from '../call/vendors.ts';
import type { Budget, LanguageModel, ModelVendor } from '../model/contract.ts';
import { createQuota } from './quota/quota.ts';

export interface Models {
  /**
   * `own`: those of the agent itself, by their names.
   * @throws {VoiceError} `options-invalid`, when there is no such vendor, or its settings are not right.
   */
  of(vendor: string, own?: Vendors['models']): LanguageModel;
  close(): Promise<void>;
}

/** One for all agents, whatever they name. */
export function oneModel(model: LanguageModel): Models {
  return { of: () => model, close: () => model.close() };
}

export interface MadeModelsOptions {
  vendors: Vendors['models'];
  settings: VendorSettings;
  /** In place of what the vendor's resources allow. */
  budget?: Budget | undefined;
  log: Log;
  clock: Clock;
}

export class MadeModels implements Models {
  readonly #options: MadeModelsOptions;
  readonly #made = new Map<ModelVendor, LanguageModel>();
  /** Of lists, which are made of these. */
  readonly #lists = new Map<ModelVendor, LanguageModel>();

  constructor(options: MadeModelsOptions) {
    this.#options = options;
  }

  of(name: string, own: Vendors['models'] = {}): LanguageModel {
    const vendor = vendorNamed(name, 'model', { ...this.#options.vendors, ...own });
    const known = this.#made.get(vendor) ?? this.#lists.get(vendor);
    if (known) return known;
    const part = { name, vendor, isOwn: Object.hasOwn(own, name) };
    const model = modelOf(part, (each) => this.#madeOnce(each), this.#options);
    if (!this.#made.has(vendor)) this.#lists.set(vendor, markProvider(model, vendor));
    return model;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map((model) => model.close()));
  }

  #madeOnce(part: Part<ModelVendor>): LanguageModel {
    const model = this.#made.get(part.vendor) ?? this.#make(part);
    this.#made.set(part.vendor, model);
    return model;
  }

  #make({ vendor, isOwn }: Part<ModelVendor>): LanguageModel {
    const { budget, log, clock } = this.#options;
    const own = isOwn ? readOwnSettings({ models: { vendor } }, process.env) : {};
    const settings = { ...this.#options.settings, ...own };
    const quota = createQuota({ resources: budget ? {} : (vendor.resources?.(settings) ?? {}), clock });
    const { places } = quota;
    return markProvider(
      vendor.create({ settings, places, budget: budget ? () => budget : quota.budget, log, clock }),
      vendor,
    );
  }
}
