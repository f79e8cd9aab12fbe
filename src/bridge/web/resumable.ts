/**
 * What lies under a page's line: one WebSocket after the other. When a network is lost, or a page is loaded again, the line
 * waits for the page to come back, and both go on where they were: each counts the messages that it has got, and what the
 * other has not got is sent again. Nothing is lost, and nothing comes twice.
 */
import type { Clock } from '../../lib/clock.ts';
import type { CloseReason, Transport, TransportListener } from '../transport.ts';

export interface ResumableOptions {
  clock: Clock;
  /** How long a page may be away, in milliseconds. 0: its line ends with its socket. */
  keepMs: number;
  /** The page is away, or is back. */
  away(isAway: boolean): void;
}

/** Of a page that comes back. */
export interface Return {
  /** So many of our messages it has got. */
  received: number;
  /** It has been loaded again: it counts anew, and this is what it is to be sent first. */
  anew: readonly (string | Uint8Array)[] | undefined;
}

/** Of what was sent and is not known to have come: more than any network holds up for so long. */
const MOST_KEPT_BYTES = 4_194_304;
/** A page that goes away does not say whether it comes back. */
const GOING_AWAY = '1001';

const nothing = () => undefined;

export class ResumableTransport implements Transport, TransportListener {
  readonly #options: ResumableOptions;
  #inner: Transport | undefined;
  #listener: TransportListener | undefined;
  /** Sent, and not known to have come; the last has the number `#sent`. */
  #kept: (string | Uint8Array)[] = [];
  #keptBytes = 0;
  #sent = 0;
  #received = 0;
  #canResume = false;
  #isEnding = false;
  #isGone = false;
  #cancelKeep: () => void = nothing;

  constructor(first: Transport, options: ResumableOptions) {
    this.#options = options;
    this.#inner = first;
  }

  /** Messages of the page's that have come. */
  get received(): number {
    return this.#received;
  }

  /** From now on it may come back, and what it is sent is kept until it has come. */
  allowReturn(): void {
    this.#canResume = this.#options.keepMs > 0;
  }

  /** It may come back: nothing of what it has not got is forgotten. */
  get canResume(): boolean {
    return this.#canResume && !this.#isEnding && !this.#isGone;
  }

  /** The page has got so many messages. */
  acknowledge(received: number): void {
    const first = this.#sent - this.#kept.length;
    for (const data of this.#kept.splice(0, Math.max(0, Math.min(received, this.#sent) - first))) {
      this.#keptBytes -= data.length;
    }
  }

  /** What it has not got, of texts alone. */
  get keptTexts(): string[] {
    return this.#kept.filter((data) => typeof data === 'string');
  }

  /** The page is back, on another socket. `hello` goes out first, and is not counted. */
  resume(inner: Transport, hello: string, { received, anew }: Return): void {
    this.#cancelKeep();
    const old = this.#inner;
    this.#inner = undefined;
    old?.destroy();
    this.acknowledge(received);
    if (anew) this.#countAnew(anew);
    this.#inner = inner;
    inner.send(hello, nothing);
    for (const data of this.#kept) inner.send(data, nothing);
    inner.open(this.#listenTo(inner));
    this.#options.away(false);
  }

  #countAnew(messages: readonly (string | Uint8Array)[]): void {
    this.#kept = [...messages];
    this.#keptBytes = messages.reduce((sum, { length }) => sum + length, 0);
    this.#sent = messages.length;
    this.#received = 0;
  }

  // ---- as the line sees it ------------------------------------------------------------------------------------------

  open(listener: TransportListener): void {
    this.#listener = listener;
    const inner = this.#inner;
    inner?.open(this.#listenTo(inner));
  }

  get isOpen(): boolean {
    return !this.#isGone && !this.#isEnding && (this.#inner?.isOpen ?? true);
  }

  get unsentBytes(): number {
    return this.#inner ? this.#inner.unsentBytes : this.#keptBytes;
  }

  send(data: string | Uint8Array, done: (error?: Error | null) => void): void {
    if (this.#canResume) this.#keep(data);
    if (this.#inner) this.#inner.send(data, done);
    else done();
  }

  #keep(data: string | Uint8Array): void {
    this.#kept.push(data);
    this.#keptBytes += data.length;
    this.#sent++;
    if (this.#keptBytes <= MOST_KEPT_BYTES) return;
    this.#canResume = false; // it never says what it has got
    this.#kept = [];
    this.#keptBytes = 0;
  }

  ping(): void {
    this.#inner?.ping();
  }

  pause(): void {
    this.#inner?.pause();
  }

  close(reason: CloseReason, words?: string): void {
    this.#isEnding = true;
    if (this.#inner) this.#inner.close(reason, words);
    else queueMicrotask(() => this.#end(true, 'away')); // as a socket would: not before this returns
  }

  destroy(): void {
    this.#isEnding = true;
    if (this.#inner) this.#inner.destroy();
    else queueMicrotask(() => this.#end(false, 'away'));
  }

  // ---- what the socket tells ----------------------------------------------------------------------------------------

  /** Of a socket that was replaced nothing is heard. */
  #listenTo(inner: Transport): TransportListener {
    const isCurrent = () => this.#inner === inner;
    return {
      text: (data) => isCurrent() && this.text(data),
      bytes: (data) => isCurrent() && this.bytes(data),
      piece: nothing,
      pinged: (bytes) => isCurrent() && this.pinged(bytes),
      ponged: (bytes) => isCurrent() && this.ponged(bytes),
      failed: (error) => isCurrent() && this.failed(error),
      ended: nothing,
      closed: (isOrderly, how) => isCurrent() && this.closed(isOrderly, how),
    };
  }

  text(data: Buffer): void {
    this.#received++;
    this.#listener?.text(data);
  }

  bytes(data: Buffer): void {
    this.#received++;
    this.#listener?.bytes(data);
  }

  piece(): void {}

  pinged(bytes: number): void {
    this.#listener?.pinged(bytes);
  }

  ponged(bytes: number): void {
    this.#listener?.ponged(bytes);
  }

  failed(error: Error): void {
    this.#listener?.failed(error);
  }

  ended(): void {}

  closed(isOrderly: boolean, how: string): void {
    this.#inner = undefined;
    const mayComeBack = this.canResume && (!isOrderly || how === GOING_AWAY);
    if (!mayComeBack) return this.#end(isOrderly, how);
    this.#cancelKeep = this.#options.clock.after(this.#options.keepMs, () => this.#end(isOrderly, how));
    this.#options.away(true);
  }

  #end(isOrderly: boolean, how: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#cancelKeep();
    this.#listener?.closed(isOrderly, how);
  }
}
