/** What an ear makes of a caller's words on a bad line: some are lost, some lose a letter. Thrown by the seed. */
import { seededRandom } from '../testing/chance.ts';
import type { Scenario } from './scenario/schema.ts';

/** Of the words that are misheard, so many are lost whole. */
const LOST = 0.4;

/** Undefined where everything is understood. */
export function mishearer({ conditions }: Scenario, seed: number): ((text: string) => string) | undefined {
  const share = conditions?.mishears?.words ?? 0;
  if (share === 0) return undefined;
  const random = seededRandom(seed);
  return (text) => {
    const words = text.split(/\s+/).filter(Boolean);
    const understood = words.flatMap((word) => {
      if (random() >= share) return [word];
      return random() < LOST ? [] : [withoutLetter(word, random)];
    });
    return understood.length > 0 ? understood.join(' ') : (words[0] ?? text); // something is heard of everything
  };
}

/** A letter of its middle is gone; of a short word another vowel stands in it. */
function withoutLetter(word: string, random: () => number): string {
  if (word.length < 4) return word.replace(/[aeiou]/i, 'u');
  const at = 1 + Math.floor(random() * (word.length - 2));
  return word.slice(0, at) + word.slice(at + 1);
}
