/** R27: the team of an agent that is ready for calls: as its calls' machines know it, and as who changes each of them has it. */
import type { MachineOptions, Persona } from '../turn/options.ts';
import type { Agent } from './agent.ts';
import { wholeTeam } from './team.ts';

/** The same team with another agent in the place of each. */
export function mapTeam(first: Agent, change: (agent: Agent) => Agent): Agent {
  const changed = new Map(wholeTeam(first).map((agent) => [agent, { ...change(agent), team: {} }]));
  const others = (team: Agent['team']) =>
    Object.fromEntries(Object.entries(team).map(([name, one]) => [name, changed.get(one) ?? one]));
  for (const [agent, made] of changed) Object.assign(made, { team: others(agent.team) });
  return changed.get(first) ?? first;
}

/** What a call's machine is to know of the team; nothing, where there is none. */
export function teamOptions(first: Agent): Pick<MachineOptions, 'agent' | 'team' | 'others'> {
  const [one, ...others] = wholeTeam(first);
  if (!one || others.length === 0) return {};
  return { agent: first.name, team: namesIn(first.team), others: others.map(personaOf) };
}

function personaOf({ name, team, machine }: Agent): Persona {
  return { ...machine, agent: name, team: namesIn(team) };
}

const namesIn = (team: Agent['team']): Record<string, string> =>
  Object.fromEntries(Object.entries(team).map(([key, { name }]) => [key, name]));
