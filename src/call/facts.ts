/** What the agent's own `facts` function says of a call: at once, or within a while; what it says wrong is told as a problem. */
import type { CallerFacts } from '../bridge/contract.ts';
import { messageOf } from '../lib/errors.ts';
import { shown } from '../tool/check.ts';

/** What the model should know of this very call: a text, or nothing. */
export type FactsFunction = (caller: CallerFacts) => string | undefined | Promise<string | undefined>;

/** `problem`: a sentence for whoever wrote the agent; then there are no facts. */
export interface ToldFacts {
  text?: string;
  problem?: string;
}

/** Characters: with more, nothing of the conversation would be left in the model's window. */
const LONGEST_FACTS = 32_000;

/** What is told at once, in the machine's words, and what is not. */
export interface FactsAtStart {
  begin: { facts?: string; factsWithinMs?: number };
  problem: string | undefined;
  /** Never rejects. */
  later: Promise<ToldFacts> | undefined;
}

/**
 * Asks the agent. `known`: what is known of the call without asking, and is told before that. `factsMs`: how long the model
 * waits for what comes later. Never throws.
 */
export function askForFacts(asked: {
  facts: FactsFunction | undefined;
  factsMs: number;
  caller: CallerFacts;
  known: string | undefined;
}): FactsAtStart {
  const told = ask(asked.facts, asked.caller);
  const isLater = told instanceof Promise;
  const facts = [asked.known, isLater ? undefined : told.text].filter((text) => text !== undefined).join('\n\n');
  return {
    begin: { ...(facts !== '' && { facts }), ...(isLater && { factsWithinMs: asked.factsMs }) },
    problem: isLater ? undefined : told.problem,
    later: isLater ? told : undefined,
  };
}

function ask(facts: FactsFunction | undefined, caller: CallerFacts): ToldFacts | Promise<ToldFacts> {
  try {
    const told: unknown = facts?.(caller);
    if (!isThenable(told)) return read(told);
    return Promise.resolve(told).then(read).catch(failed);
  } catch (thrown) {
    return failed(thrown);
  }
}

const failed = (thrown: unknown): ToldFacts => ({ problem: `the agent's \`facts\` failed: ${messageOf(thrown)}` });

function read(told: unknown): ToldFacts {
  if (typeof told === 'string') return readText(told);
  if (told === undefined || told === null) return {};
  const got = told instanceof Date ? 'a date' : shown(told);
  return {
    problem: `Expected \`facts\` to return a text, or a promise of one, got ${got}: the model is asked without them`,
  };
}

function readText(told: string): ToldFacts {
  if (told.length > LONGEST_FACTS) {
    const problem = `Expected \`facts\` to be of at most ${LONGEST_FACTS} characters, got ${told.length}: the model is asked without them`;
    return { problem };
  }
  return told.trim() === '' ? {} : { text: told };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
