/** Values in the caller's own words: what follows a label, a reason, a whole request. */
import { STRENGTH, wholeAnswer, type Candidate, type Listening } from './candidate.ts';
import { LABEL_FILLERS } from './references.ts';
import type { Parameter } from './tool.ts';
import { isStopWord } from './words.ts';

/** What follows the parameter's own name: `the colour is dark blue`, `reference: blue`. */
export function findLabelled({ words }: Parameter, text: string): Candidate[] {
  const label = words.filter((word) => !LABEL_FILLERS.has(word)).at(-1);
  if (label === undefined) return [];
  const form = new RegExp(
    `\\b${label}s?\\b(?:\\s+(?:is|as|to|of|will be|should be)\\b|:|=)\\s*(?:the |an? |my )?([\\p{L}\\p{N}'-]+(?: [\\p{L}\\p{N}'-]+){0,3})`,
    'giu',
  );
  const quoted = [...text.matchAll(/["“]([^"”]+)["”]/g)].map((match) => ({ match, value: match[1] ?? '' }));
  const named = [...text.matchAll(form)].map((match) => ({ match, value: untilStopWord(match[1] ?? '') }));
  return [...named, ...quoted]
    .filter(({ value }) => value !== '')
    .map(({ match, value }) => {
      const start = match.index + match[0].indexOf(value);
      return { value, start, end: start + value.length, strength: STRENGTH.named };
    });
}

function untilStopWord(text: string): string {
  const words = text.split(' ');
  const stop = words.findIndex((word, index) => index > 0 && isStopWord(word));
  return (stop < 0 ? words : words.slice(0, stop)).join(' ');
}

/** Names of free text that is the request itself; any other must be led in by the caller, or be asked for. */
const REQUEST_WORDS = new Set(['query', 'question', 'search', 'request', 'topic', 'text', 'message']);

export function findFreeText({ words }: Parameter, text: string, { isAnswer }: Listening): Candidate[] {
  if (isAnswer) return wholeAnswer(text);
  const ledIn =
    /\b(?:because(?: of)?|about|regarding|concerning|saying(?: that)?|to say(?: that)?|that says|due to)\s+(.+?)(?=[.?!]|$)/i.exec(
      text,
    );
  if (ledIn?.[1]) {
    const start = ledIn.index + ledIn[0].length - ledIn[1].length;
    return [{ value: ledIn[1].trim(), start, end: start + ledIn[1].length, strength: STRENGTH.plain }];
  }
  if (!words.some((word) => REQUEST_WORDS.has(word))) return [];
  return [{ value: text.trim(), start: 0, end: 0, strength: STRENGTH.guess }];
}
