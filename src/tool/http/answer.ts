/** What the model reads of an answer: its JSON, picked and cut, or a status in words. Pure. */
import { isRecord, parseJson } from '../../lib/json.ts';
import { shortText } from '../../lib/thrown.ts';
import { ToolError } from '../define.ts';
import { ending, TellingError } from '../telling-error.ts';
import { pick } from './pick.ts';
import type { HttpPlan } from './plan.ts';
import type { Answer } from './send.ts';

/** Characters of one text in a result. */
const LONGEST_TEXT = 2_000;
/** Of what a server says of a request that it refuses. */
const LONGEST_REASON = 300;
/** A server that asks for a longer wait than this is told of at once: a caller is on the line. */
const LONGEST_WAIT_MS = 2_000;
const DEEPEST_REDACTED = 128;

/** Takes secrets out of a text. */
export type Redact = (text: string) => string;

/**
 * What the tool returns.
 * @throws {ToolError} where the status is an answer that the model can act on.
 * @throws {TellingError} where the service has failed, or whoever wrote the tool has to mend it.
 */
export function readAnswer(answer: Answer, plan: HttpPlan, redact: Redact): unknown {
  const { status } = answer;
  const words = plan.statuses.get(String(status)) ?? plan.statuses.get(`${Math.floor(status / 100)}xx`);
  if (status >= 200 && status < 300) return words ?? readResult(answer, plan, redact);
  throw failureOf(answer, plan, words, redact);
}

// ---- it worked ------------------------------------------------------------------------------------------------------

function readResult(answer: Answer, plan: HttpPlan, redact: Redact): unknown {
  const text = answer.text.trim();
  if (text === '') return undefined;
  const value = parseJson(text);
  if (value !== undefined) return cut(redacted(picked(value, plan), redact, 0), plan.mostItems);
  const { contentType } = answer;
  if (plan.pick === undefined && (contentType === '' || contentType === 'text/plain')) {
    return shortText(redact(text), LONGEST_TEXT);
  }
  const what =
    contentType === 'text/html' ? 'a web page' : contentType === '' ? 'a text' : `\`${shortText(contentType, 100)}\``;
  const isUndone = plan.effect === 'read';
  throw new TellingError(`${plan.shown} was answered by ${what} that is no JSON`, {
    told: `The service answered with ${contentType === 'text/html' ? 'a web page' : 'something'} that cannot be read. ${ending(isUndone)}`,
    mayPass: false,
    isUndone,
  });
}

function picked(value: unknown, { pick: path, isPickNamed }: HttpPlan): unknown {
  if (path === undefined) return value;
  if (!isPickNamed) return pick(value, path as Exclude<typeof path, readonly (readonly [string, unknown])[]>) ?? null;
  const named = path as Exclude<typeof path, readonly { type: string }[]>;
  return Object.fromEntries(named.map(([name, one]) => [name, pick(value, one) ?? null]));
}

function redacted(value: unknown, redact: Redact, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (depth > DEEPEST_REDACTED) return null;
  if (Array.isArray(value)) return value.map((one) => redacted(one, redact, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [redact(key), redacted(one, redact, depth + 1)]));
}

/** Long lists and texts end with how much more there was. */
function cut(value: unknown, mostItems: number): unknown {
  if (typeof value === 'string') return shortText(value, LONGEST_TEXT);
  if (Array.isArray(value)) {
    const kept = value.slice(0, mostItems).map((one) => cut(one, mostItems));
    return value.length > mostItems ? [...kept, `and ${value.length - mostItems} more`] : kept;
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, cut(one, mostItems)]));
}

// ---- it did not -----------------------------------------------------------------------------------------------------

function failureOf(
  { status, text, contentType, retryAfterMs }: Answer,
  plan: HttpPlan,
  words: string | undefined,
  redact: Redact,
): Error {
  const isRead = plan.effect === 'read';
  if (status === 401 || status === 403 || status === 407) {
    return failed(plan, status, {
      told: words ?? `This cannot be done at the moment. ${ending(true)}`,
      isUndone: true,
    });
  }
  if (status === 429) {
    const mayPass = (retryAfterMs ?? 0) <= LONGEST_WAIT_MS;
    const told = words ?? 'The service is too busy at the moment. Nothing was changed. Try again later in the call.';
    return failed(plan, status, { told, mayPass, isUndone: true });
  }
  if (status >= 500) {
    const mayPass = status !== 501 && (retryAfterMs ?? 0) <= LONGEST_WAIT_MS;
    return failed(plan, status, {
      told: words ?? `The service has failed. ${ending(isRead)}`,
      mayPass,
      isUndone: isRead,
    });
  }
  if (status < 400)
    return failed(plan, status, {
      told: words ?? `This cannot be done at the moment. ${ending(isRead)}`,
      isUndone: isRead,
    });
  if (words !== undefined) return new ToolError(words);
  if (status === 404 || status === 410)
    return new ToolError(
      isRead ? 'Nothing was found.' : 'Nothing was found that this could be done to. It was not done.',
    );
  const reason = contentType === 'text/plain' ? shortText(text.trim(), LONGEST_REASON) || undefined : reasonIn(text);
  const why = reason === undefined ? '' : ` It says: ${redact(reason)}`;
  return new ToolError(`The service refused this (${status}), and nothing was changed.${why}`);
}

function failed(
  plan: HttpPlan,
  status: number,
  { told, mayPass = false, isUndone }: { told: string; mayPass?: boolean; isUndone: boolean },
): TellingError {
  return new TellingError(`${plan.shown} was answered ${status}`, { told, mayPass, isUndone });
}

/** Names of the fields in which most services say why they refuse (RFC 9457 among them), and in which they list several reasons. */
const REASONS = ['detail', 'message', 'msg', 'error_description', 'error', 'title'];
const LISTS = ['errors', 'detail', 'details', 'error'];
const MOST_REASONS = 3;

/** What a refusal says of itself: in a field, or in the entries of a list of errors. */
function reasonIn(text: string): string | undefined {
  const value = parseJson(text);
  const places = isRecord(value) ? [value, value['error']] : [value];
  const reason = places.map(reasonOf).find((one) => one !== undefined);
  const lists = places.filter((one) => isRecord(one)).flatMap((place) => LISTS.map((name) => place[name]));
  const list = [value, ...lists].find((one) => Array.isArray(one)) ?? [];
  const listed = list.map(reasonOf).filter((one) => one !== undefined);
  const several = listed.length > 0 ? listed.slice(0, MOST_REASONS).join('; ') : undefined;
  const found = several ?? reason;
  return found === undefined ? undefined : shortText(found, LONGEST_REASON);
}

function reasonOf(place: unknown): string | undefined {
  if (typeof place === 'string') return place.trim() === '' ? undefined : place;
  if (!isRecord(place)) return undefined;
  const found = REASONS.map((name) => place[name]).find((one) => typeof one === 'string' && one.trim() !== '');
  return typeof found === 'string' ? found : undefined;
}
