/**
 * A part of an utterance: a few clauses that are one request, and the tries that it takes. It is made once more by itself
 * as long as none of its sound has been handed on; after that, only who listens knows what is still to be said.
 */
import { ProviderError } from '../../lib/errors.ts';
import { holdPlace, type Places } from '../../lib/places.ts';
import { doubledMs, halfAt } from '../../lib/retry.ts';
import { PROVIDER, speakOnce, type Asking, type Ending } from './asking.ts';

/** What a part needs of its line. */
export interface PartContext {
  asking: Asking;
  places: Places;
  /** How long a part waits for a place, tries that were refused for a moment included. */
  queueMs: number;
  random: () => number;
  /** Somebody else can speak it: what is refused, down or late is told at once. */
  hasNext: boolean;
  /** Something is tried again, or came back without its sound: to be counted and told. */
  note(count: 'resent' | 'retried' | 'unspoken', error: ProviderError): void;
}

/** Told once something has happened. */
export interface PartListener {
  audio(samples: Uint8Array): void;
  /** All of its sound has been handed on. */
  whole(): void;
  /** What was handed on stays good; `wasCut`: it broke off, and the rest may be asked for anew. */
  failed(error: ProviderError, wasCut: boolean): void;
}

const RETRY_DELAY = { firstMs: 100, mostMs: 1_000 };
/** Without any sound in between it is asked once more after a cut. */
const MOST_VAIN_TRIES = 1;
/** Somebody else can speak: a place is not waited for any longer. */
const MOST_QUEUE_WITH_NEXT_MS = 1_000;

export class Part {
  readonly text: string;
  readonly #context: PartContext;
  readonly #listener: PartListener;
  readonly #stopping = new AbortController();
  /** Of the part before it being on its way: sound that waits for its turn. Undefined once it is handed on at once. */
  #held: Uint8Array[] | undefined = [];
  #hasHandedOn = false;
  #ending: Ending | undefined;
  /** Leaves the place, or the wait for it, or for another try. */
  #leave = () => {};

  constructor(text: string, context: PartContext, listener: PartListener) {
    this.text = text;
    this.#context = context;
    this.#listener = listener;
  }

  start(): void {
    void this.#run(this.#context.asking.clock.nowMs() + this.#queueMs).then(
      (ending) => this.#settle(ending),
      () => {}, // aborted: nobody wants to know
    );
  }

  /** The part before it is over: what has come is handed on now, and what comes then. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const samples of held) this.#handOn(samples);
    if (this.#ending) this.#tell(this.#ending);
  }

  abort(): void {
    this.#stopping.abort();
    this.#leave();
  }

  async #run(giveUpAtMs: number): Promise<Ending> {
    let vainTries = 0;
    for (let retries = 0; ;) {
      const ending = await this.#try(giveUpAtMs);
      if (ending.type === 'whole' || ending.type === 'refused') return ending;
      if (ending.type === 'unspoken') this.#context.note('unspoken', ending.error);
      if (this.#hasHandedOn || (this.#context.hasNext && !isStale(ending, retries))) return ending;
      if (ending.type === 'busy') {
        if (!(await this.#rest(ending.error, retries++, giveUpAtMs))) return ending;
        this.#context.note('retried', ending.error);
      } else {
        if (vainTries++ >= MOST_VAIN_TRIES) return ending;
        this.#context.note('resent', ending.error);
      }
      if (this.#held) this.#held = [];
    }
  }

  async #try(giveUpAtMs: number): Promise<Ending> {
    const { asking, places } = this.#context;
    const refusal = await this.#place(Math.max(0, giveUpAtMs - asking.clock.nowMs()));
    if (refusal) return { type: 'refused', error: refusal };
    try {
      const { signal } = this.#stopping;
      const ending = await speakOnce(asking, this.text, { signal, audio: (samples) => this.#hear(samples) });
      if (ending.type === 'busy' && ending.error.code === 'rate-limited') places.refused();
      return ending;
    } finally {
      this.#leave();
    }
  }

  /** Settles with why there was none, when there was none. */
  #place(waitMs: number): Promise<ProviderError | undefined> {
    const { places } = this.#context;
    return new Promise((resolve) => {
      this.#leave = holdPlace(places, {
        waitMs,
        granted: () => resolve(undefined),
        expired: () => {
          const message = `no synthesis was free for ${this.#queueMs / 1_000} s`;
          resolve(new ProviderError(PROVIDER, 'queue-timeout', message, { phase: 'before-first-output' }));
        },
      });
    });
  }

  /** Waits before another try. False when there is no time for one. */
  #rest({ retryAfterMs = 0 }: ProviderError, retries: number, giveUpAtMs: number): Promise<boolean> {
    const { asking, random } = this.#context;
    const forMs = Math.max(doubledMs(RETRY_DELAY, retries) * halfAt(random()), retryAfterMs);
    if (asking.clock.nowMs() + forMs > giveUpAtMs) return Promise.resolve(false);
    return new Promise((resolve) => (this.#leave = asking.clock.after(forMs, () => resolve(true))));
  }

  /** How long it waits for a place, tries that were refused for a moment included. */
  get #queueMs(): number {
    const { queueMs, hasNext } = this.#context;
    return hasNext ? Math.min(queueMs, MOST_QUEUE_WITH_NEXT_MS) : queueMs;
  }

  #hear(samples: Uint8Array): void {
    if (this.#held) this.#held.push(samples);
    else this.#handOn(samples);
  }

  #handOn(samples: Uint8Array): void {
    if (this.#stopping.signal.aborted) return;
    this.#hasHandedOn = true;
    this.#listener.audio(samples);
  }

  #settle(ending: Ending): void {
    this.#ending = ending;
    if (!this.#held) this.#tell(ending);
  }

  #tell(ending: Ending): void {
    if (this.#stopping.signal.aborted) return;
    if (ending.type === 'whole') return this.#listener.whole();
    this.#listener.failed(ending.error, ending.type === 'cut' || ending.type === 'unspoken');
  }
}

/** A connection that was kept may have been closed at the other end a moment ago: that is nobody's fault, once. */
function isStale(ending: Ending, retries: number): boolean {
  return ending.type === 'busy' && ending.error.code === 'connect-failed' && retries === 0;
}
