/** What a call is made of, and how it ends. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LanguageModel, Usage } from '../model/contract.ts';
import type { Agent } from './agent.ts';
import type { CallMedium } from './medium.ts';
import type { MachineKeeper } from './observer.ts';

export interface CallOptions {
  agent: Agent;
  model: LanguageModel;
  /** That of another agent of its team. Default: they all have `model`. */
  modelOf?: ((agent: Agent) => LanguageModel) | undefined;
  medium: CallMedium;
  callId: string;
  caller?: CallerFacts | undefined;
  clock: Clock;
  log?: Log | undefined;
  /** Keeps what the machine is told and answers. Default: nobody does. */
  keeper?: MachineKeeper | undefined;
}

/** How a call ended. `durationMs` since its start; `usage` of all its model requests together. */
export interface CallEnd {
  reason: string;
  durationMs: number;
  usage: Usage;
}
