/** Many passages, with words as often as people use them (Zipf), so that an index has what it would have in life. */
import type { Passage } from '../../src/tool/knowledge/passage.ts';

const SYLLABLES =
  'ba be bi bo bu ca ce ci co cu da de di do du fa fe fi fo fu la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu'.split(
    ' ',
  );
const VOCABULARY = 30_000;
const WORDS = 70;

/** Numbers that look like chance, the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const wordAt = (rank: number): string => {
  let word = '';
  for (let rest = rank + 50; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length];
  return word;
};

export interface Corpus {
  passages: Passage[];
  /** Of six words of one passage each, two of them misspelt in every third. */
  questions: string[];
}

export function makeCorpus(count: number, questions: number): Corpus {
  const next = random(7);
  const rank = () => Math.floor(VOCABULARY ** next()) - 1; // by rank, each as often as its share of a harmonic sum
  const words = (length: number) => Array.from({ length }, () => wordAt(rank())).join(' ');
  const passages = Array.from({ length: count }, (_, at) => ({
    file: `${at % 100}.md`,
    ...{ line: at, heading: words(3), text: words(WORDS) },
  }));
  const misspelt = (word: string) => (word.length < 5 ? word : `${word.slice(0, 2)}x${word.slice(3)}`);
  const asked = Array.from({ length: questions }, (_, at) => {
    const from = passages[Math.floor(next() * count)]?.text.split(' ').slice(10, 16) ?? [];
    return (at % 3 === 0 ? from.map((word, place) => (place < 2 ? misspelt(word) : word)) : from).join(' ');
  });
  return { passages, questions: asked };
}
