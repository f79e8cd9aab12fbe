/** What a call begins with: what its machine is built from, and what is told of it first. */
import type { CallerFacts } from '../bridge/contract.ts';
import type { CallIds } from '../lib/call-id.ts';
import type { MachineOptions } from '../turn/options.ts';
import type { Agent } from './agent.ts';
import { earlierFacts, greetingFor, pressedIn } from './earlier.ts';
import { EVENTS_VERSION, type EventBody } from './events.ts';
import { askForFacts, type FactsAtStart } from './facts.ts';
import type { CallMedium } from './medium.ts';
import { teamOptions } from './team-options.ts';

export interface Beginning {
  agent: Agent;
  medium: CallMedium;
  caller: CallerFacts;
}

/** A call that we placed is greeted by who stands before it (`screening.ts`), once somebody is there. */
export function machineFor({ agent, medium, caller }: Beginning): MachineOptions {
  const greeting = caller.direction === 'outbound' ? undefined : greetingFor(agent, caller);
  const pressed = pressedIn(caller);
  const own = { greeting, heardBy: medium.heardBy, ...(pressed.length > 0 && { pressed }) };
  return { ...agent.machine, ...teamOptions(agent), ...own };
}

const PLACED = 'You have placed this phone call: the person on the line was called by you, and did not call you.';

/** What the model is to know of the call, at once or a while later. */
export function factsOf({ agent: { facts, factsMs }, caller }: Pick<Beginning, 'agent' | 'caller'>): FactsAtStart {
  return askForFacts({ facts, factsMs, caller, known: knownFacts(caller) });
}

/** Without anybody being asked. */
function knownFacts(caller: CallerFacts): string | undefined {
  return caller.direction === 'outbound' ? PLACED : earlierFacts(caller);
}

export function startEvent({ agent, medium, caller }: Beginning, { carrierCallId }: CallIds): EventBody {
  const { from, to, earlier, direction } = caller;
  return {
    type: 'call-start',
    version: EVENTS_VERSION,
    bridge: medium.bridge,
    carrierCallId,
    from,
    to,
    agent: agent.name,
    earlierCallId: earlier?.callId,
    ...(direction === 'outbound' && { direction }),
  };
}
