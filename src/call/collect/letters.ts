/** Letters as they are spelled: `b as in boy`, `be de uve`, `ए बी सी`, `double l`. Pure. */
import { folded, type CollectLanguage } from './words.ts';

const NAMES: Readonly<Record<CollectLanguage, string>> = {
  // what a recogniser writes for a letter that is said by itself
  en: 'a=ay b=bee/be c=cee/see/sea d=dee e=ee f=ef/eff g=gee h=aitch/haitch j=jay k=kay l=el/ell m=em n=en p=pee/pea q=cue/queue r=ar/are s=ess t=tee/tea u=you v=vee x=ex y=why z=zee/zed',
  hi: 'a=ए b=बी c=सी d=डी e=ई f=एफ g=जी h=एच i=आई j=जे k=के l=एल m=एम n=एन o=ओ p=पी q=क्यू r=आर s=एस t=टी u=यू v=वी w=डब्ल्यू/डबल्यू x=एक्स y=वाई z=ज़ेड/जेड',
  es: 'b=be c=ce d=de f=efe g=ge h=hache j=jota k=ka l=ele m=eme n=ene ñ=eñe p=pe q=cu r=erre/ere s=ese t=te v=uve/ve x=equis z=zeta/ceta',
};

const tables = new Map<CollectLanguage, Map<string, string>>();

function tableOf(language: CollectLanguage): Map<string, string> {
  const known = tables.get(language);
  if (known) return known;
  const table = new Map<string, string>();
  for (const entry of NAMES[language].split(' ')) {
    const [letter = '', ways = ''] = entry.split('=');
    for (const way of ways.split('/')) table.set(folded(way), letter);
  }
  if (language === 'hi') for (const [name, letter] of tableOf('en')) table.set(name, letter);
  tables.set(language, table);
  return table;
}

/** Between a letter and a word that begins with it. */
const LIKE = new Set(['for', 'like', 'de', 'como', 'as', 'से', 'se', 'jaise', 'जैसे']);
const TIMES: Readonly<Record<string, number>> = { double: 2, triple: 3, डबल: 2, doble: 2 };

/** The letter that is spelled at a token, and where its spelling ends; undefined where none is. */
export function letterAt(
  tokens: readonly string[],
  at: number,
  language: CollectLanguage,
): { letters: string; until: number } | undefined {
  const token = tokens[at] ?? '';
  const times = TIMES[folded(token)];
  if (times !== undefined && /^w|^u$|^you$/.test(tokens[at + 1] ?? '') === false) {
    const next = letterAt(tokens, at + 1, language);
    return next?.letters.length === 1 ? { letters: next.letters.repeat(times), until: next.until } : undefined;
  }
  const two = twoWordLetter(token, tokens[at + 1]);
  if (two !== undefined) return { letters: two, until: at + 2 };
  const letter = /^[a-zñ]$/.test(token) ? token : tableOf(language).get(token);
  return letter === undefined ? undefined : { letters: letter, until: endOfLike(tokens, at + 1, letter) };
}

/** `double u`, `uve doble`, `y griega`. */
function twoWordLetter(token: string, next = ''): string | undefined {
  if (token === 'double' && (next === 'u' || next === 'you')) return 'w';
  if ((token === 'uve' || token === 've') && next === 'doble') return 'w';
  return (token === 'y' || token === 'i') && (next === 'griega' || next === 'latina') ? token : undefined;
}

/** Behind "as in boy" or "for boy", when the word begins with the letter. */
function endOfLike(tokens: readonly string[], from: number, letter: string): number {
  if (!LIKE.has(tokens[from] ?? '')) return from;
  const at = tokens[from] === 'as' && tokens[from + 1] === 'in' ? from + 2 : from + 1;
  return (tokens[at] ?? '').length > 1 && tokens[at]?.startsWith(letter) ? at + 1 : from;
}

/** All letters of an answer that is nothing but spelling, `undefined` when it is something else. At least two. */
export function spelled(tokens: readonly string[], language: CollectLanguage): string | undefined {
  let letters = '';
  for (let at = 0; at < tokens.length;) {
    if (tokens[at] === '-' || tokens[at] === '.') {
      at++;
      continue;
    }
    const letter = letterAt(tokens, at, language);
    if (!letter) return undefined;
    letters += letter.letters;
    at = letter.until;
  }
  return letters.length >= 2 ? letters : undefined;
}
