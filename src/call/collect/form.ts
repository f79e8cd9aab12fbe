/**
 * A value that is collected: what is asked, how an answer is read, how it is read back, and what is made of it. One such
 * value is a `Field` of a sheet (`sheet.ts`), which has the conversation.
 */
import type { ExpectedAnswer } from '../../listen/contract.ts';
import { questionIn } from '../../listen/question.ts';
import { speechOf } from '../../listen/speech-of.ts';
import { addressAloud, dateAloud, digitsAloud, emailAloud, lettersAloud, timeAloud } from './aloud.ts';
import { amendedAddress, readAddress, type Address } from './address.ts';
import { dayAt, type Day } from './calendar.ts';
import { amendedCardNumber, readCardExpiry, readCardNumber, readSecurityCode } from './card.ts';
import { readChoice, type Choice } from './choice.ts';
import { amendedDate, readDate, type DateOptions } from './date.ts';
import { amendedEmail, readEmail } from './email.ts';
import { amendedName, readName } from './name.ts';
import { amendedPhone, HOME_COUNTRY, phoneReader, type PhoneNumber } from './phone.ts';
import { listed, QUESTIONS, READ_BACKS, WHICH_HALF, type CollectKind, type ReadBackKind } from './phrases.ts';
import type { Reading } from './reading.ts';
import { amendedTime, readTime, type TimeOfDay } from './time.ts';
import type { CollectLanguage } from './words.ts';
import { readYesNo } from './yes-no.ts';

/** What is confirmed so far, by the names of the fields. */
export type Values = Readonly<Record<string, unknown>>;

/** How one value is collected. */
export interface Form<Value> {
  kind: CollectKind;
  question: string;
  /** What the caller says to that, whatever its words are. Default: its words show it. */
  expects?: ExpectedAnswer | undefined;
  /** `before`: the part that has come so far. `values`: of the fields before it, by their names. */
  read(text: string, before: string | undefined, values: Values): Reading<Value>;
  /** What was read back, with what the caller has said to that; undefined when that does not tell. Absent: it is asked anew. */
  amend?(known: Value, text: string): Value | undefined;
  /** The value aloud, as a question for yes or no; undefined: nobody needs to be asked. */
  readBack(value: Value): string | undefined;
  /** What is asked when a part has come. Default: for the rest. */
  askRest?: string;
}

/** What differs from one collected value to the next. All optional. */
export interface AskOptions {
  /** Said in place of the ready-made question. */
  ask?: string | undefined;
  /** Whether the value is read back and confirmed. Default true. */
  confirm?: boolean | undefined;
}

/** What a form is made for. */
export interface FormContext {
  language: CollectLanguage;
  /** The instant of the call. */
  now: () => Date;
}

/** "5 p.m." ends with a full stop of its own. */
function filled(template: string, text: string): string {
  return template.replace(text.endsWith('.') ? '{}.' : '{}', () => text).replace('{}', () => text);
}

/** Of a choice, its words tell. */
const EXPECTED: Readonly<Partial<Record<ReadBackKind, ExpectedAnswer>>> = {
  name: 'name',
  phone: 'phone-number',
  email: 'email',
  date: 'date',
  time: 'time',
  address: 'address',
  card: 'card-number',
};

function frame(kind: ReadBackKind, { ask, confirm = true }: AskOptions, { language }: FormContext) {
  const question = ask ?? QUESTIONS[kind][language];
  const readBack = (aloud: string) => (confirm ? filled(READ_BACKS[kind][language], aloud) : undefined);
  return { kind, question, expects: EXPECTED[kind], readBack };
}

export function nameForm(options: AskOptions, context: FormContext): Form<string> {
  const { readBack, ...common } = frame('name', options, context);
  const { language } = context;
  return {
    ...common,
    read: (text) => readName(text, language),
    amend: (known, text) => amendedName(known, text, language),
    // a name that is said in letters may be written in many ways: it is spelled back where it is short
    readBack: (name) =>
      readBack(/^[a-z' -]{2,24}$/i.test(name) && language !== 'hi' ? `${name}, ${spelledName(name, language)}` : name),
  };
}

const spelledName = (name: string, language: CollectLanguage): string =>
  name
    .split(' ')
    .map((word) => lettersAloud(word, language))
    .join('; ');

/** Of a phone number. */
export interface PhoneOptions extends AskOptions {
  /** Where a number is that is said without its country's code; two capital letters. Default: `US`, for Hindi `IN`, for Spanish `ES`. */
  country?: string | undefined;
}

export function phoneForm(options: PhoneOptions, context: FormContext): Form<PhoneNumber> {
  const { language } = context;
  const { readBack, ...common } = frame('phone', options, context);
  const read = phoneReader(options.country ?? HOME_COUNTRY[language], language);
  return {
    ...common,
    read,
    amend: (known, text) => amendedPhone(known, text, language, read),
    readBack: ({ national }) => readBack(digitsAloud(national)),
  };
}

export function emailForm(options: AskOptions, context: FormContext): Form<string> {
  const { language } = context;
  const { readBack, ...common } = frame('email', options, context);
  return {
    ...common,
    read: (text, before) => readEmail(text, language, before),
    amend: (known, text) => amendedEmail(known, text, language),
    readBack: (address) => readBack(emailAloud(address, language)),
  };
}

/** Of a date. */
export interface DateFieldOptions extends AskOptions {
  /** Where it lies: an appointment is in the `future`, a date of birth in the `past`. Default `any`. */
  when?: DateOptions['when'] | undefined;
  /** Of what is written and typed in numbers. Default: the day first, in English the month. */
  order?: 'day-first' | 'month-first' | undefined;
  /** IANA name of where it is today. Default: that of this machine. */
  timeZone?: string | undefined;
}

export function dateForm(options: DateFieldOptions, context: FormContext): Form<Day> {
  const { language, now } = context;
  const { when = 'any', timeZone, order = language === 'en' ? 'month-first' : 'day-first' } = options;
  const { readBack, ...common } = frame('date', options, context);
  const about = (): DateOptions => ({
    language,
    when,
    today: dayAt(now(), timeZone),
    isMonthFirst: order === 'month-first',
  });
  const isBirth = questionIn(common.question, speechOf(language)).kind === 'birth'; // has a year as well
  return {
    ...common,
    expects: isBirth ? 'date-of-birth' : 'date',
    read: (text) => readDate(text, about()),
    amend: (known, text) => amendedDate(known, text, about()),
    readBack: (day) => readBack(dateAloud(day, language)),
  };
}

/** Of a time of day. */
export interface TimeFieldOptions extends AskOptions {
  /** From when until when it may lie, such as `['08:00', '20:00']`. Default: anywhere, and it is asked which half of the day is meant. */
  open?: readonly [from: TimeOfDay, until: TimeOfDay] | undefined;
}

export function timeForm(options: TimeFieldOptions, context: FormContext): Form<TimeOfDay> {
  const { language } = context;
  const { readBack, ...common } = frame('time', options, context);
  return {
    ...common,
    read: (text, before) => readTime(text, { language, open: options.open }, before),
    amend: (known, text) => amendedTime(known, text, { language, open: options.open }),
    readBack: (time) => readBack(timeAloud(time, language)),
    askRest: WHICH_HALF[language],
  };
}

export function addressForm(options: AskOptions, context: FormContext): Form<Address> {
  const { language } = context;
  const { readBack, ...common } = frame('address', options, context);
  return {
    ...common,
    read: (text, before) => readAddress(text, language, before),
    amend: (known, text) => amendedAddress(known, text, language),
    readBack: ({ text }) => readBack(addressAloud(text)),
  };
}

export function cardNumberForm(options: AskOptions, context: FormContext): Form<string> {
  const { language } = context;
  const { readBack, ...common } = frame('card', options, context);
  return {
    ...common,
    read: (text, before) => readCardNumber(text, language, before),
    amend: (known, text) => amendedCardNumber(known, text, language),
    readBack: (number) => readBack(number.slice(-4).split('').join(' ')),
  };
}

/** Neither is read back: who stands beside the caller would hear it. */
export function cardExpiryForm({ language, now }: FormContext): Form<string> {
  return {
    ...{ kind: 'cardExpiry', question: QUESTIONS.cardExpiry[language] },
    read: (text) => readCardExpiry(text, language, dayAt(now(), undefined)),
    readBack: () => undefined,
  };
}

/** `number`: the name of the field that has the card's. */
export function cardCodeForm(number: string, { language }: FormContext): Form<string> {
  return {
    ...{ kind: 'cardCode', question: QUESTIONS.cardCode[language] },
    read: (text, _before, values) => readSecurityCode(text, language, values[number] as string | undefined),
    readBack: () => undefined,
  };
}

/** `question`: what is to be confirmed, as a sentence. */
export function confirmForm(question: string, { language }: FormContext): Form<boolean> {
  const template = QUESTIONS.confirm[language];
  return {
    kind: 'confirm',
    expects: 'yes-no',
    question: /[?？]\s*$/.test(question) ? question : filled(template, question),
    read: (text) => readYesNo(text),
    readBack: () => undefined,
  };
}

export function choiceForm(choices: readonly Choice[], options: AskOptions, context: FormContext): Form<string> {
  const { language } = context;
  const offered = listed(
    choices.map(({ words, value }) => words[0] ?? value),
    language,
  );
  return {
    kind: 'choice',
    question: options.ask === undefined ? filled(QUESTIONS.choice[language], offered) : filled(options.ask, offered),
    read: (text) => readChoice(text, choices, language),
    readBack: (value) => {
      const aloud = choices.find((choice) => choice.value === value)?.words[0] ?? value;
      return options.confirm === true ? filled(READ_BACKS.choice[language], aloud) : undefined;
    },
  };
}
