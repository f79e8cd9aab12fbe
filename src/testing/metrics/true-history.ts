/**
 * True history: after each cut-in, the words that the next request tells the model of, less those that the caller heard. The
 * model must never believe that something was said which was not.
 */
import type { Message } from '../../model/contract.ts';
import { lettersOf, wordsHeard } from '../heard-words.ts';
import type { CallResult, HeardWord, SentRequest } from '../result.ts';
import { eventsOf, isIn, type EventOf, type Scope } from '../scope.ts';
import { saidIn } from '../said.ts';
import { wordsOf } from '../words.ts';

export interface HistoryAfterCutIn {
  /** When the next request went out. */
  atMs: number;
  turn: number;
  told: string;
  heard: string;
  /** Words that the model was told of and the caller did not hear; under 0: heard, and not told. The word that was cut off counts as either. */
  surplusWords: number;
}

/** One for each cut-in of this part of the call that a request followed, and whose words were understood. */
export function historiesIn(scope: Scope): HistoryAfterCutIn[] {
  const { call } = scope;
  return eventsOf(call, 'interruption').flatMap((event) => {
    const isOurs = scope.turn === undefined ? isIn(scope, event.atMs) : event.turn === scope.turn;
    const told = isOurs ? toldAfter(call, event) : undefined;
    if (!told || !call.heard) return [];
    const words = call.heard.filter(({ turn }) => turn === event.turn);
    const heard = words.map(({ text }) => text).join(' ');
    const said = saidIn(call.events).filter(({ turn }) => turn === event.turn);
    const whole = said.map(({ text }) => text).join(' ');
    const surplus = wordsOf(told.text).length - wordsHeard(whole, heard);
    const surplusWords = isOfCutWord(surplus, words.at(-1), wordsOf(whole)[wordsHeard(whole, heard)]) ? 0 : surplus;
    return [{ atMs: told.atMs, turn: event.turn, told: told.text, heard, surplusWords }];
  });
}

/**
 * The word in which the sound was cut off was heard in part: whether it counts is nobody's fault. `next`: the first that was
 * not heard whole; a last word that sounds whole may lack what nobody hears, as the end of its full stop.
 */
function isOfCutWord(surplus: number, last: HeardWord | undefined, next: string | undefined): boolean {
  if (last === undefined) return false;
  if (surplus === -1) return true;
  return surplus === 1 && next !== undefined && lettersOf(next).startsWith(lettersOf(last.text)) && next !== last.text;
}

/** What the next request after a cut-in says that the agent has said in that turn; undefined when there was none. */
export function toldAfter(
  { requests }: CallResult,
  { atMs, turn }: EventOf<'interruption'>,
): { atMs: number; text: string } | undefined {
  const next = requests.find((request) => request.atMs >= atMs && request.turn > turn);
  if (!next) return undefined;
  const before = next.messages.slice(
    0,
    next.messages.findLastIndex(({ role }) => role === 'user'),
  );
  const told = before.slice(callerMessageOf(requests, turn, before) + 1);
  const texts = told.map((message) => (message.role === 'assistant' ? (message.content ?? '') : ''));
  return { atMs: next.atMs, text: texts.join(' ').trim() };
}

/** Where among `messages` stands what the caller said in this turn; -1 for the greeting, which nobody asked for. */
function callerMessageOf(requests: readonly SentRequest[], turn: number, messages: readonly Message[]): number {
  if (turn === 0) return -1;
  // the last of its requests: words that followed before anything was heard joined that message (R25)
  const own = requests.findLast((request) => request.turn === turn)?.messages.findLast(({ role }) => role === 'user');
  return messages.findLastIndex(({ role, content }) => role === 'user' && content === own?.content);
}

export interface ChangedMessage {
  atMs: number;
  turn: number;
  before: string;
  after: string;
}

/** Messages that were sent before a cut-in, in turns before it, and are others in the next request. A long call drops old ones. */
export function changesIn(scope: Scope): ChangedMessage[] {
  const { call } = scope;
  return eventsOf(call, 'interruption').flatMap((event) => {
    const isOurs = scope.turn === undefined ? isIn(scope, event.atMs) : event.turn === scope.turn;
    const before = call.requests.findLast(({ atMs, turn }) => atMs <= event.atMs && turn <= event.turn);
    const next = call.requests.find(({ atMs, turn }) => atMs >= event.atMs && turn > event.turn);
    const isCompacted = eventsOf(call, 'compaction').some(
      ({ atMs }) => before && next && atMs >= before.atMs && atMs <= next.atMs,
    );
    if (!isOurs || !before || !next || isCompacted) return [];
    const kept = before.messages.slice(0, before.messages.findLastIndex(({ role }) => role === 'user') + 1);
    // what was said in this turn may be cut, also where it was sent before
    const index = kept.findIndex((message, at) => JSON.stringify(message) !== JSON.stringify(next.messages[at]));
    if (index < 0 || isCutText(kept[index], next.messages[index])) return [];
    const text = (message: Message | undefined) => JSON.stringify(message) ?? 'nothing';
    return [{ atMs: next.atMs, turn: event.turn, before: text(kept[index]), after: text(next.messages[index]) }];
  });
}

/** The agent's words, shortened to what was heard. */
function isCutText(before: Message | undefined, after: Message | undefined): boolean {
  if (before?.role !== 'assistant') return false;
  if (after?.role !== 'assistant') return true; // nothing of it was heard
  return (before.content ?? '').startsWith((after.content ?? '').trimEnd());
}
