/**
 * Somebody whom a carrier's API was asked to call: it rings, they answer or not, and what becomes of it is told to the worker.
 * Which carrier it is matters only for how it is told, and how the line is opened.
 */
import type { Clock } from '../../lib/clock.ts';
import { answerAs, RING_MS, type AnsweringCallee, type Callee } from './callee.ts';
import type { LiveCalls, RestCall } from './connect.ts';
import type { MediaCaller } from './media.ts';

/** What becomes of it, in nobody's words. */
export type RingStatus =
  'initiated' | 'ringing' | 'answered' | 'completed' | 'busy' | 'no-answer' | 'failed' | 'cancelled';

export interface Ringing {
  /** By which the API knows it while it rings. */
  callId: string;
  callee: Callee;
  /** How long it may ring. */
  timeoutMs: number;
  /** Where the API finds it. */
  rest: LiveCalls;
  clock: Clock;
  tell: (status: RingStatus) => Promise<void>;
  /** Opens the line; undefined: the worker does not want it. `line`: where it carries sound. */
  connect: () => Promise<{ line: MediaCaller | undefined; ended: Promise<unknown> } | undefined>;
  /** They have said what they say at first, and the carrier knows who they are. Default: it does not find out. */
  detected?: (callee: AnsweringCallee) => Promise<void>;
}

/** Begins to ring. */
export class RingingCall implements RestCall {
  readonly callSid: string;
  readonly #ringing: Ringing;
  readonly #leave: () => void;
  #cancelTimer = () => {};
  #isOver = false;

  constructor(ringing: Ringing) {
    this.callSid = ringing.callId;
    this.#ringing = ringing;
    this.#leave = ringing.rest.add(this);
    void this.#ring();
  }

  /** By the API, while it rings. */
  completed(): void {
    void this.#end('cancelled');
  }

  redirected(): void {}

  async #ring(): Promise<void> {
    const { clock, callee, timeoutMs, tell } = this.#ringing;
    await tell('initiated');
    await tell('ringing');
    if (this.#isOver) return;
    const ringMs = callee.type === 'no-answer' ? timeoutMs : (callee.ringMs ?? RING_MS);
    this.#cancelTimer = clock.after(ringMs, () => {
      if (callee.type === 'person' || callee.type === 'machine') void this.#answer(callee);
      else void this.#end(callee.type);
    });
  }

  async #answer(callee: AnsweringCallee): Promise<void> {
    const { tell, connect, clock, detected } = this.#ringing;
    await tell('answered');
    this.#leave();
    const connected = await connect().catch(() => undefined); // a worker that refuses the line
    const line = connected?.line;
    if (line) {
      void answerAs(callee, line, clock).then(async () => {
        if (!line.isOver) await detected?.(callee);
      });
    }
    await connected?.ended;
    await this.#end('completed');
  }

  async #end(status: RingStatus): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTimer();
    this.#leave();
    await this.#ringing.tell(status);
  }
}
