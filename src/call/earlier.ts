/**
 * A call of the carrier's that comes again: its caller was cut off, or their line ended for keys or a transfer, and now they
 * are on another line. How they are greeted, what the model is told of it, and what was said before.
 */
import type { CallerFacts, SaidWords } from '../bridge/contract.ts';
import type { Message } from '../model/contract.ts';
import type { Agent } from './agent.ts';

/** Of what was said before, the model is told the end: nobody refers to more, and a history has a budget. */
const MOST_SAID = 40;
const LONGEST_SAID = 4_000;

/** Why a line has ended that the agent's own keys have ended: the call comes back behind them, and nobody was away. */
const DIGITS_SENT = 'digits-sent';

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

/** What the model is to know of it; undefined for a call that is new. */
export function earlierFacts({ earlier }: CallerFacts): string | undefined {
  if (!earlier) return undefined;
  const known = earlier.reason === DIGITS_SENT ? KEYS_PRESSED : BROKE_OFF;
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

function wordsOf({ role, content }: Message): SaidWords[] {
  if (!content || role === 'system' || role === 'tool') return [];
  return [{ who: role === 'user' ? 'caller' : 'agent', text: content }];
}
