/**
 * A judge without a model, so that scenarios with criteria run without an account. It knows one thing: whether words that the
 * criterion has in quotes were said by the agent. Of a criterion that quotes nothing it cannot tell.
 */
import { isRecord, parseJson } from '../../lib/json.ts';
import type { Ask } from '../ask.ts';

/** How reports name it. */
export const STAND_IN_JUDGE = 'stand-in, which looks for the words in quotes and nothing else';

const QUOTED = /"([^"]+)"|\u201c([^\u201d]+)\u201d/g;

export const askStandInJudge: Ask = (messages) => {
  const question = parseJson(messages.at(-1)?.content ?? '');
  return Promise.resolve(JSON.stringify(isRecord(question) ? answer(question) : CANNOT_TELL));
};

const CANNOT_TELL = {
  verdict: 'cannot tell',
  evidence: [],
  why: 'the stand-in looks for words in quotes, and there are none',
};

function answer({ did_this_happen: text, record }: Record<string, unknown>): object {
  const wanted = [...String(text).matchAll(QUOTED)].map(([, straight, curly]) => straight ?? curly ?? '');
  const turns = isRecord(record) && Array.isArray(record['turns']) ? record['turns'].filter(isRecord) : [];
  if (wanted.length === 0) return CANNOT_TELL;
  const evidence = wanted.flatMap((quote) => {
    const found = turns.find(({ agent }) => String(agent).toLowerCase().includes(quote.toLowerCase()));
    if (!found) return [];
    const said = String(found['agent']);
    const at = said.toLowerCase().indexOf(quote.toLowerCase());
    return [{ turn: found['turn'], quote: said.slice(at, at + quote.length) }];
  });
  return { verdict: evidence.length === wanted.length ? 'yes' : 'no', evidence, why: 'by the words in quotes' };
}
