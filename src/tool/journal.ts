/**
 * The effects of one call, so that each happens once (R15). Pure: time is an argument, runs are numbered from 1.
 *
 *   begin -> run    nothing like it: do it, then `end` it
 *         -> join   the same is being done: wait for that run
 *         -> answer the same was done a moment ago: this was its outcome
 */
import { canonicalJson, isRecord } from '../lib/json.ts';
import type { ToolOutcome } from './contract.ts';

export type JournalAnswer =
  /** `effect`: the run that first tried this effect. It is `run`, unless that one may have done it before it failed. */
  | { type: 'run'; run: number; effect: number }
  | { type: 'join'; run: number }
  | { type: 'answer'; outcome: ToolOutcome; agoMs: number };

/** What is known of the effect of a run that ended. */
export type EffectEnd =
  /** `outcome` is what its repetition will be told. */
  | { type: 'done'; outcome: ToolOutcome }
  | { type: 'not-done' }
  /** It failed in a way that leaves both possible. */
  | { type: 'unknown' };

type Entry =
  | { type: 'running'; run: number; effect: number }
  | { type: 'done'; outcome: ToolOutcome; endedAtMs: number }
  | { type: 'unknown'; effect: number };

export class EffectJournal {
  /** How long a done effect answers for its repetition, from its end, in milliseconds. 0: not at all. */
  dedupeMs: number;
  #runs = 0;
  #entries = new Map<string, Entry>();

  constructor(dedupeMs: number) {
    this.dedupeMs = dedupeMs;
  }

  /** @param key What is to happen, from `effectKey`; undefined for what may happen any number of times. */
  begin(key: string | undefined, atMs: number): JournalAnswer {
    this.#forget(atMs);
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (entry?.type === 'running') return { type: 'join', run: entry.run };
    if (entry?.type === 'done') return { type: 'answer', outcome: entry.outcome, agoMs: atMs - entry.endedAtMs };
    const run = ++this.#runs;
    const effect = entry?.effect ?? run;
    if (key !== undefined) this.#entries.set(key, { type: 'running', run, effect });
    return { type: 'run', run, effect };
  }

  /** Takes down how the run that has `key` ended. */
  end(key: string | undefined, end: EffectEnd, atMs: number): void {
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (key === undefined || entry?.type !== 'running') return;
    if (end.type === 'done') this.#entries.set(key, { type: 'done', outcome: end.outcome, endedAtMs: atMs });
    else if (end.type === 'unknown') this.#entries.set(key, { type: 'unknown', effect: entry.effect });
    else this.#entries.delete(key);
  }

  /** How many effects are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  #forget(atMs: number): void {
    for (const [key, entry] of this.#entries) {
      if (entry.type === 'done' && atMs - entry.endedAtMs >= this.dedupeMs) this.#entries.delete(key);
    }
  }
}

/**
 * One text for equal effects: the tool's name and its input whatever the order of its keys. The input counts as the
 * handler sees it, defaults filled in, unless it holds what JSON would blur; then as the model wrote it.
 */
export function effectKey(toolName: string, input: unknown, written: unknown): string {
  return `${toolName} ${canonicalJson(isPlainJson(input) ? input : written)}`;
}

function isPlainJson(value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlainJson);
  if (!isRecord(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlainJson);
}
