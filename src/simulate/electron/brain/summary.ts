/** A summary when one is asked for, as a runtime does in the background before it shortens a history. */
import type { Conversation } from './conversation.ts';
import { sentence } from './tell.ts';
import { sayName } from './words.ts';

const ASKED = /\b(?:summari[sz]e|summary of|sum up)\b/i;

/** `undefined` when nobody asked for one. */
export function summarize({ instructions, turns, callerText, tools, isFollowUp }: Conversation): string | undefined {
  const isOrder = tools.length === 0 && /\bsummari[sz]e\b/i.test(instructions);
  if (isFollowUp || (!ASKED.test(callerText) && !isOrder)) return undefined;
  const told = turns.filter(({ callerText: text }) => !ASKED.test(text));
  const source = told.length > 0 ? told : turns;
  if (source.length === 0) return undefined;
  const lines = source.map(({ callerText: text, calls }) => {
    const done = calls.map(({ name }) => sayName(name));
    return `The caller said: ${sentence(text.slice(0, 160))}${done.length > 0 ? ` Done: ${done.join(', ')}.` : ''}`;
  });
  return lines.slice(-12).join(' ');
}
