/** How somebody is asked whether they take a caller, as a tool says it: what may stand in it, and the plain data that it is. */
import { messageOf } from '../lib/thrown.ts';
import type { WarmOrder } from './contract.ts';

const LONGEST_SUMMARY = 1_000;
const LEAST_RING_MS = 5_000;
const MOST_RING_MS = 120_000;

/** What is wrong with it, to be read behind "Expected `warm`"; undefined when somebody can be asked. */
export function problemOfWarm({
  summary,
  ringMs,
  waitSound,
}: Partial<Record<keyof WarmOrder, unknown>>): string | undefined {
  if (typeof summary !== 'string' || summary.trim() === '') return 'to have a `summary` of words, got none';
  if (summary.length > LONGEST_SUMMARY)
    return `to have a \`summary\` of at most ${LONGEST_SUMMARY} characters, got ${summary.length}`;
  if (ringMs !== undefined && !isBetween(ringMs, LEAST_RING_MS, MOST_RING_MS)) {
    return `to have a \`ringMs\` of ${LEAST_RING_MS} to ${MOST_RING_MS}, got ${messageOf(ringMs)}`;
  }
  if (waitSound === undefined || isFile(waitSound)) return undefined;
  return 'to have a path or a `file:` address as `waitSound`, got something else';
}

/** Of one that nothing is wrong with. */
export function warmOrder({ summary, ringMs, waitSound }: WarmSaid): WarmOrder {
  return {
    summary: summary.trim(),
    ...(ringMs !== undefined && { ringMs }),
    ...(waitSound !== undefined && { waitSound: String(waitSound) }),
  };
}

interface WarmSaid {
  summary: string;
  ringMs?: number | undefined;
  waitSound?: string | URL | undefined;
}

const isBetween = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

function isFile(value: unknown): boolean {
  if (value instanceof URL) return value.protocol === 'file:';
  return typeof value === 'string' && value !== '' && !/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(value);
}
