/** Whether callers can be handed over where an agent wants to: said when a worker begins, not in the first call that fails. */
import type { Agent } from '../call/agent.ts';
import type { Log } from '../lib/log.ts';
import type { OpenDoor } from './open-door.ts';

/** A warning for each carrier by whose lines the agent can hand nobody over; none where it never would. */
export function warnOfTransfers({ agent, log }: { agent: Agent; log: Log }, doors: readonly OpenDoor[]): void {
  const by = waysOf(agent);
  if (by.length === 0) return;
  for (const { door, rules, transferNeeds } of doors) {
    if (transferNeeds === undefined) continue;
    if (rules.opener && !rules.opener.isSet && !rules.isOpenToPeers) continue; // nobody comes in there
    log.warn(
      { carrier: door.name, by },
      `the agent can hand callers over, and its lines by ${door.label} cannot: set ${transferNeeds}, or every transfer fails`,
    );
  }
}

/** By what an agent hands callers over. */
function waysOf({ toolbox, machine }: Agent): string[] {
  return [...toolbox.handovers, ...(machine.turn.transferTo === undefined ? [] : ['turn.transferTo'])];
}
