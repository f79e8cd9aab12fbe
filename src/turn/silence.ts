/**
 * R16 and R17: when is the next phrase due, while the agent is silent and its turn? And where did the silence go?
 *
 *   quiet --fillerAfterMs, tools running, nothing said--> the tool's filler
 *         --silenceMs--> filler or, when the step has spoken, progress --progressMs--> progress ... --giveUpMs--> give up
 */
import type { SilenceByCause } from './contract.ts';

export interface Wait {
  /** Since when the caller hears nothing. */
  quietSinceMs: number;
  /** When the model last got on with its answer: its words, or the start of the turn. Phrases do not count. */
  waitingSinceMs: number;
  /** Phrases spoken since then. */
  phrases: number;
}

/** The model got on with its answer. */
export function gotOn(wait: Wait, atMs: number): void {
  wait.waitingSinceMs = atMs;
  wait.phrases = 0;
}

export interface SilenceOptions {
  fillerAfterMs: number;
  silenceMs: number;
  progressMs: number;
  giveUpMs: number;
}

export type SilencePhrase = 'filler' | 'progress' | 'give-up';

/**
 * When something is due, if nothing else happens before.
 * @param silentToolSinceMs When the call began that runs, if nothing was said in its step and it has a filler (R16).
 */
export function nextDueAtMs(wait: Wait, silentToolSinceMs: number | undefined, options: SilenceOptions): number {
  return Math.min(nextPhraseAtMs(wait, silentToolSinceMs, options), giveUpAtMs(wait, options));
}

/** What is due then. `hasSpoken`: something has been said in this step. */
export function nextDue(
  wait: Wait,
  { silentToolSinceMs, hasSpoken }: { silentToolSinceMs: number | undefined; hasSpoken: boolean },
  options: SilenceOptions,
): SilencePhrase {
  if (giveUpAtMs(wait, options) <= nextPhraseAtMs(wait, silentToolSinceMs, options)) return 'give-up';
  if (silentToolSinceMs !== undefined) return 'filler';
  return wait.phrases > 0 || hasSpoken ? 'progress' : 'filler';
}

function nextPhraseAtMs(wait: Wait, silentToolSinceMs: number | undefined, options: SilenceOptions): number {
  const bySilenceMs = wait.quietSinceMs + (wait.phrases > 0 ? options.progressMs : options.silenceMs);
  if (silentToolSinceMs === undefined) return bySilenceMs;
  return Math.min(bySilenceMs, Math.max(wait.quietSinceMs, silentToolSinceMs + options.fillerAfterMs));
}

const giveUpAtMs = ({ waitingSinceMs }: Wait, { giveUpMs }: SilenceOptions) => waitingSinceMs + giveUpMs;

export type SilenceCause = 'endpointing' | 'queue' | 'model' | 'tool' | 'speech';

/** Adds up the silent time of one turn by its cause. */
export class SilenceMeter {
  readonly #ms = { endpointing: 0, queue: 0, model: 0, tool: 0, speech: 0 };
  #sinceMs: number;
  #cause: SilenceCause | undefined;

  constructor(atMs: number, endpointingMs: number) {
    this.#sinceMs = atMs;
    this.#ms.endpointing = endpointingMs;
  }

  /** From `atMs` on, the caller hears nothing because of `cause`; `undefined` while they hear something. */
  mark(atMs: number, cause: SilenceCause | undefined): void {
    if (this.#cause) this.#ms[this.#cause] += atMs - this.#sinceMs;
    this.#sinceMs = atMs;
    this.#cause = cause;
  }

  /** So much of what looked like the model's time was spent in the queue. */
  wasQueued(queueMs: number): void {
    const moved = Math.min(queueMs, this.#ms.model);
    this.#ms.model -= moved;
    this.#ms.queue += moved;
  }

  get result(): SilenceByCause {
    const { endpointing, queue, model, tool, speech } = this.#ms;
    return {
      endpointingMs: Math.round(endpointing),
      queueMs: Math.round(queue),
      modelMs: Math.round(model),
      toolMs: Math.round(tool),
      speechMs: Math.round(speech),
    };
  }
}
