/**
 * What all code of a process shares and relies on, such as `Object.prototype`. A tool that changes it changes it under
 * every call, so what is different after a piece of a tool has run is put back at once, where that can be.
 *
 * It must work while the world is out of joint: functions are kept from before, lists are walked by number, and
 * descriptors have no prototype.
 */

import { EventEmitter } from 'node:events';
import { shortText } from '../lib/thrown.ts';

/** What was changed. */
export interface Tampering {
  /** Such as `Object.prototype.status`. */
  what: string;
  /** Everything is as it was. */
  isUndone: boolean;
}

interface Watched {
  name: string;
  object: object;
  /** Whether only some of its fields are looked at, and what is added is its own affair. */
  isPart: boolean;
  prototype: object | null;
  wasExtensible: boolean;
  keys: readonly PropertyKey[];
  /** Of each of the keys. */
  descriptors: readonly PropertyDescriptor[];
}

const { ownKeys, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf, isExtensible } = Reflect;
const { defineProperty, deleteProperty } = Reflect;
const { is } = Object;

/** What is kept of `globalThis`, to which a tool may well add something of its own. */
const GLOBALS =
  'setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask Promise Map Set Date Error';

/** Prototypes first: they are what is changed by accident, too. `fields`: of these alone. Default: all of them. */
const SHARED: readonly [name: string, object: object, fields?: string][] = [
  ['Object.prototype', Object.prototype],
  ['Array.prototype', Array.prototype],
  ['Function.prototype', Function.prototype],
  ['Promise.prototype', Promise.prototype],
  ['String.prototype', String.prototype],
  ['Number.prototype', Number.prototype],
  ['Map.prototype', Map.prototype],
  ['Set.prototype', Set.prototype],
  ['RegExp.prototype', RegExp.prototype],
  ['Error.prototype', Error.prototype],
  ['Object', Object],
  ['Array', Array],
  ['Promise', Promise],
  ['JSON', JSON],
  ['Reflect', Reflect],
  ['Math', Math],
  ['Date', Date],
  ['EventEmitter.prototype', EventEmitter.prototype],
  ['process', process, 'nextTick'],
  ['globalThis', globalThis, GLOBALS],
];
/** A longer list than anybody reads. */
const MOST_TOLD = 5;
const LONGEST_NAME = 60;

/** How much is looked at: what everything has, which costs a microsecond; or all of it, which costs some tens. */
export type Look = 'object' | 'all';

export class SharedObjects {
  readonly #all: Watched[] = SHARED.map(([name, object, fields]) => watch(name, object, fields));

  /** Puts back what has been changed since it was last asked; undefined, when nothing was. */
  mend(look: Look): Tampering | undefined {
    const last = look === 'object' ? 1 : this.#all.length;
    let changes: Change[] | undefined;
    for (let at = 0; at < last; at++) {
      const watched = this.#all[at] as Watched;
      if (isAsItWas(watched)) continue;
      changes ??= [];
      putBack(watched, changes);
      if (isAsItWas(watched)) continue;
      this.#all[at] = watch(watched.name, watched.object, SHARED[at]?.[2]); // it is told once
      changes[changes.length] = { watched, key: undefined };
    }
    return changes && tampering(changes); // from here on the world is in order, or as good as it gets
  }
}

/** `key` undefined: not all of it can be put back. */
interface Change {
  watched: Watched;
  key: PropertyKey | undefined;
}

function tampering(changes: readonly Change[]): Tampering {
  const names = changes.map(({ watched: { name }, key }) => {
    return key === undefined ? `${name} for good` : `${name}.${shortText(String(key), LONGEST_NAME)}`;
  });
  const rest = names.length > MOST_TOLD ? ` and ${names.length - MOST_TOLD} more` : '';
  return {
    what: names.slice(0, MOST_TOLD).join(', ') + rest,
    isUndone: changes.every(({ key }) => key !== undefined),
  };
}

function watch(name: string, object: object, fields?: string): Watched {
  const keys: PropertyKey[] = fields === undefined ? ownKeys(object) : fields.split(' ');
  const descriptors: PropertyDescriptor[] = [];
  for (let at = 0; at < keys.length; at++) {
    descriptors[at] = bare(getOwnPropertyDescriptor(object, keys[at] as PropertyKey));
  }
  const [prototype, wasExtensible] = [getPrototypeOf(object), isExtensible(object)];
  return { name, object, isPart: fields !== undefined, prototype, wasExtensible, keys, descriptors };
}

/** What a polluted prototype would add to it is not read then. */
function bare(descriptor: PropertyDescriptor | undefined): PropertyDescriptor {
  setPrototypeOf(descriptor ?? {}, null);
  return descriptor ?? {};
}

function isAsItWas(watched: Watched): boolean {
  const { object, prototype, wasExtensible, keys } = watched;
  if (isExtensible(object) !== wasExtensible || getPrototypeOf(object) !== prototype) return false;
  for (let at = 0; at < keys.length; at++) if (!isSame(watched, at)) return false;
  return added(watched).length === 0;
}

/** Whether a field has the value that it had, or the functions that get and set it. */
function isSame({ object, keys, descriptors }: Watched, at: number): boolean {
  const before = descriptors[at] as PropertyDescriptor;
  const key = keys[at] as PropertyKey;
  if ('value' in before) return is((object as Record<PropertyKey, unknown>)[key], before.value);
  const now = getOwnPropertyDescriptor(object, key);
  return now !== undefined && now.get === before.get && now.set === before.set;
}

/** Nothing may be added to `Object.prototype`, since everything has it; elsewhere only what no loop over fields sees. */
function added({ object, isPart, keys }: Watched): PropertyKey[] {
  const found: PropertyKey[] = [];
  if (isPart) return found;
  const now = ownKeys(object);
  if (now.length === keys.length) return found;
  for (let at = 0; at < now.length; at++) {
    const key = now[at] as PropertyKey;
    const isSeen = object === Object.prototype || getOwnPropertyDescriptor(object, key)?.enumerable === true;
    if (isSeen && !isAmong(key, keys)) found[found.length] = key;
  }
  return found;
}

function isAmong(key: PropertyKey, keys: readonly PropertyKey[]): boolean {
  for (let at = 0; at < keys.length; at++) if (keys[at] === key) return true;
  return false;
}

/** As far as it can be. */
function putBack(watched: Watched, changes: Change[]): void {
  const { object, prototype, keys, descriptors } = watched;
  const extra = added(watched);
  for (let at = 0; at < extra.length; at++) {
    const key = extra[at] as PropertyKey;
    deleteProperty(object, key);
    changes[changes.length] = { watched, key };
  }
  for (let at = 0; at < keys.length; at++) {
    if (isSame(watched, at)) continue;
    const key = keys[at] as PropertyKey;
    defineProperty(object, key, descriptors[at] as PropertyDescriptor);
    changes[changes.length] = { watched, key };
  }
  if (getPrototypeOf(object) === prototype) return;
  setPrototypeOf(object, prototype);
  changes[changes.length] = { watched, key: '__proto__' };
}
