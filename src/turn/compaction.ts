/** R23: which entries of the history go when it is too long, and what of them has to be told all the same. */
import {
  isPrompt,
  LONG_RESULT,
  noteOf,
  notesIn,
  shortenedResult,
  systemEntry,
  type AssistantEntry,
  type Entry,
} from './entry.ts';
import { messageCount } from './prompt-size.ts';

/** The service takes 200; the rest is room for what may still come before the request. */
const MOST_MESSAGES = 196;

export interface CompactionAim {
  currentTurn: number;
  /** The first turn whose question is the current one's as well (R25). */
  from: number;
  isForced: boolean;
  isHalf: (entries: readonly Entry[]) => boolean;
}

/**
 * Whole old turns go, until it is half; never the current turn's question, never the system prompt and facts. Returns what is
 * left, with what outlives it, and how many messages of the old ones are left.
 */
export function compacted(
  before: readonly Entry[],
  { currentTurn, from, isForced, isHalf }: CompactionAim,
): { entries: Entry[]; left: number } {
  let entries = [...before];
  /** Results and notes that no request has told: they outlive their turn. */
  const carried: string[] = [];
  const drop = (isDropped: (entry: Entry) => boolean) => {
    carried.push(...untoldIn(entries.filter(isDropped)));
    entries = without(entries, isDropped);
  };
  const oldTurns = [...new Set(entries.map((entry) => entry.turn))].filter((turn) => turn < from);
  for (const turn of oldTurns.sort((a, b) => a - b)) {
    if (isHalf(entries)) break;
    drop((entry) => entry.turn === turn && !isPrompt(entry));
  }
  // One turn alone fills the list: only then do its earlier steps go, each with its results.
  while (messageCount(entries) > MOST_MESSAGES || (isForced && !isHalf(entries))) {
    const steps = entries.filter((entry) => entry.turn === currentTurn && 'spans' in entry);
    const oldest = steps.length > 1 ? steps[0] : undefined;
    if (!oldest) break;
    drop((entry) => entry === oldest);
  }
  const left = messageCount(entries);
  const firstKept = entries.findIndex((entry) => !isPrompt(entry));
  const notes = carried.map((content): Entry => systemEntry(from, content)); // of the turn that they stand before: they go with it
  entries.splice(firstKept === -1 ? entries.length : firstKept, 0, ...notes);
  return { entries, left };
}

/** What of these entries no request has told: notes and results. What is still running will be told in a message of its own. */
export function untoldIn(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => {
    if ('calls' in entry) return untoldResults(entry);
    return entry.isSent ? [] : notesIn(entry);
  });
}

function untoldResults({ calls, isSent }: AssistantEntry): string[] {
  const untold: string[] = [];
  for (const slot of calls) {
    slot.wasSentOpen = true;
    if (!isSent && slot.content !== undefined && !slot.isOver) untold.push(noteOf(slot, slot.content));
  }
  return untold;
}

/** The list without them: nothing can be said or called in them any more. */
export function without(entries: readonly Entry[], isRemoved: (entry: Entry) => boolean): Entry[] {
  return entries.filter((entry) => {
    if (!isRemoved(entry)) return true;
    if ('spans' in entry) entry.isGone = true;
    return false;
  });
}

/** Of long results in this entry only the beginning is told from now on. Returns whether there were any. */
export function shortenIn(entry: Entry, turn: number): boolean {
  if (!('calls' in entry) || entry.turn !== turn) return false;
  let isShorter = false;
  for (const slot of entry.calls) {
    if (slot.content === undefined || slot.content.length <= LONG_RESULT) continue;
    slot.content = shortenedResult(slot.content);
    entry.cached = undefined;
    isShorter = true;
  }
  return isShorter;
}
