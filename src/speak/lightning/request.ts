/**
 * The life of one synthesis at Lightning: what was said of it, where its request stands, what has come back. Events and
 * their time in, effects out; it holds no socket, no timer and no place. `line.ts` has those, and the queue of a call.
 *
 *   waiting -> queued -> connecting -> sending -> closing -> over
 *      ^         ^           |            |          |
 *      |         +- resting <+------------+----------+   over the account's limit, or not reached
 *      +------------------- cut <---------+----------+   cut off: once more, for what is still to be spoken
 *      +------------------ open <---------+              the service said `complete` before the call did
 */
import { ProviderError } from '../../lib/errors.ts';
import { codeOfStatus, isPassing, refusalOf, statusNamedBy } from '../../lib/provider-errors.ts';
import { doubledMs, halfAt } from '../../lib/retry.ts';
import type { Resumption } from '../contract.ts';
import type { RequestEffect, RequestEvent, RequestState } from './request-events.ts';
import { Round, type Behind, type RequestOptions } from './round.ts';
import type { LightningFrame } from './wire.ts';

const RETRY_DELAY = { firstMs: 100, mostMs: 1_000 };
/** Without any audio in between, and in all, a request is made anew so often after it was cut off. */
const MOST_VAIN_RESTARTS = 1;
const MOST_RESTARTS = 3;
/** Somebody else can speak: a slot is not waited for any longer. */
const MOST_QUEUE_WITH_NEXT_MS = 1_000;
/** A socket that was kept may have been closed at the other end a moment ago: that is nobody's fault. */
const MOST_STALE_STARTS = 3;
const WAITING: RequestState = { name: 'waiting' };
const OPEN: RequestState = { name: 'open' };
const OVER: RequestState = { name: 'over' };
const NO_AUDIO = new Uint8Array(0);

export class SynthesisRequest {
  readonly #options: RequestOptions;
  #state: RequestState = WAITING;
  /** All clauses that are to be spoken, and how many of them earlier requests have spoken. */
  #clauses: string[] = [];
  #spoken = 0;
  #isEnded = false;
  /** Audio handed over, in bytes. */
  #bytes = 0;
  /** How often its request was made once more after a cut, in all, and since audio last came. */
  #restarts = 0;
  #vainRestarts = 0;
  #staleStarts = 0;
  #retries = 0;

  constructor(options: RequestOptions) {
    this.#options = options;
  }

  get state(): RequestState['name'] {
    return this.#state.name;
  }

  get isOnSocket(): boolean {
    return this.#state.name === 'sending' || this.#state.name === 'closing';
  }

  /** Nothing more is told of it; `late` audio aside. */
  get isOver(): boolean {
    return this.#state.name === 'over' || this.#state.name === 'late';
  }

  /** Something was said for which nothing has been asked yet. */
  get isHungry(): boolean {
    return this.#state.name === 'waiting' && this.#clauses.length > this.#spoken;
  }

  /** Audio of the current request has come. */
  get hasHeard(): boolean {
    return this.#round?.hasHeard ?? false;
  }

  get isOnUsedSocket(): boolean {
    return this.#round?.isOnUsedSocket ?? false;
  }

  /** Whether a frame is an answer to its current request. Frames carry our id; those that do not may be anybody's. */
  isAnsweredBy(requestId: string | undefined): boolean {
    const round = this.#round;
    return round !== undefined && (requestId === undefined || requestId === round.requestId);
  }

  /** Whether the next utterance may go out behind it, on its socket. */
  mayBeFollowed(atMs: number): boolean {
    return this.#state.name === 'closing' && this.#state.round.mayBeFollowed(atMs);
  }

  /** More audio has come than its text can be. */
  get isEndless(): boolean {
    return this.#state.name !== 'late' && (this.#round?.isEndless ?? false);
  }

  /** Takes audio of its request, in pieces of any length. Returns the whole samples to hand on, which may be none. */
  hear(audio: Uint8Array, atMs: number): Uint8Array {
    const round = this.#round;
    if (!round) return NO_AUDIO;
    const whole = round.hear(audio, atMs);
    if (whole.length > 0) round.covered = this.#clauses.length;
    this.#bytes += whole.length;
    return whole;
  }

  /** What fits no state is ignored. */
  handle(event: RequestEvent, atMs: number): RequestEffect[] {
    switch (event.type) {
      case 'speak':
        return this.#speak(event.clause, atMs);
      case 'end':
        return this.#endText(atMs);
      case 'abort':
        return this.#abort();
      case 'turn':
        return this.isHungry ? this.#queue(atMs + this.#queueMs, atMs) : [];
      case 'granted':
        return this.#granted();
      case 'expired':
        return this.#expired();
      case 'connected':
        return this.#start(event, atMs);
      case 'unreachable':
        return this.#unreachable(event.error, atMs);
      case 'rested':
        return this.#state.name === 'resting' ? this.#queue(this.#state.giveUpAtMs, atMs) : [];
      case 'resumption':
        return this.#resume(event.rest);
      case 'overtaken':
        return this.#finish();
      case 'dropped':
        return this.isOnSocket ? this.#waitAgain([{ type: 'leave' }]) : [];
      case 'settled':
        return this.#state.name === 'waiting' && this.#isSaid ? this.#finish() : [];
      default:
        return this.#round && this.#state.name !== 'late' ? this.#onSocket(event, this.#round, atMs) : [];
    }
  }

  /** When something must be done about it if nothing more comes; Infinity when it may take its time. */
  dueAtMs(behind: Behind, atMs: number): number {
    return this.isOnSocket ? this.#round!.dueAtMs(behind, atMs) : Infinity;
  }

  // ---- what is said ---------------------------------------------------------------------------------------------------

  #speak(clause: string, atMs: number): RequestEffect[] {
    if (this.#isEnded || this.isOver) return [];
    this.#clauses.push(clause);
    if (this.#state.name === 'sending') return [this.#piece(clause, this.#state.round, atMs)];
    if (this.#state.name === 'open') this.#state = WAITING;
    return [];
  }

  #endText(atMs: number): RequestEffect[] {
    if (this.#isEnded || this.isOver) return [];
    this.#isEnded = true;
    if (this.#state.name === 'sending') return [this.#closing(this.#state.round, atMs)];
    if (this.#state.name === 'open') return this.#finish();
    return this.#clauses.length === 0 ? [{ type: 'settle' }] : []; // nothing to say, nothing sent
  }

  #abort(): RequestEffect[] {
    const wasOver = this.isOver;
    const effects = wasOver ? [] : [this.#letGo];
    this.#state = OVER;
    return effects;
  }

  // ---- slot and socket ------------------------------------------------------------------------------------------------

  #queue(giveUpAtMs: number, atMs: number): RequestEffect[] {
    this.#state = { name: 'queued', giveUpAtMs };
    return [{ type: 'queue', waitMs: Math.max(0, giveUpAtMs - atMs) }];
  }

  #granted(): RequestEffect[] {
    if (this.#state.name !== 'queued') return [];
    this.#state = { name: 'connecting', giveUpAtMs: this.#state.giveUpAtMs };
    return [{ type: 'connect' }];
  }

  #expired(): RequestEffect[] {
    if (this.#state.name !== 'queued') return [];
    const message = `no synthesis was free for ${this.#queueMs / 1_000} s`;
    return this.#fail(new ProviderError('lightning', 'queue-timeout', message, BEFORE), []);
  }

  #unreachable(error: ProviderError, atMs: number): RequestEffect[] {
    if (this.#state.name !== 'connecting') return [];
    return this.#retry(error, { isWorthIt: isPassing(error), giveUpAtMs: this.#state.giveUpAtMs, atMs });
  }

  /** A request of its own, with everything that was said and not yet spoken. */
  #start({ requestId, isUsed }: Extract<RequestEvent, { type: 'connected' }>, atMs: number): RequestEffect[] {
    const giveUpAtMs = this.#mayStartUntilMs(atMs);
    if (giveUpAtMs === undefined) return [];
    const round = new Round(this.#options, {
      requestId,
      isOnUsedSocket: isUsed,
      giveUpAtMs,
      baseMs: this.#msOf(this.#bytes),
      covered: this.#spoken,
    });
    this.#state = { name: 'sending', round };
    const effects: RequestEffect[] = this.#clauses
      .slice(this.#spoken)
      .map((clause) => this.#piece(clause, round, atMs));
    if (this.#isEnded) effects.push(this.#closing(round, atMs));
    return effects;
  }

  /** Behind another on its socket it has not been queued. */
  #mayStartUntilMs(atMs: number): number | undefined {
    if (this.#state.name === 'connecting') return this.#state.giveUpAtMs;
    return this.isHungry ? atMs + this.#queueMs : undefined;
  }

  #piece(clause: string, round: Round, atMs: number): RequestEffect {
    return { type: 'send', text: round.piece(clause, atMs) };
  }

  #closing(round: Round, atMs: number): RequestEffect {
    this.#state = { name: 'closing', round };
    return { type: 'send', text: round.closing(atMs) };
  }

  // ---- what comes back ------------------------------------------------------------------------------------------------

  #onSocket(
    event: Extract<
      RequestEvent,
      { type: 'word' | 'complete' | 'unreadable' | 'endless' | 'error' | 'closed' | 'time' }
    >,
    round: Round,
    atMs: number,
  ): RequestEffect[] {
    switch (event.type) {
      case 'word':
        return [{ ...event, startMs: round.placed(event.startMs), endMs: round.placed(event.endMs) }];
      case 'complete':
        return this.#complete(round, event.taskId);
      case 'unreadable':
        return this.#lose('sent audio that cannot be read', event.taskId, round);
      case 'endless':
        return this.#stop(round);
      case 'error':
        return this.#refused(event, round, atMs);
      case 'closed':
        return this.#closed(event, round, atMs);
      case 'time':
        return this.#lookAfter(event.behind, round, atMs);
    }
  }

  #complete(round: Round, taskId?: string): RequestEffect[] {
    const isCrossed = round.hasHeard && round.covered < this.#clauses.length;
    const given = this.#clauses.slice(this.#spoken, isCrossed ? round.covered : undefined);
    const lack = round.lackOf(given.join(''));
    if (lack !== undefined) return this.#lose(lack, taskId, round);
    if (this.#state.name === 'closing' && !isCrossed) return this.#finish();
    // The model paused for longer than the service waits. What was said is spoken; what follows is a request of its own.
    if (!isCrossed) {
      this.#spoken = this.#clauses.length;
      this.#state = OPEN;
      return [{ type: 'leave' }];
    }
    this.#spoken = round.covered; // what went out meanwhile would be spoken under an old name
    return this.#waitAgain([{ type: 'drop-socket' }]);
  }

  /** All of its audio has come. */
  #finish(): RequestEffect[] {
    if (this.isOver) return [];
    this.#state = OVER;
    return [{ type: 'leave' }, { type: 'done' }];
  }

  /** Words that the caller would not hear, though the service takes them to be spoken. */
  #lose(message: string, taskId: string | undefined, round: Round): RequestEffect[] {
    const facts = { phase: round.phase, requestId: taskId ?? round.requestId };
    const error = new ProviderError('lightning', 'provider-failed', message, facts);
    return [{ type: 'unspoken', error }, ...this.#cutOff(error, round)];
  }

  /** What came is kept; nobody listens to the rest. */
  #stop({ phase, requestId }: Round): RequestEffect[] {
    const message = 'sends far more audio than its words take';
    return this.#fail(new ProviderError('lightning', 'provider-failed', message, { phase, requestId }), [
      { type: 'drop-socket' },
    ]);
  }

  // ---- what goes wrong ------------------------------------------------------------------------------------------------

  #refused(frame: Extract<LightningFrame, { type: 'error' }>, round: Round, atMs: number): RequestEffect[] {
    const { kind, facts } = frame;
    const { hasHeard } = round;
    const code =
      kind === 'idle' ? 'idle-timeout' : kind === 'over-limit' ? 'rate-limited' : codeOfStatus(statusNamedBy(facts));
    const error = refusalOf('lightning', facts, { phase: round.phase, code });
    if (kind === 'over-limit') return [{ type: 'over-limit' }, ...this.#overLimit(error, round, atMs)];
    if (kind === 'refused' && (!hasHeard || code === 'unauthorized'))
      return this.#fail(error, [{ type: 'drop-socket' }]);
    const isSpoken = kind === 'idle' && this.#state.name === 'sending' && hasHeard;
    if (!isSpoken) return this.#cutOff(error, round);
    return [{ type: 'drop-socket' }, ...this.#complete(round)]; // the model was silent for too long
  }

  #overLimit(error: ProviderError, round: Round, atMs: number): RequestEffect[] {
    if (round.hasHeard) return this.#cutOff(error, round);
    return this.#retry(error, { isWorthIt: true, giveUpAtMs: round.giveUpAtMs, atMs });
  }

  #closed({ code, behind }: { code: number; behind: Behind }, round: Round, atMs: number): RequestEffect[] {
    if (behind === 'on-socket' && this.mayBeFollowed(atMs)) return this.#finish();
    if (round.isOnUsedSocket && !round.hasHeard && this.#staleStarts < MOST_STALE_STARTS) {
      this.#staleStarts++;
      return this.#waitAgain([{ type: 'leave' }]);
    }
    const message = `the socket closed (${code}) before the audio was complete`;
    const facts = { phase: round.phase, status: code, requestId: round.requestId };
    return this.#cutOff(new ProviderError('lightning', 'stream-cut', message, facts), round);
  }

  #lookAfter(behind: Behind, round: Round, atMs: number): RequestEffect[] {
    if (this.#state.name === 'closing' && round.isDone(behind, atMs)) {
      const effects = this.#finish();
      this.#state = { name: 'late', round };
      return effects;
    }
    const overdue = round.overdue(atMs);
    if (!overdue) return [];
    const facts = { phase: round.phase, requestId: round.requestId };
    return this.#cutOff(new ProviderError('lightning', overdue.code, overdue.message, facts), round);
  }

  /** Once more, for what is still to be spoken, unless that has just been tried in vain. */
  #cutOff(error: ProviderError, round: Round): RequestEffect[] {
    if (round.hasHeard) this.#vainRestarts = 0;
    const isLeft = this.#options.hasNext && !(round.hasHeard && error.code === 'stream-cut'); // the voice stays the same
    const isWorthIt = !isLeft && this.#vainRestarts < MOST_VAIN_RESTARTS && this.#restarts < MOST_RESTARTS;
    if (!isWorthIt) return this.#fail(error, [{ type: 'drop-socket' }]);
    this.#state = { name: 'cut', error };
    return [{ type: 'drop-socket' }, { type: 'ask-resumption' }];
  }

  /** Goes on with what is to be spoken now, behind so much audio; when that cannot be told, with all or not at all. */
  #resume(rest: Resumption | undefined): RequestEffect[] {
    if (this.#state.name !== 'cut') return [];
    const { error } = this.#state;
    const next = rest ?? (this.#bytes === 0 ? { clauses: this.#clauses, keptMs: 0 } : undefined);
    if (!next) return this.#fail(error, []);
    this.#restarts++;
    this.#vainRestarts++;
    this.#clauses = [...next.clauses];
    this.#bytes = Math.round((next.keptMs * this.#options.sampleRateHz) / 1_000) * 2;
    this.#spoken = 0;
    if (this.#isSaid) return this.#finish();
    return this.#waitAgain([{ type: 'again', count: 'resent', error }]);
  }

  /** Waits a little, with the whole sequence inside of the utterance's own time. */
  #retry(
    error: ProviderError,
    { isWorthIt, giveUpAtMs, atMs }: { isWorthIt: boolean; giveUpAtMs: number; atMs: number },
  ): RequestEffect[] {
    const letGo = this.#letGo;
    const delayMs = doubledMs(RETRY_DELAY, this.#retries++) * halfAt(this.#options.random());
    const forMs = Math.max(delayMs, error.retryAfterMs ?? 0);
    if (!isWorthIt || this.#options.hasNext || atMs + forMs > giveUpAtMs) return this.#fail(error, [letGo]);
    this.#state = { name: 'resting', giveUpAtMs };
    return [letGo, { type: 'again', count: 'retried', error }, { type: 'rest', forMs }];
  }

  #fail(error: ProviderError, before: RequestEffect[]): RequestEffect[] {
    this.#state = OVER;
    return [...before, { type: 'failed', error, isTruncated: this.#bytes > 0 }];
  }

  #waitAgain(effects: RequestEffect[]): RequestEffect[] {
    this.#state = WAITING;
    return effects;
  }

  // ---- what is known ----------------------------------------------------------------------------------------------------

  /** How long it waits for a slot, for a connection, and for the account's limit. */
  get #queueMs(): number {
    const { hasNext, timings } = this.#options;
    return hasNext ? Math.min(timings.queueMs, MOST_QUEUE_WITH_NEXT_MS) : timings.queueMs;
  }

  get #letGo(): RequestEffect {
    return { type: this.isOnSocket ? 'drop-socket' : 'leave' };
  }

  get #round(): Round | undefined {
    return 'round' in this.#state ? this.#state.round : undefined;
  }

  /** Nothing is left to be spoken, and nothing more will be said. */
  get #isSaid(): boolean {
    return this.#isEnded && this.#clauses.length === this.#spoken;
  }

  #msOf(bytes: number): number {
    return (bytes * 1_000) / (2 * this.#options.sampleRateHz);
  }
}

const BEFORE = { phase: 'before-first-output' } as const;
