/**
 * One entry of the history: a message of the system or the caller, or what the agent said and called in one step. How it
 * reads to the model, and how much of its words the caller has heard.
 */
import { estimateTokens, TOKENS_PER_MESSAGE } from '../lib/tokens.ts';
import type { ExtraFields, Message, MessageToolCall, ToolCall } from '../model/contract.ts';

/** What was said in one utterance. Until it is `isOver`, `heard` tells how much of `text` has reached the caller. */
export interface Span {
  readonly utterance: number;
  /** Where in its utterance the text begins: other words may have been heard in the middle of it. */
  from: number;
  text: string;
  heard: number;
  isOver: boolean;
  /** What of it has not been heard by the end never will be. */
  isGivenUp: boolean;
}

/** What is said and called in one step, or said between turns. */
export interface AssistantEntry {
  readonly turn: number;
  readonly spans: Span[];
  readonly calls: CallSlot[];
  /** What of the answer goes back beside its calls. */
  extra: ExtraFields | undefined;
  cached: Rendered | undefined;
  isSent: boolean;
  /** It is not in the list any more: nothing can be said or called in it. */
  isGone: boolean;
}

export interface CallSlot {
  readonly call: ToolCall;
  extra: ExtraFields | undefined;
  content: string | undefined;
  /** A request went out that says it is still running: its result can only be told in a message of its own. */
  wasSentOpen: boolean;
  /** What it asked for is carried out: there is nothing to be told of it where its message is not shown. */
  isOver: boolean;
}

/** An entry as it is told to the model; kept until the entry changes, so that it is told again as the same objects. */
interface Rendered {
  readonly messages: readonly Message[];
  /** Estimated. */
  readonly tokens: number;
}

export type Entry = { readonly turn: number; readonly cached: Rendered; isSent: boolean } | AssistantEntry;

/** Stands in for a result that is not in. */
export const STILL_RUNNING = JSON.stringify({
  status: 'running',
  note: 'Still running when the caller spoke; its outcome is not known yet and will follow.',
});

// ---- spans of speech -----------------------------------------------------------------------------------------------

export const newSpan = (utterance: number): Span => ({
  utterance,
  from: 0,
  text: '',
  heard: 0,
  isOver: false,
  isGivenUp: false,
});

/** What has been heard of a span, as one of its own; the span goes on with the rest. */
export function takeHead(span: Span): Span | undefined {
  const end = endOfWord(span.text, span.heard);
  if (end === 0) return undefined;
  const head: Span = { ...span, text: span.text.slice(0, end), heard: end, isOver: true };
  span.from += end;
  span.text = span.text.slice(end);
  span.heard = 0;
  return head;
}

/** What of these spans the caller has heard, and what not, as they would read it. `isAll`: they will hear all of it. */
export function heardOf(spans: readonly Span[], isAll = false): { heard: string; unheard: string } {
  const parts = spans.map((span) => {
    const cut = span.isOver || isAll ? span.text.length : endOfWord(span.text, span.heard);
    return { heard: span.text.slice(0, cut).trim(), unheard: span.text.slice(cut).trim() };
  });
  const join = (texts: string[]) => texts.filter((text) => text !== '').join(' ');
  return { heard: join(parts.map((part) => part.heard)), unheard: join(parts.map((part) => part.unheard)) };
}

/** What these spans hold beyond what was heard was never said; what is empty then may still be said something in. */
export function cutToHeardIn(entries: readonly Entry[], spans: readonly Span[]): void {
  for (const span of spans) {
    const heard = endOfWord(span.text, span.heard);
    if (heard < span.text.trimEnd().length) span.text = span.text.slice(0, heard).trimEnd();
    span.heard = span.text.length;
    span.isOver = true;
  }
  if (spans.length === 0) return;
  const cut = new Set(spans);
  for (const entry of entries) {
    if ('spans' in entry && entry.spans.some((span) => cut.has(span))) entry.cached = undefined;
  }
}

/** `at`, or where the word that it cuts begins. */
function endOfWord(text: string, at: number): number {
  if (at >= text.length) return text.length;
  let end = at;
  while (end > 0 && !isSpace(text[end]) && !isSpace(text[end - 1])) end--;
  return end;
}

const isSpace = (character: string | undefined): boolean => character === undefined || /\s/.test(character);

// ---- entries --------------------------------------------------------------------------------------------------------

export const isPrompt = (entry: Entry): boolean => entry.turn === 0 && !('spans' in entry);

export const systemEntry = (turn: number, content: string): Entry => ({
  turn,
  cached: rendered([{ role: 'system', content }]),
  isSent: false,
});

/** What the caller said, if that is what stands there. */
export function callerWords(entry: Entry): string | undefined {
  if ('spans' in entry) return undefined;
  const [message] = entry.cached.messages;
  return message?.role === 'user' ? message.content : undefined;
}

/** What the model is told in this entry that nobody said. */
export const notesIn = (entry: Entry): string[] =>
  messagesOf(entry).flatMap((message) => (message.role === 'system' ? [message.content] : []));

export const noteOf = ({ call }: CallSlot, content: string): string =>
  `Result of ${call.name} (${call.id}), which was still running before: ${content}`;

/** In characters: what is no longer than that is not worth shortening. */
export const LONG_RESULT = 1_200;
const KEPT_OF_RESULT = 600;

export const shortenedResult = (content: string): string =>
  JSON.stringify({
    truncated: true,
    note: 'Only the beginning, for the conversation had become too long for all of it. Ask for less.',
    beginning: content.slice(0, KEPT_OF_RESULT),
  });

export const isEmpty = (entry: AssistantEntry): boolean =>
  entry.calls.length === 0 && entry.spans.every((span) => span.text.trim() === '');

export function renderedOf(entry: Entry): Rendered {
  if (!('spans' in entry)) return entry.cached;
  return (entry.cached ??= rendered(isEmpty(entry) ? [] : render(entry)));
}

export const messagesOf = (entry: Entry): readonly Message[] => renderedOf(entry).messages;

export const rendered = (messages: readonly Message[]): Rendered => ({
  messages,
  tokens: messages.reduce((sum, message) => sum + estimateMessage(message), 0),
});

function render({ spans, calls, extra }: AssistantEntry): Message[] {
  const content = joinSpans(spans);
  if (calls.length === 0) return [{ role: 'assistant', content: content ?? '' }];
  return [
    {
      role: 'assistant',
      content,
      tool_calls: calls.map(({ call, extra: own }): MessageToolCall => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.arguments },
        ...(own && { extra: own }),
      })),
      ...(extra && { extra }),
    },
    ...calls.map((slot): Message => ({
      role: 'tool',
      tool_call_id: slot.call.id,
      content: slot.content ?? STILL_RUNNING,
    })),
  ];
}

function joinSpans(spans: readonly Span[]): string | null {
  let content = '';
  for (const { text } of spans) {
    if (text === '') continue;
    const needsSpace = content !== '' && !/\s$/.test(content) && !/^\s/.test(text);
    content += needsSpace ? ` ${text}` : text;
  }
  return content.trim() === '' ? null : content;
}

/** What goes back beside the calls is left out: which of it does is the model's to know, and `calibrate` makes up for it. */
function estimateMessage(message: Message): number {
  let tokens = TOKENS_PER_MESSAGE + estimateTokens(message.content ?? '');
  if (message.role !== 'assistant') return tokens;
  for (const { function: fn } of message.tool_calls ?? []) {
    tokens += estimateTokens(fn.name) + estimateTokens(fn.arguments);
  }
  return tokens;
}
