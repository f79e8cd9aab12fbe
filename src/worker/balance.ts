/** Which process gets the next connection, and what they are together. Pure. */
import type { CallLimit, Refusal } from './capacity.ts';
import type { GroupState, WorkerLoad } from './group.ts';

export interface Member {
  /** Its share of the calls, by which they are spread. */
  limit: number;
  load: WorkerLoad;
  /** Handed over since, so that the load does not take account of them. Each may be a call. */
  underWay: number;
  /** Places that it was granted since, less those that it was told to give back. */
  owed: number;
  /** Nothing has been heard of it for longer than there should be. */
  isSilent: boolean;
  /** The number of the last connection that it got. */
  lastTurn: number;
}

/**
 * The one with the most room, of those that take calls; when none does, one that waits for a call with a promise; else any,
 * which says no. Among equals, the one whose turn is longest ago.
 */
export function choose<M extends Member>(members: readonly M[], limit = Infinity): M | undefined {
  const open = isFull(members, limit) ? [] : members.filter((member) => refusalOf(member) === undefined);
  if (open.length > 0) return most(open, roomOf);
  const awaited = members.filter(({ load }) => load.waiting > 0);
  if (awaited.length > 0) return most(awaited, ({ load, underWay }) => load.waiting - load.visitors - underWay);
  return most(members, roomOf);
}

/** They have as many calls as they may together, however these are spread. */
export const isFull = (members: readonly Member[], limit: number): boolean =>
  members.reduce((sum, { load, owed }) => sum + load.places + owed, 0) >= limit;

/** One that says nothing is late, though it cannot say so. */
const refusalOf = ({ load, isSilent }: Member): Refusal | undefined =>
  load.refusal ?? (isSilent ? 'lagging' : undefined);

/** Whoever visits may be a call. */
const roomOf = ({ limit, load, underWay }: Member): number => limit - load.places - load.visitors - underWay; // may be less than none

function most<M extends Member>(members: readonly M[], measure: (member: M) => number): M | undefined {
  const [first, ...others] = members;
  let [best, bestMeasure] = [first, first ? measure(first) : 0];
  for (const member of others) {
    const own = measure(member);
    if (own < bestMeasure || (own === bestMeasure && member.lastTurn >= (best as M).lastTurn)) continue;
    [best, bestMeasure] = [member, own];
  }
  return best;
}

const REASONS: readonly Refusal[] = ['full', 'quota', 'lagging', 'draining'];

/** Calls are taken when any process takes them, and they are not too many together. */
export function stateOf(members: readonly Member[], limit: CallLimit): GroupState {
  const isOver = isFull(members, limit.calls);
  const refusals = members.map((member) => refusalOf(member) ?? (isOver ? limit.reason : undefined));
  return {
    calls: members.reduce((sum, { load }) => sum + load.calls, 0),
    processes: members.length,
    refusal: refusals.includes(undefined) ? undefined : REASONS.find((reason) => refusals.includes(reason)),
  };
}

export const waitingAt = (members: readonly Member[]): number =>
  members.reduce((sum, { load }) => sum + load.waiting, 0);

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** Who has lived so long was not broken from the start. */
const STEADY_MS = 60_000;

/** Before a process that has died is replaced: longer each time, unless it had lived for a while. */
export function pauseBefore({ livedMs, lastPauseMs }: { livedMs: number; lastPauseMs: number }): number {
  if (livedMs >= STEADY_MS || lastPauseMs === 0) return FIRST_PAUSE_MS;
  return Math.min(LONGEST_PAUSE_MS, lastPauseMs * 2);
}
