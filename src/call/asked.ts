/** Whose model and services a call goes to, as traces name them. */
import type { LanguageModel } from '../model/contract.ts';
import type { Agent } from './agent.ts';
import type { CallMedium } from './medium.ts';
import { providerOf } from './vendors.ts';

/** Who is asked in a call, by the names that traces give them; `undefined`: the call has no such service. */
export interface AskedProviders {
  /** Of the model, as `gen_ai.provider.name`, and which model. */
  provider: string;
  model: string;
  voice: string | undefined;
  ear: string | undefined;
}

/** What of a call's options says it. */
interface Asked {
  agent: Agent;
  model: LanguageModel;
  medium: CallMedium;
}

export function askedOf({ agent, model, medium }: Asked): AskedProviders {
  const { voice, ear } = medium.providers ?? {};
  return { provider: providerOf(model), model: agent.model.model ?? model.name, voice, ear };
}
