/** `hand_off`: another agent of the team goes on with the caller, once the words before have been heard (R27). */
import { z } from 'zod';
import { defineTool, handOff, type ToolDefinition } from '../define.ts';

/** One whom the caller can be handed to. */
export interface Colleague {
  /** The name that the agent's `team` has for it. */
  name: string;
  /** What it is for, in a sentence; undefined when nobody has said so. */
  isFor: string | undefined;
}

/** The tool as an agent with this team has it. Without one it is nobody's: an agent that lists it by name gets its own. */
export function handOffTool(team: readonly Colleague[] = []): ToolDefinition {
  return defineTool({
    name: 'hand_off',
    description:
      'Hands the caller over to a colleague of yours, who goes on with the call. Say so before, in a few words.',
    input: z.object({
      to: nameOf(team),
      about: z.string().optional().describe('What the caller wants, and what is known already, in a sentence or two.'),
    }),
    effect: 'terminal',
    run: ({ to, about }) => handOff(to, { about: about?.trim() || undefined }),
  });
}

function nameOf(team: readonly Colleague[]) {
  const [first, ...others] = team.map(({ name }) => name);
  if (first === undefined) return z.string();
  const lines = team.map(({ name, isFor }) => (isFor === undefined ? name : `${name}: ${isFor}`));
  return z.enum([first, ...others]).describe(`Who goes on with the caller. ${lines.join('; ')}`);
}
