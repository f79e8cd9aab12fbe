/**
 * Menus of the other side that go round in circles: the same keys, pressed at the same words, have brought the call back to
 * them. The model is told so, and when it goes on the call is given up.
 */
import { isRecord, parseJson } from '../lib/json.ts';
import { plainWords } from '../lib/plain-words.ts';
import type { ToolCall } from '../model/contract.ts';

/** The tool that presses keys. */
export const SEND_DIGITS = 'send_digits';
/** Why a call is given up that goes round in circles. */
export const MENU_LOOP = 'menu-loop';

/** Keys that were pressed, and what was heard before. */
export interface Pressed {
  words: string;
  keys: string;
}

/** The same keys at the same words are pressed so often, for a menu may not have heard them... */
const MOST_SAME = 2;
/** ...and once they are asked for so often, nothing will come of it. */
const GIVEN_UP_AT = 5;
/** So much of two texts is the same: each time they are understood a little differently. */
const ALIKE = 0.7;

interface Place {
  words: ReadonlySet<string>;
  keys: string;
  count: number;
}

const NO_WORDS: ReadonlySet<string> = new Set();

export class MenuLoops {
  readonly #places: Place[] = [];
  #words = NO_WORDS;
  #isStuck = false;

  /** `pressed`: on earlier lines of the same call. */
  constructor(pressed: readonly Pressed[] = []) {
    for (const { words, keys } of pressed) this.#count(words, keys);
  }

  /** It was told, and goes on: the call is to be given up. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Why this call of a tool is not to run, for the model; undefined when it is. `words`: what the turn answers. */
  refusal({ name, arguments: written }: ToolCall, words: () => string): string | undefined {
    const keys = name === SEND_DIGITS ? keysIn(written) : undefined;
    if (keys === undefined) return undefined;
    const count = this.#count(words(), keys);
    this.#isStuck ||= count >= GIVEN_UP_AT;
    if (count <= MOST_SAME) return undefined;
    return (
      `Not pressed: ${keys} was pressed ${MOST_SAME} times at these words, and the menu has come back to them. ` +
      'Press other keys, say what you want, wait, or end the call.'
    );
  }

  #count(words: string, keys: string): number {
    const said = new Set(plainWords(words).split(' ').filter(Boolean));
    if (said.size > 0) this.#words = said; // a turn that the agent began answers what was heard last
    const place = this.#places.find((one) => one.keys === keys && areAlike(one.words, this.#words));
    if (place) return ++place.count;
    this.#places.push({ words: this.#words, keys, count: 1 });
    return 1;
  }
}

/** Of the arguments of `send_digits`, as the model has written them. */
export function keysIn(written: string): string | undefined {
  const value = parseJson(written);
  const digits = isRecord(value) ? value['digits'] : undefined;
  return typeof digits === 'string' ? digits.replace(/w/g, '') : undefined;
}

function areAlike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  let both = 0;
  for (const word of a) if (b.has(word)) both++;
  const all = a.size + b.size - both;
  return all === 0 || both / all >= ALIKE;
}
