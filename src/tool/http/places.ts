/**
 * A template filled in, by where it stands. Pure. Every place has its own way of writing, so that no value can end it: not
 * by a slash in a path, an ampersand in a query, a line end in a header or a quote in JSON.
 */
import { ToolError } from '../define.ts';
import { tellPlace, textOf, valueOf, type Piece, type Place, type Values } from './template.ts';

/** Characters of one value in a path, a query or a header: servers refuse whole requests for less than 8,000. */
const LONGEST_VALUE = 2_000;
/** Half of a character that takes two. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** What a header's value takes as it is: nothing that parts a list, quotes, or begins a parameter. */
const NOT_IN_HEADER = /[^\w .~:@/+=-]/gu;
/** What the URL standard reads as "here" and "one up", however it is written. */
const DOTS = /^(?:\.|%2e){1,2}$/i;

/** A segment of a path. @throws {ToolError} when the value would not be one: it is empty, or it leads up. */
export function fillSegment(pieces: readonly Piece[], values: Values): string {
  const segment = join(pieces, (place) => encodeURIComponent(shortText(place, values)));
  const places = pieces.filter((piece) => piece.type !== 'text');
  if (places.length === 0) return segment;
  if (segment === '') throw new ToolError(`${places.map(tellUnknown).join('; ')}. Nothing was done.`);
  if (DOTS.test(segment))
    throw new ToolError(
      `\`${places.map(tellPlace).join('`, `')}\` is not a value that can be asked for. Nothing was done.`,
    );
  return segment;
}

/** Why a place is empty, as a sentence without its end. */
function tellUnknown(place: Place): string {
  if (place.type === 'parameter') return `This call has no parameter \`${place.name}\``;
  if (place.type !== 'fact') return `\`${tellPlace(place)}\` is empty`;
  return { from: "The caller's number is", to: 'The number that was called is', callId: 'The name of this call is' }[
    place.name
  ].concat(' not known');
}

/** One pair of a query, or several for a list; none where nothing is known of what it is made of. */
export function fillQuery(name: string, pieces: readonly Piece[], values: Values): string[] {
  const [only, ...others] = pieces;
  const list = only && only.type !== 'text' && others.length === 0 ? valueOf(only, values) : undefined;
  const key = encodeURIComponent(name);
  if (Array.isArray(list)) {
    const known = list.filter((one) => one !== null);
    return known.map((one) => `${key}=${encodeURIComponent(limited(textOf(one), name))}`);
  }
  if (isEmpty(pieces, values)) return [];
  return [`${key}=${join(pieces, (place) => encodeURIComponent(shortText(place, values)), encodeURIComponent)}`];
}

/** A header's value; undefined where nothing is known of what it is made of. Secrets stand as they are. */
export function fillHeader(pieces: readonly Piece[], values: Values): string | undefined {
  if (isEmpty(pieces, values)) return undefined;
  return join(pieces, (place) =>
    place.type === 'secret' ? textOf(valueOf(place, values)) : encodeHeader(shortText(place, values)),
  );
}

function encodeHeader(text: string): string {
  return text.replace(NOT_IN_HEADER, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** A body, or a part of one: templates in texts, everything else as it is. */
export type BodyPart =
  | { type: 'text'; pieces: readonly Piece[] }
  | { type: 'list'; parts: readonly BodyPart[] }
  | { type: 'object'; fields: readonly (readonly [string, BodyPart])[] }
  | { type: 'constant'; value: unknown };

/**
 * A value for JSON. A text that is one place alone is the value itself, with its type; what was not said is left
 * out, and `null` is null. Undefined for a place of which nothing was said.
 */
export function fillBody(part: BodyPart, values: Values): unknown {
  switch (part.type) {
    case 'constant':
      return part.value;
    case 'text': {
      const [only, ...others] = part.pieces;
      if (only && only.type !== 'text' && others.length === 0) return valueOf(only, values);
      return join(part.pieces, (place) => wellFormed(placeText(place, values)));
    }
    case 'list':
      return part.parts.map((one) => fillBody(one, values)).filter((value) => value !== undefined);
    case 'object':
      return Object.fromEntries(part.fields.map(([name, one]) => [name, fillBody(one, values)]));
  }
}

/** Whether it has places, and nothing is known of any. */
function isEmpty(pieces: readonly Piece[], values: Values): boolean {
  const places = pieces.filter((piece) => piece.type !== 'text');
  return places.length > 0 && places.every((place) => (valueOf(place, values) ?? undefined) === undefined);
}

function join(pieces: readonly Piece[], fill: (place: Place) => string, literal = (text: string) => text): string {
  return pieces.map((piece) => (piece.type === 'text' ? literal(piece.text) : fill(piece))).join('');
}

const placeText = (place: Place, values: Values): string => textOf(valueOf(place, values));

const shortText = (place: Place, values: Values): string => limited(placeText(place, values), tellPlace(place));

function limited(text: string, name: string): string {
  if (text.length <= LONGEST_VALUE) return wellFormed(text);
  throw new ToolError(`\`${name}\` is longer than ${LONGEST_VALUE} characters. Nothing was done: say it shorter.`);
}

const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '\ufffd');
