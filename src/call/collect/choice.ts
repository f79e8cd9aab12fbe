/** One of several that are offered: by its words, by its place, by number, by keys. Pure. */
import { amountAt } from './number-words.ts';
import { NONE, type Reading } from './reading.ts';
import { holds, isQuestion, keysIn, listOf, wordsIn, type CollectLanguage } from './words.ts';

/** One of several that are offered. */
export interface Choice {
  /** What the result is. */
  value: string;
  /** How it is offered, and what else it is called. The first is spoken. */
  words: readonly string[];
}

const ORDINALS: Readonly<Record<CollectLanguage, readonly (readonly string[])[]>> = {
  en: ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth'].map((word) => [word]),
  hi: [
    'पहला,पहली,पहले,pehla,pehli,pehle,first',
    'दूसरा,दूसरी,doosra,doosri,dusra,dusri,second',
    'तीसरा,तीसरी,teesra,teesri,tisra,tisri,third',
    'चौथा,चौथी,chautha,chauthi,fourth',
    'पांचवां,पांचवी,paanchva,paanchvi,panchva,panchvi,fifth',
    'छठा,छठी,chhatha,chhathi,sixth',
    'सातवां,सातवी,saatva,saatvi,seventh',
    'आठवां,आठवी,aathva,aathvi,eighth',
    'नौवां,नौवी,nauva,nauvi,ninth',
  ].map(listOf),
  es: [
    'primero,primera,primer',
    'segundo,segunda',
    'tercero,tercera,tercer',
    'cuarto,cuarta',
    'quinto,quinta',
    'sexto,sexta',
    'séptimo,séptima',
    'octavo,octava',
    'noveno,novena',
  ].map(listOf),
};
const LAST = listOf('last,आखिरी,aakhri,akhri,último,última');
const NUMBER = listOf('number,option,नंबर,विकल्प,number,vikalp,número,opción,la,el');
/** Before these a second is a time to wait, and no place in a row. */
const SOME = listOf('a,one,just,another,un,uno,ek,एक');
/** Behind these it is said what is not wanted: "not the suite, the studio". */
const NEGATIONS = new Set([
  ...listOf("not,don't,dont,doesn't,isn't,won't,wouldn't,neither,except,without,excepto,menos,ni"),
  ...listOf('ninguno,ninguna,none'),
]);
/** Before these it is taken back, as before "sorry": "Monday, no, Tuesday". */
const TAKEN_BACK = new Set(listOf('no,nope,nah,sorry,wait,rather,नहीं,नही,गलत,nahi,nahin,galat,perdón'));

/** The choice that was made: its words, its place in the row, or its key. Two at once, a question, and what is not wanted are none. */
export function readChoice(text: string, choices: readonly Choice[], language: CollectLanguage): Reading<string> {
  const keys = keysIn(text)?.replace(/[#*]/g, '');
  if (keys !== undefined) return valueAt(choices, Number(keys) - 1);
  if (isQuestion(text)) return NONE;
  const tokens = wordsIn(language === 'es' && !isOffered('no', choices) ? withNegations(text) : text).split(' ');
  const mentions = mentionsIn(tokens, choices);
  if (mentions.length > 0) return only(wanted(tokens, mentions));
  const meant = tokens.slice(tokens.findLastIndex((token) => TAKEN_BACK.has(token)) + 1);
  if (meant.some((token) => NEGATIONS.has(token))) return NONE;
  const places = placesIn(meant, choices.length, language);
  return places.length > 0 ? only(places.map((place) => choices[place]?.value)) : byNumber(meant, choices, language);
}

const isOffered = (word: string, choices: readonly Choice[]): boolean =>
  choices.some(({ words }) => words.some((each) => holds(wordsIn(each), [word])));

/** In Spanish a comma tells what is taken back ("lunes, no, martes") from what is not wanted ("la suite, no la doble"). */
const withNegations = (text: string): string =>
  text.includes(',') || /^\s*no\s/iu.test(text) ? text.replace(/\bno(?=\s)/giu, 'ni') : text;

function only(values: readonly (string | undefined)[]): Reading<string> {
  const [value, ...others] = new Set(values);
  return value === undefined || others.length > 0 ? NONE : { type: 'value', value };
}

/** Where a choice is named. */
interface Mention {
  value: string;
  at: number;
  until: number;
}

/** Each by all of its words, or by one that no other has: "the window one" for "window seat". Of two in one place the longer counts. */
function mentionsIn(tokens: readonly string[], choices: readonly Choice[]): Mention[] {
  const found = choices.flatMap((choice) => {
    const whole = choice.words.flatMap((word) => placesOf(wordsIn(word), choice.value, tokens));
    return whole.length > 0 ? whole : byOwnWords(tokens, choice, choices);
  });
  const isWithin = (one: Mention, other: Mention) =>
    one.at >= other.at && one.until <= other.until && one.until - one.at < other.until - other.at;
  return found.filter((one) => !found.some((other) => isWithin(one, other))).sort((a, b) => a.at - b.at);
}

function placesOf(words: string, value: string, tokens: readonly string[]): Mention[] {
  const parts = words.split(' ');
  return tokens.flatMap((_, at) =>
    parts.every((part, i) => tokens[at + i] === part) ? [{ value, at, until: at + parts.length }] : [],
  );
}

function byOwnWords(tokens: readonly string[], choice: Choice, choices: readonly Choice[]): Mention[] {
  const own = choice.words
    .flatMap((word) => wordsIn(word).split(' '))
    .filter((part) => part.length > 2 && isOnlyIn(part, choice, choices));
  return own.flatMap((part) => placesOf(part, choice.value, tokens));
}

const isOnlyIn = (part: string, choice: Choice, choices: readonly Choice[]): boolean =>
  choices.every((other) => other === choice || !other.words.some((word) => holds(wordsIn(word), [part])));

/** What is left of those that were named: not what is not wanted, and not what was taken back. */
function wanted(tokens: readonly string[], mentions: readonly Mention[]): string[] {
  let kept: string[] = [];
  let from = 0;
  for (const { value, at, until } of mentions) {
    const before = tokens.slice(from, at);
    const isRefused = before.some(
      (token, i) => NEGATIONS.has(token) || (token === 'anything' && before[i + 1] === 'but'),
    );
    if (before.some((token) => TAKEN_BACK.has(token))) kept = [];
    if (!isRefused) kept.push(value);
    from = until;
  }
  // "suite nahi chahiye"
  return tokens.slice(from).some((token) => TAKEN_BACK.has(token) || NEGATIONS.has(token)) ? [] : kept;
}

/** "The second", "the last one"; "just a second" and "the first two" are none. */
function placesIn(tokens: readonly string[], count: number, language: CollectLanguage): number[] {
  return tokens.flatMap((token, at) => {
    const place = LAST.includes(token) ? count - 1 : ORDINALS[language].findIndex((words) => words.includes(token));
    const isOne = place !== -1 && !SOME.includes(tokens[at - 1] ?? '');
    if (!isOne || tokens[at + 1] === 'thoughts') return [];
    const isSeveral = (amountAt(tokens, at + 1, language)?.value ?? 1) > 1;
    return isSeveral ? [place, count] : [place];
  });
}

/** Words beside a number by itself. */
const POLITE = listOf(
  'please,yes,yeah,ok,okay,uh,um,i want,take,por favor,sí,quiero,मुझे,चाहिए,जी,हां,प्लीज,ji,haan,chahiye,mujhe,wala,वाला,वाली',
).flatMap((words) => words.split(' '));

/** "Two", "number two", "option 2": by itself, or named as a number. "I have one question", "the big one" are none. */
function byNumber(tokens: readonly string[], choices: readonly Choice[], language: CollectLanguage): Reading<string> {
  for (const at of tokens.keys()) {
    const amount = amountAt(tokens, at, language);
    if (!amount || (at > 0 && amountAt(tokens, at - 1, language)?.until === amount.until)) continue;
    const others = tokens.filter((_, i) => i < at || i >= amount.until);
    const isNamed = [tokens[at - 1], tokens[amount.until]].some((side) => side !== undefined && NUMBER.includes(side));
    const isAlone = others.every((other) => POLITE.includes(other));
    if (isAlone || isNamed) return valueAt(choices, amount.value - 1);
  }
  return NONE;
}

function valueAt(choices: readonly Choice[], at: number): Reading<string> {
  const choice = choices[at];
  return choice ? { type: 'value', value: choice.value } : NONE;
}
