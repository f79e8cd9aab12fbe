/** What is other in a message to a model than in another one, in the words of a report. Pure. */
import { isRecord } from '../lib/json.ts';

/** @param number Of the message in its list, from 1. */
export function messageThatDiffers(number: number, was: unknown, is: unknown): string {
  if (was === undefined) return `message ${number}, ${shownMessage(is)}, is one more than was recorded`;
  if (is === undefined) return `message ${number}, ${shownMessage(was)}, is not there any more`;
  const [before, now] = [textOf(was), textOf(is)];
  let at = 0;
  while (at < before.length && before[at] === now[at]) at++;
  const role = isRecord(is) ? String(is['role']) : '';
  if (number === 1 && role === 'system')
    return `the instructions were ${excerpt(before, at)}, and are ${excerpt(now, at)}`;
  return `message ${number} (${role}) was ${excerpt(before, at)}, and is ${excerpt(now, at)}`;
}

/** What it says, with what it calls. */
function textOf(message: unknown): string {
  if (!isRecord(message)) return '';
  const { content, tool_calls: calls } = message;
  return `${typeof content === 'string' ? content : ''}${calls === undefined ? '' : ` ${JSON.stringify(calls)}`}`.trim();
}

/** Around the first letter that is another. */
const BEFORE = 20;
const LONGEST_EXCERPT = 60;

function excerpt(text: string, at: number): string {
  const from = Math.max(0, at - BEFORE);
  const part = text.slice(from, from + LONGEST_EXCERPT);
  return `"${from > 0 ? '…' : ''}${part}${from + LONGEST_EXCERPT < text.length ? '…' : ''}"`;
}

const shownMessage = (message: unknown): string =>
  `${isRecord(message) ? String(message['role']) : ''} ${excerpt(textOf(message), 0)}`;
