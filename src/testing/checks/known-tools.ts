/** The tools that a check names: one that the agent does not have is a mistake of whoever wrote the check, and no finding. */
import { nearestName } from '../near-name.ts';
import { vacuous } from '../findings.ts';
import type { CallResult, Finding } from '../result.ts';

/** What is wrong with these names, for the check to give back; undefined: nothing. What the model has called counts as known. */
export function unknownTool(
  check: string,
  { toolNames, tools }: Pick<CallResult, 'toolNames' | 'tools'>,
  names: readonly string[],
): Finding[] | undefined {
  if (!toolNames) return undefined;
  const unknown = names.find((name) => !toolNames.includes(name) && !tools.some((tool) => tool.name === name));
  if (unknown === undefined) return undefined;
  const near = nearestName(unknown, toolNames);
  const known = toolNames.length === 0 ? 'none' : toolNames.map((name) => `\`${name}\``).join(', ');
  return vacuous(
    check,
    `the agent has no tool \`${unknown}\`: ${near ? `did you mean \`${near}\`?` : `it has ${known}`}`,
  );
}
