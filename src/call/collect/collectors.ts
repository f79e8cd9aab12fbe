/**
 * Ready-made tasks: a value is asked for, read from the caller's words or keys by code, read back and confirmed, in English, Hindi
 * and Spanish. The model is asked only for what code cannot read.
 */
import { z } from 'zod';
import { VoiceError } from '../../lib/errors.ts';
import { fieldOf } from '../../lib/thrown.ts';
import type { ToolDefinition } from '../../tool/define.ts';
import { sensitive } from '../../tool/sensitive.ts';
import {
  finishTool,
  giveUpTool,
  somethingElseTool,
  taskOf,
  type TaskDefinition,
  type TaskScene,
} from '../../tool/task.ts';
import type { Address } from './address.ts';
import type { Choice } from './choice.ts';
import {
  addressForm,
  cardCodeForm,
  cardExpiryForm,
  cardNumberForm,
  choiceForm,
  confirmForm,
  dateForm,
  emailForm,
  nameForm,
  phoneForm,
  timeForm,
  type AskOptions,
  type DateFieldOptions,
  type Form,
  type FormContext,
  type PhoneOptions,
  type TimeFieldOptions,
} from './form.ts';
import { checkCollectOptions, COMMON_OPTIONS } from './options.ts';
import { HOME_COUNTRY, phoneReader } from './phone.ts';
import { scriptOf, takeValueTool } from './script.ts';
import { firstQuestion, type Field, type Sheet } from './sheet.ts';
import { collectLanguageOf } from './words.ts';

const FIELDS = Symbol.for('parley-voice.collected-fields');

/** One value of a ready-made task, before it is known in which language it is asked for. */
interface FieldPlan {
  name: string;
  words: readonly string[];
  /** What it is, for a model: `the caller's phone number`. */
  what: string;
  schema: z.ZodType;
  form: (context: FormContext, input: unknown) => Form<unknown>;
  /** What of the value stands in the result. Default: all. */
  shown?: (value: unknown) => unknown;
}

/** A task that collects one value or several, and ends with them by their names. */
export interface CollectTask extends TaskDefinition {
  /** Parley's own. */
  readonly [FIELDS]: readonly object[];
}

/** What all ready-made tasks have in common. All optional; each of them throws a `VoiceError`, `options-invalid`, for what it does not take. */
export interface CollectOptions extends AskOptions {
  /** Of the tool. Default: `collect_` and what is collected. */
  name?: string | undefined;
  /** For the model that begins it. Default: what is collected, in a sentence. */
  description?: string | undefined;
  /** The value's name in the result. Default: what is collected. */
  as?: string | undefined;
  /** Further words by which a caller names it: "change my date of birth". */
  words?: readonly string[] | undefined;
}

/** Asks for the caller's name: `{ name }`. One that is misheard is spelled. */
export function collectName(options: CollectOptions = {}): CollectTask {
  checkCollectOptions('collectName', options, COMMON_OPTIONS);
  return collectOne(options, {
    ...{ name: 'name', words: ['name', 'नाम', 'naam', 'nombre'], what: "the caller's full name", schema: z.string() },
    form: (context) => nameForm(options, context),
  });
}

/** Of `collectPhone`. */
export interface CollectPhoneOptions extends CollectOptions, PhoneOptions {}

/**
 * Asks for a phone number, by voice or by keys: `{ phone: '+919876543210' }`. Needs `libphonenumber-js`.
 * @throws {VoiceError} `options-invalid`, when that is not installed, or knows no such country.
 */
export function collectPhone(options: CollectPhoneOptions = {}): CollectTask {
  checkCollectOptions('collectPhone', options, [...COMMON_OPTIONS, 'country']);
  phoneReader(options.country ?? HOME_COUNTRY.en, 'en'); // what is wrong with it is said now, and not in a call
  return collectOne(options, {
    ...{ name: 'phone', words: ['phone', 'number', 'फ़ोन', 'नंबर', 'teléfono', 'número'], what: 'a phone number' },
    schema: z.string(),
    form: (context) => phoneForm(options, context),
    shown: (value) => fieldOf(value, 'e164'),
  });
}

/** Asks for an e-mail address, spelled and read back letter by letter: `{ email }`. */
export function collectEmail(options: CollectOptions = {}): CollectTask {
  checkCollectOptions('collectEmail', options, COMMON_OPTIONS);
  return collectOne(options, {
    ...{ name: 'email', words: ['email', 'e-mail', 'mail', 'ईमेल', 'correo'], what: 'an e-mail address' },
    schema: z.string(),
    form: (context) => emailForm(options, context),
  });
}

/** Of `collectDate`. */
export interface CollectDateOptions extends CollectOptions, DateFieldOptions {}

/** Asks for a date: `{ date: '2026-11-29' }`. */
export function collectDate(options: CollectDateOptions = {}): CollectTask {
  checkCollectOptions('collectDate', options, [...COMMON_OPTIONS, 'when', 'order', 'timeZone']);
  return collectOne(options, {
    ...{ name: 'date', words: ['date', 'day', 'तारीख', 'दिन', 'fecha', 'día'], what: 'a date, as YYYY-MM-DD' },
    schema: z.string(),
    form: (context) => dateForm(options, context),
  });
}

/** Of `collectTime`. */
export interface CollectTimeOptions extends CollectOptions, TimeFieldOptions {}

/** Asks for a time of day: `{ time: '17:30' }`. */
export function collectTime(options: CollectTimeOptions = {}): CollectTask {
  checkCollectOptions('collectTime', options, [...COMMON_OPTIONS, 'open']);
  return collectOne(options, {
    ...{ name: 'time', words: ['time', 'hour', 'समय', 'hora'], what: 'a time of day, as HH:MM' },
    schema: z.string(),
    form: (context) => timeForm(options, context),
  });
}

/** Asks for an address: `{ address: { text, postalCode? } }`. */
export function collectAddress(options: CollectOptions = {}): CollectTask {
  checkCollectOptions('collectAddress', options, COMMON_OPTIONS);
  return collectOne(options, {
    ...{ name: 'address', words: ['address', 'street', 'पता', 'dirección'], what: 'a postal address' },
    schema: z.object({ text: z.string(), postalCode: z.string().optional() }),
    form: (context) => addressForm(options, context),
    shown: (value) => {
      const { text, postalCode } = value as Address;
      return postalCode === undefined ? { text } : { text, postalCode };
    },
  });
}

/** Of `collectCard`. All optional. */
export interface CollectCardOptions extends Omit<CollectOptions, 'as'> {
  /** Whether its security code is asked for: the three digits on its back, or the four on the front. Default true. */
  securityCode?: boolean | undefined;
}

/**
 * Asks for a payment card, by keys or by voice: `{ number, expiry: '2027-12', securityCode }`. All of it is sensitive (`sensitive`): the
 * tools that take it have fields that are marked so, and nobody else sees it.
 */
export function collectCard(options: CollectCardOptions = {}): CollectTask {
  checkCollectOptions('collectCard', options, [...COMMON_OPTIONS.filter((one) => one !== 'as'), 'securityCode']);
  const { name = 'collect_card', description = 'Asks the caller for a payment card, and has them confirm it.' } =
    options;
  const number: FieldPlan = {
    ...{ name: 'number', words: [...(options.words ?? []), 'card', 'कार्ड', 'tarjeta'], what: "a card's number" },
    schema: sensitive(z.string(), { lastShown: 4 }),
    form: (context) => cardNumberForm(options, context),
  };
  const expiry: FieldPlan = {
    ...{ name: 'expiry', words: ['expir', 'valid', 'caducidad'], what: 'the month and year in which it expires' },
    schema: sensitive(z.string()),
    form: cardExpiryForm,
  };
  const code: FieldPlan = {
    ...{ name: 'securityCode', words: ['security code', 'सीवीवी', 'código'], what: 'its security code' },
    schema: sensitive(z.string()),
    form: (context) => cardCodeForm(number.name, context),
  };
  const plans = options.securityCode === false ? [number, expiry] : [number, expiry, code];
  return collecting({ name, description, plans });
}

/** Of `confirm`. */
export interface ConfirmOptions extends Omit<CollectOptions, 'ask' | 'confirm'> {
  /** What is asked, as a question for yes or no. Default: the model that begins it says what. */
  question?: string | undefined;
}

/** Asks for a yes or a no: `{ confirmed: true }`. Keys: 1 is yes, 2 is no. */
export function confirm(options: ConfirmOptions = {}): CollectTask {
  checkCollectOptions('confirm', options, ['name', 'description', 'as', 'words', 'question']);
  const { question } = options;
  const input =
    question === undefined
      ? z.object({ question: z.string().min(1).describe('For yes or no, in one sentence.') })
      : undefined;
  const asked = (given: unknown) => question ?? String(fieldOf(given, 'question'));
  return collectOne(
    { description: 'Asks the caller for a yes or a no.', ...options, name: options.name ?? 'confirm' },
    {
      ...{ name: 'confirmed', words: [], what: 'a yes or a no: take `yes` or `no`', schema: z.boolean() },
      form: (context, given) => confirmForm(asked(given), context),
    },
    input,
  );
}

/** One that is offered: its value, or the value with the words that stand for it, the first of which is spoken. */
export type OfferedChoice = string | Choice;

/** Of `chooseOne`. */
export interface ChooseOptions extends CollectOptions {
  /** What is offered, 2 to 9: by words, by its place in the row, or by key. */
  choices: readonly OfferedChoice[];
}

/**
 * Has the caller choose one of several: `{ choice }`. In `ask`, `{}` stands for all of them.
 * @throws {VoiceError} `options-invalid`, when there are not 2 to 9, or two have the same value.
 */
export function chooseOne(options: ChooseOptions): CollectTask {
  checkCollectOptions('chooseOne', options, [...COMMON_OPTIONS, 'choices']);
  const choices = options.choices.map((choice) =>
    typeof choice === 'string' ? { value: choice, words: [choice] } : choice,
  );
  const values = choices.map(({ value }) => value);
  const [first, ...others] = values;
  if (first === undefined || new Set(values).size !== values.length || values.length < 2 || values.length > 9) {
    const message = `Expected \`choices\` of chooseOne() to be 2 to 9 different ones, got \`${values.join(', ')}\``;
    throw new VoiceError('options-invalid', message);
  }
  return collectOne(
    {
      description: `Has the caller choose one of: ${values.join(', ')}.`,
      ...options,
      name: options.name ?? 'choose_one',
    },
    {
      ...{
        name: 'choice',
        words: ['choice', 'option'],
        what: `one of: ${values.join(', ')}`,
        schema: z.enum([first, ...others]),
      },
      form: (context) => choiceForm(choices, options, context),
    },
  );
}

/** Of `askEach`. */
export interface AskEachOptions {
  /** Of the tool. Default `ask_each`. */
  name?: string | undefined;
  /** For the model that begins it. Default: what is collected. */
  description?: string | undefined;
}

/**
 * Several ready-made tasks as one, asked one after the other: the caller may go back to an earlier value by naming it ("no, my
 * name is..."). Ends with all of their values.
 * @throws {VoiceError} `options-invalid`, when there is none, or two have the same name in the result (`as`).
 */
export function askEach(tasks: readonly CollectTask[], options: AskEachOptions = {}): CollectTask {
  checkCollectOptions('askEach', options, ['name', 'description']);
  const plans = tasks.flatMap((task) => task[FIELDS] as readonly FieldPlan[]);
  const names = plans.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (plans.length === 0 || twice !== undefined) {
    const got = twice === undefined ? 'none' : `\`${twice}\` twice: give one of them another name with \`as\``;
    throw new VoiceError(
      'options-invalid',
      `Expected the tasks of askEach() to be ready-made ones, each with a name of its own, got ${got}`,
    );
  }
  const { name = 'ask_each', description = `Asks the caller for ${names.join(', ')}, one after the other.` } = options;
  return collecting({ name, description, plans });
}

function collectOne(options: CollectOptions, plan: FieldPlan, input?: z.ZodObject): CollectTask {
  const { name = `collect_${plan.name}`, description = `Asks the caller for ${plan.what}, and has them confirm it.` } =
    options;
  const named = { ...plan, name: options.as ?? plan.name, words: [...(options.words ?? []), ...plan.words] };
  return collecting({ name, description, plans: [named], input });
}

interface CollectPlan {
  name: string;
  description: string;
  plans: readonly FieldPlan[];
  input?: z.ZodObject | undefined;
}

/** Turns of the caller for each value. */
const TURNS_A_FIELD = 10;
const MOST_TURNS = 100;

function collecting({ name, description, plans, input = z.object({}) }: CollectPlan): CollectTask {
  const result = z.object(Object.fromEntries(plans.map((plan) => [plan.name, plan.schema])));
  const own: ToolDefinition[] = [takeValueTool, finishTool(result), giveUpTool(), somethingElseTool];
  const begin = (given: unknown, { language: code, now }: TaskScene) => {
    const language = collectLanguageOf(code);
    const fields = plans.map((plan): Field => ({ ...plan, form: plan.form({ language, now }, given) }));
    const sheet: Sheet = { language, fields };
    const finished = (values: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(plans.map(({ name: field, shown = (value) => value }) => [field, shown(values[field])]));
    return { instructions: instructionsFor(plans), ...firstQuestion(sheet), script: scriptOf(sheet, finished) };
  };
  const maxTurns = Math.min(MOST_TURNS, plans.length * TURNS_A_FIELD);
  const task = taskOf({ name, description, input, parts: { tools: [], own, wrong: [], maxTurns, begin } });
  return { ...task, [FIELDS]: plans };
}

function instructionsFor(plans: readonly FieldPlan[]): string {
  const list = plans.map(({ name, what }) => `${name} (${what})`).join(', ');
  return (
    `You are in the middle of a phone call, and collect from the caller: ${list}. ` +
    'A program asks for one at a time, reads the answers, reads them back and has them confirmed. You are asked only when it could not ' +
    'read what the caller said last. If their words hold the value that was asked for, call `take_value` with it. ' +
    'If they ask something about it, answer in one short sentence of their language and ask for it again. Never make a value up. ' +
    'If they do not want to tell it, call `give_up`. If they want something else than this, call `something_else` at once.'
  );
}
