/**
 * R25: a turn that was taken too early, before any of its answer was audible. Its words wait for those that follow, and are
 * asked with them; when none follow, for it was a noise or nothing of it is understood, they are asked by themselves.
 */
import { LONGEST_SPEECH } from '../lib/speech-length.ts';
import { callerWords, isEmpty, isPrompt, messagesOf, rendered, type Entry } from './entry.ts';

/** From the last sign of the caller. Their next turn is sure long before, whatever its words look like. */
const FOLLOW_MS = 4_000;
/** Scripts that are written without spaces between words. */
const UNSPACED = '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]';
const ENDS_UNSPACED = new RegExp(`${UNSPACED}\\p{P}*$`, 'u');
const BEGINS_UNSPACED = new RegExp(`^\\p{P}*${UNSPACED}`, 'u');

export class TakenBack {
  #turn: number | undefined;
  #sinceMs = Infinity;

  /** It was that turn. `atMs` Infinity: nothing is asked before the caller says something. */
  begin(turn: number, atMs: number): void {
    this.#turn = turn;
    this.#sinceMs = atMs;
  }

  /** The caller gives a sign. */
  restart(atMs: number): void {
    if (this.#sinceMs !== Infinity) this.#sinceMs = atMs;
  }

  /** When its words are asked by themselves; undefined when there are none, or they are not to be. */
  get dueAtMs(): number | undefined {
    return this.#turn === undefined || this.#sinceMs === Infinity ? undefined : this.#sinceMs + FOLLOW_MS;
  }

  /** The turn whose words wait, if any do. */
  get turn(): number | undefined {
    return this.#turn;
  }

  /** They are asked now. */
  forget(): void {
    this.#turn = undefined;
    this.#sinceMs = Infinity;
  }
}

/**
 * What the caller said in turn `from` goes on in the same message, and is of `turn` from now on, with the notes behind it.
 * Undefined when something that the agent has said or done stands behind it, or it would be too long.
 */
export function goOnIn(
  entries: readonly Entry[],
  { from, turn, text }: { from: number; turn: number; text: string },
): { entries: Entry[]; content: string } | undefined {
  const at = entries.findLastIndex((entry) => ('spans' in entry ? !isEmpty(entry) : callerWords(entry) !== undefined));
  const entry = entries[at];
  const before = entry?.turn === from ? callerWords(entry) : undefined;
  if (!entry || before === undefined) return undefined;
  const content = joinWords(before, text);
  if (text !== '' && content.length > LONGEST_SPEECH) return undefined;
  const cached = rendered(text === '' ? messagesOf(entry) : [{ role: 'user', content }]);
  const behind = entries.slice(at + 1).map((one) => ('spans' in one || isPrompt(one) ? one : { ...one, turn }));
  return { entries: [...entries.slice(0, at), { turn, cached, isSent: false }, ...behind], content };
}

/** What the caller said in two goes, as one text. */
export function joinWords(before: string, behind: string): string {
  if (behind === '') return before;
  const isUnspaced = ENDS_UNSPACED.test(before.slice(-20)) && BEGINS_UNSPACED.test(behind);
  return `${before.trimEnd()}${isUnspaced ? '' : ' '}${behind.trimStart()}`;
}
