/**
 * A sheet as the conversation of a task: what was said so far is gone through from the beginning, and the last of it answered. The
 * model is asked for what code cannot read, and hands what it has read back by `take_value`.
 */
import { z } from 'zod';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { Message } from '../../model/contract.ts';
import { defineTool } from '../../tool/define.ts';
import type { ScriptedAnswer, TaskScript } from '../../tool/task.ts';
import { AGAIN } from './phrases.ts';
import { BEGINNING, expectedAt, hear, take, type Sheet, type SheetStep } from './sheet.ts';

const TAKE = 'take_value';

/** The model's way to say what it has read out of the caller's words. It is read, and read back, as if they had said it so. */
export const takeValueTool = defineTool({
  name: TAKE,
  description:
    'Hands over the value that the caller has told, once you can tell what it is. It is read back to them; say nothing with it.',
  input: z.object({
    value: z
      .string()
      .min(1)
      .describe('As plainly as it can be written: all digits, the whole address, 2026-11-29, 17:30.'),
  }),
  effect: 'write',
  repeatable: true,
  run: ({ value }) => ({ taken: value }),
});

/** @param finished What the task's result is, of the values. */
export function scriptOf(sheet: Sheet, finished: (values: Readonly<Record<string, unknown>>) => unknown): TaskScript {
  return (messages) => {
    let last: SheetStep = { state: BEGINNING, answer: { type: 'pass' } };
    for (const [at, message] of messages.entries()) {
      const isLast = at === messages.length - 1;
      const next = stepFor(sheet, last, message, messages);
      if (next) last = next;
      else if (isLast) return { type: 'pass' };
    }
    return answerOf(sheet, last, finished);
  };
}

/** What a message changes; undefined for one that is none of the sheet's business. */
function stepFor(sheet: Sheet, { state }: SheetStep, message: Message, all: readonly Message[]): SheetStep | undefined {
  if (message.role === 'user') return hear(sheet, state, message.content);
  if (message.role !== 'tool') return undefined;
  const value = valueTaken(message.tool_call_id, all);
  if (value === undefined) return undefined;
  const step = take(sheet, state, value);
  return step.answer.type === 'pass' ? { state, answer: { type: 'say', text: AGAIN[sheet.language] } } : step;
}

function valueTaken(callId: string, messages: readonly Message[]): string | undefined {
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    const call = message.tool_calls?.find(({ id }) => id === callId);
    if (call?.function.name !== TAKE) continue;
    const written = parseJson(call.function.arguments);
    return isRecord(written) && typeof written.value === 'string' ? written.value : undefined;
  }
  return undefined;
}

function answerOf(
  sheet: Sheet,
  { state, answer }: SheetStep,
  finished: (values: Readonly<Record<string, unknown>>) => unknown,
): ScriptedAnswer {
  if (answer.type === 'say') return { ...answer, expects: expectedAt(sheet, state) };
  if (answer.type === 'pass') return answer;
  return { type: 'call', name: 'finish', arguments: finished(answer.values) };
}
