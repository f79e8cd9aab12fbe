/** What a call begins with: what its machine is built from, and what is told of it first. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { CallIds } from '../lib/call-id.ts';
import type { MachineOptions } from '../turn/options.ts';
import type { Agent } from './agent.ts';
import { greetingFor } from './earlier.ts';
import { EVENTS_VERSION, type EventBody } from './events.ts';
import type { CallMedium } from './medium.ts';

export interface Beginning {
  agent: Agent;
  medium: CallMedium;
  caller: CallerFacts;
}

export function machineFor({ agent, medium, caller }: Beginning): MachineOptions {
  return { ...agent.machine, greeting: greetingFor(agent, caller), heardBy: medium.heardBy };
}

export function startEvent({ agent, medium, caller }: Beginning, { carrierCallId }: CallIds): EventBody {
  const { from, to, earlier } = caller;
  return {
    type: 'call-start',
    version: EVENTS_VERSION,
    bridge: medium.bridge,
    carrierCallId,
    from,
    to,
    agent: agent.name,
    earlierCallId: earlier?.callId,
  };
}
