/** What may stand in the options of ready-made tasks, which is said where they are written, and not in a call. */
import { messageOf, VoiceError } from '../../lib/errors.ts';
import { isRecord } from '../../lib/json.ts';

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isOneOf = (...words: string[]) => ({
  expected: words.map((word) => `'${word}'`).join(' or '),
  isRight: among(words),
});
const among = (words: readonly unknown[]) => (value: unknown) => words.includes(value);
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

interface Check {
  /** To be read behind "Expected `x` to be". */
  expected: string;
  isRight: (value: unknown) => boolean;
}

/** Every option that may be left out, by its name. */
const CHECKS = {
  ask: { expected: 'a question', isRight: isText },
  confirm: { expected: 'true or false', isRight: isFlag },
  name: { expected: 'the name of the tool', isRight: isText },
  description: { expected: 'a sentence', isRight: isText },
  as: { expected: "the value's name in the result", isRight: isText },
  words: { expected: 'a list of words', isRight: (value) => Array.isArray(value) && value.every(isText) },
  country: { expected: 'two letters such as `US` or `IN`', isRight: isText },
  when: isOneOf('future', 'past', 'any'),
  order: isOneOf('day-first', 'month-first'),
  timeZone: { expected: 'the IANA name of a time zone, such as `Asia/Kolkata`', isRight: isTimeZone },
  open: { expected: "two times such as ['08:00', '20:00'], the earlier first", isRight: isSpan },
  securityCode: { expected: 'true or false', isRight: isFlag },
  question: { expected: 'a question for yes or no', isRight: isText },
  choices: {
    expected: 'a list of texts, or of `{ value, words }`',
    isRight: (value) => Array.isArray(value) && value.every(isChoice),
  },
} as const satisfies Record<string, Check>;

export type OptionName = keyof typeof CHECKS;

/** What all ready-made tasks take. */
export const COMMON_OPTIONS: readonly OptionName[] = ['name', 'description', 'as', 'words', 'ask', 'confirm'];

/** @throws {VoiceError} `options-invalid`, for the first that is none of `names`, or not what it should be. */
export function checkCollectOptions(task: string, options: object, names: readonly OptionName[]): void {
  for (const [name, value] of Object.entries(options) as [OptionName, unknown][]) {
    if (value === undefined) continue;
    if (!names.includes(name)) {
      const message = `Expected the options of ${task}() to be ${names.join(', ')}, got \`${name}\``;
      throw new VoiceError('options-invalid', message);
    }
    const { expected, isRight } = CHECKS[name];
    if (isRight(value)) continue;
    const got = Array.isArray(value) ? value.map((one) => shownOne(one)).join(', ') : shownOne(value);
    throw new VoiceError('options-invalid', `Expected \`${name}\` of ${task}() to be ${expected}, got \`${got}\``);
  }
}

const shownOne = (value: unknown): string => (isRecord(value) ? JSON.stringify(value) : messageOf(value));

function isChoice(value: unknown): boolean {
  if (!isRecord(value)) return isText(value);
  const { value: own, words } = value;
  return isText(own) && Array.isArray(words) && words.length > 0 && words.every(isText);
}

function isTimeZone(value: unknown): boolean {
  try {
    return isText(value) && new Intl.DateTimeFormat('en', { timeZone: String(value) }) !== undefined;
  } catch {
    return false;
  }
}

function isSpan(value: unknown): boolean {
  const [from, until, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
  const areTimes = [from, until].every((time) => typeof time === 'string' && TIME.test(time));
  return areTimes && more.length === 0 && String(from) < String(until);
}
