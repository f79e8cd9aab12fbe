/** `response_format: json_object`: an object with the keys that the prompt names, filled from the caller's words. */
import type { Conversation } from './conversation.ts';
import { fill } from './fill.ts';
import { talk } from './talk.ts';
import { readTool } from './tool.ts';

/** JSON text. Without named keys it is `{"answer": …}`. */
export function answerInJson(conversation: Conversation, today: string): string {
  const { instructions, callerText } = conversation;
  const keys = keysIn(`${instructions}\n${callerText}`);
  if (keys.length === 0) return JSON.stringify({ answer: talk({ ...conversation, wantsJson: false }) });
  const properties = Object.fromEntries(keys.map((key) => [key, { type: 'string' }]));
  const form = readTool({ function: { name: 'answer', parameters: { type: 'object', properties } } });
  const own = [{ text: callerText }];
  const filled = form ? fill(form, { own, earlier: [], results: [], today }).arguments : {};
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, filled[key] ?? null])));
}

/** Names in quotes or backticks, and those in braces: `with "city" and "date"`, `{city, date}`. */
function keysIn(text: string): string[] {
  const quoted = [...text.matchAll(/["`]([A-Za-z_]\w{0,40})["`]/g)].flatMap(([, key]) => key ?? []);
  const braced = [...text.matchAll(/\{([^{}]+)\}/g)]
    .flatMap(([, inner]) => (inner ?? '').split(','))
    .flatMap((part) => /^\s*["']?([A-Za-z_]\w*)["']?\s*(?::|$)/.exec(part)?.[1] ?? []);
  return [...new Set([...quoted, ...braced])];
}
