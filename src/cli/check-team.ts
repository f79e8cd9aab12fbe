/** What `parley check` says of a team: whom nobody can be handed to, who cannot hand back, and tools that only share a name. */
import type { InspectedAgent } from '../call/agent.ts';
import { wholeTeam } from '../call/team.ts';
import type { Finding } from './finding.ts';

/** Nothing, where there is no team. `first`: the agent that callers begin with. */
export function* warnOfTeam(first: InspectedAgent): Generator<Finding> {
  const all = wholeTeam(first);
  if (all.length === 1) return;
  const reached = reachableFrom(first);
  for (const one of all) {
    yield* warnOfWays(one, first, reached);
    if (one !== first && one.options && one.options.description === undefined)
      yield warning(nameOf(one), 'It has no `description`: who may hand a caller to it knows its name alone');
  }
  yield* warnOfTools(all);
}

function* warnOfWays(
  one: InspectedAgent,
  first: InspectedAgent,
  reached: ReadonlySet<InspectedAgent>,
): Generator<Finding> {
  const hasTeam = Object.keys(one.team).length > 0;
  if (hasTeam && !canHandOff(one))
    yield warning(
      nameOf(one),
      "It has a `team`, and no tool that hands the caller over: list `'hand_off'`, or return `handOff()` from one of its tools",
    );
  if (!reached.has(one)) yield warning(nameOf(one), `No caller can be handed to it: nobody who has them can do that`);
  else if (one !== first && !reachableFrom(one).has(first))
    yield warning(nameOf(one), `A caller who is handed to it cannot come back to \`${nameOf(first)}\``);
}

/** Tools are known to the model by name: an agent that takes a caller over reads of the other one's. */
function* warnOfTools(all: readonly InspectedAgent[]): Generator<Finding> {
  const firsts = new Map<string, { agent: InspectedAgent; definition: unknown }>();
  for (const agent of all) {
    for (const { definition, file } of agent.tools) {
      const first = firsts.get(definition.name);
      if (!first) firsts.set(definition.name, { agent, definition });
      else if (first.definition !== definition)
        yield warning(
          file ?? definition.name,
          `\`${definition.name}\` of \`${nameOf(agent)}\` is another tool than that of \`${nameOf(first.agent)}\`: one who takes a caller over reads of both by one name`,
        );
    }
  }
}

/** All who can have the caller once this one has them, itself too. */
function reachableFrom(first: InspectedAgent): Set<InspectedAgent> {
  const reached = new Set([first]);
  for (const one of reached) if (canHandOff(one)) for (const other of Object.values(one.team)) reached.add(other);
  return reached;
}

/** By the built-in tool, or one whose code says so. */
const canHandOff = ({ tools }: InspectedAgent): boolean =>
  tools.some(({ definition }) => {
    const { name, run } = definition as { name: string; run: unknown };
    return name === 'hand_off' || (typeof run === 'function' && /handOff/.test(Function.prototype.toString.call(run)));
  });

const nameOf = ({ options, file }: InspectedAgent): string => options?.name ?? file ?? 'an agent';

const warning = (where: string, message: string): Finding => ({ severity: 'warning', where, message });
