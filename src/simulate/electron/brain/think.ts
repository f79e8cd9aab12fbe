/**
 * The simulated model's mind: from the conversation and the tools that it offers to what is said and called. It knows
 * nothing but the request, so the same request always has the same answer.
 */
import type { Reply, ReplyCall } from '../reply.ts';
import type { Conversation, MadeCall } from './conversation.ts';
import { findDates } from './dates.ts';
import { answerInJson } from './json-mode.ts';
import { ask, asksForFiller, confirm, fillerFor, offer } from './phrases.ts';
import { consumerOf, pickItem, readReturned, saysFailure } from './results.ts';
import { stepFor, type Step } from './steps.ts';
import { summarize } from './summary.ts';
import { goodbye, isGoodbye, talk } from './talk.ts';
import { tell } from './tell.ts';
import type { Tool } from './tool.ts';
import { readWishes, sourcesOf, type Wish } from './wants.ts';
import { callAnyway } from './force.ts';

export interface ThinkOptions {
  /** As `2026-08-21`; a day that the system prompt names as today comes before it. */
  today: string;
}

export function think(conversation: Conversation, options: ThinkOptions): Reply {
  const today = dayIn(conversation.instructions) ?? options.today;
  const summary = summarize(conversation);
  if (summary !== undefined) return words(summary);
  if (conversation.wantsJson) return words(answerInJson(conversation, today));
  if (conversation.isBack) return words(NOT_PUT_THROUGH);
  const wishes = conversation.isAnswered ? [] : readWishes(conversation, today);
  const { toolChoice } = conversation;
  const answered = conversation.turns.at(-1)?.calls ?? [];
  if (typeof toolChoice === 'object' || (toolChoice === 'required' && answered.length === 0)) {
    const forced = callAnyway(conversation, wishes, today);
    if (forced) return forced;
  }
  const mayCall = toolChoice !== 'none' && conversation.tools.length > 0;
  if (isGoodbye(conversation) && !conversation.isFollowUp && !conversation.isAnswered)
    return mayCall ? takeLeave(conversation) : words(goodbye(conversation));
  return carryOut(conversation, wishes, today, mayCall);
}

/** For a request that brings nothing to answer. */
const STILL_THERE = 'Is there anything else I can do for you?';

/** For a caller who was to be handed over, and is still there. */
const NOT_PUT_THROUGH = 'I am sorry, I could not put you through. Is there anything that I can do myself?';

function words(text: string): Reply {
  return { text, calls: [] };
}

/** Says goodbye, and ends the call when a tool for that is offered. */
function takeLeave(conversation: Conversation): Reply {
  const tool = conversation.tools.find(({ endsCall }) => endsCall);
  const text = goodbye(conversation);
  if (!tool) return words(text);
  const reasons = tool.parameters.filter(
    ({ isRequired, kind }) => isRequired && (kind === 'text' || kind === 'phrase'),
  );
  const given = Object.fromEntries(reasons.map(({ name }) => [name, 'The caller said goodbye.']));
  return { text, calls: [{ name: tool.name, arguments: JSON.stringify(given) }] };
}

/** Calls what can be called; else tells what came back and asks for what is missing. */
function carryOut(conversation: Conversation, wishes: readonly Wish[], today: string, mayCall: boolean): Reply {
  const turn = conversation.turns.at(-1);
  const answered = conversation.isAnswered ? [] : (turn?.calls ?? []);
  const hasFailed = answered.some(({ result }) => saysFailure(result));
  const last = conversation.turns.length - 1;
  const steps = wishes
    .filter((wish) => !answered.some(({ name }) => name === wish.tool.name))
    .map((wish) =>
      stepFor(wish, sourcesOf(wish, conversation, last, today), conversation.tools, conversation.instructions),
    );
  const ready = steps.filter((step) => step.type === 'call');
  if (mayCall && ready.length > 0 && !hasFailed) return callTools(conversation, ready);
  const latest = answered.filter(({ step }) => step === answered.at(-1)?.step);
  const told = latest.map((call) => tellCall(call, conversation, today));
  const isOver = latest.some(({ name }) => conversation.tools.find((tool) => tool.name === name)?.endsCall);
  const question = mayCall && !hasFailed && !isOver ? questionOf(steps, conversation, today) : undefined;
  const late = conversation.lateResults.map((call) => tellCall(call, conversation, today));
  const parts = [...late, ...told, ...(question === undefined ? [] : [question])];
  if (parts.length > 0) return words(parts.join(' '));
  return words(conversation.isAnswered ? STILL_THERE : talk(conversation));
}

function callTools(conversation: Conversation, steps: readonly (Step & { type: 'call' })[]): Reply {
  const calls: ReplyCall[] = [];
  for (const { tool, calls: given } of steps) {
    for (const one of given) {
      const call = { name: tool.name, arguments: JSON.stringify(one) };
      if (!calls.some((other) => other.name === call.name && other.arguments === call.arguments)) calls.push(call);
    }
  }
  const { answers, isFollowUp, instructions } = conversation;
  const tools: Tool[] = steps.map(({ tool }) => tool);
  const text = asksForFiller(instructions) ? fillerFor({ tools, calls: calls.length, isFollowUp, answers }) : '';
  return { text, calls };
}

/** What to ask next: for what a wish lacks, or whether to go on with what was found. */
function questionOf(steps: readonly Step[], conversation: Conversation, today: string): string | undefined {
  const answered = conversation.turns.at(-1)?.calls ?? [];
  const returned = answered
    .filter(({ step }) => step === answered.at(-1)?.step)
    .map((call) => ({ call, found: readReturned(call) }))
    .findLast(({ found }) => found?.isList);
  const items = returned?.found?.items.length ?? 0;
  const open = steps.find((step) => step.type !== 'call');
  if (open?.type === 'confirm') return confirm(open.tool, open.arguments, today);
  if (open?.type === 'ask') {
    if (returned && items === 0) return 'Would you like me to try something else?';
    const isChoiceOfItem = open.parameter.kind === 'code' && items > 1;
    return isChoiceOfItem ? offer(open.tool, items) : ask(open.parameter);
  }
  if (!returned?.found || items === 0) return undefined;
  const consumer = consumerOf(returned.found, conversation.tools, returned.call.name);
  if (!consumer || answered.some(({ name }) => name === consumer.name)) return undefined;
  return offer(consumer, pickItem(returned.found, conversation.callerText) ? 1 : items);
}

/** A tool that did something says so, even when it returned only what it did. */
function tellCall(call: MadeCall, { tools }: Conversation, today: string): string {
  const tool = tools.find(({ name }) => name === call.name);
  if (tool?.endsCall) return 'Goodbye.';
  const told = tell(call, today);
  return tool?.isWrite && !saysFailure(call.result) && /^The /.test(told) ? `That is done. ${told}` : told;
}

/** `Today is Friday, 21 August 2026` in the system prompt. */
function dayIn(instructions: string): string | undefined {
  const sentence = /\b(?:today(?:'s date)? is|current date(?: is|:)|today:|date:)\s*([^\n]{0,60})/i.exec(
    instructions,
  )?.[1];
  if (sentence === undefined) return undefined;
  const year = /\b\d{4}\b/.exec(sentence)?.[0];
  if (year === undefined) return undefined;
  // `Friday, 21 August 2026` names two days; the longer name is the exact one.
  const found = findDates(sentence, `${year}-01-01`);
  return found.toSorted((a, b) => b.end - b.start - (a.end - a.start))[0]?.value;
}
