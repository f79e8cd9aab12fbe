/**
 * Every setting of a worker, in one place: its name in the environment, what it means, its default, and its check.
 * `parley serve --help` shows this list. A secret may also be read from a file: `NAME_FILE` holds the path.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, VoiceError } from '../lib/errors.ts';

const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', 'yes', 'no', '']).transform((text) => ['true', '1', 'yes'].includes(text)),
]);
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''));
const url = z.string().regex(/^(https?|wss?):\/\/[^/?#]+/, 'expected a URL such as https://voice.example.com');

interface Setting {
  env: string;
  help: string;
  schema: z.ZodType;
  isSecret?: boolean;
}

const setting = <Schema extends z.ZodType>(env: string, schema: Schema, help: string, isSecret = false) => ({
  env,
  schema,
  help,
  isSecret,
});

export const SETTINGS = {
  apiKey: setting('SMALLEST_API_KEY', z.string().min(1).optional(), 'key of the Smallest AI account', true),
  baseUrl: setting('SMALLEST_BASE_URL', url.default('https://api.smallest.ai/waves/v1'), 'where its services are'),
  agent: setting('PARLEY_AGENT', z.string().min(1), 'the agent file'),
  host: setting('PARLEY_HOST', z.string().min(1).default('127.0.0.1'), 'address to listen on; 0.0.0.0 for all'),
  port: setting('PARLEY_PORT', whole(0, 65_535).default(8080), 'port to listen on; 0 picks a free one'),
  publicUrl: setting(
    'PARLEY_PUBLIC_URL',
    url.optional(),
    'the address that Twilio was given: signatures are checked against it',
  ),
  twilioAuthTokens: setting(
    'PARLEY_TWILIO_AUTH_TOKEN',
    list.default([]),
    'auth token; two, separated by a comma, while it changes',
    true,
  ),
  twilioAccountSid: setting(
    'PARLEY_TWILIO_ACCOUNT_SID',
    z
      .string()
      .regex(/^AC\w+$/)
      .optional(),
    'account, for hang-up, transfer and digits by its REST API',
  ),
  twilioRestUrl: setting('PARLEY_TWILIO_REST_URL', url.default('https://api.twilio.com'), 'address of that API'),
  twilioLine: setting(
    'PARLEY_TWILIO_LINE',
    z.enum(['media', 'relay']).default('media'),
    'what POST /twilio/voice answers with: audio (media) or text (relay)',
  ),
  plan: setting(
    'PARLEY_PLAN',
    z.enum(['standard', 'enterprise', 'none']).default('standard'),
    'requests that the account allows',
  ),
  syntheses: setting('PARLEY_SYNTHESES', whole(1, 10_000).default(1), 'syntheses at once that the account allows'),
  maxCalls: setting('PARLEY_MAX_CALLS', whole(1, 10_000).default(100), 'calls at once; more are refused'),
  refusal: setting(
    'PARLEY_REFUSAL',
    z.string().min(1).default('All our lines are busy. Please call again in a few minutes.'),
    'what a caller is told who is refused',
  ),
  drainMs: setting(
    'PARLEY_DRAIN_MS',
    whole(0, 86_400_000).default(600_000),
    'how long running calls may go on after SIGTERM',
  ),
  recordDirectory: setting(
    'PARLEY_RECORD',
    z.string().min(1).optional(),
    'folder for recordings of every call; off by default',
  ),
  logLevel: setting(
    'PARLEY_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'what goes to standard error',
  ),
  logText: setting('PARLEY_LOG_TEXT', flag.default(false), 'show what is said, and phone numbers, in logs'),
  simulate: setting('PARLEY_SIMULATE', flag.default(false), 'use the simulators in place of Smallest AI'),
} as const;

type Settings_ = typeof SETTINGS;
export type Settings = { -readonly [Name in keyof Settings_]: z.output<Settings_[Name]['schema']> };

/**
 * Reads the environment; what `overrides` has (from the command line) counts more.
 * @throws {VoiceError} `options-invalid`, with every setting that is wrong.
 */
export function readSettings(
  env: NodeJS.ProcessEnv,
  overrides: Partial<Record<keyof Settings, unknown>> = {},
): Settings {
  const problems: string[] = [];
  const read = Object.entries(SETTINGS).map(([name, one]) => {
    const given = overrides[name as keyof Settings] ?? fromEnvironment(env, one, problems);
    const { success, data, error } = (one.schema as z.ZodType).safeParse(given);
    if (!success)
      problems.push(`${one.env}: ${error.issues[0]?.message ?? 'wrong'}, got ${shown(given, one.isSecret)}`);
    return [name, data] as const;
  });
  if (problems.length > 0) {
    throw new VoiceError(
      'options-invalid',
      `the settings are not right:\n${problems.map((one) => `  - ${one}`).join('\n')}`,
    );
  }
  return Object.fromEntries(read) as Settings;
}

function fromEnvironment(
  env: NodeJS.ProcessEnv,
  { env: name, isSecret }: Setting,
  problems: string[],
): string | undefined {
  const given = env[name]?.trim();
  if (given) return given;
  const file = isSecret ? env[`${name}_FILE`] : undefined;
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    problems.push(`${name}_FILE: ${messageOf(error)}`);
    return undefined;
  }
}

const shown = (value: unknown, isSecret = false): string =>
  value === undefined ? 'nothing' : isSecret ? 'a value that is not shown' : JSON.stringify(value);

/** The list, for `--help`: name, meaning, default. */
export function describeSettings(): string {
  const rows = Object.values(SETTINGS).map((one: Setting) => {
    const { data } = one.schema.safeParse(undefined);
    const standard =
      data === undefined || (Array.isArray(data) && data.length === 0) ? '' : ` (default: ${JSON.stringify(data)})`;
    const name = one.isSecret ? `${one.env}, ${one.env}_FILE` : one.env;
    return `  ${name}\n      ${one.help}${standard}`;
  });
  return `Settings, from the environment:\n${rows.join('\n')}`;
}
