/**
 * Sentences from a small grammar. A template is words, with
 *
 *   {list}      one of a list, expanded as well       [words]   said half of the time
 *   (a;b;c)     one of these                          |         a place where people pause although they go on
 *   {#4} {@2}   digits, letters                       /         a place where all may have been said
 *
 * and `?` behind it when it is a question. In a list, `4* ` before it: as if it stood there four times. Pure, but for the dice that it is given.
 */
export interface Dice {
  /** 0 to 1. */
  next(): number;
}

/** What one says to another in a language, written for training. */
export interface Tongue {
  name: string;
  /** Heard under these codes. */
  codes: readonly string[];
  hesitations: readonly string[];
  /** Said when something has to be looked for: more is to come. */
  stalls: readonly string[];
  /** Said before one takes back what one has said. */
  corrections: readonly string[];
  /** Whole sentences that may follow an answer. */
  tails: readonly string[];
  /** 0 to 9. */
  digits: readonly string[];
  /** Names of letters; default A to Z. */
  letters?: readonly string[];
  double?: string;
  /** What ends a sentence. Default a full stop. */
  stop?: string;
  /** Written without spaces. */
  isUnspaced?: boolean;
  lists: Readonly<Record<string, readonly string[]>>;
  exchanges: readonly Exchange[];
}

export interface Exchange {
  kind: 'words' | 'digits';
  asks: readonly string[];
  answers: readonly string[];
}

/** A place between two words: how likely it is to be one where somebody pauses. */
export type Place = '' | '|' | '/';

export interface Sentence {
  words: string[];
  /** Behind each word but the last. */
  places: Place[];
}

export const pick = <T>(dice: Dice, from: readonly T[]): T => from[Math.floor(dice.next() * from.length)]!;

/** Which lists of a tongue may be drawn from: a part is kept for the turns that nothing has been trained on. */
export type Share = 'trained' | 'kept';
const KEPT_EVERY = 5;

const shares = new WeakMap<readonly string[], Record<Share, string[]>>();

/** Of a list that is long enough, every fifth entry is kept, but for those that are said most. */
export function shareOf(list: readonly string[], share: Share): readonly string[] {
  let known = shares.get(list);
  if (!known) shares.set(list, (known = { trained: partOf(list, 'trained'), kept: partOf(list, 'kept') }));
  return known[share];
}

function partOf(list: readonly string[], share: Share): string[] {
  const entries = list
    .map((entry) => /^(?:(\d+)\* )?(.*)$/su.exec(entry)!)
    .map(([, times, text]) => ({ times: Number(times ?? 1), text: text! }));
  const isAll = entries.length < KEPT_EVERY;
  return entries
    .filter(({ times }, i) => isAll || times > 1 || (i % KEPT_EVERY === 2) === (share === 'kept'))
    .flatMap(({ times, text }) => Array<string>(times).fill(text));
}

export class Grammar {
  readonly #tongue: Tongue;
  readonly #dice: Dice;
  readonly #share: Share;

  constructor(tongue: Tongue, dice: Dice, share: Share) {
    this.#tongue = tongue;
    this.#dice = dice;
    this.#share = share;
  }

  sentence(template: string): Sentence {
    const parts = this.#expand(template)
      .split(/\s+/)
      .filter((part) => part !== '');
    const words: string[] = [];
    const places: Place[] = [];
    for (const part of parts) {
      if (part === '|' || part === '/') {
        if (words.length > 0 && places.length === words.length - 1) places.push(part);
        continue;
      }
      if (words.length > 0 && places.length === words.length - 1) places.push('');
      words.push(part);
    }
    return { words, places: places.slice(0, Math.max(0, words.length - 1)) };
  }

  #expand(template: string, depth = 0): string {
    if (depth > 8) throw new Error(`Expected a template that ends, got one with \`${template}\``);
    return template
      .replace(/\[([^[\]]*)\]/g, (_, optional: string) => (this.#dice.next() < 0.5 ? optional : ''))
      .replace(/\(([^()]*)\)/g, (_, choices: string) => pick(this.#dice, choices.split(';')))
      .replace(/\{([^{}]+)\}/g, (_, name: string) => this.#reference(name, depth));
  }

  #reference(name: string, depth: number): string {
    if (name.startsWith('#')) return this.digits(countOf(name, this.#dice));
    if (name.startsWith('@')) return this.letters(countOf(name, this.#dice));
    const list = this.#tongue.lists[name];
    if (!list) throw new Error(`Expected a list \`${name}\` in ${this.#tongue.name}`);
    return this.#expand(pick(this.#dice, shareOf(list, this.#share)), depth + 1);
  }

  /** In groups, as people say them, in words or, as services write them, in figures. */
  digits(count: number): string {
    const dice = this.#dice;
    const isFigures = dice.next() < 0.35;
    const isWhole = isFigures && dice.next() < 0.3;
    const groups: string[] = [];
    const size = pick(dice, [2, 3, 3, 4, 4, 5]);
    for (let left = count; left > 0;) {
      const length = isWhole ? left : Math.min(left, dice.next() < 0.8 ? size : 1 + Math.floor(dice.next() * 4));
      groups.push(this.#group(length, isFigures));
      left -= length;
    }
    return groups.join(' | ');
  }

  #group(length: number, isFigures: boolean): string {
    const dice = this.#dice;
    const figures = Array.from({ length }, () => Math.floor(dice.next() * 10));
    if (isFigures) return figures.join('');
    const { digits, double } = this.#tongue;
    const words: string[] = [];
    for (let i = 0; i < figures.length; i++) {
      if (double && figures.length - i >= 2 && dice.next() < 0.15) {
        words.push(double, digits[figures[i++]!]!);
      } else words.push(digits[figures[i]!]!);
    }
    return words.join(' ');
  }

  letters(count: number): string {
    const letters = this.#tongue.letters ?? [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const row = Array.from({ length: count }, () => pick(this.#dice, letters));
    const groups: string[] = [];
    while (row.length > 0)
      groups.push(row.splice(0, this.#dice.next() < 0.6 ? 3 : 1 + Math.floor(this.#dice.next() * 5)).join(' '));
    return groups.join(' | ');
  }
}

function countOf(name: string, dice: Dice): number {
  const [least = 1, most = least] = name.slice(1).split('-').map(Number);
  return least + Math.floor(dice.next() * (most - least + 1));
}
