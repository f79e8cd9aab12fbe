/**
 * What every vendor's WebSocket needs around what is said over it: an opening that ends in time, a refusal that is read,
 * signs of life, and a close after which it is known when the socket is really gone, since only then the vendor counts it
 * out. Which place it takes is `places.ts`, whether another is opened after it `retry.ts`; the words are the vendor's.
 */
import type { IncomingMessage } from 'node:http';
import WebSocket, { type RawData } from 'ws';
import type { Clock } from './clock.ts';
import { ProviderError, type ErrorCode, type ProviderPhase } from './errors.ts';
import type { Log } from './log.ts';
import { bufferOf } from './open-socket.ts';
import { readErrorBody, refusalOf, unreachable } from './provider-errors.ts';

export interface ProviderSocketOptions {
  /** As errors and logs name it. */
  provider: string;
  url: string;
  /** Of the upgrade, the key among them. */
  headers: Readonly<Record<string, string>>;
  /** The key, which must not survive in an error, even if the vendor repeats it. */
  secret: string;
  clock: Clock;
  log: Log;
  /** From the first byte to an open socket, or to the end of a refusal. */
  connectTimeoutMs: number;
  /** A larger frame ends the socket. */
  mostFrameBytes: number;
  /** Pings so often; with no sign of life for so long the other end is dead. Default: neither. */
  keepAlive?: { everyMs: number; deadAfterMs: number };
}

/** Told in the tick in which it is known, never from inside the constructor; nothing after `failed`, `closed`, `close` or `cut`. */
export interface ProviderSocketListener {
  opened(): void;
  message(text: string, isBinary: boolean): void;
  /** Of no use: it was refused or not reached in time (`phase` is `connect`), or its other end shows no sign of life. */
  failed(error: ProviderError): void;
  /** It was open, and the other end, or the network, has ended it. */
  closed(code: number): void;
  /** A ping went out: `keepAlive.everyMs` have passed. */
  beat?(): void;
}

export const CLOSE_NORMAL = 1000;
const MOST_REFUSAL_CHARACTERS = 10_000;
/** Before a missing sign of life counts: if it is this process that stood still, the sign has come and waits to be read. */
const SECOND_LOOK_MS = 50;

type State = 'connecting' | 'open' | 'let-go' | 'gone';

export class ProviderSocket {
  readonly #options: ProviderSocketOptions;
  readonly #listener: ProviderSocketListener;
  readonly #webSocket: WebSocket;
  #state: State = 'connecting';
  #whenGone: (() => void)[] = [];
  #lastSignAtMs = 0;
  /** Of the opening; after `close`, of the closing. */
  #stopTimeout: () => void;
  /** Tells of a refusal with what has been read of it. */
  #endRefusal: (() => void) | undefined;
  #stopBeat = () => {};
  #stopLook = () => {};

  constructor(options: ProviderSocketOptions, listener: ProviderSocketListener) {
    this.#options = options;
    this.#listener = listener;
    const { url, headers, mostFrameBytes, connectTimeoutMs, clock } = options;
    const webSocket = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: mostFrameBytes });
    this.#webSocket = webSocket;
    webSocket.on('open', () => this.#onOpen());
    webSocket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    webSocket.on('pong', () => (this.#lastSignAtMs = clock.nowMs()));
    webSocket.on('unexpected-response', (_request, response) => this.#onRefusal(response));
    webSocket.on('error', (cause) => this.#onError(cause));
    webSocket.on('close', (code) => this.#onClose(code));
    this.#stopTimeout = clock.after(connectTimeoutMs, () => this.#onTimeout());
  }

  /** Whether what is sent may arrive. */
  get isOpen(): boolean {
    return this.#state === 'open' && this.#webSocket.readyState === WebSocket.OPEN;
  }

  /** What was sent and is still in this process, in bytes. */
  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  /** Text as a text frame, bytes as a binary one. Nothing is sent unless it is open. */
  send(data: string | Uint8Array): void {
    if (this.isOpen) this.#webSocket.send(data);
  }

  /** Whoever is there answers with a frame or, when that takes its time, at least the ping; in so long, or it has failed. */
  expectSign(withinMs: number): void {
    if (!this.isOpen) return;
    const { clock } = this.#options;
    const askedAtMs = clock.nowMs();
    this.#webSocket.ping();
    const judge = () => {
      if (this.#lastSignAtMs <= askedAtMs) this.#die(withinMs);
    };
    this.#stopLook();
    this.#stopLook = clock.after(withinMs - SECOND_LOOK_MS, () => {
      this.#stopLook = clock.after(SECOND_LOOK_MS, judge);
    });
  }

  /** Nothing is told from here on. Closed in peace, by force after `withinMs`; while it connects, at once. */
  close(withinMs: number): void {
    const isPeaceful = this.#state === 'open';
    if (this.#state === 'let-go' || !this.#letGo()) return;
    if (!isPeaceful) return this.#webSocket.terminate();
    this.#webSocket.close(CLOSE_NORMAL);
    this.#stopTimeout = this.#options.clock.after(withinMs, () => this.#webSocket.terminate());
  }

  /** Nothing is told from here on, and the socket ends now. */
  cut(): void {
    if (this.#letGo()) this.#webSocket.terminate();
  }

  /** Runs once the socket is gone, at once if it is: its place is free. */
  whenGone(run: () => void): void {
    if (this.#state === 'gone') run();
    else this.#whenGone.push(run);
  }

  #onOpen(): void {
    if (this.#state !== 'connecting') return;
    this.#stopTimeout();
    this.#state = 'open';
    this.#lastSignAtMs = this.#options.clock.nowMs();
    this.#beatLater();
    this.#listener.opened();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#state !== 'open') return;
    this.#lastSignAtMs = this.#options.clock.nowMs();
    this.#listener.message(bufferOf(data).toString('utf8'), isBinary);
  }

  #onTimeout(): void {
    if (this.#endRefusal) return this.#endRefusal();
    this.#giveUp('connect-timeout', `No connection within ${this.#options.connectTimeoutMs} ms`, 'connect');
  }

  #onRefusal(response: IncomingMessage): void {
    const { provider, secret } = this.#options;
    const status = response.statusCode ?? 0;
    let body = '';
    const finish = () => {
      if (this.#state !== 'connecting') return;
      this.#fail(refusalOf(provider, readErrorBody(status, response.headers, body, { secret }), { phase: 'connect' }));
    };
    this.#endRefusal = finish;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      body += text;
      if (body.length > MOST_REFUSAL_CHARACTERS) finish();
    });
    response.on('error', () => {}); // the status says enough
    response.on('close', finish);
  }

  #onError(cause: Error): void {
    const { provider, secret, log } = this.#options;
    if (this.#state === 'connecting') this.#fail(unreachable(provider, cause, secret));
    else if (this.#state === 'open') log.debug({ err: cause }, `${provider}: socket error`); // `close` follows
  }

  #onClose(code: number): void {
    const wasOpen = this.#state === 'open';
    this.#stopTimers();
    this.#state = 'gone';
    if (wasOpen) this.#listener.closed(code);
    for (const run of this.#whenGone.splice(0)) run();
  }

  #beatLater(): void {
    const { keepAlive, clock } = this.#options;
    if (!keepAlive) return;
    this.#stopBeat = clock.after(keepAlive.everyMs, () => {
      if (clock.nowMs() - this.#lastSignAtMs > keepAlive.deadAfterMs) return this.#die(keepAlive.deadAfterMs);
      if (this.isOpen) this.#webSocket.ping();
      this.#listener.beat?.();
      if (this.#state === 'open') this.#beatLater();
    });
  }

  #die(silentMs: number): void {
    this.#giveUp('stream-cut', `No sign of life for ${silentMs} ms`, 'mid-stream');
  }

  #giveUp(code: ErrorCode, message: string, phase: ProviderPhase): void {
    this.#fail(new ProviderError(this.#options.provider, code, message, { phase }));
  }

  #fail(error: ProviderError): void {
    this.cut();
    this.#listener.failed(error);
  }

  /** Returns whether the socket is still there. */
  #letGo(): boolean {
    if (this.#state === 'gone') return false;
    this.#stopTimers();
    this.#state = 'let-go';
    return true;
  }

  #stopTimers(): void {
    this.#stopTimeout();
    this.#stopBeat();
    this.#stopLook();
  }
}
