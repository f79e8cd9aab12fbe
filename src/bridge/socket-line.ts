/**
 * The socket under a bridge, from the moment it was accepted to its end: frames are read and the bad ones survived, what
 * comes early is kept, a peer that has died without a word is noticed, and `closed` is told exactly once. Knows no vendor
 * and no network; each bridge brings a transport, how its frames are read and what they mean.
 */
import { systemClock, type Clock } from '../lib/clock.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { silentLog, type Log } from '../lib/log.ts';
import { BadFrames } from './bad-frames.ts';
import type { BridgeEvent, CommonLineEvent } from './contract.ts';
import { HeldEvents } from './held-events.ts';
import { CLOSE_TIMEOUT_MS, LineEnding, OWED_END_MS } from './line-ending.ts';
import { MessageRate } from './message-rate.ts';
import type { CloseReason, Transport, TransportListener } from './transport.ts';

/**
 * For the `WebSocketServer` that bridges are accepted from: a frame of a telephone line is small and not compressed, and
 * a peer that does not answer our goodbye is gone all the same.
 */
export const BRIDGE_SERVER_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: 1_048_576,
  maxFragments: 128, // of a message, which carriers do not cut: thousands of one byte each cost more than the message
  closeTimeout: CLOSE_TIMEOUT_MS,
} as const;

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
  /** The same in bytes. Default 512 for each message. */
  bytesPerSecond?: number;
  /** Between pings, in milliseconds. A peer that leaves two unanswered, and sends nothing else, is gone. Default 25,000. */
  pingMs?: number;
}

/** What a bridge brings. A frame of a kind that it cannot read is a bad one. */
export interface LineProtocol<Frame> {
  /** Bridge name, as logs show it: `twilio-media`. */
  name: string;
  /** @throws {VoiceError} `frame-invalid` */
  readText?: (text: string) => Frame | undefined;
  /** @throws {VoiceError} `frame-invalid` */
  readBytes?: (bytes: Buffer) => Frame | undefined;
  /** Finds the frames of a stream. */
  stream?: FrameStream<Frame>;
  /** What the frame means. Whatever it throws is our own fault and ends the line. */
  handle: (frame: Frame) => void;
}

export interface FrameStream<Frame> {
  /** More of the stream. The bytes do not change afterwards. */
  push(piece: Buffer): void;
  /**
   * The next whole frame; undefined when more must come first.
   * @throws {VoiceError} `frame-invalid`, having passed over what cannot be read
   */
  next(): Frame | undefined;
}

/** Of a frame, until the peer has said who it is: what carriers say then is under 8 kB. */
const MOST_BYTES_BEFORE_START = 65_536;
const START_TIMEOUT_MS = 10_000;
const MAX_BAD_FRAMES = 10;
const PING_MS = 25_000;
const MISSED_PONGS = 2;
/** Six minutes of audio that the peer has not read: it never will. */
const MOST_UNSENT_BYTES = 4_194_304;
/** Beyond what the network itself holds, four seconds of audio as JSON: a peer that does not read for now. */
const FULL_BYTES = 65_536;
const ROOM_BYTES = 16_384;

/** `Told`: the events of this kind of line. */
export class SocketLine<Frame, Told extends BridgeEvent = BridgeEvent> implements TransportListener {
  /** Settles once: when the peer has said who it is, or with why it never did. */
  readonly started: Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly #transport: Transport;
  readonly #protocol: LineProtocol<Frame>;
  readonly #badFrames: BadFrames;
  readonly #onBadFrame: () => void;
  readonly #rate: MessageRate;
  readonly #pingMs: number;
  readonly #ending: LineEnding;
  #held: HeldEvents<Told | CommonLineEvent> | undefined = new HeldEvents();
  #listener: ((event: Told | CommonLineEvent) => void) | undefined;
  #settleStart: { resolve: () => void; reject: (error: VoiceError) => void } | undefined;
  #missedPongs = 0;
  /** Of a stream, since its last frame: at most the beginning of the next. */
  #unframedBytes = 0;
  #isSocketFull = false;
  #isPeerFull = false;
  #cancelStart: () => void;
  #cancelPing: () => void = () => undefined;

  constructor(transport: Transport, protocol: LineProtocol<Frame>, options: LineOptions) {
    this.#transport = transport;
    this.#protocol = protocol;
    this.clock = options.clock ?? systemClock;
    this.log = (options.log ?? silentLog).child({ bridge: protocol.name });
    this.#badFrames = new BadFrames(options.maxBadFrames ?? MAX_BAD_FRAMES, this.log);
    this.#onBadFrame = options.onBadFrame ?? (() => undefined);
    this.#rate = new MessageRate(options.messagesPerSecond, options.bytesPerSecond);
    this.#pingMs = options.pingMs ?? PING_MS;
    this.#ending = new LineEnding({ transport, clock: this.clock, ended: (reason) => this.#tellClosed(reason) });
    this.started = new Promise((resolve, reject) => (this.#settleStart = { resolve, reject }));
    const startTimeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
    this.#cancelStart = this.clock.after(startTimeoutMs, () => this.#startTimedOut(startTimeoutMs));
    this.#schedulePing();
    transport.open(this);
  }

  get isStarted(): boolean {
    return this.#settleStart === undefined;
  }

  /** Whether what we send can still arrive. */
  get isOpen(): boolean {
    return !this.#ending.isLeaving && this.#transport.isOpen;
  }

  /** Malformed frames so far. */
  get badFrames(): number {
    return this.#badFrames.count;
  }

  /** The peer has said who it is. */
  start(): void {
    this.#settleStart?.resolve();
    this.#settleStart = undefined;
    this.#cancelStart();
  }

  /** The peer has said who it is, and is not welcome. */
  refuse(error: VoiceError): void {
    this.#end('refused', 'refused', error);
  }

  /** Everything that has been kept is told at once, in order. */
  listen(listener: (event: Told | CommonLineEvent) => void): void {
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

  /** Tells whoever listens, or keeps it until somebody does; audio from before the start within bounds. */
  tell(event: Told | CommonLineEvent): void {
    if (this.#listener) this.#listener(event);
    else if (event.type === 'audio' && !this.isStarted) this.#held?.addEarly(event, event.audio.length);
    else this.#held?.add(event);
  }

  /** Nothing, when the line is no longer open. One message; on a stream, in one piece. */
  send(data: string | Uint8Array): void {
    if (!this.isOpen) return;
    if (this.#transport.unsentBytes > MOST_UNSENT_BYTES) return this.#lose('peer does not read');
    this.#transport.send(data, this.#onSent);
    if (!this.#isSocketFull && this.#transport.unsentBytes > FULL_BYTES) this.#setFull(true, this.#isPeerFull);
  }

  /** The peer has said that it can take no more for now, or can again. */
  peerFull(isFull: boolean): void {
    this.#setFull(this.#isSocketFull, isFull);
  }

  /** What a start said besides and could not be used: counted once, and nothing else comes of it. See `StartReader`. */
  leftOut(fields: readonly string[] = []): void {
    if (fields.length === 0) return;
    this.#onBadFrame();
    this.log.warn({ code: 'frame-invalid', fields }, 'the start says what cannot be used: it is left out');
  }

  /** A frame that parses and makes no sense where it came, such as a second start. */
  countBadFrame(message: string): void {
    this.#onBadFrame();
    const tooMany = this.#badFrames.add(message);
    if (tooMany) this.#end('protocol-error', 'frame-invalid', tooMany);
  }

  /** The peer has said goodbye: tells `closed` in this tick, then closes the socket. */
  peerLeft(reason: string): void {
    this.#end(reason, 'done', new VoiceError('closed', 'The peer left before it had started'));
  }

  /** We have asked for something that makes the peer end the line; that is the reason then. `undefined` takes it back. */
  expectEnd(reason: string | undefined): void {
    this.#ending.expect(reason);
  }

  /** What was asked for is done, so that the peer has to end the line: when it does not in time, we do. */
  awaitEnd(reason: string): void {
    const stop = this.clock.after(OWED_END_MS, () => void this.close(reason));
    void this.gone.then(stop);
  }

  /** From now on nothing is sent, and nothing is told but `closed`, with this reason. */
  leave(reason: string): void {
    this.#ending.leave(reason);
  }

  /** Leaves, closes the socket, and is done when it is gone, which takes 2 s at most. */
  close(reason: string): Promise<void> {
    this.#ending.leave(reason);
    this.#ending.close('done', reason);
    return this.#ending.gone;
  }

  /** Settled when the socket is gone, whoever closed it. */
  get gone(): Promise<void> {
    return this.#ending.gone;
  }

  // ---- what the transport tells -------------------------------------------------------------------------------------

  text(data: Buffer): void {
    if (!this.#isWelcome(data.length, 1) || this.#isTooLong(data.length)) return;
    const { readText } = this.#protocol;
    if (!readText) return this.countBadFrame(`${this.#protocol.name}: Expected a binary frame, got a text one`);
    let frame: Frame | undefined;
    try {
      frame = readText(data.toString());
    } catch (error) {
      return this.countBadFrame(messageOf(error));
    }
    this.#handle(frame);
  }

  bytes(data: Buffer): void {
    if (!this.#isWelcome(data.length, 1) || this.#isTooLong(data.length)) return;
    const { readBytes } = this.#protocol;
    if (!readBytes) return this.countBadFrame(`${this.#protocol.name}: Expected a text frame, got a binary one`);
    let frame: Frame | undefined;
    try {
      frame = readBytes(data);
    } catch (error) {
      return this.countBadFrame(messageOf(error));
    }
    this.#handle(frame);
  }

  /** However the network has cut it, what counts is the frames. */
  piece(data: Buffer): void {
    if (!this.#isWelcome(data.length, 0)) return;
    const { stream } = this.#protocol;
    if (!stream) return this.countBadFrame(`${this.#protocol.name}: Expected messages, got a stream`);
    this.#unframedBytes += data.length;
    if (this.#isTooLong(this.#unframedBytes)) return;
    stream.push(data);
    do {
      let frame: Frame | undefined;
      try {
        frame = stream.next();
        if (frame === undefined) return;
        this.#unframedBytes = 0;
      } catch (error) {
        this.countBadFrame(messageOf(error));
        continue;
      }
      this.#handle(frame);
    } while (this.#isWelcome(0, 1));
  }

  /** A flood of them is a flood. */
  pinged(bytes: number): void {
    this.#isRead(bytes, 1);
  }

  ponged(bytes: number): void {
    this.#isWelcome(bytes, 1);
  }

  failed(error: Error): void {
    this.log.warn({ err: error, why: error.message }, 'socket error');
  }

  ended(): void {
    this.peerLeft('caller-hung-up');
  }

  closed(isOrderly: boolean, how: string): void {
    const reason = isOrderly ? 'caller-hung-up' : 'socket-lost';
    this.#settle(reason, new VoiceError('closed', `The socket closed (${how}) before the call had started`));
    this.#ending.transportGone();
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  /** What has come shows that the peer lives; whether it is read. */
  #isWelcome(bytes: number, messages: number): boolean {
    this.#missedPongs = 0;
    return this.#isRead(bytes, messages);
  }

  /** Not when we are leaving, and not when it is a flood. */
  #isRead(bytes: number, messages: number): boolean {
    if (!this.#ending.isLeaving) return !this.#isFlood(bytes, messages);
    if (!this.#rate.take(bytes, this.clock.nowMs(), messages)) this.#transport.pause();
    return false;
  }

  #handle(frame: Frame | undefined): void {
    const { count } = this.#badFrames;
    try {
      if (frame !== undefined) this.#protocol.handle(frame);
    } catch (thrown) {
      this.#fail(thrown);
    }
    if (this.#badFrames.count === count) this.#badFrames.endRow();
  }

  /** Whether this is longer than any frame; then the line has ended, and nothing of it is read. */
  #isTooLong(bytes: number): boolean {
    const most = this.isStarted ? BRIDGE_SERVER_OPTIONS.maxPayload : MOST_BYTES_BEFORE_START;
    if (bytes <= most) return false;
    const when = this.isStarted ? '' : ' before the start';
    const { name } = this.#protocol;
    const message = `Expected ${name} to send frames of at most ${most} bytes${when}, got ${bytes}`;
    this.countBadFrame(message);
    this.#end('protocol-error', 'frame-invalid', new VoiceError('frame-invalid', message));
    return true;
  }

  /** Whether this message is one too many; then the line has ended, and nothing more is read from it. */
  #isFlood(bytes: number, messages: number): boolean {
    if (this.#rate.take(bytes, this.clock.nowMs(), messages)) return false;
    this.log.warn({ bytes }, 'the peer sends more than a line in real time can');
    const message = `Expected ${this.#protocol.name} to send as much as a line in real time does, got more`;
    this.#end('flooded', 'refused', new VoiceError('frame-invalid', message));
    this.#transport.pause();
    return true;
  }

  // ---- sending ------------------------------------------------------------------------------------------------------

  readonly #onSent = (error?: Error | null): void => {
    if (error) this.log.debug({ err: error }, 'frame not sent');
    else if (this.#isSocketFull && this.#transport.unsentBytes < ROOM_BYTES) this.#setFull(false, this.#isPeerFull);
  };

  #setFull(isSocketFull: boolean, isPeerFull: boolean): void {
    const wasFull = this.#isSocketFull || this.#isPeerFull;
    const isFull = isSocketFull || isPeerFull;
    this.#isSocketFull = isSocketFull;
    this.#isPeerFull = isPeerFull;
    if (wasFull === isFull || this.#ending.isLeaving) return;
    try {
      this.tell({ type: 'backpressure', isFull });
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  // ---- the end ------------------------------------------------------------------------------------------------------

  #startTimedOut(startTimeoutMs: number): void {
    const message = `Expected ${this.#protocol.name} to start within ${startTimeoutMs} ms, got nothing`;
    this.#end('start-timeout', 'refused', new VoiceError('connect-timeout', message));
  }

  #schedulePing(): void {
    this.#cancelPing = this.clock.after(this.#pingMs, () => {
      if (this.#missedPongs >= MISSED_PONGS) return this.#lose('peer does not answer');
      this.#missedPongs++;
      this.#transport.ping();
      this.#schedulePing();
    });
  }

  #lose(why: string): void {
    this.log.warn({ missedPongs: this.#missedPongs, unsentBytes: this.#transport.unsentBytes }, why);
    this.#settle('socket-lost', new VoiceError('closed', `Gone: ${why}`));
    this.#transport.destroy();
  }

  #end(reason: string, close: CloseReason, error: VoiceError): void {
    this.#settle(reason, error);
    this.#ending.close(close);
  }

  /** The start fails if it had not happened, `closed` is told if not told. */
  #settle(reason: string, error: VoiceError): void {
    this.#cancelStart();
    this.#cancelPing();
    this.#settleStart?.reject(error);
    this.#settleStart = undefined;
    this.#ending.settle(reason);
  }

  #tellClosed(reason: string): void {
    try {
      this.tell({ type: 'closed', reason });
    } catch (thrown) {
      this.log.error({ err: thrown }, 'listener failed at the end of the call');
    }
  }

  /** What a listener threw. In a socket's event it would end the process, and every other call with it. */
  #fail(thrown: unknown): void {
    this.log.error({ err: thrown }, 'listener failed');
    this.#end('internal-error', 'internal', new VoiceError('internal', messageOf(thrown), { cause: thrown }));
  }
}
