/**
 * Whether a tool was called, with these arguments: each that is named by its value, whatever else is given; in any order; and
 * as often as wanted. Other calls are no fault of this check.
 */
import { fault, notVisible, ofTurn, times as inWords } from '../findings.ts';
import type { Check, Finding, ToolUse } from '../result.ts';
import { eventsOf, isIn, scopeOf, type Scope } from '../scope.ts';
import { fits, shown } from '../values.ts';
import { unknownTool } from './known-tools.ts';

/** How often a tool is to be called, and before which. */
export interface CalledToolOptions {
  /** Exactly so often. Default: at least once. */
  times?: number;
  /** The call must have been made before the first one of this tool. */
  before?: string;
}

/** @param args Default: any. */
export const calledTool: Check<[name: string, args?: Record<string, unknown>, options?: CalledToolOptions]> = (
  call,
  name,
  args,
  options = {},
) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('calledTool', 'which tools ran is not told to the caller');
  const unknown = unknownTool('calledTool', scope.call, [name, ...(options.before ? [options.before] : [])]);
  if (unknown) return unknown;
  const called = call.tools.filter((tool) => tool.name === name);
  const matched = called.filter((tool) => args === undefined || fits(tool.arguments, args));
  const wanted = `\`${name}\`${args === undefined ? '' : ` with ${shown(args)}`}`;
  const isOften = options.times === undefined ? matched.length > 0 : matched.length === options.times;
  if (!isOften) {
    const often =
      options.times === undefined
        ? 'to be called'
        : `to be called ${options.times === 0 ? 'never' : inWords(options.times)}`;
    const came = matched.length > 0 ? inWords(matched.length) : called.length > 0 ? 'only with others' : 'never';
    return [
      fault(
        'calledTool',
        `expected ${wanted} ${often}${ofTurn(scope.turn)}, it was ${came}`,
        evidenceOf(scope, called),
      ),
    ];
  }
  return options.before === undefined ? [] : laterThan(scope, matched[0], options.before);
};

function evidenceOf(scope: Scope, called: readonly ToolUse[]): { atMs?: number; turn?: number; evidence?: string } {
  const tools =
    called.length > 0 ? called : scope.call.tools.filter(({ turn }) => scope.turn === undefined || turn === scope.turn);
  const evidence = tools.map((tool) => `${tool.name}(${shown(tool.arguments)})`).join(', ');
  const end = eventsOf(scope.call, 'turn-end').findLast(({ atMs }) => isIn(scope, atMs));
  const atMs = called[0]?.fromMs ?? end?.atMs;
  return {
    ...(atMs !== undefined && { atMs }),
    ...(scope.turn !== undefined && { turn: scope.turn }),
    evidence: evidence === '' ? 'no tool was called' : evidence,
  };
}

function laterThan({ call }: Scope, first: ToolUse | undefined, before: string): Finding[] {
  const other = call.tools.find(({ name }) => name === before);
  if (!first || !other || first.fromMs < other.fromMs) return [];
  return [
    fault('calledTool', `expected \`${first.name}\` to be called before \`${before}\`, it was called after it`, {
      atMs: first.fromMs,
      turn: first.turn,
    }),
  ];
}
