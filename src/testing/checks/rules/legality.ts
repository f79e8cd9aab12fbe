/**
 * Whether a strict chat-completion server takes a list of messages (R21), with what has to stand at its head (R23).
 * Written from `design.md` 3, `stream-reading.md` 15 to 22 and `electron.md` 2.2; shares no code with the machine.
 */
import { isRecord, parseJson } from '../../../lib/json.ts';
import type { Message } from '../../../model/contract.ts';

/** The service refuses more. */
const MOST_MESSAGES = 200;
/** The service's context, input and output together, less a short answer. */
export const MOST_TOKENS = 32_000;

export interface ListFacts {
  instructions: string;
  facts?: string | undefined;
  /** They came when a request had gone out without them. */
  lateFacts?: string | undefined;
}

/** What is wrong with a list as it stands, each by its rule; empty when a strict server would take it. */
export function findProblems(messages: readonly Message[], known: ListFacts): string[] {
  const problems: string[] = [];
  const [first, second] = messages;
  if (first?.role !== 'system' || first.content !== known.instructions)
    problems.push('R23: the first message is not the system prompt, verbatim');
  if (known.facts !== undefined && !(second?.role === 'system' && second.content.includes(known.facts)))
    problems.push('R23: the second message does not hold the facts of the call');
  const { lateFacts } = known;
  if (lateFacts !== undefined && messages.filter(({ content }) => content === lateFacts).length !== 1)
    problems.push('R23: the facts that came late do not stand in the list once');
  if (messages.length > MOST_MESSAGES) problems.push(`R21: ${messages.length} messages, at most ${MOST_MESSAGES}`);

  const ids = new Set<string>();
  /** Calls of the assistant message before, not answered yet, in order. */
  let open: string[] = [];
  messages.forEach((message, index) => {
    if (message.role === 'tool') {
      const expected = open.shift();
      if (expected === undefined) problems.push(`R21: tool message ${index} answers no call: ${message.tool_call_id}`);
      else if (expected !== message.tool_call_id)
        problems.push(`R21: expected message ${index} to answer \`${expected}\`, got \`${message.tool_call_id}\``);
      if (typeof message.content !== 'string') problems.push(`R21: tool message ${index} has no text`);
      return;
    }
    if (open.length > 0) problems.push(`R21: no tool message for ${open.join(', ')} before message ${index}`);
    open = [];
    if (message.role === 'assistant') {
      problems.push(...findAssistantProblems(message, index));
      for (const { id } of message.tool_calls ?? []) {
        if (ids.has(id)) problems.push(`R21: call id \`${id}\` is used twice`);
        ids.add(id);
        open.push(id);
      }
    } else if (typeof message.content !== 'string' || message.content.trim() === '') {
      problems.push(`R21: ${message.role} message ${index} is empty`);
    }
  });
  if (open.length > 0) problems.push(`R21: no tool message for ${open.join(', ')} at the end`);
  return problems;
}

export type AssistantMessage = Extract<Message, { role: 'assistant' }>;

function findAssistantProblems({ content, tool_calls: calls }: AssistantMessage, index: number): string[] {
  const problems: string[] = [];
  if (calls !== undefined && calls.length === 0) problems.push(`R21: message ${index} has an empty \`tool_calls\``);
  if (content !== null && content.trim() === '')
    problems.push(`R21: assistant message ${index} has empty text \`${content}\``);
  if (content === null && !calls?.length) problems.push(`R21: assistant message ${index} is empty`);
  for (const call of calls ?? []) {
    if (call.type !== 'function' || call.id === '' || call.function.name === '')
      problems.push(`R21: message ${index} has a call without an id, type or name`);
    if (!isRecord(parseJson(call.function.arguments)))
      problems.push(`R21: arguments of \`${call.id}\` are not a JSON object: ${call.function.arguments}`);
  }
  return problems;
}
