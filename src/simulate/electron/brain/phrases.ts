/** The sentences that go around tools: before a call, for what is missing, for a yes, after a list. */
import { sayValue } from './tell.ts';
import type { Parameter, Tool } from './tool.ts';
import { isLookup, sayName, stem, thingWords, tokensOf } from './words.ts';

/** Whether the system prompt asks for words before a tool is used. Electron's filler is prompt-driven. */
export function asksForFiller(instructions: string): boolean {
  return instructions
    .split(/(?<=[.!?])\s+|\n/)
    .some(
      (sentence) =>
        /\b(?:before|while|when(?:ever)?|prior to|as you)\b/i.test(sentence) &&
        /\b(?:tools?|functions?|look(?:ing)? (?:it |things? |something |anything )?up|check(?:ing)?|call(?:ing)?)\b/i.test(
          sentence,
        ) &&
        /\b(?:say|speak|tell|brief|short|acknowledge|acknowledgement|acknowledgment|filler|phrase|let the caller know)\b/i.test(
          sentence,
        ),
    );
}

const LOOKING = [
  'One moment, let me check that for you.',
  'Sure, let me look that up.',
  'Just a second while I check.',
];
const DOING = [
  'Alright, I will do that for you now.',
  'Sure, one moment while I take care of that.',
  'Okay, let me do that right away.',
];
const BOTH = ['Let me look into both.', 'One moment, I will check both for you.'];
const NEXT = ['Thank you, just one more step.', 'Good, now let me finish that for you.'];

export interface FillerFacts {
  tools: readonly Tool[];
  calls: number;
  isFollowUp: boolean;
  /** Rotates the phrases. */
  answers: number;
}

export function fillerFor({ tools, calls, isFollowUp, answers }: FillerFacts): string {
  const phrases = isFollowUp ? NEXT : calls > 1 ? BOTH : tools.some((tool) => tool.isWrite) ? DOING : LOOKING;
  return phrases[answers % phrases.length] ?? '';
}

/** A question for a value that nobody gave. */
export function ask(parameter: Parameter): string {
  const label = labelOf(parameter);
  switch (parameter.kind) {
    case 'person':
      return /\b(?:name|patient|caller|customer|guest|passenger)$/.test(label)
        ? 'Could I have your name, please?'
        : `Could you tell me who the ${label} is, please?`;
    case 'phone':
      return 'What phone number can we reach you on?';
    case 'email':
      return 'What is your email address?';
    case 'date':
      return /^(?:date|day)$/.test(label) ? 'What day would you like?' : `What is the ${label}?`;
    case 'time':
      return /^time$/.test(label) ? 'What time would you like?' : `What is the ${label}?`;
    case 'moment':
      return 'What day and time would you like?';
    case 'choice':
      return `Which ${label.length > 3 ? `${label} ` : ''}would you like: ${parameter.choices.map((choice) => sayName(String(choice))).join(', ')}?`;
    case 'boolean':
      return `Would you like ${label}?`;
    case 'number':
      return label.endsWith('s') ? `How many ${label}?` : `What is the ${label}?`;
    case 'place':
      return /^(?:city|town|place|location|from|to)$/.test(label)
        ? (PLACE_QUESTIONS[label] ?? 'Which place?')
        : `What is the ${label}?`;
    default:
      return `Could you tell me the ${describedLabel(parameter) ?? label}, please?`;
  }
}

/** The description's first words, when they name the thing better than its identifier does. */
function describedLabel({ description, words }: Parameter): string | undefined {
  const phrase =
    description
      .split(/[.,;:(]/, 1)[0]
      ?.trim()
      .replace(/^the /i, '') ?? '';
  const said = new Set(tokensOf(phrase).map(({ lower }) => stem(lower)));
  const isBetter = words.some((word) => said.has(stem(word))) && said.size > words.length && phrase.length <= 50;
  return isBetter ? phrase.charAt(0).toLowerCase() + phrase.slice(1) : undefined;
}

const PLACE_QUESTIONS: Record<string, string> = {
  city: 'Which city?',
  town: 'Which town?',
  from: 'Where from?',
  to: 'Where to?',
};

/** The parameter's name as one would say it; an id is a number to the ear. */
function labelOf({ name }: Parameter): string {
  return sayName(name).replace(/ id$/, ' number').replace(/^id$/, 'number');
}

/** Reads back what is about to be done. */
export function confirm(tool: Tool, given: Record<string, unknown>, today: string): string {
  const details = Object.entries(given)
    .filter(([key]) => !/(?:^|_)id$|Id$/.test(key))
    .map(([key, value]) => `${sayName(key)} ${sayValue(value, today)}`);
  return `Shall I ${sayAction(tool)}${details.length > 0 ? `, ${details.join(', ')}` : ''}?`;
}

/** After something was found that a tool can go on with. */
export function offer(tool: Tool, items: number): string {
  return items === 1 ? `Would you like me to ${sayAction(tool)}?` : 'Which one would you like?';
}

/** `book_appointment` is `book the appointment`, `menu_lookup` is `look up the menu`. */
export function sayAction(tool: Tool): string {
  if (isLookup(tool.name)) return `look up the ${thingWords(tool.name).join(' ')}`;
  const [verb = '', ...rest] = tool.words;
  return rest.length > 0 ? `${verb} the ${rest.join(' ')}` : verb;
}
