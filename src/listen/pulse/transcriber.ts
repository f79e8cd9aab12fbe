/**
 * Pulse as a `Transcriber`: one WebSocket for each call, opened at once, kept alive, and opened again when it breaks, with
 * the audio replayed that no final has covered. `wire.ts` reads and writes the frames, `backlog.ts` keeps the audio.
 */
import type { IncomingMessage } from 'node:http';
import WebSocket, { type RawData } from 'ws';
import { ALAW_SILENCE, MULAW_SILENCE } from '../../audio/g711.ts';
import { bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { messageOf, ProviderError, VoiceError, type ErrorCode, type ProviderFacts } from '../../lib/errors.ts';
import { silentLog, type Log } from '../../lib/log.ts';
import { Places } from '../../lib/places.ts';
import { hideSecrets, readErrorBody } from '../../lib/provider-errors.ts';
import type {
  ListenOptions,
  Transcriber,
  TranscriberStats,
  TranscriptionLine,
  TranscriptListener,
} from '../contract.ts';
import { Backlog, KEEP_MS, MOST_PIECE_MS } from './backlog.ts';
import {
  CLOSE_NORMAL,
  CLOSE_STREAM_MESSAGE,
  CLOSE_TOO_MANY,
  DEFAULT_BASE_URL,
  FINALIZE_MESSAGE,
  judgeClose,
  judgeStatus,
  liveUrl,
  MOST_SOCKETS,
  placeWords,
  readPulseFrame,
  type CloseVerdict,
  type PulseEvent,
  type PulseQuery,
} from './wire.ts';

export interface PulseOptions {
  apiKey: string;
  /** Default `https://api.smallest.ai/waves/v1`. */
  baseUrl?: string;
  /** What else to ask of the service, the same for every call. */
  query?: PulseQuery;
  clock?: Clock;
  log?: Log;
  /** Live sockets at once. Default: the 100 of an account, for this process alone. */
  places?: Places;
  /** How long a line waits for one of them, its audio kept. Default 5,000. */
  placeWaitMs?: number;
  /** From the first byte to an open socket. Default 5,000. */
  connectTimeoutMs?: number;
  /** How long `close` waits for the last final. Default 3,000. */
  closeTimeoutMs?: number;
  /** Before each try after a drop; no more tries than delays. Each is shortened at random. Default 0 to 2,400. */
  retryDelaysMs?: readonly number[];
  /** 0 to 1. Default `Math.random`. */
  random?: () => number;
}

export interface PulseStats extends TranscriberStats {
  connects: number;
}

export interface Pulse extends Transcriber {
  readonly stats: Readonly<PulseStats>;
  /** @throws {VoiceError} `options-invalid`, when a call with these options could not be opened. */
  check(options: { format: AudioFormat; listen: ListenOptions }): void;
}

export const RETRY_DELAYS_MS: readonly number[] = [0, 300, 600, 1_200, 2_400];
/** The first of the delays after a close for too many sockets; doubled from try to try. */
const SLOW_RETRY_MS = 1_000;
/** In the middle of a call somebody waits, and audio is kept for a few seconds: rather another try than a long one. */
const RECONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;
/** Neither a pong nor a frame for so long: the other end is gone. */
const DEAD_AFTER_MS = 12_000;
/**
 * The same after a `finalize`, with which a ping goes out: the caller waits. Three times the way around the world, and
 * soon enough to have the replay understood before the endpoint makes do with what it has.
 */
const UNANSWERED_MS = 900;
const SECOND_LOOK_MS = 50;
/** No audio for so long: the service may take the line for dead. */
const SILENCE_AFTER_MS = 10_000;
/** Less than a piece waits no longer than this for the rest. */
const PIECE_WAIT_MS = MOST_PIECE_MS;
/**
 * A final without word times ends so far before what had been sent when it came. One at silence ends at least that long
 * before, by its own time-out, so that no word of it is heard again.
 */
const FINAL_LAG_MS = 300;
/** After the last final the service closes by itself. */
const FAREWELL_MS = 500;
const MOST_FRAME_BYTES = 1 << 20;

/** @throws {VoiceError} `options-invalid`, when the key is none. */
export function createPulse(options: PulseOptions): Pulse {
  if (!/^\S+$/.test(options.apiKey)) {
    throw new VoiceError('options-invalid', 'pulse: Expected `apiKey` to be text without spaces');
  }
  return new PulseTranscriber(options);
}

class PulseTranscriber implements Pulse {
  readonly name = 'pulse';
  readonly stats: PulseStats = { openSockets: 0, connects: 0, reconnects: 0, failures: 0, invalidFrames: 0 };
  readonly #settings: Settings;
  readonly #lines = new Set<PulseLine>();

  constructor(options: PulseOptions) {
    this.#settings = {
      ...options,
      baseUrl: options.baseUrl ?? DEFAULT_BASE_URL,
      clock: options.clock ?? systemClock,
      log: options.log ?? silentLog,
      places: options.places ?? new Places(MOST_SOCKETS, options.clock ?? systemClock),
      placeWaitMs: options.placeWaitMs ?? 5_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      closeTimeoutMs: options.closeTimeoutMs ?? 3_000,
      retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
      random: options.random ?? Math.random,
    };
  }

  check({ format, listen }: { format: AudioFormat; listen: ListenOptions }): void {
    this.#url(format, listen);
  }

  open(
    options: { callId: string; format: AudioFormat; listen: ListenOptions },
    listener: TranscriptListener,
  ): TranscriptionLine {
    const line = new PulseLine({
      settings: { ...this.#settings, log: this.#settings.log.child({ callId: options.callId }) },
      url: this.#url(options.format, options.listen),
      format: options.format,
      listener,
      stats: this.stats,
      gone: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    line.start();
    return line;
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#lines].map((line) => {
        line.close();
        return line.whenGone;
      }),
    );
  }

  #url(format: AudioFormat, { language, keywords }: ListenOptions): string {
    const { baseUrl, query } = this.#settings;
    return liveUrl({ baseUrl, language, keywords: keywords ?? [], format, ...(query && { query }) });
  }
}

type Settings = PulseOptions & Required<Omit<PulseOptions, 'query'>>;

interface LineContext {
  settings: Settings;
  url: string;
  format: AudioFormat;
  listener: TranscriptListener;
  stats: PulseStats;
  gone: () => void;
}

type LineState = 'connecting' | 'open' | 'waiting' | 'closing' | 'gone';

class PulseLine implements TranscriptionLine {
  readonly whenGone: Promise<void>;
  readonly #context: LineContext;
  readonly #backlog: Backlog;
  #state: LineState = 'waiting';
  #socket: WebSocket | undefined;
  /** Of the place that the line keeps from its first socket to its last; before that, of the wait for it. */
  #leavePlace: () => void = () => {};
  /** Tries in a row that brought no transcript. */
  #failures = 0;
  /** Closes in a row without a frame, shortly after the opening. */
  #silentCloses = 0;
  #opened = 0;
  /** Undefined until the connection is up. */
  #openedAtMs: number | undefined;
  #frames = 0;
  /** Where the first audio of this connection lies in the call. */
  #offsetMs = 0;
  /** Where each `finalize` without an answer lies in the call. */
  #finalizes: number[] = [];
  #lastSignAtMs = 0;
  #lastPushAtMs: number;
  #resolveGone: () => void = () => {};
  readonly #timers = new Map<string, () => void>();

  constructor(context: LineContext) {
    this.#context = context;
    this.#backlog = new Backlog(context.format);
    this.#lastPushAtMs = this.#nowMs();
    this.whenGone = new Promise((resolve) => (this.#resolveGone = resolve));
  }

  push(audio: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#lastPushAtMs = this.#nowMs();
    this.#backlog.push(audio);
    if (this.#state === 'open') this.#pump();
  }

  finalize(): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#finalizes.push(this.#backlog.endMs);
    if (this.#state !== 'open') return; // asked for once the audio before it has been replayed
    this.#pump(true);
    this.#askForFinal();
  }

  close(): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    if (this.#state !== 'open' || !this.#socket) return this.#leave();
    this.#pump(true);
    this.#state = 'closing';
    this.#clearTimers();
    this.#socket.send(CLOSE_STREAM_MESSAGE);
    this.#after('close', this.#context.settings.closeTimeoutMs, () => this.#leave());
  }

  /** Waits for a place among the account's sockets, then connects. A place that is free costs no time. */
  start(): void {
    const { places, placeWaitMs } = this.#context.settings;
    let isGranted = false;
    const cancel = places.request({
      waitMs: placeWaitMs,
      granted: (release) => {
        isGranted = true;
        this.#leavePlace = release;
        this.connect();
      },
      expired: () => {
        const message = `No live socket was free for ${placeWaitMs / 1_000} s: the account's ${places.limit} are in use`;
        this.#fail('fatal', this.#error('queue-timeout', message, { phase: 'connect' }));
      },
    });
    if (!isGranted) this.#leavePlace = cancel;
  }

  connect(): void {
    const { settings, url, stats } = this.#context;
    this.#state = 'connecting';
    this.#frames = 0;
    this.#openedAtMs = undefined;
    stats.connects++;
    const socket = new WebSocket(url, {
      headers: { Authorization: `Bearer ${settings.apiKey}` },
      perMessageDeflate: false,
      maxPayload: MOST_FRAME_BYTES,
      followRedirects: false,
    });
    this.#socket = socket;
    socket.on('open', () => this.#onOpen());
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', () => (this.#lastSignAtMs = this.#nowMs()));
    socket.on('unexpected-response', (_request, response) => this.#onRefusal(socket, response));
    socket.on('error', (error) => this.#onError(error));
    socket.on('close', (code) => this.#onClose(code));
    const most = this.#opened > 0 ? RECONNECT_TIMEOUT_MS : Infinity;
    const timeoutMs = Math.min(settings.connectTimeoutMs, most);
    this.#after('connect', timeoutMs, () => {
      const facts = { phase: 'connect' } as const;
      const message = `No connection within ${timeoutMs} ms`;
      this.#drop('retry', this.#error('connect-timeout', message, facts));
    });
  }

  #onOpen(): void {
    this.#cancel('connect');
    this.#state = 'open';
    this.#context.stats.openSockets++;
    this.#openedAtMs = this.#lastSignAtMs = this.#nowMs();
    this.#offsetMs = this.#backlog.rewind();
    const wasFinalizing = this.#finalizes.length > 0;
    this.#pump(wasFinalizing);
    if (this.#state !== 'open') return;
    if (wasFinalizing) {
      this.#finalizes = [this.#backlog.sentMs]; // one answer for all of them
      this.#askForFinal();
    }
    this.#keepAliveLater();
    this.#context.listener.connected?.(this.#opened++);
    if (this.#opened > 1) this.#context.stats.reconnects++;
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#lastSignAtMs = this.#nowMs();
    if (isBinary) return void this.#context.stats.invalidFrames++;
    this.#frames++;
    this.#silentCloses = 0;
    let event: PulseEvent;
    try {
      event = readPulseFrame(textOf(data), this.#context.settings.apiKey);
    } catch (thrown) {
      this.#context.stats.invalidFrames++;
      this.#context.settings.log.warn({ code: 'frame-invalid', err: thrown }, 'pulse: frame not understood');
      return;
    }
    this.#onEvent(event);
  }

  #onEvent(event: PulseEvent): void {
    switch (event.type) {
      case 'transcript':
        return this.#onTranscript(event);
      case 'speech':
        return this.#context.listener.speech(event.phase);
      case 'error':
        return this.#onErrorFrame(event);
      case 'other':
        return this.#context.settings.log.debug({ name: event.name }, 'pulse: frame passed over');
    }
  }

  #onTranscript(event: PulseEvent & { type: 'transcript' }): void {
    this.#failures = 0;
    const words = placeWords(event.words, this.#offsetMs);
    if (event.isFinal) this.#cover(words.at(-1)?.endMs, event.text.trim() !== '');
    this.#context.listener.transcript(event.text, event.isFinal, words);
    if (event.isLast && this.#state === 'closing') this.#sayFarewell();
  }

  /** What this final has covered is not replayed. */
  #cover(wordsEndMs: number | undefined, hasText: boolean): void {
    const finalizedMs = this.#finalizes.shift();
    if (wordsEndMs !== undefined) this.#backlog.coverTo(wordsEndMs);
    else if (finalizedMs !== undefined && !hasText) this.#backlog.coverTo(finalizedMs);
    else this.#backlog.coverTo(Math.min(finalizedMs ?? Infinity, this.#backlog.sentMs - FINAL_LAG_MS));
  }

  #onErrorFrame(event: PulseEvent & { type: 'error' }): void {
    const { facts, isFatal } = event;
    this.#context.settings.log.warn({ code: facts.code, error: facts.message }, 'pulse: error frame');
    if (this.#state === 'closing') return this.#leave();
    // The service closes by force after it; we do not wait for that.
    this.#drop(isFatal ? 'fatal' : 'retry', this.#frameError(event));
  }

  #frameError({ facts, isFatal }: PulseEvent & { type: 'error' }): ProviderError {
    const code =
      isFatal && /unauthori|forbidden|key|auth|40[13]/i.test(facts.code) ? 'unauthorized' : 'provider-failed';
    return this.#error(code, facts.message, {
      phase: 'mid-stream',
      providerCode: facts.code,
      details: facts.details,
      requestId: facts.requestId ?? facts.sessionId,
    });
  }

  #onRefusal(socket: WebSocket, response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (text: string) => (body += body.length < 10_000 ? text : ''));
    response.on('error', () => {}); // the status says enough
    response.on('close', () => {
      if (socket !== this.#socket) return;
      const facts = readErrorBody(status, response.headers, body, { secret: this.#context.settings.apiKey });
      const code =
        status === 401 || status === 403 ? 'unauthorized' : status === 429 ? 'rate-limited' : 'provider-failed';
      const error = this.#error(code, `Refused with ${status}: ${facts.message}`, {
        phase: 'connect',
        status,
        providerCode: facts.code,
        details: facts.details,
        requestId: facts.requestId,
        retryAfterMs: facts.retryAfterMs,
      });
      this.#drop(judgeStatus(status), error);
    });
  }

  #onError(cause: Error): void {
    const message = hideSecrets(messageOf(cause), this.#context.settings.apiKey);
    if (this.#state === 'connecting') {
      this.#drop('retry', this.#error('connect-failed', message, { phase: 'connect', cause }));
    } else {
      this.#context.settings.log.debug({ err: cause }, 'pulse: socket error');
    }
  }

  #onClose(code: number): void {
    if (this.#state === 'closing') return this.#leave();
    const openMs = this.#nowMs() - (this.#openedAtMs ?? this.#nowMs());
    const verdict = judgeClose({ code, openMs, frames: this.#frames });
    const isTooMany = code === CLOSE_TOO_MANY;
    const message = isTooMany ? 'Too many open sockets' : `The socket closed with ${code}`;
    this.#drop(
      verdict,
      this.#error(isTooMany ? 'rate-limited' : 'stream-cut', message, { phase: 'mid-stream', status: code }),
    );
  }

  /** The connection is of no use any more: try again, or give up. */
  #drop(verdict: CloseVerdict, error: ProviderError): void {
    if (this.#state === 'gone' || this.#state === 'waiting') return;
    if (this.#state === 'closing') return this.#leave();
    this.#letGo();
    this.#clearTimers();
    const { settings, stats } = this.#context;
    const delayMs = this.#delayMs(verdict, error.retryAfterMs);
    stats.failures++;
    if (error.code === 'rate-limited') settings.places.refused();
    const { code, requestId } = error;
    settings.log.warn({ code, requestId, err: error, retryInMs: delayMs ?? null }, 'pulse: connection lost');
    if (delayMs === undefined) return this.#fail(verdict, error);
    this.#state = 'waiting';
    this.#after('retry', delayMs, () => this.connect());
    this.#context.listener.lost?.();
  }

  /** Undefined: no more tries. */
  #delayMs(verdict: CloseVerdict, retryAfterMs: number | undefined): number | undefined {
    const { retryDelaysMs, random } = this.#context.settings;
    const failure = this.#failures++;
    if (verdict === 'retry-twice') this.#silentCloses++;
    if (verdict === 'fatal' || this.#silentCloses > 2 || failure >= retryDelaysMs.length) return undefined;
    if (verdict === 'retry-slowly') return retryAfterMs ?? SLOW_RETRY_MS * 2 ** failure * (0.5 + random() / 2);
    return retryDelaysMs[failure]! * random();
  }

  #fail(verdict: CloseVerdict, error: ProviderError): void {
    const isSilent = verdict === 'retry-twice' && this.#silentCloses > 2;
    const hint = 'The socket closes as soon as it opens, without a word: the language may not be served on this host';
    this.#leave();
    this.#context.listener.failed(
      isSilent ? this.#error('provider-failed', hint, { phase: 'connect', status: error.status }) : error,
    );
  }

  #error(code: ErrorCode, message: string, facts: ProviderFacts): ProviderError {
    return new ProviderError('pulse', code, message, facts);
  }

  /** Sends what makes whole pieces, and the rest as well when `isFlush`. */
  #pump(isFlush = false): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#backlog.take((piece) => socket.send(piece), isFlush);
    const { format } = this.#context;
    if (socket.bufferedAmount > (KEEP_MS * format.sampleRateHz * bytesPerSample(format)) / 1_000) {
      const facts = { phase: 'mid-stream' } as const;
      return this.#drop('retry', this.#error('stream-cut', 'The network takes no more audio', facts));
    }
    if (this.#backlog.endMs === this.#backlog.sentMs) this.#cancel('piece');
    else if (!this.#timers.has('piece')) this.#after('piece', PIECE_WAIT_MS, () => this.#pump(true));
  }

  /** Whoever is there answers: with a final, or, when that takes its time, at least the ping. */
  #askForFinal(): void {
    if (!this.#socket) return; // lost a moment ago
    const askedAtMs = this.#nowMs();
    this.#socket.send(FINALIZE_MESSAGE);
    this.#socket.ping();
    const judge = () => {
      if (this.#lastSignAtMs <= askedAtMs) this.#dropDead(UNANSWERED_MS);
    };
    // If it is this process that stood still, the answer has come and waits to be read.
    this.#after('final', UNANSWERED_MS - SECOND_LOOK_MS, () => this.#after('final', SECOND_LOOK_MS, judge));
  }

  #dropDead(silentMs: number): void {
    const facts = { phase: 'mid-stream' } as const;
    this.#drop('retry', this.#error('stream-cut', `No sign of life for ${silentMs} ms`, facts));
  }

  #keepAliveLater(): void {
    this.#after('keep-alive', KEEP_ALIVE_MS, () => {
      const nowMs = this.#nowMs();
      if (nowMs - this.#lastSignAtMs > DEAD_AFTER_MS) return this.#dropDead(DEAD_AFTER_MS);
      this.#socket?.ping();
      if (nowMs - this.#lastPushAtMs >= SILENCE_AFTER_MS) {
        this.#backlog.push(silence(this.#context.format));
        this.#pump(true);
      }
      this.#keepAliveLater();
    });
  }

  #sayFarewell(): void {
    this.#socket?.close(CLOSE_NORMAL);
    this.#after('close', FAREWELL_MS, () => this.#leave());
  }

  /** For good. Nothing is told to the listener from here on. */
  #leave(): void {
    if (this.#state === 'gone') return;
    const socket = this.#socket;
    this.#letGo();
    this.#state = 'gone';
    this.#clearTimers();
    if (socket && socket.readyState !== WebSocket.CLOSED) socket.once('close', this.#leavePlace);
    else this.#leavePlace();
    this.#context.gone();
    this.#resolveGone();
  }

  #letGo(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    if (this.#openedAtMs !== undefined) this.#context.stats.openSockets--;
    socket.removeAllListeners();
    socket.on('error', () => {}); // a socket that is ended while it connects says so once more
    socket.terminate();
  }

  #nowMs(): number {
    return this.#context.settings.clock.nowMs();
  }

  #after(name: string, delayMs: number, run: () => void): void {
    this.#cancel(name);
    const cancel = this.#context.settings.clock.after(delayMs, () => {
      this.#timers.delete(name);
      run();
    });
    this.#timers.set(name, cancel);
  }

  #cancel(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  #clearTimers(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

function silence(format: AudioFormat): Uint8Array {
  const bytes = new Uint8Array((format.sampleRateHz * bytesPerSample(format) * MOST_PIECE_MS) / 1_000);
  return bytes.fill({ linear16: 0, mulaw: MULAW_SILENCE, alaw: ALAW_SILENCE }[format.encoding]);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
