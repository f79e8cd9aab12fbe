/**
 * One JSON log line an event, to standard error, without secrets, without what a terminal would obey and, by default,
 * without what was said and by whom. A line is covered as a whole, right before it is written: however deep a field lies
 * and whoever wrote it.
 */
import { destination, pino, type DestinationStream, type Logger } from 'pino';
import { ProviderError, VoiceError } from './errors.ts';
import { isRecord } from './json.ts';
import { plainLine, plainText } from './plain.ts';
import { hideSecrets } from './provider-errors.ts';
import { fieldOf, isA, readThrown, shortText, sourceOf } from './thrown.ts';

/** A pino logger: what pino's interface takes fits. */
export type Log = Logger;

/** What goes to a log, and where. */
export interface LogOptions {
  /** `fatal` to `trace`, or `silent`. Default `info`. */
  level?: string;
  /** Show what callers and agents say, phone numbers, and the words of errors that are not our own. Default false. */
  showText?: boolean;
  /** Values that must not appear wherever they come from: keys, tokens, passwords. Default: none are known. */
  secrets?: readonly string[];
  /** Default: standard error. */
  stream?: DestinationStream;
}

const REDACTED = '[redacted]';
/** Names of secrets, in lower case and without punctuation; also what ends in one of the endings. Never shown. */
const SECRETS = new Set(['key', 'auth', 'cookie', 'setcookie', 'credentials']);
const SECRET_ENDINGS =
  /(?:apikey|token|authtokens|bridgetokens|authorization|password|passwd|secret|secrets|signature)$/;
/** What people said, who they are, and what others wrote. Shown with `showText`. */
const WORDS = new Set(
  [
    ['text', 'heard', 'unheard', 'delta', 'transcript', 'transcription', 'prompt', 'said', 'utterance', 'content'],
    ['arguments', 'input', 'result', 'output', 'message', 'messages', 'error', 'details', 'description', 'body'],
    ['from', 'to', 'caller', 'callername', 'phone', 'number', 'digit', 'digits', 'parameters', 'handoffdata', 'facts'],
  ].flat(),
);
/** Of those, what is no count when it is a number. */
const NUMBERS = new Set(['from', 'to', 'caller', 'phone', 'number', 'digit', 'digits']);
/** Made of digits, and no telephone's. */
const IDS = /(?:id|sid|url|path|stack|time|file|name|version)$/;
const PHONE_NUMBER = /(?<![\w.:/-])\+?\d(?:[ ().-]{0,2}\d){6,14}(?![\w:/-])/g;
/** Named by a provider: shown when they look like a name. */
const CODES = new Set(['code', 'providercode', 'requestid', 'sessionid']);
/** What caused what is shown so deep. */
const MOST_CAUSES = 5;
/** A name or an id of a provider. */
const LONGEST_FACT = 200;
/** Nothing of ours lies deeper. */
const DEEPEST = 8;
/** Two characters would be found in every line. */
const SHORTEST_SECRET = 4;

/** Context goes in by name: `callId`, `turn`, `step`, `requestId`; what was thrown as `err`. */
export function createLog(options: LogOptions = {}): Log {
  const showText = options.showText ?? false;
  const target = options.stream ?? destination(2);
  const cover = createCover(showText, options.secrets ?? []);
  const describe = (thrown: unknown) => describeError(thrown, showText);
  const log = pino(
    { level: options.level ?? 'info', base: null, serializers: { err: describe } },
    { write: (line) => void target.write(cover(line)) },
  );
  return showText ? Object.assign(log, { [SHOWS_TEXT]: true }) : log;
}

/** Of a log and of its children, which inherit it. */
const SHOWS_TEXT = Symbol('shows text');

/** Whether what was said is shown (`showText`): else nobody need tell a log of it. */
export function showsText(log: Log): boolean {
  return Reflect.get(log, SHOWS_TEXT) === true;
}

/** A log that says nothing: the default of the library. */
export const silentLog: Log = pino({ level: 'silent' });

/**
 * What a log shows of something that was thrown. Our own errors say what is wrong without what was said; the words of
 * others, of a provider or of a tool, may repeat any of it, so without `showText` only the facts and the place are left.
 * Never throws, whatever it is.
 */
function describeError(given: unknown, showText: boolean, causes = MOST_CAUSES): Record<string, unknown> {
  const read = readThrown(given);
  const thrown = sourceOf(given);
  const { name: type, code, places } = read;
  const message = showText || isOurs(thrown) ? read.message : REDACTED;
  if (!read.isError) return { type, message, stack: places.length > 0 ? places.join('\n') : undefined };
  const isTold = isA(thrown, VoiceError) && code !== 'internal'; // what fails on purpose is told by its code
  const cause = causes > 0 && read.cause ? describeError(fieldOf(thrown, 'cause'), showText, causes - 1) : undefined;
  return {
    type,
    message,
    code: codeOf(code),
    ...(isA(thrown, ProviderError) && factsOf(thrown, showText)),
    stack: isTold ? undefined : [plainLine(`${type}: ${message}`), ...places].join('\n'),
    cause,
  };
}

/** A tool may have thrown it too, so each is looked at. */
function factsOf(error: ProviderError, showText: boolean): Record<string, unknown> {
  const plain = (name: keyof ProviderError) => {
    const value = fieldOf(error, name);
    return typeof value === 'string' ? shortText(value, LONGEST_FACT) : typeof value === 'number' ? value : undefined;
  };
  return {
    ...{ provider: plain('provider'), phase: plain('phase'), status: plain('status') },
    ...{ providerCode: codeOf(plain('providerCode')), requestId: codeOf(plain('requestId')) },
    retryAfterMs: plain('retryAfterMs'),
    details: showText ? fieldOf(error, 'details') : undefined,
  };
}

/** A provider that never answered said nothing: those words are our own. `internal` quotes whatever was thrown. */
function isOurs(error: unknown): boolean {
  if (!isA(error, VoiceError) || fieldOf(error, 'code') === 'internal') return false;
  if (!isA(error, ProviderError)) return true;
  return fieldOf(error, 'status') === undefined && fieldOf(error, 'providerCode') === undefined;
}

function codeOf(code: unknown): string | undefined {
  if (typeof code !== 'string' && typeof code !== 'number') return undefined;
  return /^[\w.:-]{1,128}$/.test(String(code)) ? String(code) : REDACTED;
}

/** What becomes of a line before it is written. */
function createCover(showText: boolean, secrets: readonly string[]): (line: string) => string {
  const forms = secrets.flatMap(formsOf).sort((a, b) => b.length - a.length);
  /** Codes go first: a key that they stand in the middle of is whole only then. */
  const plain = (text: string, makePlain = plainLine): string => {
    let covered = hideSecrets(makePlain(text));
    for (const form of forms) covered = covered.replaceAll(form, REDACTED);
    return covered;
  };
  const coverText = (text: string, key: string, isKnown: boolean): string => {
    const covered = plain(text, isKnown && key === 'stack' ? plainText : plainLine);
    return showText || IDS.test(key) ? covered : covered.replace(PHONE_NUMBER, REDACTED);
  };
  /** `isKnown`: an error, which `describeError` has read. */
  const coverValue = (value: unknown, key: string, depth: number, isKnown: boolean): unknown => {
    if (value === null || value === undefined) return value;
    if (isSecret(key)) return REDACTED;
    if (!showText && !isKnown && WORDS.has(key) && (typeof value === 'string' || typeof value === 'object')) {
      return REDACTED;
    }
    if (!showText && typeof value === 'number' && NUMBERS.has(key)) return REDACTED;
    if (!showText && CODES.has(key)) return codeOf(typeof value === 'string' ? plain(value) : value);
    if (typeof value === 'string') return coverText(value, key, isKnown);
    if (typeof value !== 'object') return value;
    if (depth >= DEEPEST) return '[deeper than a log shows]';
    if (Array.isArray(value)) return value.map((one: unknown) => coverValue(one, key, depth + 1, isKnown));
    return coverFields(value as Record<string, unknown>, depth + 1, isKnown);
  };
  const coverFields = (fields: Record<string, unknown>, depth: number, isKnown: boolean) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => {
        const key = name.toLowerCase().replace(/[^a-z0-9]/g, '');
        return [plain(name), coverValue(value, key, depth, isKnown || (depth === 0 && name === 'err'))];
      }),
    );
  return (line) => {
    const fields = JSON.parse(line) as unknown; // pino has written it, however deep it is
    return isRecord(fields) ? `${JSON.stringify(coverFields(fields, 0, false))}\n` : plain(line);
  };
}

function isSecret(key: string): boolean {
  return SECRETS.has(key) || SECRET_ENDINGS.test(key);
}

/** As it is, and as an address would carry it. A secret that is an address has a password, which is one by itself. */
function formsOf(secret: string): string[] {
  const password = URL.canParse(secret) ? new URL(secret).password : '';
  const forms = [secret, encodeURIComponent(secret), password, decode(password)];
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_SECRET);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
