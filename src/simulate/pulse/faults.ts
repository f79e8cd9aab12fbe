/** What goes wrong on demand. A fault waits in a queue until a connection meets it. */

export type PulseFault = { /** How many connections meet it, one after the other. Default 1. */ times?: number } & (
  | {
      /** An HTTP answer where an upgrade was asked for. */ type: 'refuse';
      status: number;
      body?: string;
      headers?: Record<string, string>;
    }
  /** The connection is reset before any answer. */
  | { type: 'reset' }
  /** The upgrade is never answered. */
  | { type: 'hang' }
  /** Opens, and closes at once without a frame. Without `code` the socket is cut. */
  | { type: 'close-on-open'; code?: number }
  /** Closes in the middle; without `code` the socket is cut. `afterMs` of audio, default 0. */
  | { type: 'close'; afterMs?: number; code?: number }
  /** Sends this frame, then closes. Default: the documented error without a code, and 1011. */
  | { type: 'error'; afterMs?: number; frame?: Record<string, unknown>; code?: number }
  /** Sends this and goes on, as if nothing had happened. */
  | { type: 'garbage'; afterMs?: number; text?: string; isBinary?: boolean }
  /** Hears and says nothing any more, pings included: a line that is dead without a close. */
  | { type: 'mute'; afterMs?: number }
  /** Does not answer `finalize`. */
  | { type: 'ignore-finalize' }
  /** Does not answer `close_stream`. */
  | { type: 'ignore-close' }
  /** Finals come so much later, for the rest of the connection. */
  | { type: 'late-finals'; delayMs: number }
);

export class FaultQueue {
  #waiting: { fault: PulseFault; left: number }[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Returns what takes it away again. */
  add(fault: PulseFault): () => void {
    const entry = { fault, left: fault.times ?? 1 };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that the connection which comes now will meet. */
  take(): PulseFault | undefined {
    const entry = this.#waiting[0];
    if (!entry) return undefined;
    if (--entry.left <= 0) this.#waiting.shift();
    return entry.fault;
  }
}
