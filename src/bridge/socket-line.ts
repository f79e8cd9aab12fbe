/**
 * The WebSocket under a bridge, from the accepted socket to its end: frames are read and the bad ones survived, what
 * comes early is kept, a peer that has died without a word is noticed, and `closed` is told exactly once. Knows no
 * vendor; each bridge brings how its frames are read and what they mean.
 */
import type { RawData, WebSocket } from 'ws';
import { systemClock, type Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import type { BridgeListener } from './contract.ts';
import { MessageRate } from './message-rate.ts';

/** For the `WebSocketServer` that bridges are accepted from: a frame of a telephone line is small and not compressed. */
export const BRIDGE_SERVER_OPTIONS = { perMessageDeflate: false, maxPayload: 1_048_576 } as const;

export interface LineOptions {
  /** Default: the system's. */
  clock?: Clock;
  /** Default: silent. */
  log?: Log;
  /** How long the peer may take to say who it is, in milliseconds. Default 10,000. */
  startTimeoutMs?: number;
  /** Malformed frames in a row that are survived; one more ends the line. Default 10. */
  maxBadFrames?: number;
  /** Told of each malformed frame, to count them. */
  onBadFrame?: () => void;
  /** What the peer may send in the long run; it may send 15 s of that at once. More ends the line. Default 200. */
  messagesPerSecond?: number;
  /** Between pings, in milliseconds. A peer that leaves two unanswered, and sends nothing else, is gone. Default 25,000. */
  pingMs?: number;
}

/** What a bridge brings. */
export interface LineProtocol<Event> {
  /** Bridge name, as logs show it: `twilio-media`. */
  name: string;
  /** @throws {VoiceError} `frame-invalid` */
  read(text: string): Event | undefined;
  /** What the event means. Whatever it throws is our own fault and ends the line. */
  handle(event: Event): void;
}

const START_TIMEOUT_MS = 10_000;
const MAX_BAD_FRAMES = 10;
/** In all: a peer that is right now and then is still not one of ours. */
const MOST_BAD_FRAMES = 1_000;
const PING_MS = 25_000;
const MISSED_PONGS = 2;
/** Six minutes of audio that the peer has not read: it never will. */
const MOST_UNSENT_BYTES = 4_194_304;
/** How long the peer may take over its half of the closing handshake. */
const CLOSE_TIMEOUT_MS = 2_000;
const LONGEST_COMPLAINT = 500;
const OPEN = 1;

const CLOSE_CODES = { done: 1000, frameInvalid: 1007, refused: 1008, internal: 1011 } as const;

export class SocketLine<Event> {
  /** Settles once: when the peer has said who it is, or with why it never did. */
  readonly started: Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly #socket: WebSocket;
  readonly #protocol: LineProtocol<Event>;
  readonly #maxBadFrames: number;
  readonly #onBadFrame: () => void;
  readonly #rate: MessageRate;
  readonly #pingMs: number;
  readonly #gone: Promise<void>;
  #listener: BridgeListener;
  #held: HeldEvents | undefined;
  #settleStart: { resolve: () => void; reject: (error: VoiceError) => void } | undefined;
  #markGone: () => void = () => undefined;
  /** Why we are leaving, once we are; from then on nothing is told but `closed`. */
  #leaving: string | undefined;
  /** Why the peer is about to end the line, if we have asked for it. */
  #expected: string | undefined;
  #isClosedTold = false;
  #badFramesInRow = 0;
  #badFrames = 0;
  #missedPongs = 0;
  #cancelStart: () => void;
  #cancelPing: () => void = () => undefined;
  #cancelKill: () => void = () => undefined;

  constructor(socket: WebSocket, protocol: LineProtocol<Event>, options: LineOptions) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.clock = options.clock ?? systemClock;
    this.log = (options.log ?? silentLog).child({ bridge: protocol.name });
    this.#maxBadFrames = options.maxBadFrames ?? MAX_BAD_FRAMES;
    this.#onBadFrame = options.onBadFrame ?? (() => undefined);
    this.#rate = new MessageRate(options.messagesPerSecond);
    this.#pingMs = options.pingMs ?? PING_MS;
    this.#held = new HeldEvents();
    this.#listener = this.#held;
    this.started = new Promise((resolve, reject) => (this.#settleStart = { resolve, reject }));
    this.#gone = new Promise((resolve) => (this.#markGone = resolve));
    const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
    this.#cancelStart = this.clock.after(startTimeoutMs, () => this.#startTimedOut(startTimeoutMs));
    socket
      .on('message', this.#onMessage)
      .on('ping', this.#onPing)
      .on('pong', this.#onPong)
      .on('error', this.#onError)
      .on('close', this.#onClose);
    if (socket.readyState > OPEN) this.#onClose(1006);
    else this.#schedulePing();
  }

  /** Whoever is to be told: what has been kept for the real listener, until there is one. */
  get listener(): BridgeListener {
    return this.#listener;
  }

  get isStarted(): boolean {
    return this.#settleStart === undefined;
  }

  /** Whether what we send can still arrive. */
  get isOpen(): boolean {
    return this.#leaving === undefined && this.#socket.readyState === OPEN;
  }

  /** Malformed frames so far. */
  get badFrames(): number {
    return this.#badFrames;
  }

  /** The peer has said who it is. */
  start(): void {
    this.#settleStart?.resolve();
    this.#settleStart = undefined;
    this.#cancelStart();
  }

  /** The peer has said who it is, and is not welcome. */
  refuse(error: VoiceError): void {
    this.#end('refused', CLOSE_CODES.refused, error);
  }

  /** Everything that has been kept is told at once, in order. */
  listen(listener: BridgeListener): void {
    const held = this.#held;
    if (!held) throw new VoiceError('internal', `Expected one listener on ${this.#protocol.name}, got a second`);
    this.#held = undefined;
    this.#listener = listener;
    try {
      held.tellTo(listener);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Nothing, when the line is no longer open. */
  send(text: string): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > MOST_UNSENT_BYTES) this.#lose('peer does not read');
    else this.#socket.send(text, this.#onSent);
  }

  /** A frame that parses and makes no sense where it came, such as a second start. */
  countBadFrame(message: string): void {
    this.#badFrames++;
    this.#onBadFrame();
    // once, twice, four times, eight times: a peer that sends nothing else must not fill the log
    if ((this.#badFrames & (this.#badFrames - 1)) === 0)
      this.log.warn({ code: 'frame-invalid', badFrames: this.#badFrames, why: excerptOf(message) }, 'bad frame');
    if (++this.#badFramesInRow <= this.#maxBadFrames && this.#badFrames <= MOST_BAD_FRAMES) return;
    const most = `${this.#maxBadFrames} bad frames in a row and ${MOST_BAD_FRAMES} in all`;
    const refusal = `Expected at most ${most}, got one more; the last: ${excerptOf(message)}`;
    const error = new VoiceError('frame-invalid', refusal);
    this.#end('protocol-error', CLOSE_CODES.frameInvalid, error);
  }

  /** The peer has said goodbye: tells `closed` in this tick, then closes the socket. */
  peerLeft(reason: string): void {
    this.#end(reason, CLOSE_CODES.done, new VoiceError('closed', 'The peer left before it had started'));
  }

  /** We have asked for something that makes the peer end the line; that is the reason then. `undefined` takes it back. */
  expectEnd(reason: string | undefined): void {
    this.#expected = reason;
  }

  /** From now on nothing is sent, and nothing is told but `closed`, with this reason. */
  leave(reason: string): void {
    this.#leaving ??= reason;
  }

  /** Leaves, closes the socket, and is done when it is gone, which takes 2 s at most. */
  close(reason: string): Promise<void> {
    this.leave(reason);
    this.#closeSocket(CLOSE_CODES.done);
    return this.#gone;
  }

  /** Settled when the socket is gone, whoever closed it. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    this.#missedPongs = 0;
    if (this.#leaving !== undefined || this.#isFlood(sizeOf(data))) return;
    let event: Event | undefined;
    try {
      if (isBinary)
        throw new VoiceError('frame-invalid', `${this.#protocol.name}: Expected a text frame, got a binary one`);
      event = this.#protocol.read(textOf(data));
    } catch (error) {
      this.countBadFrame(messageOf(error));
      return;
    }
    const badFrames = this.#badFrames;
    try {
      if (event !== undefined) this.#protocol.handle(event);
    } catch (thrown) {
      this.#fail(thrown);
    }
    if (this.#badFrames === badFrames) this.#badFramesInRow = 0;
  };

  /** ws answers it; a flood of them is a flood. */
  readonly #onPing = (data: Buffer): void => {
    if (this.#leaving === undefined) this.#isFlood(data.length);
  };

  readonly #onPong = (): void => {
    this.#missedPongs = 0;
  };

  /** ws closes by itself afterwards; `close` tells the reason. */
  readonly #onError = (error: Error): void => {
    this.log.warn({ err: error, why: error.message }, 'socket error');
  };

  readonly #onSent = (error?: Error | null): void => {
    if (error) this.log.debug({ err: error }, 'frame not sent');
  };

  readonly #onClose = (code: number): void => {
    const reason = isOrderly(code) ? 'caller-hung-up' : 'socket-lost';
    this.#settle(reason, new VoiceError('closed', `The socket closed (${code}) before the call had started`));
    this.#cancelKill();
    this.#socket
      .off('message', this.#onMessage)
      .off('ping', this.#onPing)
      .off('pong', this.#onPong)
      .off('close', this.#onClose);
    this.#markGone(); // the error listener stays: an error that nobody hears would end the process
  };

  /** Whether this message is one too many; then the line has ended, and nothing more is read from it. */
  #isFlood(bytes: number): boolean {
    if (this.#rate.take(bytes, this.clock.nowMs())) return false;
    this.log.warn({ bytes }, 'the peer sends more than a line in real time can');
    const message = `Expected ${this.#protocol.name} to send as much as a line in real time does, got more`;
    this.#end('flooded', CLOSE_CODES.refused, new VoiceError('frame-invalid', message));
    this.#socket.pause();
    return true;
  }

  #startTimedOut(startTimeoutMs: number): void {
    const message = `Expected ${this.#protocol.name} to start within ${startTimeoutMs} ms, got nothing`;
    this.#end('start-timeout', CLOSE_CODES.refused, new VoiceError('connect-timeout', message));
  }

  #schedulePing(): void {
    this.#cancelPing = this.clock.after(this.#pingMs, () => {
      if (this.#missedPongs >= MISSED_PONGS) return this.#lose('peer does not answer');
      this.#missedPongs++;
      if (this.#socket.readyState === OPEN) this.#socket.ping();
      this.#schedulePing();
    });
  }

  #lose(why: string): void {
    this.log.warn({ missedPongs: this.#missedPongs, unsentBytes: this.#socket.bufferedAmount }, why);
    this.#settle('socket-lost', new VoiceError('closed', `Gone: ${why}`));
    this.#socket.terminate();
  }

  #end(reason: string, code: number, error: VoiceError): void {
    this.#settle(reason, error);
    this.#closeSocket(code);
  }

  /** The one place where a line's story ends: the start fails if it had not happened, `closed` is told if not told. */
  #settle(reason: string, error: VoiceError): void {
    this.leave(this.#expected ?? reason);
    this.#cancelStart();
    this.#cancelPing();
    this.#settleStart?.reject(error);
    this.#settleStart = undefined;
    if (this.#isClosedTold) return;
    this.#isClosedTold = true;
    try {
      this.#listener.closed(this.#leaving ?? reason);
    } catch (thrown) {
      this.log.error({ err: thrown }, 'listener failed at the end of the call');
    }
  }

  #closeSocket(code: number): void {
    if (this.#socket.readyState > OPEN) return;
    this.#socket.close(code);
    this.#cancelKill = this.clock.after(CLOSE_TIMEOUT_MS, () => this.#socket.terminate());
  }

  /** What a listener threw. In a socket's event it would end the process, and every other call with it. */
  #fail(thrown: unknown): void {
    this.log.error({ err: thrown }, 'listener failed');
    this.#end('internal-error', CLOSE_CODES.internal, new VoiceError('internal', messageOf(thrown), { cause: thrown }));
  }
}

/** Keeps what happens until somebody listens. */
class HeldEvents implements BridgeListener {
  #events: ((listener: BridgeListener) => void)[] = [];
  #closed: string | undefined;

  audio(audio: Uint8Array): void {
    this.#events.push((listener) => listener.audio?.(audio));
  }
  prompt(text: string, isFinal: boolean): void {
    this.#events.push((listener) => listener.prompt?.(text, isFinal));
  }
  interrupt(heard: string): void {
    this.#events.push((listener) => listener.interrupt?.(heard));
  }
  mark(name: string): void {
    this.#events.push((listener) => listener.mark?.(name));
  }
  digit(digit: string): void {
    this.#events.push((listener) => listener.digit?.(digit));
  }
  spoken(text: string): void {
    this.#events.push((listener) => listener.spoken?.(text));
  }
  speaking(who: 'agent' | 'caller', isSpeaking: boolean): void {
    this.#events.push((listener) => listener.speaking?.(who, isSpeaking));
  }
  closed(reason: string): void {
    this.#closed = reason;
  }

  tellTo(listener: BridgeListener): void {
    try {
      for (const tell of this.#events.splice(0)) tell(listener);
    } finally {
      if (this.#closed !== undefined) listener.closed(this.#closed);
    }
  }
}

/** The peer closed as one does who is done: normally, going away, or without a code. */
function isOrderly(code: number): boolean {
  return code === 1000 || code === 1001 || code === 1005;
}

/** A frame's complaint may name a key of the frame's, and that may be as long as the peer likes. */
function excerptOf(message: string): string {
  return message.length <= LONGEST_COMPLAINT ? message : `${message.slice(0, LONGEST_COMPLAINT)}...`;
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, part) => sum + part.length, 0) : data.byteLength;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString();
}
