/**
 * Settings from the environment, in blocks: each says its name there, what it means, its default and its check. Whoever
 * needs settings has a block of them; blocks are merged by spreading. A secret may also be read from a file: `NAME_FILE`
 * holds the path.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, VoiceError } from './errors.ts';
import { plainLine } from './plain.ts';
import { hideSecrets } from './provider-errors.ts';

/** One setting. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  /** Its name in the environment. */
  env: string;
  schema: Schema;
  /** What it means. */
  help: string;
  /** Of a value that is wrong: `a whole number from 1 to 10`. */
  expected: string;
  /** Never shown; may be read from the file that `NAME_FILE` names. Default false. */
  isSecret?: boolean;
}

/** Settings by the names that the code has for them, in the order in which the help shows them. */
export type SettingsBlock = Readonly<Record<string, Setting>>;

/** What a block is once it has been read. */
export type ValuesOf<Block extends SettingsBlock> = {
  -readonly [Name in keyof Block]: z.output<Block[Name]['schema']>;
};

export function setting<Schema extends z.ZodType>(
  env: string,
  schema: Schema,
  facts: Omit<Setting, 'env' | 'schema'>,
): Setting<Schema> {
  return { env, schema, ...facts };
}

/** A whole number within bounds, which are inclusive. */
export function number(
  env: string,
  [least, most, standard]: [least: number, most: number, standard: number],
  help: string,
) {
  const expected = `a whole number from ${least} to ${most}`;
  return setting(env, whole(least, most).default(standard), { help, expected });
}

export const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

export const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((text) => ['true', '1', 'yes'].includes(text)),
]);
export const FLAG_EXPECTED = 'true or false';

/** Separated by commas. */
export const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''));

/** Of web pages, in lower case. */
export const origins = list
  .transform((items) => items.map((item) => item.toLowerCase()))
  .refine((items) => items.every((item) => /^https?:\/\/[^/?#\s]+$/.test(item)));

export const url = z.string().regex(/^(https?|wss?):\/\/[^/?#\s]+[^?#\s]*$/);
export const httpUrl = z.string().regex(/^https?:\/\/[^/?#\s]+[^?#\s]*$/);
export const URL_EXPECTED = 'an address such as https://voice.example.com';

/** Long enough that nobody guesses it. */
const SHORTEST_TOKEN = 16;
/** One of ours, or two while it changes. */
const someTokens = list.refine((items) => items.length <= 2 && items.every((item) => item.length >= SHORTEST_TOKEN));

/** What somebody shows to be let in, and we have chosen; none by default. */
export const tokens = (env: string, help: string) =>
  setting(env, someTokens.default([]), {
    help,
    expected: `one or two tokens of ${SHORTEST_TOKEN} characters or more`,
    isSecret: true,
  });

export interface ReadOptions<Block extends SettingsBlock> {
  /** From the command line: counts more than the environment. */
  overrides?: Partial<Record<keyof Block, unknown>>;
  /** What is wrong with values that are right, each by itself, and make no sense together. */
  check?: (values: ValuesOf<Block>) => string[];
}

/**
 * Reads the environment.
 * @throws {VoiceError} `options-invalid`, with every setting that is wrong.
 */
export function readBlock<Block extends SettingsBlock>(
  block: Block,
  env: NodeJS.ProcessEnv,
  { overrides = {}, check = () => [] }: ReadOptions<Block> = {},
): ValuesOf<Block> {
  const problems: string[] = [];
  const given: Partial<Record<string, unknown>> = overrides;
  const read = Object.entries(block).map(([name, one]) => {
    const value = given[name] ?? fromEnvironment(env, one, problems);
    const { success, data } = one.schema.safeParse(value);
    if (!success) problems.push(complaint(one.env, one, value));
    return [name, data] as const;
  });
  const values = Object.fromEntries(read) as ValuesOf<Block>;
  if (problems.length === 0) problems.push(...check(values));
  if (problems.length === 0) return values;
  const listed = problems.length === 1 ? ` ${problems[0]}` : `\n${problems.map((one) => `  - ${one}`).join('\n')}`;
  throw new VoiceError('options-invalid', `the settings are not right:${listed}`);
}

/** What is wrong with a value that was given as `option` of the command line; undefined when nothing is. */
export function problemOf(one: Setting, option: string, value: unknown): string | undefined {
  return one.schema.safeParse(value).success ? undefined : complaint(option, one, value);
}

/** Names in the environment that these settings are read from, the files of secrets among them. */
export function namesOf(block: SettingsBlock): string[] {
  return Object.values(block).flatMap(({ env, isSecret }) => (isSecret ? [env, `${env}_FILE`] : [env]));
}

/** Every value that must not be seen, for the log to leave out. */
export function secretsIn(block: SettingsBlock, values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(block).flatMap(([name, one]) => (one.isSecret ? textsOf(values[name]) : []));
}

/** The texts of a setting that holds one, or several, or none. */
export function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
}

/** For `--help`: name, meaning, default. */
export function describeBlock(block: SettingsBlock): string {
  const rows = Object.values(block).map((one) => {
    const { data } = one.schema.safeParse(undefined);
    const isTold = data !== undefined && !(Array.isArray(data) && data.length === 0);
    const standard = isTold ? ` (default: ${plain(data)})` : '';
    return `  ${namesOf({ one }).join(', ')}\n      ${one.help}${standard}`;
  });
  return rows.join('\n');
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

const complaint = (source: string, one: Setting, given: unknown): string =>
  `${source}: expected ${one.expected}, got ${shown(given, one)}`;

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const shown = (value: unknown, { isSecret }: Setting): string =>
  value === undefined
    ? 'nothing'
    : isSecret
      ? 'a value that is not shown'
      : `\`${hideSecrets(plainLine(plain(value)))}\``;
