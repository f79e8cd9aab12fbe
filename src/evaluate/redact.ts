/**
 * A scenario without the people in it: names, numbers and addresses stand for others, the same one for the same one wherever
 * it is said. What only a person would know for a name, such as one that nothing in the call says is one, stays: read it.
 */
import { isRecord } from '../lib/json.ts';

const NAMES = ['Jane Doe', 'Alex Roe', 'Sam Poe', 'Kim Loe', 'Max Noe', 'Lee Foe'];
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** A telephone, an account, a reference: not a time of day, a day or an amount of two digits. */
const NUMBER = /\d{4}-\d{2}-\d{2}|(?<![\d.:-])\+?\d(?:[\s-]?\d){2,}(?![\d:]|-\d|\.\d)/g;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** What names people in the arguments and answers of tools. */
const NAME_KEY = /(^|_)(name|patient|customer|caller|passenger|contact|person)s?$|Name$/;
/** And is named so without being one. */
const NO_NAME = /^\s*$|\d|_/;

/** What stands for what, for as long as one scenario is made. */
export class Redactor {
  readonly #stands = new Map<string, string>();

  /** Everything that is found in the values of tools first: what is a name there is one in the talk. */
  redact<Value>(value: Value): Value {
    for (const name of namesIn(value)) this.#standFor(name);
    return this.#replaceIn(value) as Value;
  }

  /** How many things were replaced. */
  get count(): number {
    return this.#stands.size;
  }

  #replaceIn(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return FIXED_KEYS.has(key) ? value : this.#replaceText(value);
    if (Array.isArray(value)) return value.map((one) => this.#replaceIn(one, key));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.#replaceIn(one, name)]));
  }

  #replaceText(text: string): string {
    let replaced = text.replace(EMAIL, (found) =>
      this.#once(found.toLowerCase(), (place) => `person${place}@example.com`),
    );
    replaced = replaced.replace(NUMBER, (found) => (DAY.test(found) ? found : this.#numberFor(found)));
    const known = [...this.#stands]
      .filter(([real]) => /^\p{L}/u.test(real) && !real.includes('@'))
      .sort(([one], [other]) => other.length - one.length);
    for (const [real, stand] of known)
      replaced = replaced.replace(new RegExp(`(?<![\\p{L}])${escapeRegExp(real)}(?![\\p{L}])`, 'giu'), stand);
    return replaced;
  }

  /** The same length and form, so that schemas take it. */
  #numberFor(found: string): string {
    const digits = found.replace(/\D/g, '');
    const stand = this.#once(digits, (place) => String(place).padStart(digits.length, '5').slice(-digits.length));
    let at = 0;
    return found.replace(/\d/g, () => stand[at++] ?? '5');
  }

  #standFor(name: string): void {
    const parts = name.split(/\s+/);
    const place = this.#namesKnown++;
    const stand = (NAMES[place % NAMES.length] ?? '').split(' ');
    this.#stands.set(name, stand.join(' '));
    for (const [index, part] of parts.entries()) {
      if (part.length > 2 && !this.#stands.has(part))
        this.#stands.set(part, stand[Math.min(index, stand.length - 1)] ?? '');
    }
  }

  #namesKnown = 0;

  #once(real: string, make: (place: number) => string): string {
    const known = this.#stands.get(real);
    if (known !== undefined) return known;
    const stand = make(this.#stands.size + 1);
    this.#stands.set(real, stand);
    return stand;
  }
}

/** Of the scenario itself: they name no person. */
const FIXED_KEYS = new Set(['agent', 'now', 'pace', 'takes', 'after']);

function namesIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return NAME_KEY.test(key) && !NO_NAME.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => namesIn(one, key));
  if (!isRecord(value)) return [];
  const isCall = typeof value['name'] === 'string' && ('arguments' in value || 'args' in value); // a tool's own name
  const found = Object.entries(value).flatMap(([name, one]) => (isCall && name === 'name' ? [] : namesIn(one, name)));
  return [...new Set(found)];
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
