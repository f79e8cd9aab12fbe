/**
 * What a provider says when it refuses, in whatever shape it says it: one reading for every product, and one table of what
 * a status means. `error` may be an object, a string or an array, or there may be no JSON at all, since gateways answer in HTML.
 * The order in which the places are tried is that of `wire/errors-and-limits.md` 2.
 */
import { STATUS_CODES } from 'node:http';
import { messageOf, ProviderError, type ErrorCode, type ProviderPhase } from './errors.ts';
import { isRecord, parseJson } from './json.ts';

/** What could be learnt from one error body or frame. Everything but `message` and `code` may be missing. */
export interface ErrorFacts {
  message: string;
  /** The provider's own code or type, else `http_<status>`, `ws_<close code>` or `unknown`. */
  code: string;
  /** The provider's list of what was wrong, as it came. */
  details: unknown;
  requestId: string | undefined;
  sessionId: string | undefined;
  /** HTTP status; undefined for frames. */
  status: number | undefined;
  /** How long the provider asked us to wait. */
  retryAfterMs: number | undefined;
}

/** Header names are in lower case, as Node and undici hand them over. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

const BODY_EXCERPT_LENGTH = 500;
/** What is looked at for it: markup is stripped by looking far ahead, so it must not be as long as the sender likes. */
const LONGEST_LOOK = 8_192;
const LONGEST_MESSAGE = 2_000;
const LONGEST_ID = 256;

/**
 * Reads the body of a response that is not what was asked for.
 * @param secret A key that must not survive in any of the facts, even if the provider repeats it.
 * @param epochMs Now, since 1970: an HTTP date in `Retry-After` is measured from it.
 */
export function readErrorBody(
  status: number,
  headers: ResponseHeaders,
  text: string,
  { secret, epochMs = Date.now() }: { secret?: string | undefined; epochMs?: number } = {},
): ErrorFacts {
  const safeText = hideSecrets(text, secret);
  const body = parseJson(safeText);
  const facts = readErrorValue(
    body,
    `http_${status}`,
    () => excerpt(safeText) || (STATUS_CODES[status] ?? `HTTP ${status}`),
  );
  return {
    ...facts,
    requestId: requestIdOf(headers, secret) ?? facts.requestId,
    sessionId: idOf(headers['x-session-id'], secret) ?? facts.sessionId,
    status,
    retryAfterMs: readRetryAfter(headers, epochMs),
  };
}

/** The provider's handle for its support, as it names it beside any answer: without our key, even if the provider repeats it. */
export function requestIdOf(headers: ResponseHeaders, secret?: string): string | undefined {
  return idOf(headers['x-request-id'], secret);
}

function idOf(header: string | string[] | undefined, secret: string | undefined): string | undefined {
  const id = headerText(header);
  return id === undefined ? undefined : hideSecrets(id, secret).slice(0, LONGEST_ID);
}

/** Reads an error that came as a value inside a stream: a WebSocket frame, or an SSE chunk with an `error` key. */
export function readErrorFrame(
  frame: unknown,
  { fallbackCode = 'unknown', secret }: { fallbackCode?: string; secret?: string | undefined } = {},
): ErrorFacts {
  const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
  const safeText = hideSecrets(text ?? '', secret);
  const value = parseJson(safeText);
  return {
    ...readErrorValue(value, fallbackCode, () => excerpt(safeText)),
    status: undefined,
    retryAfterMs: undefined,
  };
}

/**
 * How long to wait, from `retry-after-ms` or `Retry-After` in seconds or as an HTTP date; never negative. A date is
 * measured from the `Date` of the same answer, for our clock may be another one; from `epochMs` where there is none.
 * Undefined when there is neither, or when it cannot be read.
 */
export function readRetryAfter(headers: ResponseHeaders, epochMs: number): number | undefined {
  const exact = headerText(headers['retry-after-ms'])?.trim();
  if (exact && /^\d+(\.\d+)?$/.test(exact)) return Number(exact);
  const value = headerText(headers['retry-after'])?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  if (!/[a-z]/i.test(value)) return undefined; // `Date.parse` would make a year of `-5`
  const untilMs = Date.parse(value);
  const saidAtMs = Date.parse(headerText(headers['date']) ?? '');
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - (Number.isNaN(saidAtMs) ? epochMs : saidAtMs));
}

const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'unauthorized', 403: 'unauthorized', 429: 'rate-limited' };

/** What a status means, whoever said it: in an HTTP answer, or as the code of a frame. */
export function codeOfStatus(status: number | undefined): ErrorCode {
  return (status === undefined ? undefined : CODES[status]) ?? 'provider-failed';
}

/** The words of codes, and the status that would have said the same before there was a stream or a socket. */
const STATUSES_OF_WORDS: readonly [RegExp, number][] = [
  [/rate_?limit|too_?many_?requests/i, 429],
  [/unauthori[sz]ed|authentication|api_?key/i, 401],
  [/forbidden|permission/i, 403],
  [/deprecated/i, 410],
  [/invalid_request|bad_request/i, 400],
  [/overloaded|unavailable/i, 503],
  [/server_error|internal|api_error/i, 500],
];

/** The status of an error that has none of its own: some services say it as a number, most as a type. */
export function statusNamedBy({ code }: Pick<ErrorFacts, 'code'>): number | undefined {
  const digits = /^(?:http_)?([45]\d\d)$/i.exec(code)?.[1];
  if (digits !== undefined) return Number(digits);
  return STATUSES_OF_WORDS.find(([words]) => words.test(code))?.[1];
}

/** What was read, as the one error. `code`: where more is known than the status says. */
export function refusalOf(
  provider: string,
  facts: ErrorFacts,
  { phase, code = codeOfStatus(facts.status) }: { phase: ProviderPhase; code?: ErrorCode },
): ProviderError {
  const { message, status, code: providerCode, details, requestId, retryAfterMs } = facts;
  return new ProviderError(provider, code, message, { phase, status, providerCode, details, requestId, retryAfterMs });
}

/** Nobody was reached. */
export function unreachable(provider: string, cause: unknown, secret?: string): ProviderError {
  const message = hideSecrets(messageOf(cause), secret);
  const code = /timeout/i.test(message) ? 'connect-timeout' : 'connect-failed';
  return new ProviderError(provider, code, message, { phase: 'connect', cause });
}

/** Whether the same may be granted a little later. Refused for what was asked, or by whom, it would be refused again. */
export function isPassing({ status, code }: ProviderError): boolean {
  if (code === 'unauthorized') return false;
  return status === undefined || status === 429 || status >= 500;
}

/**
 * Takes keys out of a text: the one that is ours, whatever looks like one, who an address says that it is (`user:password@`),
 * and what its query calls a secret.
 */
export function hideSecrets(text: string, secret?: string): string {
  const own = secret ? text.replaceAll(secret, '[redacted]') : text;
  if (!MAY_HOLD_SECRETS.test(own)) return own;
  return own
    .replace(/\b(sk[-_])[\w-]{8,}/g, '$1[redacted]')
    .replace(/\b((?:Bearer|Basic)\s+)[\w.~+/-]{8,}=*/gi, '$1[redacted]')
    .replace(/(:\/\/)[^\s/?#"'`<>]*@/g, '$1[redacted]@')
    .replace(SECRET_IN_QUERY, '$1[redacted]');
}

/** Every one of them has one of these, and most texts, such as the names and ids of a log, have none. */
const MAY_HOLD_SECRETS = /sk[-_]|bearer|basic|:\/\/|[?&]/i;
/** Names end as those of secrets do: `token`, `access_token`, `apiKey`. */
const SECRET_IN_QUERY = /([?&][\w.-]{0,40}?(?:token|key|secret|password|passwd|signature|auth)=)[^&\s"'`<>#]+/gi;

function readErrorValue(
  value: unknown,
  fallbackCode: string,
  fallbackMessage: () => string,
): Omit<ErrorFacts, 'status' | 'retryAfterMs'> {
  const body = isRecord(value) ? value : firstRecord(value); // Gemini wraps it in a list
  const error = isRecord(body.error) ? body.error : {};
  const inErrorList = firstRecord(body.error);
  const inErrorsList = firstRecord(body.errors);
  return {
    message: (
      textOf(error.message) ??
      textOf(body.message) ??
      textOf(body.error) ??
      textOf(inErrorList.message) ??
      textOf(inErrorsList.message) ??
      fallbackMessage()
    ).slice(0, LONGEST_MESSAGE),
    code:
      codeOf(error.code) ??
      codeOf(error.type) ??
      codeOf(body.error_code) ??
      codeOf(inErrorList.code) ??
      codeOf(inErrorsList.code) ??
      fallbackCode,
    details: error.details ?? body.details ?? (Array.isArray(body.error) ? body.error : undefined) ?? body.errors,
    requestId: textOf(error.request_id) ?? textOf(body.request_id),
    sessionId: textOf(body.session_id),
  };
}

function firstRecord(value: unknown): Record<string, unknown> {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return isRecord(first) ? first : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function codeOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return textOf(Array.isArray(value) ? value[0] : value);
}

/** The beginning of a body that is not JSON, without its markup. */
function excerpt(text: string): string {
  const start = text.slice(0, LONGEST_LOOK);
  const isMarkup = /^\s*</.test(start);
  const plain = isMarkup ? start.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ') : start;
  return plain.replace(/\s+/g, ' ').trim().slice(0, BODY_EXCERPT_LENGTH);
}
