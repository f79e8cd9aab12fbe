/** Yes or no, and one of several: by words, by number, by keys. Pure. */
import { amountAt } from './number-words.ts';
import { NONE, type Reading } from './reading.ts';
import { folded, keysIn, tokensIn, type CollectLanguage } from './words.ts';

const setOf = (list: string): readonly string[] => folded(list).split(',');

/** Words of all three languages: in an answer to yes or no none of them means anything else. */
const YES = setOf(
  "yes,yeah,yep,yup,ya,sure,correct,right,exactly,absolutely,definitely,of course,ok,okay,that's it,that is it,perfect,go ahead,sounds good,please do,affirmative,mm hm,uh huh,हां,हा,जी,जी हां,सही,ठीक,बिल्कुल,बिलकुल,हां जी,haan,ha,han,ji,sahi,theek,thik,bilkul,sí,si,claro,correcto,exacto,eso es,vale,así es,perfecto,por supuesto,desde luego,dale,de acuerdo",
);
const NO = setOf(
  "no,nope,nah,not right,incorrect,wrong,not correct,that's not,isn't,not quite,not really,don't,negative,never,नहीं,नही,ना,गलत,मत,nahi,nahin,nai,na,galat,incorrecto,equivocado,está mal,no es,tampoco,para nada,nunca",
);
/** They mean no what they hold: "no problem", "why not", "no, that's right". */
const NOT_NO = setOf(
  'no problem,no worries,why not,not wrong,no mistake,कोई बात नहीं,koi baat nahi,no hay problema,cómo no,como no',
);

/** In Spanish the comma tells "no, es correcto" from "no es correcto". */
const NO_BUT_RIGHT =
  /^(?:(?:no|nahi|nahin|नहीं)[, ]+.*(?:that's right|it's right|that's correct|sahi hai|theek hai|सही है|ठीक है)|no,.*es correcto)[.! ]*$/u;

/** Whether these words stand in `text`, each by itself. */
function holds(text: string, words: readonly string[]): boolean {
  return words.some((word) => ` ${text} `.includes(` ${word} `));
}

/** What an answer to yes or no says; `1` is yes and `2` is no on the keys. "No, that's right" is a yes. */
export function readYesNo(text: string): Reading<boolean> {
  const keys = keysIn(text)?.replace(/[#*]/g, '');
  if (keys !== undefined) return keys === '1' || keys === '2' ? { type: 'value', value: keys === '1' } : NONE;
  const said = tokensIn(text)
    .filter((token) => /[\p{L}\d]/u.test(token))
    .join(' ');
  if (holds(said, NOT_NO)) return { type: 'value', value: true };
  const [isYes, isNo] = [holds(said, YES), holds(said, NO)];
  if (isYes && isNo) return { type: 'value', value: NO_BUT_RIGHT.test(folded(text)) };
  return isYes || isNo ? { type: 'value', value: isYes } : NONE;
}

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
    'पहला,पहली,पहले,pehla,pehli,first',
    'दूसरा,दूसरी,doosra,dusra,dusri,second',
    'तीसरा,तीसरी,teesra,tisra,third',
    'चौथा,चौथी,chautha,fourth',
  ].map(setOf),
  es: [
    'primero,primera,primer',
    'segundo,segunda',
    'tercero,tercera,tercer',
    'cuarto,cuarta',
    'quinto,quinta',
    'sexto,sexta',
  ].map(setOf),
};
const LAST = setOf('last,आखिरी,aakhri,akhri,último,última');
const NUMBER = setOf('number,option,नंबर,विकल्प,number,vikalp,número,opción,la,el');

/** The choice that was made: its words, its place in the row, or its key. Two at once are none. */
export function readChoice(text: string, choices: readonly Choice[], language: CollectLanguage): Reading<string> {
  const keys = keysIn(text)?.replace(/[#*]/g, '');
  if (keys !== undefined) return valueAt(choices, Number(keys) - 1);
  const tokens = tokensIn(text).filter((token) => /[\p{L}\d]/u.test(token));
  const meant = afterCorrection(tokens, language);
  const said = meant.join(' ');
  const named = namedIn(said, choices);
  if (named.length === 1) return { type: 'value', value: named[0] ?? '' };
  if (named.length > 1) return NONE;
  const place = ORDINALS[language].findIndex((words) => holds(said, words));
  if (place !== -1) return valueAt(choices, place);
  if (holds(said, LAST)) return valueAt(choices, choices.length - 1);
  return byNumber(meant, choices, language);
}

/** Those whose words were said; else those of which a word was said that no other has: "the window one" for "window seat". */
function namedIn(said: string, choices: readonly Choice[]): string[] {
  const found = choices.filter(({ words }) => words.some((word) => holds(said, [wordsOf(word)])));
  if (found.length > 0) return found.map(({ value }) => value);
  const only = choices.filter((choice) =>
    choice.words.some((word) =>
      wordsOf(word)
        .split(' ')
        .some((part) => part.length > 2 && isOnlyIn(part, choice, choices) && holds(said, [part])),
    ),
  );
  return only.map(({ value }) => value);
}

const wordsOf = (text: string): string =>
  tokensIn(text)
    .filter((token) => /[\p{L}\d]/u.test(token))
    .join(' ');

const isOnlyIn = (part: string, choice: Choice, choices: readonly Choice[]): boolean =>
  choices.every((other) => other === choice || !other.words.some((word) => ` ${wordsOf(word)} `.includes(` ${part} `)));

/** "Monday, no, Tuesday": behind the last word that takes back; where nothing stands behind it, all. */
function afterCorrection(tokens: readonly string[], language: CollectLanguage): readonly string[] {
  const at = tokens.findLastIndex(
    (token) => NO.includes(token) || token === 'sorry' || (language === 'es' && token === 'perdon'),
  );
  return at > 0 && at < tokens.length - 1 ? tokens.slice(at + 1) : tokens;
}

/** Words beside a number by itself. */
const POLITE = setOf(
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
