/**
 * One utterance: its clauses, divided into requests. The first is short, for the caller waits for it; of those behind it
 * one is on its way while the sound of the one before still comes, so that no gap is heard between them. What has to be
 * said anew after a cut, who listens says.
 */
import type { ProviderError } from '../../lib/errors.ts';
import type { SynthesisListener } from '../contract.ts';
import { Part, type PartContext } from './part.ts';

export interface UtteranceContext extends PartContext {
  /** It is over: done, or failed. */
  over(failure?: { isTruncated: boolean }): void;
}

/** In characters, a whole clause at least: what the first request holds, and any other. */
const FIRST_MOST = 80;
const MOST = 240;
const AT_ONCE = 2;
/** After a cut it is gone on with so often in all, and so often without any sound in between. */
const MOST_RESTARTS = 3;
const MOST_VAIN_RESTARTS = 1;
/** Nothing is asked for what has none of these, for there is nothing to be heard of it. */
const SAYABLE = /[\p{L}\p{N}\p{S}]/u;

export class Utterance {
  readonly #context: UtteranceContext;
  readonly #listener: SynthesisListener;
  /** What has not been asked for. */
  #waiting: string[] = [];
  /** What has been, in order: the sound of the first is handed on. */
  #parts: Part[] = [];
  #isFirst = true;
  #isEnded = false;
  #isOver = false;
  /** Nobody is before it on its line. */
  #hasTurn = false;
  #isPumpDue = false;
  /** Of sound that was handed on and is kept. */
  #bytes = 0;
  #restarts = 0;
  #vainRestarts = 0;

  constructor(context: UtteranceContext, listener: SynthesisListener) {
    this.#context = context;
    this.#listener = listener;
  }

  speak(clause: string): void {
    if (this.#isEnded || this.#isOver) return;
    this.#waiting.push(clause);
    this.#pumpSoon();
  }

  end(): void {
    this.#isEnded = true;
    this.#pumpSoon();
  }

  abort(): void {
    this.#isOver = true;
    this.#dropParts();
  }

  turn(): void {
    this.#hasTurn = true;
    this.#pumpSoon();
  }

  /** What is said in one tick goes out together, and nothing is told from inside of a call. */
  #pumpSoon(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isOver || !this.#hasTurn) return;
    while (this.#parts.length < AT_ONCE && this.#waiting.length > 0) this.#ask(this.#take());
    if (this.#parts.length > 0 || !this.#isEnded) return;
    this.#isOver = true;
    this.#listener.done();
    this.#context.over();
  }

  /** As many clauses as one request should hold. */
  #take(): string {
    const most = this.#isFirst ? FIRST_MOST : MOST;
    let text = this.#waiting.shift() ?? '';
    while (this.#waiting[0] !== undefined && text.length + this.#waiting[0].length <= most)
      text += this.#waiting.shift();
    return text;
  }

  #ask(text: string): void {
    if (!SAYABLE.test(text)) return;
    this.#isFirst = false;
    const part = new Part(text, this.#context, {
      audio: (samples) => this.#hear(samples),
      whole: () => this.#next(),
      failed: (error, wasCut) => this.#partFailed(error, wasCut),
    });
    this.#parts.push(part);
    if (this.#parts[0] === part) part.release();
    part.start();
  }

  #hear(samples: Uint8Array): void {
    this.#bytes += samples.length;
    this.#vainRestarts = 0;
    this.#listener.audio(samples);
  }

  #next(): void {
    this.#parts.shift();
    this.#parts[0]?.release();
    this.#pump();
  }

  #partFailed(error: ProviderError, wasCut: boolean): void {
    const isLeft = this.#context.hasNext && error.code !== 'stream-cut'; // what only broke off the same voice goes on with
    const mayGoOn = wasCut && !isLeft && this.#restarts < MOST_RESTARTS && this.#vainRestarts < MOST_VAIN_RESTARTS;
    this.#dropParts();
    const rest = mayGoOn ? this.#listener.resume?.() : undefined;
    if (this.#isOver) return; // who was asked may have ended it
    if (!rest) return this.#fail(error);
    this.#restarts++;
    this.#vainRestarts++;
    this.#context.note('resent', error);
    this.#waiting = [...rest.clauses];
    this.#bytes = Math.round((rest.keptMs * this.#context.asking.rateHz) / 1_000) * 2;
    this.#pumpSoon();
  }

  #fail(error: ProviderError): void {
    this.#isOver = true;
    this.#listener.failed(error);
    this.#context.over({ isTruncated: this.#bytes > 0 });
  }

  #dropParts(): void {
    for (const part of this.#parts.splice(0)) part.abort();
  }
}
