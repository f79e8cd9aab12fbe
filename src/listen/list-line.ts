/**
 * One call's line to a list of ears. The last seconds of the caller are kept until a final has covered them: when the ear that
 * hears them is gone for good, they are said again to the next, and no word is lost, and none comes twice. Once one that stands
 * before it in the list is well again, the call goes back to that one at the next final.
 */
import type { AudioFormat } from '../audio/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf, ProviderError, VoiceError } from '../lib/errors.ts';
import { BREAKER_LIMITS, isOfVendor, type Successor, type Succession, type Turn } from '../lib/succession.ts';
import { Backlog } from './backlog.ts';
import type { HeardWord, TranscriptionLine, TranscriptListener } from './contract.ts';

export interface ListEarLineOptions {
  format: AudioFormat;
  listener: TranscriptListener;
  succession: Succession;
  clock: Clock;
  /** Told each time that one is asked. */
  asks: ((who: Successor) => void) | undefined;
  open: (turn: Turn, listener: TranscriptListener) => TranscriptionLine;
  nameOf: (at: number) => string;
  /** It is closed, or has failed for good. */
  gone: () => void;
}

/** One of the list that hears the call. */
interface Hearing {
  turn: Turn;
  line: TranscriptionLine | undefined;
  /** Where its first audio lies in the call. */
  offsetMs: number;
  stopTrial: () => void;
}

const nothing = (): void => {};
/** Audio that is sent as it comes is only counted here. */
const passedOn = nothing;

export class ListEarLine implements TranscriptionLine {
  readonly #options: ListEarLineOptions;
  readonly #backlog: Backlog;
  #hearing: Hearing;
  /** Who has failed since something was last understood. */
  #tried = new Set<number>();
  /** Where each `finalize` without an answer lies in the call. */
  #finalizes: number[] = [];
  #isUp = false;
  #opened = 0;
  #state: 'open' | 'closing' | 'gone' = 'open';

  constructor(options: ListEarLineOptions) {
    this.#options = options;
    this.#backlog = new Backlog(options.format);
    const first = options.succession.next(this.#tried);
    if (!first) throw new RangeError('a list of ears needs one');
    this.#hearing = this.#hear(first);
  }

  push(audio: Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#backlog.push(audio);
    this.#backlog.take(passedOn, true);
    this.#hearing.line?.push(audio);
  }

  finalize(): void {
    if (this.#state !== 'open') return;
    this.#finalizes.push(this.#backlog.endMs);
    this.#hearing.line?.finalize();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#options.gone();
    this.#hearing.stopTrial();
    this.#hearing.line?.close();
  }

  // ---- who hears ------------------------------------------------------------------------------------------------------

  /** Opens a line of one, and says to it all that nobody has answered for. */
  #hear(turn: Turn): Hearing {
    const { asks, clock, open, nameOf } = this.#options;
    const hearing: Hearing = { turn, line: undefined, offsetMs: this.#backlog.rewind(), stopTrial: nothing };
    this.#hearing = hearing;
    asks?.(turn);
    hearing.line = open(turn, this.#listenerOf(hearing));
    if (turn.isTrial && !turn.isLast) {
      hearing.stopTrial = clock.after(BREAKER_LIMITS.trialMs, () => {
        const message = `not connected within ${BREAKER_LIMITS.trialMs} ms, having been down`;
        this.#onFailed(hearing, new ProviderError(nameOf(turn.at), 'connect-timeout', message, { phase: 'connect' }));
      });
    }
    this.#backlog.take((piece) => hearing.line?.push(piece.slice()), true);
    if (this.#finalizes.length > 0) {
      this.#finalizes = [this.#backlog.endMs]; // one answer for all of them
      hearing.line.finalize();
    }
    return hearing;
  }

  #listenerOf(hearing: Hearing): TranscriptListener {
    const { listener } = this.#options;
    const isMine = () => this.#hearing === hearing && this.#state !== 'gone';
    return {
      transcript: (text, isFinal, words) => isMine() && this.#onTranscript(hearing, text, isFinal, words),
      speech: (phase) => isMine() && listener.speech(phase),
      failed: (error) => isMine() && this.#onFailed(hearing, error),
      lost: () => isMine() && this.#onLost(),
      connected: () => isMine() && this.#onConnected(hearing),
    };
  }

  #onConnected({ stopTrial }: Hearing): void {
    stopTrial();
    this.#isUp = true;
    this.#options.listener.connected?.(this.#opened++);
  }

  #onLost(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#options.listener.lost?.();
  }

  get #isOpen(): boolean {
    return this.#state === 'open';
  }

  // ---- what is heard --------------------------------------------------------------------------------------------------

  #onTranscript({ turn, offsetMs }: Hearing, text: string, isFinal: boolean, words?: readonly HeardWord[]): void {
    const { succession, listener } = this.#options;
    const hasText = text.trim() !== '';
    if (hasText) {
      succession.succeeded(turn.at);
      this.#tried.clear();
    }
    const placed = words && offsetMs > 0 ? words.map((word) => later(word, offsetMs)) : words;
    if (isFinal) {
      const [wordsEndMs, finalizedMs] = [placed?.at(-1)?.endMs, this.#finalizes.shift()];
      this.#backlog.cover({ wordsEndMs, finalizedMs, hasText });
    }
    if (placed) listener.transcript(text, isFinal, placed);
    else listener.transcript(text, isFinal);
    if (isFinal && this.#state === 'open') this.#goBack();
  }

  /** One that stands before it is well again, and nothing is being said at the moment. */
  #goBack(): void {
    const { turn, line } = this.#hearing;
    const { succession } = this.#options;
    if (!succession.hasBetterThan(turn.at)) return;
    const back = succession.next(new Set());
    if (!back || back.at >= turn.at) return;
    this.#tried.clear();
    this.#go(back);
    line?.close();
  }

  // ---- what goes wrong ------------------------------------------------------------------------------------------------

  /** It is gone for good: the next hears the call, if there is one. */
  #onFailed(hearing: Hearing, error: ProviderError): void {
    const { succession, listener } = this.#options;
    const { turn, line, stopTrial } = hearing;
    stopTrial();
    succession.failed(turn.at, error);
    this.#tried.add(turn.at);
    if (this.#state === 'closing') {
      this.#state = 'gone';
      return;
    }
    const next = isOfVendor(error) ? succession.next(this.#tried) : undefined;
    if (next) {
      this.#onLost();
      line?.close(); // a trial that has not connected; one that has failed lets go by itself
      if (this.#isOpen) this.#go(next); // whoever was told that it is lost may have closed it
      return;
    }
    this.#state = 'gone';
    this.#options.gone();
    line?.close();
    listener.failed(error);
  }

  #go(next: Turn): void {
    try {
      this.#hear(next);
    } catch (thrown) {
      const code = thrown instanceof VoiceError ? thrown.code : 'internal';
      const { nameOf } = this.#options;
      this.#onFailed(
        this.#hearing,
        new ProviderError(nameOf(next.at), code, messageOf(thrown), { phase: 'connect', cause: thrown }),
      );
    }
  }
}

function later({ word, startMs, endMs }: HeardWord, byMs: number): HeardWord {
  return { word, startMs: startMs + byMs, endMs: endMs + byMs };
}
