/**
 * One call's line to Lightning. Utterances are synthesized one after the other, each as one request on the call's socket:
 * its clauses as they come, then a closing frame. A request that is cut off is made once more, for what the caller has not
 * been given; an interrupted one is ended by closing its socket, for there is no other way.
 */
import { ProviderError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Places } from '../../lib/places.ts';
import type { AudioFormat } from '../../audio/contract.ts';
import type { Synthesis, SynthesisLine, SynthesisListener, SynthesizerFigures } from '../contract.ts';
import { addFeatures, rateOf } from '../speech-rate.ts';
import { isOnSocket, newJob, type Job } from './job.ts';
import { CLOSES_WITHIN_MS, type LightningSocket, type Sockets, type SocketUser } from './sockets.ts';
import type { LightningVoiceOptions } from './voices.ts';
import { readFrame, RequestFrames, toId, WholeSamples, type LightningFrame } from './wire.ts';

export interface LineTimings {
  /** The service speaks what it has buffered after this. */
  maxBufferFlushMs: number;
  /** How long after its last audio the service waits before it says `complete`, once we have said that no more comes. */
  completeBackoffMs: number;
  /** From a clause that went out to the first audio. */
  firstAudioMs: number;
  /** Between two pieces of audio, once no more text comes. */
  stallMs: number;
  /** How long an utterance waits for a slot, for a connection, and for the account's limit. */
  queueMs: number;
}

export interface LineOptions {
  callId: string;
  voice: LightningVoiceOptions;
  sampleRateHz: number;
  apiKey: string;
  timings: LineTimings;
  wordTimestamps: boolean;
  sockets: Sockets;
  slots: Places;
  counts: LineCounts;
  log: Log;
}

/** Of all lines together. */
export type LineCounts = Omit<SynthesizerFigures, 'sockets'>;

/** With audio enough for its text and nothing more for so long, the next utterance need not wait for `complete`. */
const PIPELINE_AFTER_MS = 400;
/** The same with no next one: it counts as done. The service's own back-off is 4 s, should it ignore ours. */
const QUIET_MS = 1_000;
const ENOUGH_SHARE = 0.75;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 1_000;
/** Without any audio in between, and in all, a request is made anew so often after it was cut off. */
const MOST_VAIN_RESTARTS = 1;
const MOST_RESTARTS = 3;
/** A socket that was kept may have been closed at the other end a moment ago: that is nobody's fault. */
const MOST_STALE_STARTS = 3;

export class LightningLine implements SynthesisLine {
  readonly format: AudioFormat;
  readonly #options: LineOptions;
  readonly #user: SocketUser;
  readonly #sessionId: string;
  #queue: Job[] = [];
  #socket: LightningSocket | undefined;
  /** A request that counted as done before the service said so: if it was wrong, its audio is still handed on. */
  #late: Job | undefined;
  #completedAtMs = -Infinity;
  #stopWatch: (() => void) | undefined;
  #watchAtMs = Infinity;
  #isClosed = false;
  /** Frames of requests that are over, and what could not be read. */
  #ignored = 0;
  static #count = 0;

  constructor(options: LineOptions) {
    this.#options = options;
    this.format = { encoding: 'linear16', sampleRateHz: options.sampleRateHz };
    this.#sessionId = toId(options.callId);
    this.#user = { message: (text) => this.#read(text), closed: (code) => this.#lost(code) };
    options.sockets.addLine();
  }

  begin(listener: SynthesisListener): Synthesis {
    const job = newJob(listener);
    this.#queue.push(job);
    return {
      speak: (clause) => this.#speak(job, clause),
      end: () => this.#endText(job),
      abort: () => this.#abort(job),
    };
  }

  prewarm(): void {
    if (!this.#isClosed && !this.#socket?.isOpen) this.#options.sockets.prepareSpare();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const job of [...this.#queue]) this.#abort(job);
    this.#dropSocket();
    this.#stopWatch?.();
    this.#options.sockets.removeLine();
    if (this.#ignored > 0) this.#options.log.debug({ frames: this.#ignored }, 'late or unreadable frames were ignored');
  }

  // ---- what is said -------------------------------------------------------------------------------------------------

  #speak(job: Job, clause: string): void {
    if (job.isEnded || job.state === 'over' || this.#isClosed) return;
    job.clauses.push(clause);
    if (job.state === 'sending') this.#sendClause(job, clause);
    else if (job.state === 'open') this.#wait(job);
    this.#pump();
  }

  #endText(job: Job): void {
    if (job.isEnded || job.state === 'over' || this.#isClosed) return;
    job.isEnded = true;
    if (job.state === 'sending') this.#sendClosing(job);
    else if (job.state === 'open') return this.#finish(job);
    else if (job.clauses.length === 0) return queueMicrotask(() => this.#finish(job)); // nothing to say, nothing sent
    this.#pump();
  }

  #abort(job: Job): void {
    if (job.state === 'over') return;
    const wasOnSocket = isOnSocket(job);
    const { release } = job;
    job.release = undefined;
    this.#remove(job);
    if (!wasOnSocket) release?.();
    else {
      this.#dropSocket(release);
      this.#requeue();
      if (!this.#isClosed) this.#options.sockets.prepareSpare();
    }
    this.#pump();
  }

  // ---- turn, slot, socket -------------------------------------------------------------------------------------------

  /** Starts the next utterance if it may. */
  #pump(): void {
    if (this.#isClosed) return;
    const [job, next] = this.#queue;
    if (!job) {
      if (this.#socket) this.#options.sockets.park(this.#socket);
      return;
    }
    if (job.state === 'waiting' && !job.cancelWait && !job.release && job.clauses.length > job.spoken)
      this.#queueUp(job);
    if (
      next?.state === 'waiting' &&
      next.clauses.length > 0 &&
      !next.cancelWait &&
      this.#isQuiet(job, PIPELINE_AFTER_MS)
    ) {
      next.release = job.release; // the account's slot goes with the socket, on which requests are served in order
      job.release = undefined;
      this.#start(next);
    }
    this.#watch();
  }

  #queueUp(job: Job): void {
    const { slots, timings } = this.#options;
    job.giveUpAtMs = this.#nowMs + timings.queueMs;
    let isGranted = false;
    const cancel = slots.request({
      waitMs: timings.queueMs,
      granted: (release) => {
        isGranted = true;
        job.cancelWait = undefined;
        job.release = release;
        this.#connect(job);
      },
      expired: () => {
        job.cancelWait = undefined;
        const seconds = timings.queueMs / 1_000;
        this.#fail(
          job,
          new ProviderError('lightning', 'queue-timeout', `no synthesis was free for ${seconds} s`, BEFORE),
        );
      },
    });
    if (!isGranted) job.cancelWait = cancel;
  }

  #connect(job: Job): void {
    const { sockets } = this.#options;
    const mayBeClosing = sockets.afterComplete === 'unknown' && this.#nowMs - this.#completedAtMs < CLOSES_WITHIN_MS;
    const isGood = this.#socket && !(mayBeClosing && sockets.hasSpare);
    if (this.#socket && isGood && (this.#socket.state === 'taken' || sockets.unpark(this.#socket)))
      return this.#start(job);
    if (this.#socket && mayBeClosing) {
      sockets.release(this.#socket);
      this.#socket = undefined;
    } else this.#dropSocket();
    let isReady = false;
    const cancel = sockets.take({
      user: this.#user,
      ready: (socket) => {
        isReady = true;
        job.cancelWait = undefined;
        this.#socket = socket;
        this.#start(job);
        this.#watch();
      },
      failed: (error) => {
        isReady = true;
        job.cancelWait = undefined;
        this.#retry(job, error, isWorthRetrying(error));
      },
    });
    if (!isReady) job.cancelWait = cancel;
  }

  /** A request of its own, with everything that was said and not yet spoken. */
  #start(job: Job): void {
    const { voice, sampleRateHz, timings, wordTimestamps } = this.#options;
    job.requestId = toId(`${this.#sessionId.slice(0, 100)}.${++LightningLine.#count}`);
    job.frames = new RequestFrames({
      voice,
      sampleRateHz,
      sessionId: this.#sessionId,
      requestId: job.requestId,
      maxBufferFlushMs: timings.maxBufferFlushMs,
      wordTimestamps,
    });
    job.samples = new WholeSamples();
    job.bytesBefore = job.bytes;
    job.covered = job.spoken;
    job.expectedMs = 0;
    job.hasHeard = false;
    job.startedOnUsedSocket = this.#socket!.isUsed;
    job.state = 'sending';
    for (const clause of job.clauses.slice(job.spoken)) this.#sendClause(job, clause);
    if (job.isEnded) this.#sendClosing(job);
  }

  #sendClause(job: Job, clause: string): void {
    const counts: [number, number, number, number] = [0, 0, 0, 0];
    addFeatures(clause, 0, clause.length, counts);
    job.expectedMs += rateOf('lightning', this.#options.voice).expectMs(counts);
    this.#socket?.send(job.frames!.piece(clause));
    job.sentAtMs = this.#nowMs;
    this.#watch();
  }

  #sendClosing(job: Job): void {
    this.#socket?.send(job.frames!.closing(this.#options.timings.completeBackoffMs));
    job.state = 'closing';
    job.sentAtMs = this.#nowMs;
    this.#watch();
  }

  // ---- what comes back ----------------------------------------------------------------------------------------------

  #read(text: string): void {
    const frame = readFrame(text, this.#options.apiKey);
    const job = this.#jobOf(frame);
    if (frame.type === 'unknown' || !job) return this.#readLate(frame);
    switch (frame.type) {
      case 'audio':
        return this.#hear(job, frame.audio);
      case 'word': {
        const baseMs = this.#msOf(job.bytesBefore);
        return job.listener.word(frame.word, baseMs + frame.startMs, baseMs + frame.endMs);
      }
      case 'complete':
        return this.#complete(job);
      case 'error':
        return this.#refused(job, frame);
    }
  }

  #readLate(frame: LightningFrame): void {
    const late = this.#late;
    if (late && frame.type === 'audio' && frame.requestId === late.requestId) {
      return late.listener.audio(late.samples.push(frame.audio));
    }
    if (frame.type === 'complete') this.#late = undefined;
    else this.#ignored++;
    if (frame.type === 'error') this.#dropSocket(); // for the most part: nothing was sent on it for too long
  }

  /** Frames carry our id; those that do not belong to whatever is on the socket. The ids of old requests fit nothing. */
  #jobOf(frame: LightningFrame): Job | undefined {
    if (frame.type === 'unknown') return undefined;
    return this.#queue.find(
      (job) => isOnSocket(job) && (frame.requestId === undefined || frame.requestId === job.requestId),
    );
  }

  #hear(job: Job, audio: Uint8Array): void {
    job.audioAtMs = this.#nowMs;
    const whole = job.samples.push(audio);
    if (whole.length === 0) return;
    this.#finishBefore(job); // requests are served in order: the one before has said all it had to say
    if (!job.hasHeard) this.#options.sockets.prepareSpare();
    if (job.startedOnUsedSocket) this.#options.sockets.afterComplete = 'stays';
    job.hasHeard = true;
    job.covered = job.clauses.length;
    job.bytes += whole.length;
    job.listener.audio(whole);
    this.#watch();
  }

  #complete(job: Job): void {
    this.#finishBefore(job);
    this.#completedAtMs = this.#nowMs;
    const isLast = this.#queue.every((other) => other === job || !isOnSocket(other));
    if (this.#options.sockets.afterComplete === 'closes' && isLast) this.#dropSocket();
    const isCrossed = job.hasHeard && job.covered < job.clauses.length;
    if (job.state === 'closing' && !isCrossed) return this.#finish(job);
    // The model paused for longer than the service waits. What was said is spoken; what follows is a request of its own.
    job.spoken = isCrossed ? job.covered : job.clauses.length;
    if (isCrossed)
      this.#dropSocket(job.release); // what went out meanwhile would be spoken under an old name
    else job.release?.();
    job.release = undefined;
    if (isCrossed) this.#wait(job);
    else job.state = 'open';
    this.#requeue();
    this.#pump();
  }

  #finishBefore(job: Job): void {
    while (this.#queue[0] && this.#queue[0] !== job) this.#finish(this.#queue[0]);
  }

  #finish(job: Job): void {
    if (job.state === 'over') return;
    this.#remove(job);
    job.release?.();
    job.release = undefined;
    job.listener.done();
    this.#pump();
  }

  // ---- what goes wrong ----------------------------------------------------------------------------------------------

  #refused(job: Job, { kind, facts }: Extract<LightningFrame, { type: 'error' }>): void {
    const phase = job.hasHeard ? 'mid-stream' : 'before-first-output';
    const code = kind === 'idle' ? 'idle-timeout' : kind === 'over-limit' ? 'rate-limited' : refusalCode(facts.code);
    const error = new ProviderError('lightning', code, facts.message, { ...facts, phase, providerCode: facts.code });
    if (kind === 'over-limit') this.#options.slots.refused();
    if (kind === 'refused' && !(job.hasHeard && code !== 'unauthorized')) return this.#fail(job, error);
    if (kind === 'over-limit' && !job.hasHeard) return this.#retry(job, error, true);
    if (kind === 'idle' && job.state === 'sending' && job.hasHeard) {
      this.#dropSocket(); // it had spoken all we gave it, and the model was silent for too long
      return this.#complete(job);
    }
    this.#cutOff(job, error);
  }

  /** The socket closed under us. Without a request on it, that is the service's good right. */
  #lost(code: number): void {
    this.#socket = undefined;
    const { sockets } = this.#options;
    const [job, next] = this.#queue.filter((one) => isOnSocket(one));
    if (code === 1000 && this.#nowMs - this.#completedAtMs < CLOSES_WITHIN_MS) sockets.afterComplete = 'closes';
    if (!job) return;
    this.#options.counts.reconnects++;
    if (next) {
      this.#again(next);
      if (this.#isQuiet(job, PIPELINE_AFTER_MS)) return this.#finish(job);
    }
    if (job.startedOnUsedSocket && !job.hasHeard && job.staleStarts < MOST_STALE_STARTS) {
      job.staleStarts++;
      this.#again(job);
      return this.#pump();
    }
    const phase = job.hasHeard ? 'mid-stream' : 'before-first-output';
    const message = `the socket closed (${code}) before the audio was complete`;
    this.#cutOff(job, new ProviderError('lightning', 'stream-cut', message, { phase, status: code }));
  }

  /** Once more, for what is still to be spoken, unless that has just been tried in vain. */
  #cutOff(job: Job, error: ProviderError): void {
    this.#dropSocket(job.release);
    job.release = undefined;
    if (job.hasHeard) job.vainRestarts = 0;
    const isWorthIt = job.vainRestarts < MOST_VAIN_RESTARTS && job.restarts < MOST_RESTARTS;
    if (!isWorthIt || !this.#rewind(job)) return this.#fail(job, error);
    job.restarts++;
    job.vainRestarts++;
    this.#options.counts.resent++;
    this.#tell(error, 'an utterance is sent again');
    this.#requeue();
    this.#again(job);
    this.#pump();
  }

  #tell(error: ProviderError, what: string): void {
    const { code, requestId } = error;
    this.#options.log.info({ callId: this.#options.callId, code, requestId, err: error }, what);
  }

  /** What is to be spoken now, and behind how much audio. Returns false when that cannot be told. */
  #rewind(job: Job): boolean {
    const rest = job.listener.resume?.() ?? (job.bytes === 0 ? { clauses: job.clauses, keptMs: 0 } : undefined);
    if (!rest) return false;
    job.clauses = rest.clauses;
    job.bytes = Math.round((rest.keptMs * this.#options.sampleRateHz) / 1_000) * 2;
    job.spoken = 0;
    return true;
  }

  /** Waits a little, with the whole sequence inside of the utterance's own time. */
  #retry(job: Job, error: ProviderError, isWorthIt: boolean): void {
    if (isOnSocket(job)) this.#dropSocket(job.release);
    else job.release?.();
    job.release = undefined;
    this.#wait(job);
    this.#requeue();
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** job.retries++) * (0.5 + Math.random() / 2);
    const waitMs = Math.max(delayMs, error.retryAfterMs ?? 0);
    if (!isWorthIt || this.#nowMs + waitMs > job.giveUpAtMs) return this.#fail(job, error);
    this.#options.counts.retried++;
    this.#tell(error, 'an utterance waits for another try');
    const { giveUpAtMs } = job;
    job.cancelWait = this.#options.sockets.clock.after(waitMs, () => {
      job.cancelWait = undefined;
      this.#queueUp(job);
      job.giveUpAtMs = giveUpAtMs;
    });
  }

  #fail(job: Job, error: ProviderError): void {
    if (job.state === 'over') return;
    const wasOnSocket = isOnSocket(job);
    const { release } = job;
    job.release = undefined;
    this.#remove(job);
    if (wasOnSocket) this.#dropSocket(release);
    else release?.();
    this.#requeue();
    this.#options.counts.failed++;
    if (job.bytes > 0) this.#options.counts.truncated++;
    job.listener.failed(error);
    this.#pump();
  }

  /** Back to the head of the line, to be said anew. */
  #again(job: Job): void {
    job.release?.();
    job.release = undefined;
    this.#wait(job);
  }

  /** The socket is gone: what was on it is said anew. */
  #requeue(): void {
    if (!this.#socket) for (const job of this.#queue) if (isOnSocket(job)) this.#again(job);
  }

  #wait(job: Job): void {
    job.state = 'waiting';
    job.hasHeard = false;
  }

  #remove(job: Job): void {
    job.state = 'over';
    job.cancelWait?.();
    job.cancelWait = undefined;
    this.#queue = this.#queue.filter((other) => other !== job);
    this.#watch();
  }

  /** Nothing more is heard of the socket. `freed`: called when it is gone, since only then the service counts it out. */
  #dropSocket(freed?: () => void): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#late = undefined;
    if (socket) socket.close(freed);
    else freed?.();
  }

  // ---- time ---------------------------------------------------------------------------------------------------------

  /** Looks after the request that is being served: one timer for the line, armed for what may be overdue next. */
  #watch(): void {
    const [job] = this.#queue;
    const dueMs = job ? this.#dueMs(job) : Infinity;
    if (dueMs >= this.#watchAtMs || dueMs === Infinity) return; // a timer that is too early arms itself again
    this.#stopWatch?.();
    this.#watchAtMs = dueMs;
    this.#stopWatch = this.#options.sockets.clock.after(Math.max(1, dueMs - this.#nowMs), () => {
      this.#stopWatch = undefined;
      this.#watchAtMs = Infinity;
      if (this.#queue[0]) this.#check(this.#queue[0]);
      this.#pump();
    });
  }

  /** When something must be done about this request if nothing more comes; Infinity when it may take its time. */
  #dueMs(job: Job): number {
    const { firstAudioMs, stallMs } = this.#options.timings;
    const lastMs = Math.max(job.audioAtMs, job.sentAtMs);
    if (!isOnSocket(job)) return Infinity;
    if (!job.hasHeard) return lastMs + firstAudioMs;
    if (job.state === 'sending') return Infinity;
    if (!this.#hasEnough(job) || this.#isNextOnSocket) return lastMs + stallMs;
    const pipelineMs = lastMs + PIPELINE_AFTER_MS;
    return this.#queue.length > 1 && pipelineMs > this.#nowMs ? pipelineMs : lastMs + QUIET_MS;
  }

  #check(job: Job): void {
    const { firstAudioMs, stallMs } = this.#options.timings;
    if (!isOnSocket(job)) return;
    const silentMs = this.#nowMs - Math.max(job.audioAtMs, job.sentAtMs) + 1; // timers may be a little early
    if (!job.hasHeard) {
      const message = `no audio within ${firstAudioMs / 1_000} s`;
      if (silentMs >= firstAudioMs)
        this.#cutOff(job, new ProviderError('lightning', 'first-token-timeout', message, BEFORE));
    } else if (this.#isQuiet(job, this.#isNextOnSocket ? stallMs : QUIET_MS)) {
      this.#finish(job);
      this.#late = job;
    } else if (job.state === 'closing' && silentMs >= stallMs) {
      const message = `no more audio and no end for ${stallMs / 1_000} s`;
      this.#cutOff(job, new ProviderError('lightning', 'idle-timeout', message, { phase: 'mid-stream' }));
    }
  }

  get #isNextOnSocket(): boolean {
    const next = this.#queue[1];
    return next !== undefined && isOnSocket(next);
  }

  /** Whether it has all been spoken, as far as can be told without `complete`. */
  #isQuiet(job: Job, forMs: number): boolean {
    const lastMs = Math.max(job.audioAtMs, job.sentAtMs);
    return job.state === 'closing' && job.hasHeard && this.#hasEnough(job) && this.#nowMs - lastMs >= forMs - 1;
  }

  #hasEnough(job: Job): boolean {
    return this.#msOf(job.bytes - job.bytesBefore) >= job.expectedMs * ENOUGH_SHARE;
  }

  #msOf(bytes: number): number {
    return (bytes * 1_000) / (2 * this.#options.sampleRateHz);
  }

  get #nowMs(): number {
    return this.#options.sockets.clock.nowMs();
  }
}

const BEFORE = { phase: 'before-first-output' } as const;

function refusalCode(code: string): 'unauthorized' | 'provider-failed' {
  return code === '401' || code === '403' ? 'unauthorized' : 'provider-failed';
}

/** Refused for what was asked, or by whom, a request would be refused again. */
function isWorthRetrying({ status, code }: ProviderError): boolean {
  if (code === 'unauthorized') return false;
  return status === undefined || status === 429 || status >= 500;
}
