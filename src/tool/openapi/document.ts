/** An OpenAPI document, 3.0 or 3.1: its operations by name, with what they refer to in their place. Pure. */
import { VoiceError } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';

/** A part of a document, as it is written. */
export type Part = Readonly<Record<string, unknown>>;

/** One operation. */
export interface Operation {
  /** Its `operationId`; else `GET /orders/{id}`. */
  name: string;
  /** `GET /orders/{id}`, by which it may be named as well. */
  address: string;
  method: string;
  path: string;
  part: Part;
  /** What its path says for all of its operations. */
  shared: Part;
}

/** What cannot be made of a document or an operation, in a sentence. */
export class Unmakeable extends VoiceError {
  override readonly name = 'Unmakeable';
  constructor(reason: string) {
    super('options-invalid', reason);
  }
}

const METHODS = 'get head post put patch delete options trace'.split(' ');
/** Whoever refers deeper than that refers to itself. */
const DEEPEST = 48;
/** Parts of one operation, all that it refers to among them. */
const MOST_PARTS = 20_000;

/** @throws {Unmakeable} when it is none. */
export function readDocument(value: unknown): Part {
  const version = isRecord(value) ? value['openapi'] : undefined;
  if (typeof version === 'string' && /^3\.[01](\.|$)/.test(version) && isRecord(value)) return value;
  const got =
    isRecord(value) && 'swagger' in value
      ? `Swagger ${String(value['swagger'])}`
      : version === undefined
        ? 'something else'
        : `version ${JSON.stringify(version)}`;
  throw new Unmakeable(`expected an OpenAPI document, 3.0 or 3.1, got ${got}`);
}

export function operationsOf(document: Part): Operation[] {
  const paths = isRecord(document['paths']) ? Object.entries(document['paths']) : [];
  return paths.flatMap(([path, item]) => {
    const shared = isRecord(item) ? item : {};
    return METHODS.flatMap((method) => {
      const part = shared[method];
      if (!isRecord(part)) return [];
      const address = `${method.toUpperCase()} ${path}`;
      const id = part['operationId'];
      const name = typeof id === 'string' && id !== '' ? id : address;
      return { name, address, method: method.toUpperCase(), path, part, shared };
    });
  });
}

/**
 * The same with everything in its place that it refers to by `$ref`.
 * @throws {Unmakeable} for what is not in this document, refers to itself, or is far too much.
 */
export function withoutRefs(part: unknown, document: Part): unknown {
  let parts = 0;
  const resolve = (value: unknown, depth: number): unknown => {
    if (++parts > MOST_PARTS) throw new Unmakeable('it refers to far too much');
    if (depth > DEEPEST) throw new Unmakeable('it refers to itself, which cannot be told to a model');
    if (Array.isArray(value)) return value.map((one) => resolve(one, depth + 1));
    if (!isRecord(value)) return value;
    const { $ref: ref, ...beside } = value;
    if (typeof ref !== 'string') {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, depth + 1)]));
    }
    const found = resolve(at(document, ref), depth + 1);
    return isRecord(found) ? { ...found, ...beside } : found;
  };
  return resolve(part, 0);
}

/** Where a JSON pointer leads. */
function at(document: Part, ref: string): unknown {
  if (!ref.startsWith('#/')) throw new Unmakeable(`\`${ref}\` lies in another file: put all into one document`);
  let value: unknown = document;
  for (const step of ref.slice(2).split('/')) {
    const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
    const isThere = (isRecord(value) || Array.isArray(value)) && Object.hasOwn(value, key);
    if (!isThere) throw new Unmakeable(`\`${ref}\` is not in the document`);
    value = Reflect.get(value as object, key);
  }
  return value;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
