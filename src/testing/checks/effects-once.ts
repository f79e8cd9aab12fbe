/**
 * That what a tool does was done once for the same arguments, whatever happened meanwhile: a cut-in, a retry, a late result;
 * and that the model was told of each result exactly once.
 */
import { fault, notVisible, times, vacuous } from '../findings.ts';
import { effectsIn, mistoldIn } from '../metrics/effects.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { shown } from '../values.ts';

export const effectsOnce: Check = (call) => {
  const scope = scopeOf(call);
  if (scope.call.visible === 'outside') return notVisible('effectsOnce', 'what tools do is not told to the caller');
  const effects = effectsIn(scope);
  const mistold = mistoldIn(scope);
  if (effects.length === 0 && mistold.length === 0 && !call.tools.some(({ effect }) => effect === 'write'))
    return vacuous('effectsOnce', 'no tool that acts was called');
  const doubles = effects.filter(({ atMs }) => atMs.length > 1);
  return [
    ...doubles.map((effect) =>
      fault('effectsOnce', `\`${effect.name}\` was done ${times(effect.atMs.length)} with the same arguments`, {
        atMs: effect.atMs[1] ?? 0,
        evidence: shown(effect.arguments),
      }),
    ),
    ...mistold.map(({ tool, times: told }) =>
      fault(
        'effectsOnce',
        `the model was told of the result of \`${tool.name}\` ${told === 0 ? 'never' : times(told)}, expected once`,
        { atMs: tool.toMs ?? tool.fromMs, turn: tool.turn, evidence: shown(tool.result ?? tool.error) },
      ),
    ),
  ];
};
