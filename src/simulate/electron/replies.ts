/**
 * Replies that a person fixes beforehand, so that a bench or a test has a known workload: `when` the caller says this,
 * or `after` this tool has answered, say and call that. What no rule is for, the brain answers.
 */
import { z } from 'zod';
import type { Conversation } from './brain/conversation.ts';
import { Pace } from './pace.ts';
import { Pattern, toRegExp } from './pattern.ts';
import type { Reply } from './reply.ts';

const CallRule = z.strictObject({
  name: z.string().min(1),
  /** An object, or text to send as it is, valid or not. `$1` in texts is what `when` caught. */
  arguments: z.union([z.record(z.string(), z.unknown()), z.string()]).default({}),
});

export const ReplyRule = z.strictObject({
  /** Regular expression over what the caller last said. Default: anything. */
  when: Pattern.optional(),
  /** Regular expression over the name of a tool that has just answered. Left out: only when the caller has just spoken. */
  after: Pattern.optional(),
  say: z.string().default(''),
  call: z.union([CallRule, z.array(CallRule)], 'Expected { name, arguments }, or a list of these').default([]),
  /** How many content chunks `say` comes in; a token each when left out. */
  chunks: z.int().positive().optional(),
  /** How many pieces each call's arguments come in. */
  argumentPieces: z.int().positive().optional(),
  finishReason: z.enum(['stop', 'length', 'tool_calls', 'content_filter']).optional(),
  /** Instead of the simulator's pace. */
  pace: Pace.optional(),
});
export type ReplyRule = z.output<typeof ReplyRule>;
export type ReplyRuleInput = z.input<typeof ReplyRule>;

/** The first rule that fits, filled in, or `undefined`. */
export function replyByRule(
  rules: readonly ReplyRule[],
  conversation: Conversation,
): { reply: Reply; rule: ReplyRule } | undefined {
  const { callerText, isFollowUp, answeredTools } = conversation;
  for (const rule of rules) {
    if ((rule.after !== undefined) !== isFollowUp) continue;
    const after = rule.after;
    if (after !== undefined && !answeredTools.some((name) => toRegExp(after).test(name))) continue;
    const caught = rule.when === undefined ? [] : toRegExp(rule.when).exec(callerText);
    if (!caught) continue;
    return { rule, reply: fillIn(rule, caught) };
  }
  return undefined;
}

function fillIn(rule: ReplyRule, caught: readonly (string | undefined)[]): Reply {
  const fill = (text: string): string => text.replace(/\$(\d)/g, (_, group: string) => caught[Number(group)] ?? '');
  const calls = Array.isArray(rule.call) ? rule.call : [rule.call];
  return {
    text: fill(rule.say),
    calls: calls.map((call) => ({
      name: call.name,
      arguments: typeof call.arguments === 'string' ? fill(call.arguments) : fillObject(call.arguments, fill),
    })),
    chunks: rule.chunks,
    argumentPieces: rule.argumentPieces,
    finishReason: rule.finishReason,
  };
}

function fillObject(value: Record<string, unknown>, fill: (text: string) => string): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? fill(inner) : inner));
}
