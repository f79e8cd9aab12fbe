/**
 * A call's way to its worker, over one transport after the other: when the network is lost it is tried again for as long as
 * the worker waits, and both go on where they were. Each counts the messages that it has got; what the other has not got is
 * sent again, so that nothing is lost and nothing comes twice.
 */
import type { OpenTransport, Transport } from './transport.ts';
import type { FromWorker, ToWorker } from './wire.ts';

/** By which a page that was loaded again comes back. */
export interface Return {
  key: string;
  forMs: number;
  received: number;
  played: number;
}

export interface LinkListener {
  message(message: FromWorker): void;
  bytes(bytes: ArrayBuffer): void;
  /** The network is gone, and is tried again; or it is back. */
  away(isAway: boolean): void;
  /** For good. `refused`: the call was never there. */
  gone(reason: 'refused' | 'hung-up' | 'network-lost'): void;
}

export interface LinkOptions {
  url: string;
  token: string;
  /** The first that is said. */
  start: ToWorker;
  open: OpenTransport;
  /** Of the page before. */
  back: Return | undefined;
}

/** The worker is told what has come each time that so many have. */
const ACKNOWLEDGE_EVERY = 16;
/** The worker tells it each 50; so many that it has not are four seconds of sound, and a network that is gone without a word. */
const MOST_UNANSWERED = 200;
/** More are longer than any worker waits. */
const MOST_KEPT = 3_000;
const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 1_000;
/** The other side was done, or could make nothing of us: it would not have us back. */
const FINAL_CODES = [1000, 1003, 1007, 1008, 1011];

export class Link {
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  #transport: Transport | undefined;
  #isUp = false;
  #isOver = false;
  #key: string | undefined;
  #forMs = 0;
  #kept: (string | ArrayBuffer)[] = [];
  #sent = 0;
  /** Messages; more at first when we come back, and have much to say again. */
  #mostUnanswered = MOST_UNANSWERED;
  #received = 0;
  #deadlineMs = 0;
  #waitMs = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
    const { back } = options;
    if (back) {
      this.#key = back.key;
      this.#forMs = back.forMs;
      this.#deadlineMs = performance.now() + back.forMs;
    }
    addEventListener('online', this.#tryNow);
    this.#open();
  }

  /** For whoever comes back; undefined when nobody can. */
  back(played: number): Return | undefined {
    return this.#key === undefined || this.#isOver
      ? undefined
      : { key: this.#key, forMs: this.#forMs, received: this.#received, played };
  }

  send(message: ToWorker | ArrayBuffer): void {
    if (this.#isOver) return;
    const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
    this.#kept.push(data);
    this.#sent++;
    if (this.#kept.length > MOST_KEPT) return this.#end('network-lost');
    if (!this.#isUp) return;
    this.#transport?.send(data);
    if (this.#key !== undefined && this.#kept.length > this.#mostUnanswered) this.#lose();
  }

  /** What was sent goes out. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    this.#transport?.close(true);
  }

  // ---- one transport after the other --------------------------------------------------------------------------------

  #open(): void {
    const { url, token, start, open } = this.#options;
    const credential = this.#key === undefined ? `token.${token}` : `resume.${this.#key}`;
    const isCurrent = () => this.#transport === transport && !this.#isOver;
    const transport = open(url, credential, {
      opened: () => isCurrent() && (this.#key === undefined ? this.#begin(start) : this.#return(transport)),
      text: (text) => isCurrent() && this.#hear(JSON.parse(text) as FromWorker),
      bytes: (bytes) => isCurrent() && this.#take(() => this.#listener.bytes(bytes)),
      closed: (code) => isCurrent() && this.#closed(code),
    });
    this.#transport = transport;
  }

  #begin(start: ToWorker): void {
    this.#isUp = true;
    this.send(start);
  }

  #return(transport: Transport): void {
    const { back } = this.#options;
    const isNew = back !== undefined && this.#received === 0 && this.#sent === this.#kept.length;
    const message: ToWorker = isNew
      ? { type: 'resume', received: back.received, played: back.played }
      : { type: 'resume', received: this.#received };
    transport.send(JSON.stringify(message));
  }

  #hear(message: FromWorker): void {
    if (message.type === 'resumed') return this.#resumed(message.received);
    this.#take(() => {
      if (message.type === 'started' && message.resume !== undefined) {
        this.#key = message.resume;
        this.#forMs = message.resumeForMs ?? 0;
      }
      if (message.type === 'ack') this.#answered(message.received);
      else this.#listener.message(message);
    });
  }

  #take(handle: () => void): void {
    this.#received++;
    handle();
    if (this.#received % ACKNOWLEDGE_EVERY === 0) this.send({ type: 'ack', received: this.#received });
  }

  #acknowledged(received: number): void {
    this.#kept.splice(0, Math.max(0, received - (this.#sent - this.#kept.length)));
  }

  #answered(received: number): void {
    this.#acknowledged(received);
    if (this.#kept.length < MOST_UNANSWERED) this.#mostUnanswered = MOST_UNANSWERED;
  }

  #resumed(received: number): void {
    this.#acknowledged(received);
    this.#isUp = true;
    this.#mostUnanswered = this.#kept.length + MOST_UNANSWERED;
    this.#waitMs = FIRST_WAIT_MS;
    for (const data of this.#kept) this.#transport?.send(data);
    this.#listener.away(false);
  }

  #closed(code: number): void {
    this.#transport = undefined;
    if (this.#key === undefined) return this.#end(this.#received === 0 ? 'refused' : 'network-lost');
    if (FINAL_CODES.includes(code)) return this.#end(code === 1000 ? 'hung-up' : 'network-lost');
    this.#lose();
  }

  #lose(): void {
    this.#transport?.close(false);
    this.#transport = undefined;
    if (this.#isUp) {
      this.#isUp = false;
      this.#deadlineMs = performance.now() + this.#forMs;
      this.#listener.away(true);
    }
    if (performance.now() > this.#deadlineMs) return this.#end('network-lost');
    this.#timer = setTimeout(this.#tryNow, this.#waitMs);
    this.#waitMs = Math.min(2 * this.#waitMs, MOST_WAIT_MS);
  }

  readonly #tryNow = (): void => {
    clearTimeout(this.#timer);
    if (!this.#isOver && !this.#transport) this.#open();
  };

  #end(reason: 'refused' | 'hung-up' | 'network-lost'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    this.#transport?.close(true);
    this.#listener.gone(reason);
  }

  #forget(): void {
    clearTimeout(this.#timer);
    removeEventListener('online', this.#tryNow);
  }
}
