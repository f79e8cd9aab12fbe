/** One JSON log line an event, to standard error, without secrets and, by default, without what the caller said. */
import { destination, pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

export interface LogOptions {
  /** `fatal` to `trace`, or `silent`. Default `info`. */
  level?: string;
  /** Show what callers and agents say, and phone numbers. Default false: `[redacted]` stands in their place. */
  showText?: boolean;
  /** Default: standard error. */
  stream?: DestinationStream;
}

/** Secrets, wherever they lie. Never shown. */
const SECRETS = ['key', 'apiKey', 'authToken', 'authorization', 'headers.authorization', 'token', 'password'];
/** What people said and who they are. Shown with `showText`. */
const WORDS = [
  'text',
  'heard',
  'unheard',
  'delta',
  'transcript',
  'arguments',
  'result',
  'from',
  'to',
  'caller',
  'digit',
];

/** Context goes in by name: `callId`, `turn`, `step`, `requestId`. */
export function createLog(options: LogOptions = {}): Log {
  const fields = options.showText ? SECRETS : [...SECRETS, ...WORDS];
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      redact: { paths: fields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
    },
    options.stream ?? destination(2),
  );
}

/** A log that says nothing: the default of the library. */
export const silentLog: Log = pino({ level: 'silent' });
