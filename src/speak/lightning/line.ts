/**
 * One call's line to Lightning. Utterances are synthesized one after the other, each as a request on the call's socket:
 * its clauses as they come, then a closing frame. An interrupted one is ended by closing its socket, for there is no other
 * way. What becomes of one utterance is decided in `request.ts`; this keeps their queue, the socket, the slots and the time.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import type { ProviderError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { holdPlace, type Places } from '../../lib/places.ts';
import type { Synthesis, SynthesisLine, SynthesisListener, SynthesizerFigures } from '../contract.ts';
import type { RequestEffect, RequestEvent } from './request-events.ts';
import { SynthesisRequest } from './request.ts';
import type { Behind, RequestOptions, RequestTimings } from './round.ts';
import type { LightningSocket, SocketUser } from './socket.ts';
import { CLOSES_WITHIN_MS, type Sockets } from './sockets.ts';
import type { LightningVoiceOptions } from './voices.ts';
import { readFrame, toId, type LightningFrame } from './wire.ts';

export interface LineOptions {
  callId: string;
  carrierCallId: string | undefined;
  voice: LightningVoiceOptions;
  /** How long a text should take to say, in milliseconds. */
  expectMs: (text: string) => number;
  sampleRateHz: number;
  apiKey: string;
  timings: RequestTimings;
  wordTimestamps: boolean;
  sockets: Sockets;
  slots: Places;
  counts: LineCounts;
  log: Log;
}

/** Of all lines together. */
export type LineCounts = Required<Omit<SynthesizerFigures, 'sockets'>>;

/** One utterance on the line, and what it holds. */
interface Job {
  request: SynthesisRequest;
  listener: SynthesisListener;
  /** Leaves its slot, or the wait for one. */
  leaveSlot: () => void;
  /** Stops the wait for a socket, or for another try. */
  stopWait: () => void;
}

const nothing = () => {};

export class LightningLine implements SynthesisLine {
  readonly format: AudioFormat;
  readonly #options: LineOptions;
  readonly #requestOptions: RequestOptions;
  readonly #user: SocketUser;
  #queue: Job[] = [];
  #socket: LightningSocket | undefined;
  /** The one that counted as done before the service said so. */
  #late: Job | undefined;
  #completedAtMs = -Infinity;
  #stopWatch = nothing;
  #watchAtMs = Infinity;
  #isClosed = false;
  /** Frames of requests that are over, and what could not be read. */
  #ignored = 0;
  static #count = 0;

  constructor(options: LineOptions) {
    const { callId, voice, expectMs, sampleRateHz, timings, wordTimestamps, sockets } = options;
    this.#options = options;
    this.#requestOptions = {
      voice,
      sampleRateHz,
      sessionId: toId(callId),
      wordTimestamps,
      timings,
      expectMs,
      random: Math.random,
    };
    this.format = { encoding: 'linear16', sampleRateHz };
    this.#user = { message: (text) => this.#read(text), closed: (code) => this.#onClosed(code) };
    sockets.addLine();
  }

  begin(listener: SynthesisListener, { hasNext = false }: { hasNext?: boolean } = {}): Synthesis {
    const request = new SynthesisRequest(hasNext ? { ...this.#requestOptions, hasNext } : this.#requestOptions);
    const job: Job = { request, listener, leaveSlot: nothing, stopWait: nothing };
    this.#queue.push(job);
    const tell = (event: RequestEvent) => {
      if (!this.#isClosed) this.#tell(job, event);
    };
    return {
      speak: (clause) => tell({ type: 'speak', clause }),
      end: () => tell({ type: 'end' }),
      abort: () => {
        if (!this.#isClosed) this.#abort(job);
      },
    };
  }

  prewarm(): void {
    if (!this.#isClosed && !this.#socket?.isOpen) this.#options.sockets.prepareSpare();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const job of [...this.#queue]) this.#tell(job, { type: 'abort' });
    this.#dropSocket();
    this.#stopWatch();
    this.#options.sockets.removeLine();
    if (this.#ignored > 0) this.#options.log.debug({ frames: this.#ignored }, 'late or unreadable frames were ignored');
  }

  // ---- a request's life ---------------------------------------------------------------------------------------------

  /** What happens to an utterance goes through here: its request decides, this carries out, then the next may go. */
  #tell(job: Job, event: RequestEvent): void {
    this.#tellOnly(job, event);
    this.#pump();
  }

  #tellOnly(job: Job, event: RequestEvent): void {
    const effects = job.request.handle(event, this.#nowMs);
    if (job.request.isOver) this.#queue = this.#queue.filter((other) => other !== job);
    for (const effect of effects) this.#carryOut(job, effect);
  }

  #carryOut(job: Job, effect: RequestEffect): void {
    switch (effect.type) {
      case 'queue':
        return this.#queueUp(job, effect.waitMs);
      case 'connect':
        return this.#connect(job);
      case 'rest':
        job.stopWait = this.#options.sockets.clock.after(effect.forMs, () => this.#tell(job, { type: 'rested' }));
        return;
      case 'send':
        return this.#socket?.send(effect.text);
      case 'leave':
        job.stopWait();
        return job.leaveSlot();
      case 'drop-socket':
        this.#dropSocket(job.leaveSlot);
        job.leaveSlot = nothing;
        return this.#dropOthers(job);
      case 'over-limit':
        return this.#options.slots.refused();
      case 'ask-resumption':
        return this.#tell(job, { type: 'resumption', rest: job.listener.resume?.() });
      case 'unspoken':
        return this.#noteUnspoken(effect.error);
      case 'again':
        return this.#noteAgain(effect);
      case 'settle':
        return queueMicrotask(() => this.#tell(job, { type: 'settled' }));
      case 'word':
        return job.listener.word(effect.word, effect.startMs, effect.endMs);
      case 'done':
        return job.listener.done();
      case 'failed':
        return this.#fail(job, effect);
    }
  }

  /** The socket is gone: what others had on it is said anew, in its turn. */
  #dropOthers(job: Job): void {
    for (const other of this.#queue)
      if (other !== job && other.request.isOnSocket) this.#tellOnly(other, { type: 'dropped' });
  }

  #noteUnspoken(error: ProviderError): void {
    const { counts, log, callId } = this.#options;
    counts.unspoken++;
    const { code, requestId } = error;
    log.warn({ callId, code, requestId, err: error }, 'words came back without their sound');
  }

  #noteAgain({ count, error }: Extract<RequestEffect, { type: 'again' }>): void {
    const { counts, log, callId, carrierCallId } = this.#options;
    counts[count]++;
    const { code, requestId } = error;
    const what = count === 'resent' ? 'an utterance is sent again' : 'an utterance waits for another try';
    log.info({ callId, carrierCallId, code, requestId, err: error }, what);
  }

  #fail(job: Job, { error, isTruncated }: { error: ProviderError; isTruncated: boolean }): void {
    const { counts } = this.#options;
    counts.failed++;
    if (isTruncated) counts.truncated++;
    job.listener.failed(error);
  }

  #abort(job: Job): void {
    const wasOnSocket = job.request.isOnSocket;
    this.#tell(job, { type: 'abort' });
    if (wasOnSocket) this.#options.sockets.prepareSpare();
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
    if (job.request.isHungry) return this.#tell(job, { type: 'turn' });
    if (next?.request.isHungry && job.request.mayBeFollowed(this.#nowMs)) {
      next.leaveSlot = job.leaveSlot; // the account's slot goes with the socket, on which requests are served in order
      job.leaveSlot = nothing;
      return this.#start(next);
    }
    this.#watch();
  }

  #queueUp(job: Job, waitMs: number): void {
    job.leaveSlot = holdPlace(this.#options.slots, {
      waitMs,
      granted: () => this.#tell(job, { type: 'granted' }),
      expired: () => this.#tell(job, { type: 'expired' }),
    });
  }

  #connect(job: Job): void {
    if (this.#reuseSocket()) return this.#start(job);
    let isReady = false;
    const stopWait = this.#options.sockets.take({
      user: this.#user,
      ready: (socket) => {
        isReady = true;
        this.#socket = socket;
        this.#start(job);
      },
      failed: (error) => this.#tell(job, { type: 'unreachable', error }),
    });
    if (!isReady) job.stopWait = stopWait;
  }

  /** Whether the call's socket is good for another request. If not, it is let go. */
  #reuseSocket(): boolean {
    const { sockets } = this.#options;
    const socket = this.#socket;
    if (!socket) return false;
    const mayBeClosing = sockets.afterComplete === 'unknown' && this.#nowMs - this.#completedAtMs < CLOSES_WITHIN_MS;
    const isGood = !(mayBeClosing && sockets.hasSpare) && (socket.state === 'taken' || sockets.unpark(socket));
    if (isGood) return true;
    if (!mayBeClosing) this.#dropSocket();
    else {
      sockets.release(socket);
      this.#socket = undefined;
    }
    return false;
  }

  #start(job: Job): void {
    job.stopWait = nothing;
    const requestId = toId(`${this.#requestOptions.sessionId.slice(0, 100)}.${++LightningLine.#count}`);
    this.#tell(job, { type: 'connected', requestId, isUsed: this.#socket?.isUsed ?? false });
  }

  /** Nothing more is heard of the socket. `freed`: called when it is gone, since only then the service counts it out. */
  #dropSocket(freed: () => void = nothing): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#late = undefined;
    if (!socket) return freed();
    socket.close();
    socket.whenGone(freed);
  }

  // ---- what comes back ----------------------------------------------------------------------------------------------

  #read(text: string): void {
    const frame = readFrame(text, this.#options.apiKey);
    const job = frame.type === 'unknown' ? undefined : this.#jobOf(frame.requestId);
    if (frame.type === 'unknown' || !job) return this.#readLate(frame);
    if (frame.type === 'audio') return this.#hear(job, frame.audio);
    if (frame.type === 'complete') this.#completed(job);
    this.#tell(job, frame);
  }

  /** The ids of old requests fit nothing. */
  #jobOf(requestId: string | undefined): Job | undefined {
    for (const job of this.#queue) if (job.request.isAnsweredBy(requestId)) return job;
    return undefined;
  }

  #readLate(frame: LightningFrame): void {
    const late = this.#late;
    if (late && frame.type === 'audio' && frame.requestId !== undefined && late.request.isAnsweredBy(frame.requestId)) {
      return late.listener.audio(late.request.hear(frame.audio, this.#nowMs));
    }
    if (frame.type === 'complete') this.#late = undefined;
    else this.#ignored++;
    if (frame.type === 'error') this.#dropSocket(); // for the most part: nothing was sent on it for too long
  }

  #hear(job: Job, audio: Uint8Array): void {
    const { request, listener } = job;
    const isFirst = !request.hasHeard;
    const whole = request.hear(audio, this.#nowMs);
    if (whole.length === 0) return;
    if (request.isEndless) return this.#tell(job, { type: 'endless' });
    this.#finishBefore(job); // requests are served in order: the one before has said all it had to say
    if (isFirst) this.#hearFirst(request);
    listener.audio(whole);
    this.#watch();
  }

  #hearFirst(request: SynthesisRequest): void {
    const { sockets } = this.#options;
    sockets.prepareSpare();
    if (request.isOnUsedSocket) sockets.afterComplete = 'stays';
  }

  #finishBefore(job: Job): void {
    for (let first = this.#queue[0]; first && first !== job; first = this.#queue[0])
      this.#tell(first, { type: 'overtaken' });
  }

  #completed(job: Job): void {
    this.#finishBefore(job);
    this.#completedAtMs = this.#nowMs;
    const isLast = this.#queue.every((other) => other === job || !other.request.isOnSocket);
    if (this.#options.sockets.afterComplete === 'closes' && isLast) this.#dropSocket();
  }

  /** The socket closed under us. Without a request on it, that is the service's good right. */
  #onClosed(code: number): void {
    const { sockets, counts } = this.#options;
    this.#socket = undefined;
    if (code === 1000 && this.#nowMs - this.#completedAtMs < CLOSES_WITHIN_MS) sockets.afterComplete = 'closes';
    const job = this.#queue.find(({ request }) => request.isOnSocket);
    if (!job) return;
    counts.reconnects++;
    const behind = this.#behind;
    this.#dropOthers(job);
    this.#tell(job, { type: 'closed', code, behind });
  }

  // ---- time ---------------------------------------------------------------------------------------------------------

  /** Looks after the request that is being served: one timer for the line, armed for what may be overdue next. */
  #watch(): void {
    const job = this.#queue[0];
    const dueMs = job ? job.request.dueAtMs(this.#behind, this.#nowMs) : Infinity;
    if (dueMs >= this.#watchAtMs || dueMs === Infinity) return; // a timer that is too early arms itself again
    this.#stopWatch();
    this.#watchAtMs = dueMs;
    const forMs = Math.max(1, dueMs - this.#nowMs);
    this.#stopWatch = this.#options.sockets.clock.after(forMs, () => this.#lookAfter());
  }

  #lookAfter(): void {
    this.#watchAtMs = Infinity;
    const [job] = this.#queue;
    if (!job) return;
    this.#tell(job, { type: 'time', behind: this.#behind });
    if (job.request.state === 'late') this.#late = job;
  }

  get #behind(): Behind {
    const next = this.#queue[1];
    if (!next) return 'nobody';
    return next.request.isOnSocket ? 'on-socket' : 'waiting';
  }

  get #nowMs(): number {
    return this.#options.sockets.clock.nowMs();
  }
}
