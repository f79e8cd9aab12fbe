/**
 * What a simulated caller may do next, and what it may not: rules are looked after here, and not left to what a model was
 * asked for. A caller that breaks one makes the call void, for then it says nothing of the agent.
 */
import { z } from 'zod';
import { jsonIn } from '../ask.ts';
import type { SimulatedCaller } from '../scenario/schema.ts';

export type CallerMove = { does: 'say'; text: string } | { does: 'wait' } | { does: 'hangUp'; why: string };

/** What the caller has heard and said so far: never what the agent wrote, and nothing of what happens in it. */
export interface CallerView {
  goal: string;
  persona?: string | undefined;
  knows: Readonly<Record<string, string | number | boolean>>;
  refuses: readonly string[];
  endsWhen?: string | undefined;
  /** In order. `isCut`: the caller spoke over it, or over what came behind it. */
  talk: { who: 'you' | 'agent'; text: string; isCut?: boolean }[];
}

export const viewOf = (caller: SimulatedCaller, talk: CallerView['talk']): CallerView => ({
  goal: caller.goal,
  persona: caller.persona,
  knows: caller.knows,
  refuses: caller.refuses,
  endsWhen: caller.endsWhen,
  talk,
});

const Answer = z.union([
  z.strictObject({ say: z.string().min(1).max(600) }),
  z.strictObject({ wait: z.unknown() }),
  z.strictObject({ hangUp: z.unknown() }),
]);

/** Undefined of anything that is no move. */
export function readMove(text: string): CallerMove | undefined {
  const read = Answer.safeParse(jsonIn(text));
  if (!read.success) return undefined;
  if ('say' in read.data) return { does: 'say', text: read.data.say.trim() };
  return 'wait' in read.data ? { does: 'wait' } : { does: 'hangUp', why: String(read.data.hangUp) };
}

// ---- rules ----------------------------------------------------------------------------------------------------------

/** Which rule this breaks, in words; undefined of a good move. */
export function brokenRule(move: CallerMove, view: CallerView): string | undefined {
  if (move.does !== 'say') return undefined;
  const { text } = move;
  if (isAgentsLine(text)) return `the caller spoke as the agent would: "${text}"`;
  if (opensAgain(text, view)) return `the caller began anew: "${text}"`;
  const invented = inventedIn(text, view);
  return invented === undefined ? undefined : `the caller said "${invented}", which nobody had told them`;
}

/** Who is deaf says nothing of an agent that speaks. */
export function deafness(view: CallerView, hasSounded: boolean): string | undefined {
  const isDeaf = hasSounded && !view.talk.some(({ who, text }) => who === 'agent' && text !== '');
  return isDeaf ? 'the caller is deaf: the agent spoke, and nothing was heard of it' : undefined;
}

const AGENTS_WORDS =
  /\bhow (?:can|may) i (?:help|assist)\b|\bthank you for calling\b|\bis there anything else i can\b|\bas an ai\b/i;
const isAgentsLine = (text: string): boolean => AGENTS_WORDS.test(text);

/** Word for word what they began with, once something was said in between. */
function opensAgain(text: string, { talk }: CallerView): boolean {
  const own = talk.filter(({ who }) => who === 'you');
  const [opening] = own;
  return (
    opening !== undefined && own.length > 1 && plain(text) === plain(opening.text) && plain(text).split(' ').length > 3
  );
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The first name, number or day in it that is neither known nor was heard; undefined when there is none. */
export function inventedIn(text: string, view: CallerView): string | undefined {
  const known = new Set(tokensOf(knownText(view)));
  return detailsIn(text).find((detail) => !tokensOf(detail).every((token) => known.has(token)));
}

function knownText({ goal, persona = '', knows, refuses, endsWhen = '', talk }: CallerView): string {
  const facts = Object.entries(knows).flatMap(([name, value]) => [name, String(value)]);
  return [goal, persona, endsWhen, ...refuses, ...facts, ...talk.map((one) => one.text)].join(' ');
}

const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINALS =
  'zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth'.split(
    ' ',
  );
const DAYS = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const MONTHS = 'january february march april june july august september october november december'.split(' ');

/** Capital letters say nothing of these, nor of whatever begins a sentence. */
const NO_NAMES = new Set([
  'i',
  "i'm",
  "i'd",
  "i'll",
  "i've",
  'ok',
  'okay',
  'mr',
  'mrs',
  'ms',
  'dr',
  'doctor',
  'english',
  'hi',
  'hello',
  'yes',
  'no',
  'please',
  'thanks',
]);

/** Names, numbers, days and months: what a caller cannot know by being a person. */
function detailsIn(text: string): string[] {
  const words = [...text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}'’:.-]*/gu)];
  return words.flatMap((match) => {
    const word = match[0].replace(/[.'’:-]+$/, '');
    const lower = word.toLowerCase();
    if (/\d/.test(word) || valueOf(lower) !== undefined) return isSmallTalk(lower) ? [] : [word];
    if (DAYS.includes(lower) || MONTHS.includes(lower)) return [word];
    const isFirst = /(^|[.!?…]["')]?\s*)$/.test(text.slice(0, match.index));
    return /^\p{Lu}/u.test(word) && !isFirst && !NO_NAMES.has(lower) ? [word] : [];
  });
}

/** "one moment", "that one", "a second": no number that anybody invents. */
const isSmallTalk = (word: string): boolean => ['one', 'second', 'first'].includes(word);

function valueOf(word: string): number | undefined {
  const unit = UNITS.indexOf(word);
  if (unit >= 0) return unit;
  const ordinal = ORDINALS.indexOf(word);
  if (ordinal >= 0) return ordinal;
  const ten = TENS.indexOf(word);
  return ten >= 0 ? (ten + 2) * 10 : undefined;
}

/** By value: "ten", "10" and "10th" are one; "10:30" is its parts. */
function tokensOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .flatMap((word) => {
      const digits = /^0*(\d+)(st|nd|rd|th|am|pm)?$/.exec(word)?.[1];
      if (digits !== undefined) return [digits];
      const value = valueOf(word);
      return value === undefined ? [word.replace(/'s$/, '')] : [String(value), word];
    });
}
