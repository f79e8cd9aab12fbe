/** What to say when no tool is called for: greetings, thanks, facts from the system prompt, and what one can help with. */
import type { Conversation } from './conversation.ts';
import { capitalize } from './dates.ts';
import { findNumbers } from './numbers.ts';
import { sentence } from './tell.ts';
import type { Tool } from './tool.ts';
import { sayAction } from './phrases.ts';
import { isLookup, isAffirmative, isNegative, meaningOf, meaningsIn, sayName } from './words.ts';

const GOODBYE =
  /\b(?:good ?bye|bye(?:[ -]bye)?|that'?s (?:all|it|everything)(?: for (?:today|now))?|that (?:will be|is) all|nothing else|hang up|see you|have a (?:good|nice|great|lovely) (?:day|one|evening|weekend)|i'?m (?:all set|done))\b/i;

/** Whether the caller takes leave. */
export function isGoodbye({ callerText, turns }: Conversation): boolean {
  const asked = turns.at(-1)?.agentBefore ?? '';
  const isNothingMore =
    isNegative(callerText) && /\b(?:anything|something) else\b/i.test(asked) && meaningsIn(callerText).size === 0;
  return GOODBYE.test(callerText) || isNothingMore;
}

export function goodbye({ answers }: Conversation): string {
  return answers % 2 === 0 ? 'Goodbye, and have a nice day.' : 'Thank you for calling, goodbye.';
}

type Answer = (conversation: Conversation) => string | undefined;

/** Tried in order. */
const ANSWERS: readonly Answer[] = [repeat, say, count, greet, introduce, knownFact, thank, declined, agreed];

export function talk(conversation: Conversation): string {
  for (const answer of ANSWERS) {
    const text = answer(conversation);
    if (text !== undefined) return text;
  }
  return fallback(conversation);
}

/** `sorry?`, `can you repeat that`: the agent's last words once more. */
function repeat({ callerText, turns }: Conversation): string | undefined {
  const isAsked =
    /^(?:sorry|pardon|what|come again)\??$|\b(?:repeat that|say (?:that|it) again|didn'?t (?:catch|hear|get) (?:that|you))\b/i.test(
      callerText.trim(),
    );
  const before = turns.at(-1)?.agentBefore ?? '';
  return isAsked && before !== '' ? before : undefined;
}

/** `say hello world`, `repeat after me: ...`. */
function say({ callerText }: Conversation): string | undefined {
  const words = /\b(?:repeat after me|please say|^say)\b[:,]?\s+["“]?([^"”]+)/i.exec(callerText)?.[1];
  return words === undefined ? undefined : sentence(capitalize(words));
}

/** `count to twenty`: an answer of any length. */
function count({ callerText }: Conversation): string | undefined {
  const asked = /\bcount (?:up )?(?:(?:from one )?to )(.+)/i.exec(callerText)?.[1];
  const upTo = asked === undefined ? undefined : findNumbers(asked)[0]?.value;
  if (upTo === undefined || upTo < 1) return undefined;
  return sentence(Array.from({ length: Math.min(1_000, Math.floor(upTo)) }, (_, index) => index + 1).join(', '));
}

function greet(conversation: Conversation): string | undefined {
  if (!/^(?:hi|hello|hey|good (?:morning|afternoon|evening)|namaste)\b/i.test(conversation.callerText.trim()))
    return undefined;
  return meaningsIn(conversation.callerText).size <= 1 ? `Hello! ${help(conversation.tools)}` : undefined;
}

/** Who the system prompt says the agent is. */
function introduce({ callerText, instructions, tools }: Conversation): string | undefined {
  if (
    !/\bwho (?:are you|is this|am i (?:speaking|talking))|what(?:'s| is) your name|what can you do|how can you help\b/i.test(
      callerText,
    )
  )
    return undefined;
  const role = /\byou are ((?:an?|the) [^.,;\n]+|[A-Z][^.,;\n]+)/i.exec(instructions)?.[1];
  return role === undefined ? `I'm an assistant. ${help(tools)}` : `I'm ${role}. ${help(tools)}`;
}

/** How an order begins. `Open from nine to six` and `Call us at any time` are facts all the same. */
const ORDER =
  /^[-*•#\s]*(?:please )?(?:speak|say|ask|answer|reply|respond|offer|keep|use|avoid|begin|start|end|confirm|repeat|tell|give|mention|explain|introduce|thank|greet|be (?:brief|polite|kind|friendly|short|concise)|make sure|if|when|before|after|once|only)\b/i;

/** The sentence of the system prompt that shares most with the question. Orders to the agent are no facts. */
function knownFact({ callerText, instructions }: Conversation): string | undefined {
  const asked = meaningsIn(callerText);
  const facts = instructions
    .split(/(?<=[.!?])\s+|\n+/)
    .filter(
      (line) => !/\b(?:you(?:r)?|always|never|don't|do not|the caller|callers?)\b/i.test(line) && !ORDER.test(line),
    );
  let best: { fact: string; shared: number } | undefined;
  for (const fact of facts) {
    const shared = [...meaningsIn(fact)].filter((meaning) => asked.has(meaning)).length;
    if (shared > (best?.shared ?? 0)) best = { fact, shared };
  }
  return best && sentence(best.fact.replace(/^[-*•#\s]+/, ''));
}

function thank({ callerText }: Conversation): string | undefined {
  return /\b(?:thank(?:s| you)|cheers|appreciate)\b/i.test(callerText)
    ? "You're welcome. Is there anything else I can do?"
    : undefined;
}

function declined({ callerText }: Conversation): string | undefined {
  return isNegative(callerText) ? 'Alright. Is there anything else I can do?' : undefined;
}

function agreed({ callerText }: Conversation): string | undefined {
  return isAffirmative(callerText) ? 'Alright. What can I do for you?' : undefined;
}

function fallback({ tools, turns, answers }: Conversation): string {
  if (turns.length === 0) return `Hello! ${help(tools)}`;
  const sorry = ["I'm afraid I don't know that.", "I'm sorry, I can't help with that.", "I'm not sure I understood."];
  return `${sorry[answers % sorry.length] ?? ''} ${help(tools)}`;
}

/** `opening_hours` has no verb: one can look them up; `menu_lookup` has it behind. */
function sayAbility(tool: Tool): string {
  const { name, words, isWrite } = tool;
  if (isLookup(name)) return sayAction(tool);
  const [verb = '', ...rest] = words;
  const isVerb = isWrite || meaningOf(verb) === 'find' || /^(?:get|tell|give|track|answer)$/.test(verb);
  if (!isVerb || rest.length === 0) return `look up ${sayName(name)}`;
  const thing = rest.join(' ');
  return `${sayName(verb === 'lookup' ? 'look_up' : verb)} ${/s$/.test(thing) ? thing : `${/^[aeiou]/.test(thing) ? 'an' : 'a'} ${thing}`}`;
}

function help(tools: readonly Tool[]): string {
  const abilities = tools.filter((tool) => !tool.endsCall).map(sayAbility);
  if (abilities.length === 0) return 'How can I help you?';
  const shown = abilities.slice(0, 4);
  const last = shown.pop() ?? '';
  return `I can ${shown.length > 0 ? `${shown.join(', ')} or ` : ''}${last}. What would you like?`;
}
