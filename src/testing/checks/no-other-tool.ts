/** That no tool was called beside those that are named. One that only reads is no fault: who looks twice has done nothing. */
import { fault, notVisible } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { shown } from '../values.ts';

export const noOtherTool: Check<[names: readonly string[]]> = (call, names) => {
  if (scopeOf(call).call.visible === 'outside')
    return notVisible('noOtherTool', 'which tools ran is not told to the caller');
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
