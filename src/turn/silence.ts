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
  /** When the first call of this step began, if one is running and nothing was said in the step (R16). */
  silentToolSinceMs: number | undefined;
  /** Something has been said in this step. */
  hasSpoken: boolean;
}

export interface SilenceOptions {
  fillerAfterMs: number;
  silenceMs: number;
  progressMs: number;
  giveUpMs: number;
}

export interface Due {
  what: 'filler' | 'progress' | 'give-up';
  atMs: number;
}

/** What is due next, if nothing else happens before. */
export function nextDue(wait: Wait, options: SilenceOptions): Due {
  const phrase = nextPhrase(wait, options);
  const giveUpAtMs = wait.waitingSinceMs + options.giveUpMs;
  return giveUpAtMs <= phrase.atMs ? { what: 'give-up', atMs: giveUpAtMs } : phrase;
}

function nextPhrase(wait: Wait, { fillerAfterMs, silenceMs, progressMs }: SilenceOptions): Due {
  const bySilence = wait.quietSinceMs + (wait.phrases > 0 ? progressMs : silenceMs);
  if (wait.silentToolSinceMs !== undefined) {
    const byTool = Math.max(wait.silentToolSinceMs + fillerAfterMs, wait.quietSinceMs);
    return { what: 'filler', atMs: Math.min(byTool, bySilence) };
  }
  return { what: wait.phrases > 0 || wait.hasSpoken ? 'progress' : 'filler', atMs: bySilence };
}

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
