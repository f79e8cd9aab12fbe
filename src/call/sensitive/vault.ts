/**
 * The secrets of one call, each behind a placeholder: `[number#3 ending in 1111]`. Whatever is told, kept or sent to a model has the
 * placeholder; the secret itself is in here alone, and goes to the reader of a task and to the tool that takes it. Pure.
 */

/** What a placeholder stands for. */
interface Secret {
  label: string;
  token: string;
  /** As it was said or typed. */
  said: string;
  /** What a tool takes. */
  value: string;
  /** Of a field: a tool has it, or is about to. */
  isField: boolean;
  /** Finds it in what a tool says. */
  pattern: RegExp;
}

export interface NewSecret {
  /** What it is: the name of a field, or how it came in. */
  label: string;
  said: string;
  value: string;
  /** What may be known of it. */
  shown: string;
  isField: boolean;
}

/** Its name says which one; what stands behind that is for readers. */
const TOKEN = /\[(\w+#\d+)[^\]]*\]/g;
/** A model may leave the brackets away, where it hands one on by itself. */
const BARE = /^\s*\[?(\w+#\d+)(?!\w)[^\]]*\]?\s*$/;
/** So many characters are found wherever they stand; fewer are looked for as whole words, where something went wrong. */
const LONG = 8;
const SHORT = 3;

export class Vault {
  readonly #byName = new Map<string, Secret>();
  /** Those that tools are given, the longest first: a short one may be the beginning of another. */
  #fields: Secret[] = [];

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** Returns its placeholder: the same for the same secret. */
  put({ said, value, shown, isField, ...given }: NewSecret): string {
    const label = given.label.replace(/\W/g, '_');
    const ofLabel = [...this.#byName.values()].filter((secret) => secret.label === label);
    const isSame = (one: Secret) => one.isField === isField && (isField ? one.value === value : one.said === said);
    const known = ofLabel.find(isSame);
    if (known) return known.token;
    const name = `${label}#${ofLabel.length + 1}`;
    const token = `[${name}${shown === '' ? '' : ` ${shown}`}]`;
    const secret = { label, token, said, value, isField, pattern: patternOf(value) };
    this.#byName.set(name, secret);
    if (isField) this.#fields = [...this.#fields, secret].sort((a, b) => b.value.length - a.value.length);
    return token;
  }

  /** The placeholder of a field, where that is all there is. */
  fieldToken(text: string): string | undefined {
    const secret = this.#byName.get(BARE.exec(text)?.[1] ?? '');
    return secret?.isField ? secret.token : undefined;
  }

  /** With all placeholders as they were said. */
  said(text: string): string {
    return text.replace(TOKEN, (token, name: string) => this.#byName.get(name)?.said ?? token);
  }

  /** What a text with placeholders stands for, as a tool takes it. Several rows in one are one row. */
  value(text: string): string {
    const bare = this.#byName.get(BARE.exec(text)?.[1] ?? '');
    if (bare) return bare.value;
    const isRows = text.replace(TOKEN, '').trim() === '' && text !== '';
    const values = text.replace(TOKEN, (token, name: string) => this.#byName.get(name)?.value ?? token);
    return isRows ? values.replace(/\s+/g, '') : values;
  }

  /**
   * A text of somebody else's in which a secret may stand that they were given. `isTrouble`: of an error or a log, where short ones are
   * hidden too.
   */
  hide(text: string, isTrouble = false): string {
    let hidden = text;
    for (const { value, token, pattern } of this.#fields) {
      if (value.length >= (isTrouble ? SHORT : LONG)) hidden = hidden.replace(pattern, () => token);
    }
    return hidden;
  }

  /** The same in data: also a text that is a secret of a field, and nothing else. */
  hideIn(value: unknown, isTrouble = false): unknown {
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value);
      const known = this.#fields.find((field) => field.value === text && text.length >= SHORT);
      if (known) return known.token;
      const hidden = this.hide(text, isTrouble);
      return hidden === text ? value : hidden;
    }
    if (Array.isArray(value)) return value.map((one: unknown) => this.hideIn(one, isTrouble));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [this.hide(key), this.hideIn(one, isTrouble)] as const);
    return Object.fromEntries(entries);
  }
}

/** Digits may stand in groups. A short one is a word by itself, or else it would be found in every other number. */
function patternOf(value: string): RegExp {
  const signs = [...value].map((sign) => sign.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&'));
  const inner = signs.join(/^\d+$/.test(value) ? '[\\s.,_-]{0,3}' : '');
  return new RegExp(value.length >= LONG ? inner : `(?<![\\w-])${inner}(?![\\w-])`, 'gu');
}
