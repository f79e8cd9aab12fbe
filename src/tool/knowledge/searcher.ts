/**
 * Finds the passages that a question is about, by its words: BM25 over headings and text, the beginnings of words, and words
 * that are spelt nearly so where nobody has written them like that. `minisearch` keeps the index; it is loaded when the first
 * agent has knowledge.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type MiniSearch from 'minisearch';
import { isLittle } from './little-words.ts';
import type { Passage } from './passage.ts';
import { wordsOf } from './words.ts';

/** A passage as it is indexed: its words, separated by spaces. */
interface Indexed {
  id: number;
  heading: string;
  text: string;
}

/** Passages that are indexed before others have their turn: some milliseconds. */
const AT_ONCE = 20;
/** A longer one is no word of people. */
const LONGEST_WORD = 48;
/** Words that so many passages have say little of what is asked. Where there are few passages, every word may count. */
const COMMON = { share: 0.08, fromPassages: 50 };
/** A word that nobody has written stands for those that begin with it, from so many letters on... */
const BEGINS_FROM = 4;
/** ...and for those that are spelt nearly so: one letter may differ in a word of so many, two in a longer one. */
const MISSPELT = { from: 5, twiceFrom: 9 };
/** Of what the question is about, by how rare its words are, a passage that answers it has at least so much. */
const LEAST_COVERED = 0.3;
/** Beside the best, one that is so much worse is about something else. */
const LEAST_OF_BEST = 0.4;
/** A question is no text: its first words count. */
const MOST_WORDS = 32;

export class Searcher {
  readonly #index: MiniSearch<Indexed>;
  readonly #passages = new Map<number, Passage>();
  readonly #idsOfFile = new Map<string, number[]>();
  /** In how many passages each word stands. */
  readonly #counts = new Map<string, number>();
  #nextId = 1;

  private constructor(index: MiniSearch<Indexed>) {
    this.#index = index;
  }

  static async create(): Promise<Searcher> {
    const { default: Index } = await import('minisearch');
    const split = (text: string) => (text === '' ? [] : text.split(' '));
    return new Searcher(
      new Index<Indexed>({ fields: ['heading', 'text'], tokenize: split, processTerm: (word) => word }),
    );
  }

  /** How many passages there are. */
  get size(): number {
    return this.#passages.size;
  }

  /** In place of all that it had of this file; none takes the file out. Bit by bit, for calls run meanwhile; one at a time. */
  async put(file: string, passages: readonly Passage[]): Promise<void> {
    const before = this.#idsOfFile.get(file) ?? [];
    const ids: number[] = [];
    for (const passage of passages) {
      ids.push(this.#add(passage));
      if (ids.length % AT_ONCE === 0) await turn();
    }
    for (const [at, id] of before.entries()) {
      this.#take(id);
      if (at % AT_ONCE === AT_ONCE - 1) await turn();
    }
    if (ids.length > 0) this.#idsOfFile.set(file, ids);
    else this.#idsOfFile.delete(file);
  }

  /** The best first, at most `most`; none when nothing is about it. */
  find(question: string, most: number): Passage[] {
    const words = this.#wordsOfQuestion(question);
    const total = sum(words.map((word) => this.#rarity(word)));
    if (total === 0) return [];
    const found = this.#index.search(words.join(' '), {
      boost: { heading: 2 },
      weights: { prefix: 0.5, fuzzy: 0.4 },
      prefix: (word) => !this.#counts.has(word) && word.length >= BEGINS_FROM,
      fuzzy: (word) => (this.#counts.has(word) ? 0 : mayDiffer(word)),
    });
    const least = LEAST_OF_BEST * (found[0]?.score ?? 0);
    const passages: Passage[] = [];
    for (const { id, score, queryTerms } of found) {
      if (score < least || passages.length === most) break;
      const covered = sum(queryTerms.map((word) => this.#rarity(word)));
      const passage = covered >= LEAST_COVERED * total ? this.#passages.get(Number(id)) : undefined;
      if (passage) passages.push(passage);
    }
    return passages;
  }

  /** Each once; without those that say nothing of what is asked, unless it has no others. */
  #wordsOfQuestion(question: string): string[] {
    const all = [...new Set(wordsOf(question))].filter(({ length }) => length <= LONGEST_WORD).slice(0, MOST_WORDS);
    const isCommon = (word: string) => (this.#counts.get(word) ?? 0) > COMMON.share * this.size;
    const telling = all.filter((word) => !isLittle(word) && (this.size < COMMON.fromPassages || !isCommon(word)));
    return telling.length > 0 ? telling : all;
  }

  /** How much a word tells; one that nobody has written, as much as one that stands in one passage. */
  #rarity(word: string): number {
    const count = this.#counts.get(word) ?? 1;
    return Math.log(1 + (this.size - count + 0.5) / (count + 0.5));
  }

  #add(passage: Passage): number {
    const id = this.#nextId++;
    const indexed = asIndexed(id, passage);
    for (const word of distinct(indexed)) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    this.#index.add(indexed);
    this.#passages.set(id, passage);
    return id;
  }

  #take(id: number): void {
    const passage = this.#passages.get(id);
    if (!passage) return;
    const indexed = asIndexed(id, passage);
    for (const word of distinct(indexed)) {
      const count = (this.#counts.get(word) ?? 1) - 1;
      if (count > 0) this.#counts.set(word, count);
      else this.#counts.delete(word);
    }
    this.#index.remove(indexed);
    this.#passages.delete(id);
  }
}

function asIndexed(id: number, { heading, text }: Passage): Indexed {
  const words = (one: string) =>
    wordsOf(one)
      .filter(({ length }) => length <= LONGEST_WORD)
      .join(' ');
  return { id, heading: words(heading), text: words(text) };
}

const distinct = ({ heading, text }: Indexed): Set<string> => new Set(`${heading} ${text}`.split(' '));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** In so many letters. */
const mayDiffer = ({ length }: string): number => (length < MISSPELT.from ? 0 : length < MISSPELT.twiceFrom ? 1 : 2);
