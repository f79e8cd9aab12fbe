/** Who is asked during a call. */
import type { LanguageModel } from '../model/contract.ts';
import type { Agent } from './agent.ts';
import type { CallMedium } from './medium.ts';
import { providerOf } from './vendors.ts';

/** Who is asked during a call, as traces name them. */
export interface AskedProviders {
  /** Of the model, as `gen_ai.provider.name`, and which model. */
  provider: string;
  model: string;
  voice: string | undefined;
  ear: string | undefined;
}

export function askedOf({
  agent,
  model,
  medium,
}: {
  agent: Agent;
  model: LanguageModel;
  medium: CallMedium;
}): AskedProviders {
  const { voice, ear } = medium.providers ?? {};
  return { provider: providerOf(model), model: agent.model.model ?? model.name, voice, ear };
}
