/** That no tool was called beside those that are named. One that only reads is no fault: who looks twice has done nothing. */
import { fault, notVisible } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { shown } from '../values.ts';
import { unknownTool } from './known-tools.ts';

export const noOtherTool: Check<[names: readonly string[]]> = (call, names) => {
  const { call: whole } = scopeOf(call);
  if (whole.visible === 'outside') return notVisible('noOtherTool', 'which tools ran is not told to the caller');
  const unknown = unknownTool('noOtherTool', whole, names);
  if (unknown) return unknown;
  return call.tools
    .filter(({ name, effect }) => effect !== 'read' && !names.includes(name))
    .map((tool) =>
      fault(
        'noOtherTool',
        `\`${tool.name}\` was called, expected ${names.length > 0 ? `none but ${names.join(', ')}` : 'none'}`,
        {
          atMs: tool.fromMs,
          turn: tool.turn,
          evidence: shown(tool.arguments),
        },
      ),
    );
};
