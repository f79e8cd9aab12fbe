/**
 * One call's line to a list of voices. An utterance is begun on the line of the first that is well; those behind it follow on
 * the same one, so that all come in order. When one fails, it and those behind it begin anew on the line of the next.
 */
import type { AudioFormat } from '../audio/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { ProviderError } from '../lib/errors.ts';
import { BREAKER_LIMITS, isOfVendor, type Successor, type Succession, type Turn } from '../lib/succession.ts';
import type { Synthesis, SynthesisLine, SynthesisListener } from './contract.ts';
import { ListedUtterance, type Told } from './listed-utterance.ts';

/** A line of one of the list, opened when it is first asked. */
export type OpenLine = (at: number) => { line: SynthesisLine; format: AudioFormat; name: string };

export interface ListLineOptions {
  open: OpenLine;
  succession: Succession;
  clock: Clock;
  /** How long a text should take to say, in milliseconds. Default: whatever is not silent may be all of it. */
  expectMs: ((text: string) => number) | undefined;
  /** Told each time that one is asked. */
  asks: ((who: Successor) => void) | undefined;
  /** An utterance was given up; `isTruncated`: after some of its audio had come. */
  gaveUp: (isTruncated: boolean) => void;
  gone: () => void;
}

export class ListLine implements SynthesisLine {
  /** That of the first that was asked; what the others yield is converted. */
  readonly format: AudioFormat;
  readonly #options: ListLineOptions;
  readonly #lines = new Map<number, ReturnType<OpenLine>>();
  /** In the order in which they were begun; the ones in front are being spoken, all on one line. */
  #queue: ListedUtterance[] = [];
  #isClosed = false;

  constructor(options: ListLineOptions) {
    this.#options = options;
    this.format = this.#lineOf(options.succession.current).format;
  }

  begin(listener: SynthesisListener): Synthesis {
    const utterance = new ListedUtterance(listener, this.format, {
      told: (what) => this.#tell(utterance, what),
      expectMs: this.#options.expectMs,
    });
    if (!this.#isClosed) this.#queue.push(utterance);
    return {
      speak: (clause) => {
        if (this.#isClosed) return;
        utterance.speak(clause);
        this.#pump();
      },
      end: () => {
        if (this.#isClosed) return;
        utterance.end();
        this.#pump();
      },
      abort: () => this.#abort(utterance),
    };
  }

  prewarm(): void {
    if (!this.#isClosed) this.#lineOf(this.#options.succession.current).line.prewarm();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const utterance of this.#queue) this.#leave(utterance);
    this.#queue = [];
    for (const { line } of this.#lines.values()) line.close();
    this.#options.gone();
  }

  // ---- whose turn it is -----------------------------------------------------------------------------------------------

  /** Begins those that may: the first, and those behind it where it is spoken. */
  #pump(): void {
    if (this.#isClosed) return;
    let before: ListedUtterance | undefined;
    for (const utterance of this.#queue) {
      if (!utterance.turn) {
        const turn = before ? following(before) : this.#options.succession.next(utterance.tried);
        if (!turn || utterance.tried.has(turn.at)) return;
        this.#start(utterance, turn);
      }
      before = utterance;
    }
  }

  #start(utterance: ListedUtterance, turn: Turn): void {
    const { asks, clock } = this.#options;
    const { line, format, name } = this.#lineOf(turn.at);
    asks?.(turn);
    utterance.start(turn, { line, format });
    if (!turn.isTrial || turn.isLast) return;
    utterance.stopTrial = clock.after(BREAKER_LIMITS.trialMs, () => {
      const message = `no audio within ${BREAKER_LIMITS.trialMs} ms, having been down`;
      const facts = { phase: 'before-first-output' } as const;
      this.#fail(utterance, new ProviderError(name, 'first-token-timeout', message, facts));
    });
  }

  #lineOf(at: number): ReturnType<OpenLine> {
    const known = this.#lines.get(at) ?? this.#options.open(at);
    this.#lines.set(at, known);
    return known;
  }

  // ---- what becomes of one --------------------------------------------------------------------------------------------

  #tell(utterance: ListedUtterance, what: Told): void {
    const { succession } = this.#options;
    if (what.type === 'failed') return this.#fail(utterance, what.error);
    if (utterance.turn) succession.succeeded(utterance.turn.at);
    this.#remove(utterance);
    utterance.listener.done();
    this.#pump();
  }

  /** To the next, with all that was not spoken, and those behind it as well. */
  #fail(utterance: ListedUtterance, error: ProviderError): void {
    const { succession, gaveUp } = this.#options;
    const { turn } = utterance;
    if (turn) succession.failed(turn.at, error);
    const mayGoOn = isOfVendor(error) && utterance.tried.size < succession.size && utterance.takeRest();
    if (!mayGoOn) {
      this.#remove(utterance);
      gaveUp(utterance.hasAudio);
      utterance.listener.failed(error);
      return this.#pump();
    }
    utterance.letGo();
    for (const one of this.#queue.slice(this.#queue.indexOf(utterance) + 1)) one.yield();
    if (utterance.isSaid) return this.#tell(utterance, { type: 'done' });
    this.#pump();
  }

  #abort(utterance: ListedUtterance): void {
    if (this.#isClosed || !this.#queue.includes(utterance)) return;
    this.#leave(utterance);
    this.#remove(utterance);
    this.#pump();
  }

  #leave(utterance: ListedUtterance): void {
    const { turn, hasAudioOfTurn } = utterance;
    utterance.letGo();
    if (!turn) return;
    if (hasAudioOfTurn) this.#options.succession.succeeded(turn.at);
    else this.#options.succession.left(turn.at);
  }

  #remove(utterance: ListedUtterance): void {
    utterance.letGo();
    this.#queue = this.#queue.filter((other) => other !== utterance);
  }
}

/** Whoever comes behind it on its line does not try that line. */
function following({ turn }: ListedUtterance): Turn | undefined {
  return turn && { ...turn, isTrial: false };
}
