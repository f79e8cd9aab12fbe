/**
 * A conversation as strict templates take it: one system message at the front, then the caller and the agent in turn, results
 * right behind their calls. Pure: equal lists give equal lists, and a list that has grown gives one that has grown, so that the
 * prefix cache holds.
 */
import type { Message } from '../contract.ts';

/** What the agent says first answers this: a template that wants the caller to begin takes a greeting then too. */
const CALL_BEGINS = '(The call begins.)';
/** Stands for an answer that the caller did not wait for: their next words must not follow a result directly. */
const UNSAID = '…';
const BETWEEN = '\n\n';

type AssistantMessage = Extract<Message, { role: 'assistant' }>;

/** @param isSystemTold `false`: there is no system message; its words begin the caller's first message. */
export function mergeMessages(messages: readonly Message[], isSystemTold = true): Message[] {
  const start = messages.findIndex(({ role }) => role !== 'system');
  const head = start === -1 ? messages : messages.slice(0, start);
  const system = head.map(({ content }) => content).join(BETWEEN);
  const merged: Message[] = [];
  for (const message of start === -1 ? [] : messages.slice(start)) add(merged, message);
  if (merged[0] && merged[0].role !== 'user') merged.unshift({ role: 'user', content: CALL_BEGINS });
  if (system === '') return merged;
  if (isSystemTold) return [{ role: 'system', content: system }, ...merged];
  const [first, ...rest] = merged;
  return [{ role: 'user', content: first ? `${system}${BETWEEN}${first.content ?? ''}` : system }, ...rest];
}

function add(merged: Message[], message: Message): void {
  const last = merged.at(-1);
  if (message.role === 'tool') merged.push(message);
  else if (message.role === 'assistant') {
    if (last?.role === 'assistant') merged[merged.length - 1] = joinAssistants(last, message);
    else merged.push(message);
  } else {
    if (last?.role === 'tool') merged.push({ role: 'assistant', content: UNSAID });
    if (last?.role !== 'user') merged.push({ role: 'user', content: message.content ?? '' });
    else merged[merged.length - 1] = { role: 'user', content: `${last.content}${BETWEEN}${message.content ?? ''}` };
  }
}

/** The first has no calls: their results would stand between the two. */
function joinAssistants(first: AssistantMessage, second: AssistantMessage): AssistantMessage {
  const words = [first.content, second.content].filter((content) => content !== null && content !== '');
  return { ...second, content: words.length === 0 ? null : words.join(' ') };
}
