/** The address of a tool's request as a plan: where it begins, its path segment by segment, its query pair by pair. Pure. */
import { VoiceError } from '../../lib/errors.ts';
import { fillQuery, fillSegment } from './places.ts';
import { parseTemplate, tell, textOf, valueOf, type Piece, type Values } from './template.ts';

/** An address that is filled in for each request. */
export interface UrlPlan {
  /** Scheme and server, and the beginning of the path where a variable has one: texts and secrets alone. */
  base: readonly Piece[];
  segments: readonly (readonly Piece[])[];
  query: readonly (readonly [name: string, readonly Piece[]])[];
}

const wrong = (message: string): VoiceError => new VoiceError('options-invalid', message);

/** @throws {VoiceError} `options-invalid`, saying what is wrong with it. */
export function parseUrl(url: string): UrlPlan {
  if (url.includes('#')) throw wrong('a `#` is never sent to a server: leave it out, or write `%23`');
  const mark = url.indexOf('?');
  const [address, search] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const { base, rest } = splitBase(address);
  const [before, ...segments] = splitAt(rest, '/');
  if (before && before.length > 0) throw wrong('its server is followed by neither `/` nor `?`');
  for (const segment of segments) {
    if (/^(?:\.|%2e){1,2}$/i.test(tell(segment))) throw wrong(`\`${tell(segment)}\` in it leads elsewhere`);
  }
  const query = search.split('&').filter((pair) => pair !== '');
  return { base, segments, query: query.map(parsePair) };
}

function splitBase(address: string): { base: Piece[]; rest: Piece[] } {
  const pieces = parseTemplate(address);
  const [first, ...others] = pieces;
  if (first?.type === 'secret') return { base: [first], rest: others };
  const scheme = first?.type === 'text' ? /^https?:\/\//i.exec(first.text)?.[0] : undefined;
  if (first?.type !== 'text' || scheme === undefined) {
    throw wrong('it does not begin with `https://` or a variable, as in `{$ORDERS_URL}/orders`');
  }
  const base: Piece[] = [{ type: 'text', text: scheme }];
  const left: Piece[] = [{ type: 'text', text: first.text.slice(scheme.length) }, ...others];
  for (let piece = left.shift(); piece; piece = left.shift()) {
    const end = piece.type === 'text' ? piece.text.indexOf('/') : -1;
    if (piece.type === 'text' && end >= 0) {
      base.push({ type: 'text', text: piece.text.slice(0, end) });
      return { base, rest: [{ type: 'text', text: piece.text.slice(end) }, ...left] };
    }
    if (piece.type !== 'text' && piece.type !== 'secret') {
      throw wrong(
        `\`${tell([piece])}\` would choose the server: only the path, the query and what follows may have it`,
      );
    }
    base.push(piece);
  }
  return { base, rest: [] };
}

function splitAt(pieces: readonly Piece[], mark: string): Piece[][] {
  const parts: Piece[][] = [[]];
  for (const piece of pieces) {
    if (piece.type !== 'text') {
      parts.at(-1)?.push(piece);
      continue;
    }
    for (const [at, text] of piece.text.split(mark).entries()) {
      if (at > 0) parts.push([]);
      if (text !== '') parts.at(-1)?.push({ type: 'text', text });
    }
  }
  return parts;
}

function parsePair(pair: string): [string, Piece[]] {
  const at = pair.indexOf('=');
  const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  if (/[{}]/.test(name)) throw wrong(`the name \`${name}\` in its query has a place in it`);
  const pieces = parseTemplate(value);
  return [
    unescaped(name),
    pieces.map((piece) => (piece.type === 'text' ? { ...piece, text: unescaped(piece.text) } : piece)),
  ];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Where it begins, with this environment.
 * @throws {VoiceError} `options-invalid`, when that is no address of a web server.
 */
export function fillBase(plan: UrlPlan, env: Values['env']): string {
  const values: Values = { input: undefined, env, facts: { from: '', to: '', callId: '', parameters: {} } };
  const text = plan.base.map((piece) => (piece.type === 'text' ? piece.text : textOf(valueOf(piece, values)))).join('');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash || /[?#\s]/.test(text)) {
    throw wrong('it does not lead to a web server, as `https://api.example.com` would');
  }
  if (url.username || url.password) throw wrong('it has a name or a password in it: those belong into `headers`');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** @throws {ToolError} for a value that cannot stand in its place. @throws {VoiceError} as `fillBase` does */
export function fillUrl(plan: UrlPlan, values: Values): URL {
  const path = plan.segments.map((segment) => `/${fillSegment(segment, values)}`).join('');
  const query = plan.query.flatMap(([name, pieces]) => fillQuery(name, pieces, values)).join('&');
  return new URL(`${fillBase(plan, values.env)}${path}${query === '' ? '' : `?${query}`}`);
}
