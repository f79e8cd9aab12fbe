/**
 * R27: the agents of a team, each of which may name others, and these it again. Here they are found, looked at once each, and
 * linked; how a caller is handed from one to the other is the machine's business.
 */
import { dirname } from 'node:path';
import { messageOf } from '../lib/errors.ts';
import { importModule, modulePath, type ImportModule } from '../lib/import-module.ts';
import { isRecord } from '../lib/json.ts';
import { handOffTool } from '../tool/builtin/hand-off.ts';
import { builtinTools } from '../tool/builtin/index.ts';
import type { LoadedTool } from '../tool/check.ts';
import type { AgentProblem } from './agent-problems.ts';

/** What of an agent that was looked at counts between those of a team. */
export interface Inspected {
  /** Undefined when a field is wrong. */
  options: { name: string; description?: string | undefined } | undefined;
  vendors: { voice: string; ear: string };
  tools: readonly LoadedTool[];
  team: Readonly<Record<string, Inspected>>;
}

/** An agent file, relative to the file that names it, or an agent. */
export const isTeamMember = (value: unknown): boolean =>
  typeof value === 'string' || value instanceof URL || isRecord(value);

// ---- as it is looked at ---------------------------------------------------------------------------------------------

export interface MemberToLoad {
  member: string | URL | object;
  /** What paths are relative to. */
  directory: string;
  load?: ImportModule | undefined;
}

/** What stands in a member's place, and where its own paths begin; or why that cannot be had. */
export type FoundMember = { input: unknown; file: string | undefined; directory: string } | { problem: string };

/** Never throws. */
export async function findMember({ member, directory, load = importModule }: MemberToLoad): Promise<FoundMember> {
  if (typeof member !== 'string' && !(member instanceof URL)) return { input: member, file: undefined, directory };
  try {
    const path = modulePath(member, directory);
    const { default: input } = await load(path, String(member));
    return { input, file: path, directory: dirname(path) };
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

/** An agent and all that can be come to from it, itself first, each once. */
export function wholeTeam<One extends { team: Readonly<Record<string, One>> }>(first: One): One[] {
  const all = new Set([first]);
  for (const one of all) for (const other of Object.values(one.team)) all.add(other);
  return [...all];
}

/** Of an agent that was found wrong, for a message: its file, or under which name of whose team it stands. `file`: of the first. */
export function placeOf<One extends { file: string | undefined; team: Readonly<Record<string, One>> }>(
  one: One,
  all: readonly One[],
  file: string,
): string {
  if (one === all[0] || one.file !== undefined) return one.file ?? file;
  const parent = all.find(({ team }) => Object.values(team).includes(one)); // it stands before its members
  const name = Object.entries(parent?.team ?? {}).find(([, member]) => member === one)?.[0] ?? '';
  return parent === undefined ? file : `\`team.${name}\` of ${placeOf(parent, all, file)}`;
}

/** What is wrong between the agents of a team, though each by itself is right. Of `inspected` alone. */
export function teamProblems(inspected: Inspected, all: readonly Inspected[]): AgentProblem[] {
  const { options, tools, team } = inspected;
  if (!options) return [];
  const [first = inspected] = all;
  const isFirstOfName = all.find((one) => one.options?.name === options.name) === inspected;
  const twice = `Expected \`name\` to be one that no other agent of the team has, got \`${options.name}\` twice`;
  return [
    ...(isFirstOfName ? [] : [{ field: 'name', message: twice }]),
    ...Object.entries(team).flatMap(([name, one]) =>
      one === inspected ? [{ field: `team.${name}`, message: `\`team.${name}\` is the agent itself` }] : [],
    ),
    ...(Object.keys(team).length === 0 && tools.some(isHandOff) ? [NOBODY_THERE] : []),
    ...(inspected === first ? [] : otherVendors(inspected, first)),
  ];
}

const NOBODY_THERE: AgentProblem = {
  field: 'tools',
  message: "Expected `team` to name whom `'hand_off'` can hand the caller to, got nobody",
};

/** Who speaks and hears is the line's for a whole call. */
function otherVendors({ vendors, options }: Inspected, first: Inspected): AgentProblem[] {
  const kinds = [
    ['voice', vendors.voice, first.vendors.voice],
    ['listen', vendors.ear, first.vendors.ear],
  ] as const;
  return kinds.flatMap(([field, got, expected]) => {
    if (got === expected) return [];
    const whose = `\`${first.options?.name ?? 'the first agent'}\``;
    const message = `Expected the vendor of \`${field}\` to be \`${expected}\`, as ${whose} has it, got \`${got}\` in \`${options?.name ?? ''}\`: one call has one vendor`;
    return [{ field, message }];
  });
}

// ---- as it is made ready --------------------------------------------------------------------------------------------

const isHandOff = ({ definition }: LoadedTool): boolean => definition === builtinTools['hand_off'];

/** The tools of an agent with `hand_off` as its own, which knows whom it can hand the caller to. */
export function withHandOff(tools: readonly LoadedTool[], team: Readonly<Record<string, Inspected>>): LoadedTool[] {
  const colleagues = Object.entries(team).map(([name, { options }]) => ({ name, isFor: options?.description }));
  return tools.map((tool) => (isHandOff(tool) ? { ...tool, definition: handOffTool(colleagues) } : tool));
}
