/**
 * Text with places in it, as it stands in a tool that asks a server: `/orders/{orderId}`, `Bearer {$ORDERS_TOKEN}`. Pure. What a
 * place is filled with is a value and never read as a template again.
 *
 *   {orderId}, {guest.name}        a field of the tool's input
 *   {$ORDERS_TOKEN}                a variable of the environment, which is kept secret
 *   {base64 $USER:$PASSWORD}       one or two of them, as basic authentication has it
 *   {@from} {@to} {@callId}        of the call; {@parameters.tenant} one of its parameters
 *   {{ and }}                      a brace
 */
import { VoiceError } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';

/** What is known of a call, by its names in a template. */
export interface CallFacts {
  from: string;
  to: string;
  callId: string;
  parameters: Readonly<Record<string, string>>;
}

/** A piece of a template. */
export type Piece =
  | { type: 'text'; text: string }
  /** Each name leads one level deeper into the input. */
  | { type: 'field'; path: readonly string[] }
  /** Of the environment; joined by a colon where there are two. */
  | { type: 'secret'; names: readonly string[]; isBase64: boolean }
  | { type: 'fact'; name: 'from' | 'to' | 'callId' }
  | { type: 'parameter'; name: string };

/** A piece that is filled in. */
export type Place = Exclude<Piece, { type: 'text' }>;

/** What the places of a run are filled with. */
export interface Values {
  input: unknown;
  env: Readonly<Record<string, string | undefined>>;
  facts: CallFacts;
}

const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g;
const NAME = '[A-Za-z_]\\w*';
const PLACE = new RegExp(
  `^(?:\\$(${NAME})|base64 \\$(${NAME})(?::\\$(${NAME}))?|@(from|to|callId)|@parameters\\.([\\w-]+)|([A-Za-z_][\\w-]*(?:\\.[\\w-]+)*))$`,
);
const KINDS =
  'a field of `input`, `$NAME` of the environment, or `@from`, `@to`, `@callId` or `@parameters.name` of the call';

/** @throws {VoiceError} `options-invalid`, saying what is wrong with it and where. */
export function parseTemplate(text: string): Piece[] {
  const pieces: Piece[] = [];
  const add = (literal: string) => {
    const last = pieces.at(-1);
    if (last?.type === 'text') last.text += literal;
    else pieces.push({ type: 'text', text: literal });
  };
  for (const { 0: token, 1: inside, index } of text.matchAll(TOKEN)) {
    if (token === '{{' || token === '}}') add(token.charAt(0));
    else if (inside !== undefined) pieces.push(parsePlace(inside, index));
    else if (token === '{' || token === '}') {
      const help = token === '{' ? 'is not closed' : 'closes nothing';
      throw new VoiceError(
        'options-invalid',
        `\`${token}\` at character ${index + 1} ${help}: a brace itself is written twice`,
      );
    } else add(token);
  }
  return pieces;
}

function parsePlace(inside: string, index: number): Place {
  const [, secret, user, password, fact, parameter, field] = PLACE.exec(inside) ?? [];
  if (secret !== undefined) return { type: 'secret', names: [secret], isBase64: false };
  if (user !== undefined)
    return { type: 'secret', names: password === undefined ? [user] : [user, password], isBase64: true };
  if (fact === 'from' || fact === 'to' || fact === 'callId') return { type: 'fact', name: fact };
  if (parameter !== undefined) return { type: 'parameter', name: parameter };
  if (field !== undefined) return { type: 'field', path: field.split('.') };
  const got = inside.length > 40 ? `${inside.slice(0, 40)}…` : inside;
  throw new VoiceError('options-invalid', `\`{${got}}\` at character ${index + 1} is not ${KINDS}`);
}

/** As it was written, for messages: names, and never what they stand for. */
export function tell(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.type === 'text' ? piece.text : `{${tellPlace(piece)}}`)).join('');
}

/** `orderId`, `$ORDERS_TOKEN`, `@from`. */
export function tellPlace(place: Place): string {
  switch (place.type) {
    case 'field':
      return place.path.join('.');
    case 'secret':
      return `${place.isBase64 ? 'base64 ' : ''}${place.names.map((name) => `$${name}`).join(':')}`;
    case 'fact':
      return `@${place.name}`;
    case 'parameter':
      return `@parameters.${place.name}`;
  }
}

/** What stands in a place; undefined where there is nothing. `null` is a value in JSON alone: `textOf` it is nothing. */
export function valueOf(place: Place, { input, env, facts }: Values): unknown {
  switch (place.type) {
    case 'field':
      return place.path.reduce<unknown>(ownField, input);
    case 'secret': {
      const text = place.names.map((name) => env[name] ?? '').join(':');
      return place.isBase64 ? Buffer.from(text).toString('base64') : text;
    }
    case 'fact':
      return facts[place.name] || undefined;
    case 'parameter':
      return Object.hasOwn(facts.parameters, place.name) ? facts.parameters[place.name] : undefined;
  }
}

function ownField(value: unknown, name: string): unknown {
  const isList = Array.isArray(value) && /^\d+$/.test(name);
  return (isRecord(value) || isList) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** A value as text: words as they are, a moment in ISO 8601, a list or an object as JSON, nothing for nothing. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  return typeof value === 'bigint' ? value.toString() : (JSON.stringify(value) ?? '');
}
