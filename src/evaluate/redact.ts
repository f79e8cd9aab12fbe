/**
 * A scenario without the people in it: names, numbers and addresses stand for others, the same one for the same one wherever
 * it is said. What only a person would know for a name, such as one that nothing in the call says is one, stays: read it.
 */
import { isRecord } from '../lib/json.ts';
import { escapeRegExp, saidIn, saidPattern } from './said-pattern.ts';

const NAMES = ['Jane Doe', 'Alex Roe', 'Sam Poe', 'Kim Loe', 'Max Noe', 'Lee Foe'];
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
/** A telephone, an account, a reference: not a time of day, a day or an amount of two digits. */
const NUMBER = /\d{4}-\d{2}-\d{2}|(?<![\d.:-])\+?\d(?:[\s-]?\d){2,}(?![\d:]|-\d|\.\d)/g;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** What names people in the arguments and answers of tools. */
const NAME_KEY = /(^|_)(name|patient|customer|caller|passenger|contact|person)s?$|Name$/;
/** And where they live: an e-mail address is known by itself. */
const ADDRESS_KEY = /(^|_)(address|street|city|town|village|post_?code|zip(_?code)?)$|Address$/;
/** A key that is a value: whom somebody rings. */
const NUMBER_KEY = /^\+?\d[\d\s-]{5,}$/;
/** Behind these stands a name, however it is written... */
const NAMED =
  /(?:my (?:\w+ )?name(?:'s| is)|me llamo|mi nombre(?: completo)? es|(?:मेरा|mera) (?:पूरा |poora |pura )?(?:नाम|naam))[ :,]+((?:\p{L}[\p{L}\p{M}'’-]*[ .]?\s*){1,3})/giu;
/** ...and behind these where it is written as one. */
const CALLED = /(?:\b[Tt]his is|\bI am|\bI'm|\b[Cc]all me|\b[Ss]oy)[ :,]+((?:\p{Lu}[\p{L}\p{M}'’-]*\s?){1,3})/gu;
/** Where a name is over that was not written as one. */
const BEHIND_NAME = /\s+(?:and|but|from|with|here|speaking|calling|i|it|my|the|y|de|aur|और|है|hai)(?:\s.*)?$|[\s.]+$/iu;
/** And is named so without being one. */
const NO_NAME = /^\s*$|\d|_/;

/** What stands for what, for as long as one scenario is made. */
export class Redactor {
  readonly #stands = new Map<string, string>();

  /** Everything that is found in the values of tools first: what is a name there is one in the talk. */
  redact<Value>(value: Value): Value {
    for (const name of [...valuesAt(value, NAME_KEY), ...introducedIn(value)]) this.#standFor(name);
    for (const address of valuesAt(value, ADDRESS_KEY)) this.#once(address, (place) => `${place} Example Street`);
    return this.#replaceIn(value) as Value;
  }

  /** How many things were replaced. */
  get count(): number {
    return this.#stands.size;
  }

  #replaceIn(value: unknown, key = ''): unknown {
    if (typeof value === 'string' && key === 'when') return mapPattern(value, (text) => this.#replaceText(text));
    if (typeof value === 'string') return FIXED_KEYS.has(key) ? value : this.#replaceText(value);
    if (Array.isArray(value)) return value.map((one) => this.#replaceIn(one, key));
    if (!isRecord(value)) return value;
    const shown = (name: string) => (NUMBER_KEY.test(name) ? this.#replaceText(name) : name);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [shown(name), this.#replaceIn(one, name)]));
  }

  #replaceText(text: string): string {
    let replaced = text.replace(EMAIL, (found) =>
      this.#once(found.toLowerCase(), (place) => `person${place}@example.com`),
    );
    const known = [...this.#stands]
      .filter(([real]) => /\p{L}/u.test(real) && !real.includes('@'))
      .sort(([one], [other]) => other.length - one.length);
    for (const [real, stand] of known)
      replaced = replaced.replace(new RegExp(`(?<![\\p{L}])${escapeRegExp(real)}(?![\\p{L}])`, 'giu'), stand);
    return replaced.replace(NUMBER, (found) => (DAY.test(found) ? found : this.#numberFor(found)));
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

function valuesAt(value: unknown, keys: RegExp, key = ''): string[] {
  if (typeof value === 'string') return keys.test(key) && (keys !== NAME_KEY || !NO_NAME.test(value)) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, keys, key));
  if (!isRecord(value)) return [];
  const isCall = typeof value['name'] === 'string' && ('arguments' in value || 'args' in value); // a tool's own name
  const found = Object.entries(value).flatMap(([name, one]) =>
    isCall && name === 'name' ? [] : valuesAt(one, keys, name),
  );
  return [...new Set(found)].filter((text) => text.trim() !== '');
}

/** What the caller of a scenario calls themselves. */
function introducedIn(value: unknown): string[] {
  const said = isRecord(value) ? textsIn(value['caller']) : [];
  const names = said.flatMap((text) =>
    [...text.matchAll(NAMED), ...text.matchAll(CALLED)].map(([, name = '']) => name.replace(BEHIND_NAME, '').trim()),
  );
  return names.filter((name) => name !== '');
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return isRecord(value) || Array.isArray(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** A pattern that fits one text alone, as `from-recording.ts` writes it: what it fits is changed. */
function mapPattern(pattern: string, change: (text: string) => string): string {
  const said = saidIn(pattern);
  return said === undefined ? change(pattern) : saidPattern(change(said));
}
