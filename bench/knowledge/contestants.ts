/** Ways to find a passage by a question: Parley's, `minisearch` as it comes, and BM25 over words as they are written. */
import MiniSearch from 'minisearch';
import type { Passage } from '../../src/tool/knowledge/passage.ts';
import { Searcher } from '../../src/tool/knowledge/searcher.ts';

export type Find = (question: string, most: number) => Passage[];

export const CONTESTANTS: Readonly<Record<string, (passages: readonly Passage[]) => Promise<Find>>> = {
  Parley: async (passages) => {
    const searcher = await Searcher.create();
    await searcher.put('all', passages);
    return (question, most) => searcher.find(question, most);
  },
  'minisearch as it comes': async (passages) => {
    const index = new MiniSearch<Passage & { id: number }>({ fields: ['heading', 'text'] });
    index.addAll(passages.map((passage, id) => ({ ...passage, id })));
    return (question, most) =>
      index
        .search(question, { prefix: true, fuzzy: 0.2, boost: { heading: 2 } })
        .slice(0, most)
        .flatMap(({ id }) => passages[Number(id)] ?? []);
  },
  'BM25, words as written': async (passages) => bm25(passages),
};

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/** Robertson and Zaragoza (2009), with the numbers that everybody takes. */
function bm25(passages: readonly Passage[]): Find {
  const documents = passages.map(({ heading, text }) => wordsIn(`${heading} ${text}`));
  const average = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  const counts = new Map<string, number>();
  for (const words of documents) for (const word of new Set(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const score = (words: readonly string[], question: readonly string[]) =>
    question.reduce((sum, word) => {
      const times = words.filter((one) => one === word).length;
      const count = counts.get(word) ?? 0;
      const rarity = Math.log(1 + (documents.length - count + 0.5) / (count + 0.5));
      return sum + (rarity * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * words.length) / average));
    }, 0);
  return (question, most) => {
    const wanted = wordsIn(question);
    return documents
      .map((words, at) => ({ at, score: score(words, wanted) }))
      .filter((one) => one.score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, most)
      .flatMap(({ at }) => passages[at] ?? []);
  };
}
