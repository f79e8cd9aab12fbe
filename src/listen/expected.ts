/** What a tool expects the caller to say, as the question that it answers: judged like one that the agent's words ask. Pure. */
import type { ExpectedAnswer } from './contract.ts';
import { lengthsOf, type Question, type Slot } from './question.ts';
import type { Speech } from './speech-of.ts';

const code = (lengths: readonly number[]): Question => ({ kind: 'code', slots: ['code'], lengths });
const slot = (kind: Slot): Question => ({ kind, slots: [kind] });

export function expectedQuestion(answer: ExpectedAnswer, speech: Speech): Question {
  if (typeof answer === 'object') return code([answer.code].flat());
  switch (answer) {
    case 'name':
    case 'time':
    case 'people':
    case 'address':
    case 'email':
    case 'code':
      return slot(answer);
    case 'date-of-birth':
      return slot('birth');
    case 'date':
      return slot('day');
    case 'date-and-time':
      return { kind: 'several', slots: ['day', 'time'] };
    case 'amount':
      return slot('money');
    case 'yes-no':
      return { kind: 'yes-no', slots: [] };
    case 'phone-number':
      return code(lengthsOf('phone', speech));
    case 'postcode':
      return code(lengthsOf('postcode', speech));
    case 'card-number':
      return code(lengthsOf('card', speech));
    case 'card-expiry':
      return code(lengthsOf('expiry', speech));
    case 'security-code':
      return code(lengthsOf('securityCode', speech));
    case 'one-time-code':
      return code(lengthsOf('oneTimeCode', speech));
    case 'pin':
      return code(lengthsOf('pin', speech));
  }
}
