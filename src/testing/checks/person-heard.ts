/** That whoever was rung for the caller heard this of them. */
import { fault, notVisible, vacuous } from '../findings.ts';
import type { Check } from '../result.ts';
import { scopeOf } from '../scope.ts';
import { matches, quoted, type Wanted } from './patterns.ts';

export const personHeard: Check<[wanted: Wanted]> = (call, wanted) => {
  const { people } = scopeOf(call).call;
  if (!people)
    return notVisible('personHeard', 'nobody is played who could be rung, and what others hear is not known');
  const answered = people.filter(({ answeredBy }) => answeredBy === 'person');
  if (answered.length === 0) return vacuous('personHeard', 'nobody was rung who has answered');
  if (answered.some(({ heard }) => matches(heard, wanted))) return [];
  return [
    fault('personHeard', `expected whoever was rung to hear ${quoted(wanted)}`, {
      evidence: answered.map(({ to, heard }) => `${to}: ${heard || 'nothing'}`).join('; '),
    }),
  ];
};
