/** A request as the brain sees it: who said what, turn by turn, what tools there are and what they have answered. */
import { isRecord, parseJson } from '../../../lib/json.ts';
import type { ChatRequest, RequestMessage } from '../request.ts';
import { readTool, type Tool } from './tool.ts';

/** A call that was made, and its answer. */
export interface MadeCall {
  name: string;
  arguments: Record<string, unknown>;
  /** Which answer of the agent made it, from 1; calls of one answer run at the same time. */
  step: number;
  /** JSON, or the text itself when it is none; `undefined` only while it is unanswered. */
  result: unknown;
}

/** What the caller said, and what the agent did about it until the caller spoke again. */
export interface Turn {
  /** The agent's last words before the caller spoke. */
  agentBefore: string;
  /** Several messages in a row are one text. */
  callerText: string;
  calls: MadeCall[];
}

export interface Conversation {
  /** The system messages that the conversation begins with. */
  instructions: string;
  /** Oldest first; the last one is being answered. Empty when the caller has not spoken yet. */
  turns: Turn[];
  /** Offered by this request; read when they are first needed. */
  readonly tools: readonly Tool[];
  /** What the caller said last. */
  callerText: string;
  /** Whether the last message is a tool's answer. */
  isFollowUp: boolean;
  /** The tools whose answers end the history. */
  answeredTools: string[];
  /** Results that came late, in a system message since the agent last spoke: `Result of book_table: {…}`. */
  lateResults: MadeCall[];
  /** Whether a system message since the agent last spoke says that nobody took the caller over. */
  isBack: boolean;
  /** Whether the agent has spoken since the caller did, so that there is nothing to answer. */
  isAnswered: boolean;
  /** How many answers the agent has given: picks among phrases, so that none comes twice in a row. */
  answers: number;
  toolChoice: 'auto' | 'none' | 'required' | { name: string };
  wantsJson: boolean;
}

export function readConversation(request: ChatRequest): Conversation {
  const { messages } = request;
  const begins = messages.findIndex(({ role }) => role === 'user' || role === 'tool');
  const spoke = messages.findLastIndex(({ role }) => role === 'assistant');
  const turns = readTurns(messages);
  const answered = answersAtEnd(messages);
  const choice = request.tool_choice ?? 'auto';
  const notes = systemTexts(messages.slice(Math.max(spoke, begins) + 1));
  return {
    instructions: systemTexts(request.messages.slice(0, begins < 0 ? undefined : begins)).join('\n'),
    turns,
    get tools() {
      return readTools(request.tools ?? []);
    },
    callerText: turns.at(-1)?.callerText ?? '',
    isFollowUp: answered.length > 0,
    answeredTools: answered,
    lateResults: notes.flatMap((text) => readLateResult(text) ?? []),
    isBack: notes.some((text) => /\btransfer failed\b/i.test(text)),
    isAnswered: messages.findLast(({ role }) => role !== 'system' && role !== 'developer')?.role === 'assistant',
    answers: messages.filter((message) => message.role === 'assistant').length,
    toolChoice: typeof choice === 'string' ? choice : { name: choice.function.name },
    wantsJson: request.response_format?.type === 'json_object',
  };
}

function systemTexts(messages: readonly RequestMessage[]): string[] {
  return messages.flatMap((message) =>
    message.role === 'system' || message.role === 'developer' ? [message.content] : [],
  );
}

/** A tool's name and, at the end, JSON. */
function readLateResult(text: string): MadeCall | undefined {
  const [, name, json] =
    /\b(?:result|answer|outcome) of `?([A-Za-z0-9_-]{1,64})`?[^{["]*([{["][\s\S]*)$/i.exec(text) ?? [];
  const result = json === undefined ? undefined : parseJson(json);
  return name === undefined || result === undefined ? undefined : { name, arguments: {}, step: 0, result };
}

/** Sets of tools that were read, by their JSON: every request of an agent brings the same. */
const READ = new Map<string, Tool[]>();
const READ_LIMIT = 100;

function readTools(tools: readonly Record<string, unknown>[]): Tool[] {
  const text = JSON.stringify(tools);
  const known = READ.get(text);
  if (known) return known;
  const read = tools.flatMap((tool) => readTool(tool) ?? []);
  if (READ.size >= READ_LIMIT) READ.clear();
  READ.set(text, read);
  return read;
}

function readTurns(messages: readonly RequestMessage[]): Turn[] {
  const turns: Turn[] = [];
  const open = new Map<string, MadeCall>();
  let [agentBefore, isCallerSpeaking, step] = ['', false, 0];
  for (const message of messages) {
    const turn = turns.at(-1);
    switch (message.role) {
      case 'user':
        if (turn && isCallerSpeaking) turn.callerText += ` ${message.content}`;
        else turns.push({ agentBefore, callerText: message.content, calls: [] });
        break;
      case 'assistant':
        step++;
        agentBefore = message.content ?? agentBefore;
        for (const call of message.tool_calls ?? []) {
          const given = parseJson(call.function.arguments);
          const made: MadeCall = {
            name: call.function.name,
            arguments: isRecord(given) ? given : {},
            step,
            result: undefined,
          };
          open.set(call.id, made);
          turn?.calls.push(made);
        }
        break;
      case 'tool': {
        const made = open.get(message.tool_call_id);
        if (made) made.result = parseJson(message.content) ?? message.content;
        break;
      }
      case 'system':
      case 'developer':
        continue; // facts between two messages of the caller do not part them
    }
    isCallerSpeaking = message.role === 'user';
  }
  return turns;
}

function answersAtEnd(messages: readonly RequestMessage[]): string[] {
  const ids = new Set<string>();
  for (const message of messages.toReversed()) {
    if (message.role === 'tool') ids.add(message.tool_call_id);
    else if (message.role === 'assistant' && ids.size > 0) {
      return (message.tool_calls ?? []).flatMap((call) => (ids.has(call.id) ? [call.function.name] : []));
    } else if (message.role !== 'system' && message.role !== 'developer') return [];
  }
  return [];
}
