/**
 * Every setting of a worker, in one place: its name in the environment, what it means, its default, and its check.
 * `parley serve --help` shows this list. A secret may also be read from a file: `NAME_FILE` holds the path.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, VoiceError } from '../lib/errors.ts';

const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((text) => ['true', '1', 'yes'].includes(text)),
]);
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''));
const redisUrl = z
  .string()
  .regex(/^rediss?:\/\/\S+$/)
  .refine((text) => URL.canParse(text));
/** Long enough that nobody guesses it. */
const SHORTEST_TOKEN = 16;
const tokens = list.refine((items) => items.length <= 2 && items.every((item) => item.length >= SHORTEST_TOKEN));
const TOKENS_EXPECTED = `one or two tokens of ${SHORTEST_TOKEN} characters or more`;
const origins = list
  .transform((items) => items.map((item) => item.toLowerCase()))
  .refine((items) => items.every((item) => /^https?:\/\/[^/?#\s]+$/.test(item)));
const url = z.string().regex(/^(https?|wss?):\/\/[^/?#\s]+[^?#\s]*$/);

const URL_EXPECTED = 'an address such as https://voice.example.com';
const FLAG_EXPECTED = 'true or false';
const PLANS = ['standard', 'enterprise', 'none'] as const;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

interface Setting {
  env: string;
  schema: z.ZodType;
  /** What it means. */
  help: string;
  /** Of a value that is wrong. */
  expected: string;
  isSecret?: boolean;
}

function setting<Schema extends z.ZodType>(env: string, schema: Schema, facts: Omit<Setting, 'env' | 'schema'>) {
  return { env, schema, ...facts };
}

function number(env: string, [least, most, standard]: [number, number, number], help: string) {
  const expected = `a whole number from ${least} to ${most}`;
  return setting(env, whole(least, most).default(standard), { help, expected });
}

export const SETTINGS = {
  apiKey: setting('SMALLEST_API_KEY', z.string().min(1).optional(), {
    help: 'key of the Smallest AI account',
    expected: 'a key',
    isSecret: true,
  }),
  baseUrl: setting('SMALLEST_BASE_URL', url.default('https://api.smallest.ai/waves/v1'), {
    help: 'where its services are',
    expected: URL_EXPECTED,
  }),
  agent: setting('PARLEY_AGENT', z.string().min(1), {
    help: 'the agent file',
    expected: 'the agent file (or --agent FILE)',
  }),
  host: setting('PARLEY_HOST', z.string().min(1).default('127.0.0.1'), {
    help: 'address to listen on; 0.0.0.0 for all',
    expected: 'an address such as 127.0.0.1',
  }),
  port: number('PARLEY_PORT', [0, 65_535, 8080], 'port to listen on; 0 picks a free one'),
  publicUrl: setting('PARLEY_PUBLIC_URL', url.optional(), {
    help: 'the address that Twilio was given: signatures are checked against it, and TwiML names it',
    expected: URL_EXPECTED,
  }),
  twilioAuthTokens: setting('PARLEY_TWILIO_AUTH_TOKEN', list.default([]), {
    help: 'auth token; two, separated by a comma, while it changes',
    expected: 'one or two tokens',
    isSecret: true,
  }),
  bridgeTokens: setting('PARLEY_BRIDGE_TOKEN', tokens.default([]), {
    help: 'token of peers that cannot sign, shown as `Authorization: Bearer` or `?token=`; two while it changes',
    expected: TOKENS_EXPECTED,
    isSecret: true,
  }),
  origins: setting('PARLEY_ORIGINS', origins.default([]), {
    help: 'web pages that may open a line, by origin, separated by commas; none by default',
    expected: 'origins such as https://desk.example.com, separated by commas',
  }),
  trustedProxies: number(
    'PARLEY_TRUST_PROXY',
    [0, 10, 0],
    'proxies before the worker whose X-Forwarded-For is believed when addresses are counted',
  ),
  maxUpgrades: number(
    'PARLEY_MAX_UPGRADES',
    [1, 1_000_000, 600],
    'sockets opened by one address in a minute, when they are not signed by Twilio',
  ),
  maxForbidden: number(
    'PARLEY_MAX_FORBIDDEN',
    [1, 1_000_000, 60],
    'requests of one address in a minute that may fail to show who they are; then it is not heard until the minute is over',
  ),
  metricsTokens: setting('PARLEY_METRICS_TOKEN', tokens.default([]), {
    help: 'token to read /metrics with; without one only this machine may',
    expected: TOKENS_EXPECTED,
    isSecret: true,
  }),
  metricsOpen: setting('PARLEY_METRICS_OPEN', flag.default(false), {
    help: 'let everybody who reaches the port read /metrics, as in a private network',
    expected: FLAG_EXPECTED,
  }),
  twilioAccountSid: setting(
    'PARLEY_TWILIO_ACCOUNT_SID',
    z
      .string()
      .regex(/^AC\w+$/)
      .optional(),
    {
      help: 'account, for hang-up, transfer and digits by its REST API',
      expected: 'an id that begins with AC',
    },
  ),
  twilioRestUrl: setting('PARLEY_TWILIO_REST_URL', url.default('https://api.twilio.com'), {
    help: 'address of that API',
    expected: URL_EXPECTED,
  }),
  twilioLine: setting('PARLEY_TWILIO_LINE', z.enum(['media', 'relay']).default('media'), {
    help: 'what POST /twilio/voice answers with: audio (media) or text (relay)',
    expected: 'media or relay',
  }),
  plan: setting('PARLEY_PLAN', z.enum(PLANS).default('standard'), {
    help: 'requests that the account allows: standard, enterprise or none (no limit)',
    expected: 'standard, enterprise or none',
  }),
  syntheses: number('PARLEY_SYNTHESES', [1, 10_000, 1], 'syntheses at once that the account allows'),
  pulseSockets: number(
    'PARLEY_PULSE_SOCKETS',
    [1, 100_000, 100],
    'live transcriptions at once that the account allows',
  ),
  redisUrl: setting('PARLEY_REDIS_URL', redisUrl.optional(), {
    help: 'Redis by which the workers of one account share its limits; while it cannot be asked, each goes by its part',
    expected: 'an address such as redis://:password@redis:6379/0',
    isSecret: true,
  }),
  workersExpected: setting('PARLEY_WORKERS_EXPECTED', whole(1, 10_000).optional(), {
    help: 'workers that use the account: by so many at least each divides its limits while Redis does not tell (default: 1; 2 with PARLEY_REDIS_URL)',
    expected: 'a whole number from 1 to 10000',
  }),
  processes: setting('PARLEY_PROCESSES', z.union([z.literal('auto'), whole(1, 256)]).default(1), {
    help: 'processes that share the calls: a number, or auto for one a core',
    expected: 'auto or a whole number from 1 to 256',
  }),
  maxCalls: number('PARLEY_MAX_CALLS', [1, 10_000, 100], 'calls at once, of all processes together; more are refused'),
  planCalls: setting('PARLEY_PLAN_CALLS', whole(1, 10_000).optional(), {
    help: "calls at once that the account's quota carries (default: its requests a minute / 7)",
    expected: 'a whole number from 1 to 10000',
  }),
  maxLagMs: number(
    'PARLEY_MAX_LAG_MS',
    [10, 60_000, 200],
    'lateness of the event loop, at p99 over two seconds, above which calls are refused, in milliseconds',
  ),
  refusal: setting(
    'PARLEY_REFUSAL',
    z.string().min(1).default('All our lines are busy. Please call again in a few minutes.'),
    { help: 'what a caller is told who is refused', expected: 'a sentence' },
  ),
  refusalUrl: setting('PARLEY_REFUSAL_URL', url.optional(), {
    help: 'where Twilio is sent with a caller who is refused, in place of that sentence',
    expected: URL_EXPECTED,
  }),
  drainMs: number(
    'PARLEY_DRAIN_MS',
    [0, 86_400_000, 600_000],
    'how long running calls may go on after SIGTERM, in milliseconds; then they hear a goodbye, or are transferred',
  ),
  recordDirectory: setting('PARLEY_RECORD', z.string().min(1).optional(), {
    help: 'folder for recordings of every call; off by default',
    expected: 'a folder',
  }),
  logLevel: setting('PARLEY_LOG_LEVEL', z.enum(LEVELS).default('info'), {
    help: `what goes to standard error: ${LEVELS.join(', ')}`,
    expected: `one of ${LEVELS.join(', ')}`,
  }),
  logText: setting('PARLEY_LOG_TEXT', flag.default(false), {
    help: 'show in logs what is said, phone numbers, and the words of errors that may repeat them',
    expected: FLAG_EXPECTED,
  }),
  simulate: setting('PARLEY_SIMULATE', flag.default(false), {
    help: 'use the simulators in place of Smallest AI',
    expected: FLAG_EXPECTED,
  }),
} as const;

type Settings_ = typeof SETTINGS;
export type Settings = { -readonly [Name in keyof Settings_]: z.output<Settings_[Name]['schema']> };

type Values = Partial<Record<keyof Settings, unknown>>;

/**
 * Reads the environment; what `overrides` has (from the command line) counts more.
 * @throws {VoiceError} `options-invalid`, with every setting that is wrong.
 */
export function readSettings(env: NodeJS.ProcessEnv, overrides: Values = {}): Settings {
  const problems: string[] = [];
  const read = Object.entries(SETTINGS).map(([name, one]: [string, Setting]) => {
    const given = overrides[name as keyof Settings] ?? fromEnvironment(env, one, problems);
    const { success, data } = one.schema.safeParse(given);
    if (!success) problems.push(complaint(one.env, one, given));
    return [name, data] as const;
  });
  const settings = Object.fromEntries(read) as Settings;
  if (problems.length === 0) problems.push(...checkTogether(settings));
  if (problems.length === 0) return settings;
  const list = problems.length === 1 ? ` ${problems[0]}` : `\n${problems.map((one) => `  - ${one}`).join('\n')}`;
  throw new VoiceError('options-invalid', `the settings are not right:${list}`);
}

/** What is wrong with a value that was given as `option` of the command line; undefined when nothing is. */
export function checkSetting(name: keyof Settings, option: string, value: unknown): string | undefined {
  const one: Setting = SETTINGS[name];
  return one.schema.safeParse(value).success ? undefined : complaint(option, one, value);
}

const complaint = (source: string, one: Setting, given: unknown): string =>
  `${source}: expected ${one.expected}, got ${shown(given, one)}`;

/** Each is right by itself, but together they make no sense: why. */
export function checkTogether(settings: Settings): string[] {
  const { twilioAuthTokens, publicUrl, twilioAccountSid } = settings;
  const isSigned = twilioAuthTokens.length > 0;
  const problems: string[] = [];
  if (isSigned && publicUrl === undefined) {
    problems.push(
      'PARLEY_PUBLIC_URL: expected the address that Twilio calls, since PARLEY_TWILIO_AUTH_TOKEN is set and signatures are made over it, got nothing',
    );
  }
  if (twilioAccountSid !== undefined && !isSigned) {
    problems.push('PARLEY_TWILIO_AUTH_TOKEN: expected it with PARLEY_TWILIO_ACCOUNT_SID, got nothing');
  }
  return problems;
}

/** Variables that begin as ours do, but are none: typing mistakes, which would pass for defaults. */
export function unknownSettings(env: NodeJS.ProcessEnv): string[] {
  const known = Object.values(SETTINGS).flatMap((one: Setting) =>
    one.isSecret ? [one.env, `${one.env}_FILE`] : [one.env],
  );
  return Object.keys(env).filter((name) => name.startsWith('PARLEY_') && !known.includes(name));
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

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const shown = (value: unknown, { isSecret }: Setting): string =>
  value === undefined ? 'nothing' : isSecret ? 'a value that is not shown' : `\`${plain(value)}\``;

/** Every value that must not be seen, for the log to leave out. */
export function secretsOf(settings: Settings): string[] {
  return Object.entries(SETTINGS).flatMap(([name, one]: [string, Setting]) => {
    const value = settings[name as keyof Settings];
    if (!one.isSecret) return [];
    return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
  });
}

/** The list, for `--help`: name, meaning, default. */
export function describeSettings(): string {
  const rows = Object.values(SETTINGS).map((one: Setting) => {
    const { data } = one.schema.safeParse(undefined);
    const isTold = data !== undefined && !(Array.isArray(data) && data.length === 0);
    const standard = isTold ? ` (default: ${plain(data)})` : '';
    const name = one.isSecret ? `${one.env}, ${one.env}_FILE` : one.env;
    return `  ${name}\n      ${one.help}${standard}`;
  });
  return `Settings, from the environment:\n${rows.join('\n')}`;
}
