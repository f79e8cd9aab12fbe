/** Names of people and places in running speech, with or without capital letters. */
import { capitalize } from './dates.ts';
import type { Parameter } from './tool.ts';
import { STRENGTH, bareAnswer, type Candidate } from './candidate.ts';
import { isStopWord, meaningOf, tokensOf, type Token } from './words.ts';

const CALENDAR =
  /^(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december|tomorrow|today|noon|midnight|tonight|next|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|quarter|double|book|cancel|find|check|move|pay|see|speak|talk|change|reschedule|reserve|order|hear|ask|make|open|close|calling|looking|trying|sorry|fine|good|dr|doctor|mr|mrs|ms)$/;

/** Words that lead to the caller's own name, whatever its letters. */
const OWN_NAME =
  /\b(?:my (?:full |first |last )?name(?:'s| is)|the name(?:'s| is)|name is|under the name(?: of)?|call me|i am called)\s+/gi;
/** Words that lead to a name only when capital letters follow. */
const LIKELY_NAME = /\b(?:this is|i'm|i am|it's|under|for|named|speaking to|patient)\s+/gi;
const TITLE = /\b(?:dr\.?|doctor|mr\.?|mrs\.?|ms\.?|professor)\s+/gi;

/** People: the caller, or whoever the parameter is about. */
export function findNames(parameter: Parameter, text: string, isAnswer: boolean): Candidate[] {
  const found = [
    ...(isOthers(parameter) ? [] : namesBehind(OWN_NAME, text, false, STRENGTH.named)),
    ...(isOthers(parameter) ? [] : namesBehind(LIKELY_NAME, text, true, STRENGTH.typed)),
    ...namesBehindLabel(parameter, text),
  ];
  if (found.length > 0 || !isAnswer) return found;
  const value = bareAnswer(text).replace(/^(?:my name is|this is|i'm|i am|under|for)\s+/i, '');
  const words = value.split(/\s+/);
  if (value === '' || words.length > 5 || words.every((word) => isStopWord(word))) return [];
  return [{ value: titleCase(value), start: 0, end: text.length, strength: STRENGTH.plain }];
}

/** Whether the person is not the caller, but somebody the caller names: a doctor, a payee. */
function isOthers({ words }: Parameter): boolean {
  return words.some((word) =>
    /^(?:doctor|dr|physician|payee|recipient|beneficiary|provider|barber|stylist|agent|staff|to)$/.test(word),
  );
}

/** `with Dr. Shah` for a doctor, `to Maria` for a recipient, `guest Ana` for a guest. */
function namesBehindLabel(parameter: Parameter, text: string): Candidate[] {
  if (!isOthers(parameter)) return [];
  const own = new Set(parameter.words.map(meaningOf));
  if (own.has(meaningOf('doctor'))) {
    const titled = namesBehind(TITLE, text, false, STRENGTH.named);
    return titled.length > 0 ? titled : namesBehind(/\bwith\s+/gi, text, true, STRENGTH.typed);
  }
  if (parameter.words.some((word) => /^(?:payee|recipient|beneficiary|to)$/.test(word)))
    return namesBehind(/\bto\s+/gi, text, true, STRENGTH.typed);
  return namesBehind(/\b(?:with|by)\s+/gi, text, true, STRENGTH.typed);
}

function namesBehind(lead: RegExp, text: string, needsCapitals: boolean, strength: number): Candidate[] {
  return [...text.matchAll(lead)].flatMap((match) => {
    const run = nameRun(tokensOf(text), match.index + match[0].length, text, needsCapitals);
    return run ? [{ ...run, value: titleCase(run.value), strength }] : [];
  });
}

/** Up to four words from `start` on that can be a name. */
function nameRun(
  tokens: readonly Token[],
  start: number,
  text: string,
  needsCapitals: boolean,
): { value: string; start: number; end: number } | undefined {
  const run: Token[] = [];
  for (const token of tokens) {
    if (token.start < start) continue;
    const last = run.at(-1);
    const gap = text.slice(last?.end ?? start, token.start);
    const isApart = last ? !/^(?:[ -]|\. )$/.test(gap) : gap !== '';
    const isName = /^\p{L}/u.test(token.text) && !isStopWord(token.lower) && !CALENDAR.test(token.lower);
    if (isApart || !isName || (needsCapitals && !/^\p{Lu}/u.test(token.text)) || run.length === 4) break;
    run.push(token);
  }
  const [first, last] = [run[0], run.at(-1)];
  return first && last ? { value: text.slice(first.start, last.end), start: first.start, end: last.end } : undefined;
}

/** Where the parameter's place stands in a sentence. */
function prepositionsFor({ words }: Parameter): { form: RegExp; isSure: boolean }[] {
  if (words.some((word) => /^(?:from|origin|departure|source|pickup)$/.test(word)))
    return [{ form: /\b(?:from|leaving|out of)\s+/gi, isSure: true }];
  if (words.some((word) => /^(?:to|destination|arrival|dropoff)$/.test(word)))
    return [{ form: /\b(?:to|into|towards)\s+/gi, isSure: false }];
  return [
    { form: /\b(?:in|near|around)\s+(?:the (?:city|town) of )?/gi, isSure: true },
    { form: /\b(?:for|at|to|from)\s+/gi, isSure: false },
  ];
}

/** Places behind the preposition that suits the parameter; without capitals only where nothing else could stand. */
export function findPlaces(parameter: Parameter, text: string, isAnswer: boolean): Candidate[] {
  const found = prepositionsFor(parameter).flatMap(({ form, isSure }, rank) =>
    placesBehind(form, text, !isSure && !isAnswer, rank === 0 ? STRENGTH.named : STRENGTH.typed),
  );
  if (found.length > 0 || !isAnswer) return found;
  const value = bareAnswer(text).replace(/^(?:in|to|from|at|near)\s+/i, '');
  return value === '' ? [] : [{ value: titleCase(value), start: 0, end: text.length, strength: STRENGTH.plain }];
}

/** `in Pune and Mumbai` are two places. */
function placesBehind(form: RegExp, text: string, needsCapitals: boolean, strength: number): Candidate[] {
  const tokens = tokensOf(text);
  return [...text.matchAll(form)].flatMap((match) => {
    const found: Candidate[] = [];
    let start = match.index + match[0].length;
    for (;;) {
      const run = nameRun(tokens, start, text, needsCapitals || found.length > 0);
      if (!run) return found;
      found.push({ ...run, value: titleCase(run.value), strength });
      const next = /^(?:, and |,? and |, )(?=\p{Lu})/u.exec(text.slice(run.end));
      if (!next) return found;
      start = run.end + next[0].length;
    }
  });
}

/** Names from a recogniser come in small letters. */
function titleCase(name: string): string {
  return /\p{Lu}/u.test(name) ? name : name.split(' ').map(capitalize).join(' ');
}
