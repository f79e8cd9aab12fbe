/** Caller turns with their pauses, as `shared/turns` describes them, read from a file. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Part = z.strictObject({
  words: z.string(),
  voiceMs: z.number(),
  mark: z.string(),
  /** Absent on the last. */
  pauseMs: z.number().optional(),
});

const CallerTurn = z.strictObject({
  id: z.number(),
  /** Turns of one caller belong to one call, in this order. */
  caller: z.string(),
  language: z.string(),
  variety: z.string(),
  kind: z.string(),
  style: z.enum(['punctuated', 'plain', 'changing']),
  asked: z.string(),
  over: z.strictObject({ words: z.string(), voiceMs: z.number() }).optional(),
  parts: z.array(Part).min(1),
  complete: z.array(z.boolean()),
});
export type CallerTurn = z.output<typeof CallerTurn>;
export type TurnPart = z.output<typeof Part>;
/** How what a caller says looks when it has been understood. */
export type Style = CallerTurn['style'];

/** @returns The calls, each the turns of one caller. */
export function readCalls(file: string): CallerTurn[][] {
  const calls = new Map<string, CallerTurn[]>();
  for (const turn of z.array(CallerTurn).parse(JSON.parse(readFileSync(file, 'utf8')))) {
    const call = calls.get(turn.caller) ?? [];
    calls.set(turn.caller, call);
    call.push(turn);
  }
  return [...calls.values()];
}

/** What Pulse is told that it will hear. */
export const listensFor = ({ language }: CallerTurn): string => (language === 'hinglish' ? 'hi' : language);

export const longestPauseMs = ({ parts }: CallerTurn): number =>
  Math.max(0, ...parts.map(({ pauseMs }) => pauseMs ?? 0));
