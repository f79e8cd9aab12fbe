/** What a call does to its world, as two machines did it at the same place, and what is other in it, in a sentence. Pure. */
import { canonicalJson, parseJson } from '../../lib/json.ts';
import type { TurnEffect } from '../../turn/contract.ts';
import { messageThatDiffers } from '../message-difference.ts';

/** Where two lists of effects part; either is undefined where the list has no more. */
export interface EffectPair {
  was: TurnEffect | undefined;
  is: TurnEffect | undefined;
}

/** What the caller hears, the model is asked or the world is changed by; the rest follows from these, or is for observers. */
const TELLING: ReadonlySet<TurnEffect['type']> = new Set([
  ...(['say', 'request-step', 'run-tool', 'cancel-tool', 'clear', 'pause', 'resume'] as const),
  ...(['agent-change', 'begin-task', 'end-task', 'transfer', 'hang-up'] as const),
]);

/** The first place at which they part; undefined: they do the same. */
export function partingOf(was: readonly TurnEffect[], is: readonly TurnEffect[]): EffectPair | undefined {
  const [before, now] = [was, is].map((effects) => effects.filter(({ type }) => TELLING.has(type)));
  for (let at = 0; at < Math.max(before!.length, now!.length); at++) {
    const pair = { was: before![at], is: now![at] };
    if (!pair.was || !pair.is || shapeOf(pair.was) !== shapeOf(pair.is)) return pair;
  }
  return undefined;
}

/** Equal for what does the same; how it is numbered counts for nothing. */
function shapeOf(effect: TurnEffect): string {
  switch (effect.type) {
    case 'say':
      return canonicalJson([effect.type, effect.kind, effect.text]);
    case 'request-step':
      return canonicalJson([effect.type, effect.toolChoice, effect.messages]);
    case 'run-tool':
      return canonicalJson([effect.type, effect.effect, effect.call.name, parseJson(effect.call.arguments)]);
    default:
      return canonicalJson(effect);
  }
}

/** The agent says something else, or its model is asked the same with other words in it. */
export const isOfWords = ({ was, is }: EffectPair): boolean =>
  was?.type === is?.type && (is?.type === 'say' || is?.type === 'request-step');

/** A sentence without its end. */
export function tellParting({ was, is }: EffectPair): string {
  if (was?.type === 'request-step' && is?.type === 'request-step') return tellRequests(was, is);
  if (was?.type === 'say' && is?.type === 'say') return `it says "${is.text.trim()}", and said "${was.text.trim()}"`;
  return `there was ${nounOf(was)}, and now is ${nounOf(is)}`;
}

type RequestStep = Extract<TurnEffect, { type: 'request-step' }>;

function tellRequests(was: RequestStep, is: RequestStep): string {
  const length = Math.max(was.messages.length, is.messages.length);
  for (let at = 0; at < length; at++) {
    const [before, now] = [was.messages[at], is.messages[at]];
    if (canonicalJson(before) !== canonicalJson(now)) return messageThatDiffers(at + 1, before, now);
  }
  return `\`tool_choice\` was ${was.toolChoice}, and is ${is.toolChoice}`;
}

function nounOf(effect: TurnEffect | undefined): string {
  switch (effect?.type) {
    case undefined:
      return 'nothing';
    case 'say':
      return `"${effect.text.trim()}" to be said`;
    case 'request-step':
      return 'a request to the model';
    case 'run-tool':
      return `a call of \`${effect.call.name}\` ${effect.call.arguments}`;
    case 'cancel-tool':
      return 'a tool taken back';
    case 'clear':
      return 'an answer cut off';
    case 'pause':
      return 'an answer held back for the caller';
    case 'resume':
      return 'an answer gone on with';
    case 'agent-change':
      return `\`${effect.agent}\` taking the caller`;
    case 'begin-task':
      return 'a task begun';
    case 'end-task':
      return `a task ended (${effect.end.how})`;
    case 'transfer':
      return `the caller handed over to ${effect.to}`;
    case 'hang-up':
      return `the end of the call (${effect.reason})`;
    default:
      return effect?.type ?? 'nothing';
  }
}
