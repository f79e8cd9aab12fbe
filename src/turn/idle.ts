/**
 * What happens between turns, while nobody speaks: late results are told (R14), a caller who says nothing is nudged (R18),
 * and one who was not understood is told so (R17).
 */
import { needed } from '../lib/assert.ts';
import { NotUnderstood, type NotUnderstoodPhrase } from './not-understood.ts';
import type { SilenceOptions } from './silence.ts';

export interface IdleOptions extends SilenceOptions {
  awayMs: number;
  nudges: number;
  /** Of an older recording: undefined, and it does. */
  awayEnds?: boolean;
  lateResultMs: number;
}

/** Words are understood so long after they were spoken, at most. */
const WORDS_LAG_MS = 700;

export class Idle {
  readonly #options: IdleOptions;
  readonly #notUnderstood: NotUnderstood;
  /** When somebody last spoke or pressed a key. */
  #sinceMs = 0;
  #nudges = 0;
  /** The last voice that began before the caller was away, and when it ended: its words may yet come. */
  #voice: { endedAtMs: number | undefined } | undefined;
  /** When news are told if nobody speaks then: set when they first could have been. */
  #newsAtMs: number | undefined;
  /** When they came: a caller who is about to hear them is not away, but one who waits for a word waits on. */
  #newsCameAtMs = -Infinity;

  constructor(options: IdleOptions) {
    this.#options = options;
    this.#notUnderstood = new NotUnderstood(options);
  }

  /** Something happened: the quiet begins anew. */
  restart(atMs: number): void {
    this.#sinceMs = atMs;
    this.#voice = undefined;
  }

  /** Once an event is handled. `canTellNews`: there are any, nobody speaks and no turn runs. */
  mark(atMs: number, canTellNews: boolean): void {
    if (canTellNews) this.#newsAtMs ??= atMs + this.#options.lateResultMs;
  }

  // ---- late results -------------------------------------------------------------------------------------------------

  /** Results came that the model has not been told of. */
  newsCame(atMs: number): void {
    this.#newsCameAtMs = atMs;
    this.#voice = undefined;
  }

  get newsAtMs(): number | undefined {
    return this.#newsAtMs;
  }

  /** Their time has come; if they cannot be told now, it is set anew. */
  forgetDueNews(): void {
    this.#newsAtMs = undefined;
  }

  // ---- a caller who is away -----------------------------------------------------------------------------------------

  /** Sound without words does not count, but for a voice that has just ended: its words are on their way. */
  get awayAtMs(): number {
    return Math.max(this.#nudgeAtMs, (this.#voice?.endedAtMs ?? -Infinity) + WORDS_LAG_MS);
  }

  get #nudgeAtMs(): number {
    return Math.max(this.#sinceMs, this.#newsCameAtMs) + this.#options.awayMs;
  }

  /** They were asked often enough, and the call does not end for it. */
  get isLetBe(): boolean {
    return this.#options.awayEnds === false && this.#nudges >= this.#options.nudges;
  }

  /** They were asked whether they are there, and have not said anything since. */
  get isAway(): boolean {
    return this.#nudges > 0;
  }

  /** Returns whether the caller is to be nudged, or was so often enough. */
  nudge(atMs: number): boolean {
    this.restart(atMs);
    return this.#nudges++ < this.#options.nudges;
  }

  /** They said something. */
  callerIsThere(): void {
    this.#nudges = 0;
  }

  // ---- a caller who was not understood ------------------------------------------------------------------------------

  /** Whether what they say can be understood. */
  ear(isUp: boolean, atMs: number): void {
    this.#notUnderstood.ear(isUp, atMs);
  }

  voiceStarted(atMs: number): void {
    if (atMs <= this.#nudgeAtMs) this.#voice = { endedAtMs: undefined };
    this.#notUnderstood.voiceStarted(atMs);
  }

  voiceEnded(atMs: number): void {
    if (this.#voice) this.#voice.endedAtMs ??= atMs;
    this.#notUnderstood.voiceEnded(atMs);
  }

  /** Their words came, or there is nothing any more to wait for. */
  understood(): void {
    this.#notUnderstood.understood();
  }

  /** They cut in, as a line says that hears by itself, and their words have yet to come. */
  cutIn(atMs: number): void {
    this.restart(atMs);
    this.#notUnderstood.cutIn();
  }

  get phraseAtMs(): number | undefined {
    return this.#notUnderstood.next(this.#sinceMs)?.atMs;
  }

  /** Which phrase is due then: it is about to be said. */
  takePhrase(atMs: number): NotUnderstoodPhrase {
    const { what } = needed(this.#notUnderstood.next(this.#sinceMs), 'a caller who waits to be understood');
    this.restart(atMs);
    if (what === 'recovery')
      this.#notUnderstood.understood(); // the words will not come
    else this.#notUnderstood.spoke();
    return what;
  }
}
