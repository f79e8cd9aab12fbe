/**
 * The calls of carriers, each with one line at a time: the newest. A carrier's id comes twice when it has tried twice, and
 * when a caller who was cut off is put through again; then the older line ends, and the newer one is told what it goes on
 * from. In the processes of a worker too: what each tells the others goes through the primary, whose order decides which
 * of two lines that begin in one moment is the newer one.
 */
import type { EarlierLine, SaidWords } from '../bridge/contract.ts';
import type { Clock } from '../lib/clock.ts';
import { FadingMap } from '../lib/fading-map.ts';
import type { Group, News } from './group.ts';

/** A line that has a call now. */
export interface RunningLine {
  callId: string;
  /** Another line has the call: this one ends, at once. */
  giveUp(): void;
  /** What was said on the line that it goes on from, which another process has just told. */
  learn(said: readonly SaidWords[]): void;
}

export interface CarrierCallsOptions {
  clock: Clock;
  group: Group | undefined;
}

/** What processes tell each other of the lines of calls. */
export type CarrierCallNews = Extract<News, { type: 'line-begun' | 'line-ended' }>;

/** Of this process: it gives way to lines that begin elsewhere once all processes know of it. */
interface OwnLine extends RunningLine {
  isKnown: boolean;
  /** How many the call has had, this one included. */
  lines: number;
}

/** What is known of the last line of a call, of whatever process. */
interface LastLine extends EarlierLine {
  /** In another process, as far as is known. */
  isRunning: boolean;
}

/** Why the older of two lines ends. */
export const TAKEN_OVER = 'taken-over';
/** A caller who was cut off comes back within some minutes; after a transfer it may take a while. */
const REMEMBERED_MS = 30 * 60_000;
/** Longer than a call may last; when its process died, nobody says that it is over. */
const RUNNING_MS = 24 * 3_600_000;
/** Of which each may hold 4,000 characters of what was said. */
const MOST_REMEMBERED = 500;

export class CarrierCalls {
  readonly #options: CarrierCallsOptions;
  readonly #own = new Map<string, OwnLine>();
  readonly #last = new FadingMap<LastLine>(MOST_REMEMBERED);

  constructor(options: CarrierCallsOptions) {
    this.#options = options;
  }

  /** A line of this call is there, in this process or in another. */
  isRunning(key: string): boolean {
    return this.#own.has(key) || this.#lastOf(key)?.isRunning === true;
  }

  /** A line begins here, and has the call from now on; one that had it ends. What it goes on from, if from anything. */
  begin(key: string, line: RunningLine): EarlierLine | undefined {
    this.#own.get(key)?.giveUp();
    const last = this.#lastOf(key);
    const own: OwnLine = { ...line, isKnown: false, lines: (last?.lines ?? 0) + 1 };
    this.#own.set(key, own);
    this.#last.delete(key);
    const { callId, lines } = own;
    void this.#options.group?.share({ type: 'line-begun', key, callId, lines }, () => (own.isKnown = true));
    return last && { callId: last.callId, lines: last.lines, reason: last.reason, said: last.said };
  }

  /** It has ended. */
  end(key: string, ended: Omit<EarlierLine, 'lines'>): void {
    const own = this.#own.get(key);
    if (own?.callId !== ended.callId) return;
    this.#own.delete(key);
    const line = { ...ended, lines: own.lines };
    const hasNext = ended.reason === TAKEN_OVER && this.#lastOf(key)?.isRunning;
    if (!hasNext) this.#remember(key, line, false);
    void this.#options.group?.share({ type: 'line-ended', key, line });
  }

  /** Of another process. */
  hear(news: CarrierCallNews): void {
    const own = this.#own.get(news.key);
    if (news.type === 'line-begun') {
      const { key, callId, lines } = news;
      this.#remember(key, { callId, lines, reason: TAKEN_OVER, said: [] }, true);
      if (own?.isKnown) own.giveUp(); // else it is itself the newer one: the others hear of it next
      return;
    }
    if (this.#lastOf(news.key)?.callId === news.line.callId) this.#remember(news.key, news.line, false);
    own?.learn(news.line.said);
  }

  #remember(key: string, line: EarlierLine, isRunning: boolean): void {
    const nowMs = this.#options.clock.nowMs();
    this.#last.set(key, { ...line, isRunning }, { nowMs, untilMs: nowMs + (isRunning ? RUNNING_MS : REMEMBERED_MS) });
  }

  #lastOf(key: string): LastLine | undefined {
    return this.#last.get(key, this.#options.clock.nowMs());
  }
}
