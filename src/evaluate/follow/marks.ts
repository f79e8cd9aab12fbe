/** What happened in a call, as two of them are held beside each other: in order, in words, without ids and times of day. Pure. */
import type { CallResult } from '../../testing/result.ts';
import { saidIn } from '../../testing/said.ts';

/** One thing that happened. Two calls go the same way as long as these are the same. */
export interface Mark {
  atMs: number;
  turn: number;
  /** Who did it. */
  by: 'caller' | 'agent' | 'tool' | 'call';
  text: string;
}

/** In order. Words are those that were said, whole: the part that a cut-in left unheard is a mark of its own. */
export function marksOf({ events }: Pick<CallResult, 'events'>): Mark[] {
  const marks: Mark[] = saidIn(events).map(({ atMs, turn, text }) => ({ atMs, turn, by: 'agent', text: text.trim() }));
  for (const event of events) {
    const { atMs } = event;
    switch (event.type) {
      case 'turn-start':
        marks.push({ atMs, turn: event.turn, by: 'caller', text: event.text });
        break;
      case 'digit':
        marks.push({ atMs, turn: marks.at(-1)?.turn ?? 0, by: 'caller', text: `presses ${event.digit}` });
        break;
      case 'tool-start':
        marks.push({ atMs, turn: event.turn, by: 'tool', text: `${event.name} ${JSON.stringify(event.arguments)}` });
        break;
      case 'tool-end':
        marks.push({ atMs, turn: event.turn, by: 'tool', text: `${event.name} ${event.ok ? 'answers' : 'fails'}` });
        break;
      case 'interruption':
        marks.push({ atMs, turn: event.turn, by: 'caller', text: `cuts in after "${lastWords(event.heard)}"` });
        break;
      case 'call-end':
        marks.push({ atMs, turn: Infinity, by: 'call', text: `ends: ${event.reason}` });
        break;
      default:
    }
  }
  return marks.sort((one, other) => one.atMs - other.atMs);
}

const SHOWN_WORDS = 4;
const lastWords = (text: string): string => text.trim().split(/\s+/).slice(-SHOWN_WORDS).join(' ');

/** The first place at which they part, as indices: what is there of only one of them is missing from the other. */
export function partingOf(recorded: readonly Mark[], now: readonly Mark[]): number | undefined {
  const length = Math.max(recorded.length, now.length);
  for (let at = 0; at < length; at++) if (!isSame(recorded[at], now[at])) return at;
  return undefined;
}

const isSame = (one: Mark | undefined, other: Mark | undefined): boolean =>
  one !== undefined && other !== undefined && one.by === other.by && one.text === other.text;
