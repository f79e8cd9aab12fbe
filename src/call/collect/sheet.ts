/**
 * A conversation in which values are collected one after the other, each asked for, read, read back and confirmed, and an
 * earlier one corrected when the caller names it. Pure: what is said next follows from what was said so far, so nothing of it
 * has to be kept beside the history.
 *
 *   asking -> value -> confirming -> yes -> the next field, or all are there
 *     ^  \-> part -> asking for the rest            no -> asking again; "no, it ends in 45" -> confirming
 *     \--- wrong: why, and the question again       anything else -> whoever can do more with it
 */
import type { ExpectedAnswer } from '../../listen/contract.ts';
import { expectedQuestion } from '../../listen/expected.ts';
import { speechOf } from '../../listen/speech-of.ts';
import type { Form } from './form.ts';
import { AGAIN, REST, WRONGS } from './phrases.ts';
import { folded, isCorrection, tokensIn, type CollectLanguage } from './words.ts';
import { readYesNo } from './yes-no.ts';

/** One of the values. */
export interface Field {
  /** In the result. */
  name: string;
  /** Words by which a caller names it: "change the phone number". */
  words: readonly string[];
  form: Form<unknown>;
}

type At = { type: 'asking'; part?: string; misses: number } | { type: 'confirming'; value: unknown };

export interface SheetState {
  /** Of which field it is about. */
  field: number;
  at: At;
  /** What is confirmed, by its field's name. */
  values: Readonly<Record<string, unknown>>;
  /** What was read back when the caller went back to another field: it is read back again. */
  unconfirmed?: Readonly<Record<string, unknown>>;
}

/** What comes of an answer. */
export type SheetAnswer =
  | { type: 'say'; text: string }
  /** All are there. */
  | { type: 'finish'; values: Readonly<Record<string, unknown>> }
  /** Code can make nothing of it: the model is asked. */
  | { type: 'pass' };

export interface Sheet {
  language: CollectLanguage;
  fields: readonly Field[];
}

const fieldOf = ({ fields }: Sheet, at: number): Field => {
  const field = fields[at];
  if (!field) throw new RangeError(`Expected a field ${at} of ${fields.length}`);
  return field;
};

export const BEGINNING: SheetState = { field: 0, at: { type: 'asking', misses: 0 }, values: {} };

/** What is asked first. */
export function firstQuestion(sheet: Sheet): { ask: string; expects: ExpectedAnswer | undefined } {
  return { ask: fieldOf(sheet, 0).form.question, expects: expectedAt(sheet, BEGINNING) };
}

export interface SheetStep {
  state: SheetState;
  answer: SheetAnswer;
}

/** What the caller says to what is asked at that point. Undefined: the words show it. */
export function expectedAt(sheet: Sheet, { field, at }: SheetState): ExpectedAnswer | undefined {
  const { expects, askRest } = fieldOf(sheet, field).form;
  if (at.type === 'confirming' || expects === undefined) return undefined;
  return at.part === undefined || askRest !== undefined ? expects : restOf(expects, at.part, sheet.language);
}

/** Of a number: as many digits as it lacks. */
function restOf(expects: ExpectedAnswer, part: string, language: CollectLanguage): ExpectedAnswer | undefined {
  const { lengths = [] } = expectedQuestion(expects, speechOf(language));
  const given = part.replace(/\D/g, '').length;
  const code = lengths.map((length) => length - given).filter((length) => length > 0);
  return code.length > 0 ? { code } : undefined;
}

/** The caller has said this. */
export function hear(sheet: Sheet, state: SheetState, text: string): SheetStep {
  const named = namedEarlier(sheet, state, text);
  if (named !== undefined) return goBack(sheet, state, named, text);
  return state.at.type === 'asking' ? read(sheet, state, text) : hearVerdict(sheet, state, state.at.value, text);
}

/** A value that somebody else has read out of the caller's words is taken as if they had said it so. */
export function take(sheet: Sheet, state: SheetState, text: string): SheetStep {
  return read(sheet, { ...state, at: { type: 'asking', misses: 0 } }, text);
}

function read(sheet: Sheet, state: SheetState, text: string): SheetStep {
  const { form } = fieldOf(sheet, state.field);
  const before = state.at.type === 'asking' ? state.at.part : undefined;
  const reading = form.read(text, before, state.values);
  switch (reading.type) {
    case 'value':
      return confirm(sheet, state, reading.value);
    case 'part': {
      const at: At = { type: 'asking', part: reading.part, misses: 0 };
      return { state: { ...state, at }, answer: { type: 'say', text: form.askRest ?? REST[sheet.language] } };
    }
    case 'wrong': {
      const misses = (state.at.type === 'asking' ? state.at.misses : 0) + 1;
      const why = `${WRONGS[reading.why][sheet.language]} ${form.question}`;
      return { state: { ...state, at: { type: 'asking', misses } }, answer: { type: 'say', text: why } };
    }
    case 'none':
      return { state, answer: { type: 'pass' } };
  }
}

function confirm(sheet: Sheet, state: SheetState, value: unknown): SheetStep {
  const aloud = fieldOf(sheet, state.field).form.readBack(value);
  if (aloud === undefined) return settle(sheet, state, value);
  return { state: { ...state, at: { type: 'confirming', value } }, answer: { type: 'say', text: aloud } };
}

/** It stands: the next that is missing is asked for. */
function settle(sheet: Sheet, state: SheetState, value: unknown): SheetStep {
  const values = { ...state.values, [fieldOf(sheet, state.field).name]: value };
  const field = sheet.fields.findIndex(({ name }) => !(name in values));
  if (field === -1) return { state: { ...state, values }, answer: { type: 'finish', values } };
  const { name, form } = fieldOf(sheet, field);
  const next: SheetState = { ...state, field, at: { type: 'asking', misses: 0 }, values };
  const { [name]: known, ...unconfirmed } = state.unconfirmed ?? {};
  if (known !== undefined) return confirm(sheet, { ...next, unconfirmed }, known);
  return { state: next, answer: { type: 'say', text: form.question } };
}

/** Yes, no, or something about what was read back. */
function hearVerdict(sheet: Sheet, state: SheetState, known: unknown, text: string): SheetStep {
  const { form } = fieldOf(sheet, state.field);
  const amended = form.amend?.(known, text);
  const verdict = readYesNo(text);
  const isYes = verdict.type === 'value' && verdict.value;
  if (isYes && (amended === undefined || sameValue(amended, known))) return settle(sheet, state, known);
  if (amended !== undefined && !sameValue(amended, known)) return confirm(sheet, state, amended);
  if (verdict.type !== 'value') {
    const again = form.read(text, undefined, state.values);
    return again.type === 'value' ? confirm(sheet, state, again.value) : { state, answer: { type: 'pass' } };
  }
  const asking: SheetState = { ...state, at: { type: 'asking', misses: 1 } };
  const again = read(sheet, asking, text);
  const isBare = again.answer.type === 'pass' || bareNo(text, sheet.language);
  return isBare ? { state: asking, answer: { type: 'say', text: AGAIN[sheet.language] } } : again;
}

const sameValue = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const bareNo = (text: string, language: CollectLanguage): boolean =>
  tokensIn(text)
    .filter((token) => /[\p{L}\d]/u.test(token))
    .every((token) => isCorrection(token, language));

/** By these a caller goes back to what they have said before. */
const BACK =
  /(?<![\p{L}\p{M}])(change|correct|wrong|actually|instead|go back|sorry|update|fix|बदल|गलत|सुधार|badal|galat|cambi|corrig|correg|perdon|equivoc)/u;

/** A field that was answered before, which the caller names together with a word for going back. */
function namedEarlier(sheet: Sheet, { field, values }: SheetState, text: string): number | undefined {
  const said = folded(text);
  if (!BACK.test(said) && !tokensIn(text).some((token) => isCorrection(token, sheet.language))) return undefined;
  const isNamed = ({ words }: Field): boolean => words.some((word) => said.includes(folded(word)));
  const found = sheet.fields.findIndex((each, at) => at !== field && each.name in values && isNamed(each));
  return found === -1 ? undefined : found;
}

/** What was said there is amended by what is said of it now, or forgotten, and that is read. */
function goBack(sheet: Sheet, state: SheetState, field: number, text: string): SheetStep {
  const { name, form } = fieldOf(sheet, field);
  const { [name]: known, ...values } = state.values;
  const asking: SheetState = { ...withUnconfirmed(sheet, state), field, at: { type: 'asking', misses: 0 }, values };
  const amended = form.amend?.(known, text);
  if (amended !== undefined && !sameValue(amended, known)) return confirm(sheet, asking, amended);
  const step = read(sheet, asking, text);
  return step.answer.type === 'pass' || (step.answer.type === 'say' && step.state.at.type === 'asking')
    ? { state: asking, answer: { type: 'say', text: form.question } }
    : step;
}

function withUnconfirmed(sheet: Sheet, state: SheetState): SheetState {
  if (state.at.type === 'asking') return state;
  const { name } = fieldOf(sheet, state.field);
  return { ...state, unconfirmed: { ...state.unconfirmed, [name]: state.at.value } };
}
