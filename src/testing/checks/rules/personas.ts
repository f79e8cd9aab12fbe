/** R27: the agents of a team, as whoever judges a call knows them: from its machine's options alone. */
import type { MachineOptions } from '../../../turn/options.ts';

/** The options with another agent of the team in place. */
export function personaIn(options: MachineOptions, agent: string): MachineOptions {
  const { others = [], heardBy } = options;
  const found = [options, ...others].find((one) => one.agent === agent);
  if (!found) throw new Error(`Expected an agent of the team, got \`${agent}\``);
  const { heardBy: _, others: __, ...self } = { ...options };
  return { ...found, heardBy, others: [self, ...others.filter((one) => one.agent !== agent)] };
}
