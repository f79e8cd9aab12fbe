/**
 * One call's line to Pulse: a WebSocket that is opened at once, kept alive, and opened again when it breaks, with the audio
 * replayed that no final has covered (`../backlog.ts`). The line keeps its place among the account's sockets from its first
 * socket to its last.
 */
import { bytesPerSample, type AudioFormat } from '../../audio/contract.ts';
import { ALAW_SILENCE, MULAW_SILENCE } from '../../audio/g711.ts';
import type { Clock } from '../../lib/clock.ts';
import { ProviderError, type ErrorCode, type ProviderFacts } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { holdPlace, type Places } from '../../lib/places.ts';
import { refusalOf } from '../../lib/provider-errors.ts';
import { ProviderSocket } from '../../lib/provider-socket.ts';
import { RetrySchedule, type RetryVerdict } from '../../lib/retry.ts';
import { Backlog, KEEP_MS, MOST_PIECE_MS } from '../backlog.ts';
import type { TranscriberStats, TranscriptionLine, TranscriptListener } from '../contract.ts';
import type { Patience } from '../patience.ts';
import {
  CLOSE_STREAM_MESSAGE,
  CLOSE_TOO_MANY,
  FINALIZE_MESSAGE,
  judgeClose,
  judgeStatus,
  placeWords,
  readPulseFrame,
  type PulseEvent,
} from './wire.ts';

/** As `PulseOptions`, all of them decided. */
export interface LineSettings extends Patience {
  apiKey: string;
  clock: Clock;
  log: Log;
  places: Places;
  closeTimeoutMs: number;
  random: () => number;
}

export interface PulseStats extends TranscriberStats {
  connects: number;
}

export interface LineContext {
  settings: LineSettings;
  url: string;
  format: AudioFormat;
  listener: TranscriptListener;
  stats: PulseStats;
}

/** The first of the delays after a close for too many sockets. */
const SLOW_RETRY_MS = 1_000;
/** In the middle of a call somebody waits, and audio is kept for a few seconds: rather another try than a long one. */
const RECONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE = { everyMs: 5_000, deadAfterMs: 12_000 };
/**
 * The same after a `finalize`: the caller waits. Three times the way around the world, and soon enough to have the replay
 * understood before the endpoint makes do with what it has.
 */
const UNANSWERED_MS = 900;
/** No audio for so long: the service may take the line for dead. */
const SILENCE_AFTER_MS = 10_000;
/** Less than a piece waits no longer than this for the rest. */
const PIECE_WAIT_MS = MOST_PIECE_MS;
/** After the last final the service closes by itself. */
const FAREWELL_MS = 500;
const MOST_FRAME_BYTES = 1 << 20;
const IN_VAIN = 'The socket closes as soon as it opens, without a word: the language may not be served on this host';

/** `waiting`: for a place, or for the next try. `closing`: for the last final. */
type LineState = 'waiting' | 'connecting' | 'open' | 'closing' | 'gone';

/** One connection of the line. */
interface Connection {
  socket: ProviderSocket;
  /** Undefined until it is up. */
  openedAtMs: number | undefined;
  /** Text frames so far. */
  frames: number;
  /** Where its first audio lies in the call. */
  offsetMs: number;
}

export class PulseLine implements TranscriptionLine {
  readonly whenGone: Promise<void>;
  readonly #context: LineContext;
  readonly #backlog: Backlog;
  readonly #retries: RetrySchedule;
  readonly #mostBufferedBytes: number;
  readonly #sendPiece = (piece: Uint8Array): void => this.#connection?.socket.send(piece);
  #state: LineState = 'waiting';
  #connection: Connection | undefined;
  #leavePlace: () => void = () => {};
  #opened = 0;
  /** Where each `finalize` without an answer lies in the call. */
  #finalizes: number[] = [];
  #lastPushAtMs: number;
  #resolveGone: () => void = () => {};
  /** Of the next try or, while it closes, of the last final. */
  #stopTimer: () => void = () => {};
  #stopPieceTimer: (() => void) | undefined;

  constructor(context: LineContext) {
    const { format, settings } = context;
    this.#context = context;
    this.#backlog = new Backlog(format);
    this.#retries = new RetrySchedule({
      delaysMs: settings.retryDelaysMs,
      slowMs: SLOW_RETRY_MS,
      random: settings.random,
    });
    this.#mostBufferedBytes = (KEEP_MS * format.sampleRateHz * bytesPerSample(format)) / 1_000;
    this.#lastPushAtMs = settings.clock.nowMs();
    this.whenGone = new Promise((resolve) => (this.#resolveGone = resolve));
  }

  push(audio: Uint8Array): void {
    if (this.#state === 'closing' || this.#state === 'gone') return;
    this.#lastPushAtMs = this.#context.settings.clock.nowMs();
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
    if (this.#state === 'open') this.#pump(true);
    if (this.#state !== 'open') return this.#leave();
    const { clock, closeTimeoutMs } = this.#context.settings;
    this.#state = 'closing';
    this.#stopTimers();
    this.#connection?.socket.send(CLOSE_STREAM_MESSAGE);
    this.#stopTimer = clock.after(closeTimeoutMs, () => this.#leave());
  }

  // ---- a connection, and the next ------------------------------------------------------------------------------------

  /** Waits for a place among the account's sockets, then connects. A place that is free costs no time. */
  start(): void {
    const { places, placeWaitMs } = this.#context.settings;
    this.#leavePlace = holdPlace(places, {
      waitMs: placeWaitMs,
      granted: () => this.#connect(),
      expired: () => {
        const message = `No live socket was free for ${placeWaitMs / 1_000} s: the account's ${places.limit} are in use`;
        this.#fail(this.#error('queue-timeout', message, { phase: 'connect' }));
      },
    });
  }

  #connect(): void {
    const { settings, url, stats } = this.#context;
    const { apiKey, clock, log, connectTimeoutMs } = settings;
    this.#state = 'connecting';
    stats.connects++;
    const socket = new ProviderSocket(
      {
        provider: 'pulse',
        url,
        headers: { Authorization: `Bearer ${apiKey}` },
        secret: apiKey,
        clock,
        log,
        connectTimeoutMs: this.#opened > 0 ? Math.min(connectTimeoutMs, RECONNECT_TIMEOUT_MS) : connectTimeoutMs,
        mostFrameBytes: MOST_FRAME_BYTES,
        keepAlive: KEEP_ALIVE,
      },
      {
        opened: () => this.#onOpen(connection),
        message: (text, isBinary) => this.#onMessage(connection, text, isBinary),
        failed: (error) => this.#drop(error.status === undefined ? 'retry' : judgeStatus(error.status), error),
        closed: (code) => this.#onClose(connection, code),
        beat: () => this.#onBeat(),
      },
    );
    const connection: Connection = { socket, openedAtMs: undefined, frames: 0, offsetMs: 0 };
    this.#connection = connection;
  }

  #onOpen(connection: Connection): void {
    const { settings, stats, listener } = this.#context;
    this.#state = 'open';
    stats.openSockets++;
    connection.openedAtMs = settings.clock.nowMs();
    connection.offsetMs = this.#backlog.rewind();
    const isAsked = this.#finalizes.length > 0;
    this.#pump(isAsked);
    if (this.#state !== 'open') return;
    if (isAsked) {
      this.#finalizes = [this.#backlog.sentMs]; // one answer for all of them
      this.#askForFinal();
    }
    listener.connected?.(this.#opened++);
    if (this.#opened > 1) stats.reconnects++;
  }

  #onClose({ openedAtMs = 0, frames }: Connection, code: number): void {
    if (this.#state === 'closing') return this.#leave();
    const verdict = judgeClose({ code, openMs: this.#context.settings.clock.nowMs() - openedAtMs, frames });
    const facts = { phase: 'mid-stream', status: code } as const;
    const isTooMany = code === CLOSE_TOO_MANY;
    const message = isTooMany ? 'Too many open sockets' : `The socket closed with ${code}`;
    this.#drop(verdict, this.#error(isTooMany ? 'rate-limited' : 'stream-cut', message, facts));
  }

  /** The connection is of no use any more: try again, or give up. */
  #drop(verdict: RetryVerdict, error: ProviderError): void {
    if (this.#state === 'gone' || this.#state === 'waiting') return;
    if (this.#state === 'closing') return this.#leave();
    const { settings, stats, listener } = this.#context;
    this.#letGo();
    this.#stopTimers();
    const delayMs = this.#retries.failed(verdict, error.retryAfterMs);
    stats.failures++;
    if (error.code === 'rate-limited') settings.places.refused();
    const { code, requestId } = error;
    settings.log.warn({ code, requestId, err: error, retryInMs: delayMs ?? null }, 'pulse: connection lost');
    if (delayMs === undefined) return this.#fail(this.#retries.isInVain ? this.#inVain(error) : error);
    this.#state = 'waiting';
    this.#stopTimer = settings.clock.after(delayMs, () => this.#connect());
    listener.lost?.();
  }

  #inVain({ status }: ProviderError): ProviderError {
    return this.#error('provider-failed', IN_VAIN, { phase: 'connect', status });
  }

  #fail(error: ProviderError): void {
    this.#leave();
    this.#context.listener.failed(error);
  }

  #error(code: ErrorCode, message: string, facts: ProviderFacts): ProviderError {
    return new ProviderError('pulse', code, message, facts);
  }

  // ---- what is heard -------------------------------------------------------------------------------------------------

  #onMessage(connection: Connection, text: string, isBinary: boolean): void {
    const { stats, settings } = this.#context;
    if (isBinary) return void stats.invalidFrames++;
    connection.frames++;
    this.#retries.heard();
    let event: PulseEvent;
    try {
      event = readPulseFrame(text, settings.apiKey);
    } catch (thrown) {
      stats.invalidFrames++;
      settings.log.warn({ code: 'frame-invalid', err: thrown }, 'pulse: frame not understood');
      return;
    }
    this.#onEvent(event, connection);
  }

  #onEvent(event: PulseEvent, { offsetMs }: Connection): void {
    switch (event.type) {
      case 'transcript':
        return this.#onTranscript(event, offsetMs);
      case 'speech':
        return this.#context.listener.speech(event.phase);
      case 'error':
        return this.#onErrorFrame(event);
      case 'other':
        return this.#context.settings.log.debug({ name: event.name }, 'pulse: frame passed over');
    }
  }

  #onTranscript(event: PulseEvent & { type: 'transcript' }, offsetMs: number): void {
    this.#retries.succeeded();
    const words = placeWords(event.words, offsetMs);
    if (event.isFinal) {
      const [wordsEndMs, finalizedMs] = [words.at(-1)?.endMs, this.#finalizes.shift()];
      this.#backlog.cover({ wordsEndMs, finalizedMs, hasText: event.text.trim() !== '' });
    }
    this.#context.listener.transcript(event.text, event.isFinal, words);
    if (event.isLast && this.#state === 'closing') this.#leave(FAREWELL_MS);
  }

  #onErrorFrame({ facts, isFatal }: PulseEvent & { type: 'error' }): void {
    this.#context.settings.log.warn({ code: facts.code, error: facts.message }, 'pulse: error frame');
    if (this.#state === 'closing') return this.#leave();
    const named = { ...facts, requestId: facts.requestId ?? facts.sessionId };
    const error = refusalOf('pulse', named, { phase: 'mid-stream' });
    const passing = error.code === 'rate-limited' ? 'retry-slowly' : 'retry';
    this.#drop(isFatal ? 'fatal' : passing, error); // the service closes by force after it; we do not wait for that
  }

  // ---- what is sent --------------------------------------------------------------------------------------------------

  /** Sends what makes whole pieces, and the rest as well when `isFlush`. */
  #pump(isFlush = false): void {
    const socket = this.#connection?.socket;
    if (!socket) return;
    this.#backlog.take(this.#sendPiece, isFlush);
    if (socket.bufferedBytes > this.#mostBufferedBytes) {
      const facts = { phase: 'mid-stream' } as const;
      return this.#drop('retry', this.#error('stream-cut', 'The network takes no more audio', facts));
    }
    if (this.#backlog.endMs === this.#backlog.sentMs) this.#stopPieceWait();
    else this.#stopPieceTimer ??= this.#context.settings.clock.after(PIECE_WAIT_MS, () => this.#sendRest());
  }

  #sendRest(): void {
    this.#stopPieceTimer = undefined;
    this.#pump(true);
  }

  #askForFinal(): void {
    const socket = this.#connection?.socket; // none: lost a moment ago
    socket?.send(FINALIZE_MESSAGE);
    socket?.expectSign(UNANSWERED_MS);
  }

  #onBeat(): void {
    const { settings, format } = this.#context;
    if (this.#state !== 'open' || settings.clock.nowMs() - this.#lastPushAtMs < SILENCE_AFTER_MS) return;
    this.#backlog.push(silence(format));
    this.#pump(true);
  }

  // ---- letting go ----------------------------------------------------------------------------------------------------

  /** For good. Nothing is told to the listener from here on. `farewellMs`: how long the socket may take to close. */
  #leave(farewellMs?: number): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#stopTimers();
    const socket = this.#letGo(farewellMs);
    const gone = () => {
      this.#leavePlace();
      this.#resolveGone();
    };
    if (socket) socket.whenGone(gone);
    else gone();
  }

  /** Nothing is heard of the connection any more. */
  #letGo(farewellMs?: number): ProviderSocket | undefined {
    const connection = this.#connection;
    if (!connection) return undefined;
    this.#connection = undefined;
    if (connection.openedAtMs !== undefined) this.#context.stats.openSockets--;
    if (farewellMs === undefined) connection.socket.cut();
    else connection.socket.close(farewellMs);
    return connection.socket;
  }

  #stopPieceWait(): void {
    this.#stopPieceTimer?.();
    this.#stopPieceTimer = undefined;
  }

  #stopTimers(): void {
    this.#stopTimer();
    this.#stopPieceWait();
  }
}

function silence(format: AudioFormat): Uint8Array {
  const bytes = new Uint8Array((format.sampleRateHz * bytesPerSample(format) * MOST_PIECE_MS) / 1_000);
  return bytes.fill({ linear16: 0, mulaw: MULAW_SILENCE, alaw: ALAW_SILENCE }[format.encoding]);
}
