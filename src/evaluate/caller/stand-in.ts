/**
 * A caller without a model: it opens with its goal, answers questions by what it knows, takes the first of what it is offered,
 * and hangs up when it has heard what it ends with. It shows how a scenario runs, and is no measure of how people talk.
 */
import type { CallerMind } from './mind.ts';
import type { CallerView } from './moves.ts';

/** How reports name it. */
export const STAND_IN_CALLER = 'stand-in, which opens with its goal and answers by what it knows';

/** So often it says that it does not know; then it gives up. */
const MOST_SHRUGS = 2;
const SHRUG = 'I am not sure about that.';
const GOODBYE = 'Thank you, goodbye.';

export const standInCaller: CallerMind = (view) => Promise.resolve(JSON.stringify(moveFor(view)));

function moveFor(view: CallerView): object {
  const { talk, goal } = view;
  const own = talk.filter(({ who }) => who === 'you').map(({ text }) => text);
  if (own.length === 0) return { say: goal };
  if (own.at(-1) === GOODBYE) return { hangUp: 'done' };
  const last = talk.at(-1);
  if (last?.who !== 'agent' || last.text === '') return { wait: true };
  if (isReached(view, last.text)) return { say: GOODBYE };
  const answer = answerTo(last.text, view, own);
  if (answer !== undefined) return { say: answer };
  if (!last.text.includes('?')) return { say: GOODBYE };
  return own.filter((text) => text === SHRUG).length >= MOST_SHRUGS ? { hangUp: 'it gets nowhere' } : { say: SHRUG };
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Words that every sentence has tell nothing of what was reached. */
const LITTLE = new Set(
  'the a an is are was were has have had it that this agent caller confirmed confirms says said when of for to and or on at in by'.split(
    ' ',
  ),
);

function isReached({ endsWhen }: CallerView, heard: string): boolean {
  const wanted = endsWhen === undefined ? [] : wordsOf(endsWhen).filter((word) => !LITTLE.has(word));
  const words = new Set(wordsOf(heard));
  return wanted.length > 0 && wanted.every((word) => words.has(word));
}

/** What is known of what was asked for, and was not said yet; else, of several things offered, the first. */
function answerTo(heard: string, { knows }: CallerView, own: readonly string[]): string | undefined {
  const asked = new Set(wordsOf(heard));
  const known = Object.entries(knows).find(
    ([name, value]) =>
      wordsOf(name).some((word) => asked.has(word)) && !own.some((text) => text.includes(String(value))),
  );
  if (known) return `${String(known[1])}, please.`.replace(/^./, (letter) => letter.toUpperCase());
  if (/\bwhich\b.*\?/i.test(heard) && !own.includes(FIRST)) return FIRST;
  return /\b(is that right|shall i|should i|would you like|do you want)\b/i.test(heard) && !own.slice(1).includes(YES)
    ? YES
    : undefined;
}

const FIRST = 'The first one, please.';
const YES = 'Yes, please.';
