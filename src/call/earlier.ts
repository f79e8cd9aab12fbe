/**
 * A call of the carrier's that comes again: its caller was cut off, or their line ended for keys or a transfer, and now they
 * are on another line. How they are greeted, what the model is told of it, and what was said before.
 */
import type { CallerFacts, SaidWords } from '../bridge/contract.ts';
import type { Message } from '../model/contract.ts';
import { keysIn, SEND_DIGITS, type Pressed } from '../turn/menu-loops.ts';
import type { Agent } from './agent.ts';

/** Of what was said before, the model is told the end: nobody refers to more, and a history has a budget. */
const MOST_SAID = 40;
const LONGEST_SAID = 4_000;

/** Why a line has ended that the agent's own keys have ended: the call comes back behind them, and nobody was away. */
const DIGITS_SENT = 'digits-sent';
/** Why it has ended that was handed over: it comes back when nobody has taken it. */
const TRANSFERRED = 'transferred';

/**
 * Whoever comes back is welcomed back; an agent that lets callers speak first greets nobody. Behind keys of its own it says
 * nothing: it is the turn of whoever was given them.
 */
export function greetingFor({ machine: { greeting, phrases } }: Agent, { earlier }: CallerFacts): string | undefined {
  if (!earlier || greeting === undefined) return greeting;
  if (earlier.reason === DIGITS_SENT) return undefined;
  return phrases.welcomeBack[(earlier.lines - 1) % phrases.welcomeBack.length];
}

const BROKE_OFF =
  'This phone call broke off, and the caller is back on the line. Go on where the conversation stopped.';
const KEYS_PRESSED =
  'You have pressed keys in this phone call, with `send_digits`, and it goes on now. Listen, and go on where the conversation stopped.';

const NOT_TAKEN =
  'You have handed the caller over in this phone call, and nobody took them: they are back with you. Tell them so, and go on.';

/** What the model is to know of it; undefined for a call that is new. */
export function earlierFacts({ earlier }: CallerFacts): string | undefined {
  if (!earlier) return undefined;
  const known = { [DIGITS_SENT]: KEYS_PRESSED, [TRANSFERRED]: NOT_TAKEN }[earlier.reason] ?? BROKE_OFF;
  return earlier.said.length === 0 ? known : `${known} ${saidFacts(earlier.said)}`;
}

export function saidFacts(said: readonly SaidWords[]): string {
  const lines = said.map(({ who, text }) => `${who === 'caller' ? 'Caller' : 'You'}: ${text}`);
  return `What was said before that:\n${lines.join('\n')}`;
}

/** The end of what was said in a call, and in those before it that it goes on from. */
export function saidIn(messages: readonly Message[], { earlier }: CallerFacts): SaidWords[] {
  const all = [...(earlier?.said ?? []), ...messages.flatMap(wordsOf)].slice(-MOST_SAID);
  let length = 0;
  const from = all.findLastIndex(({ text }) => (length += text.length) > LONGEST_SAID);
  return all.slice(from + 1);
}

function wordsOf(message: Message): SaidWords[] {
  const { role, content } = message;
  if (role === 'system' || role === 'tool') return [];
  const said: SaidWords[] = content ? [{ who: role === 'user' ? 'caller' : 'agent', text: content }] : [];
  const calls = role === 'assistant' ? (message.tool_calls ?? []) : [];
  for (const { function: called } of calls) {
    const keys = called.name === SEND_DIGITS ? keysIn(called.arguments) : undefined;
    if (keys !== undefined) said.push({ who: 'agent', text: PRESSED + keys });
  }
  return said;
}

/** Before keys, among what was said. */
const PRESSED = '(keypad) ';

/** Keys that the agent has pressed on earlier lines, and what it had heard before each. */
export function pressedIn({ earlier }: CallerFacts): Pressed[] {
  let words = '';
  return (earlier?.said ?? []).flatMap(({ who, text }) => {
    if (who === 'caller') words = text;
    return who === 'agent' && text.startsWith(PRESSED) ? [{ words, keys: text.slice(PRESSED.length) }] : [];
  });
}
