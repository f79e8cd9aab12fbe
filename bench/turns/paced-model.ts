/** A model that says what it is told to, so long after it was asked, and remembers what it was asked and when. */
import { ProviderError } from '../../src/lib/errors.ts';
import type { Clock } from '../../src/lib/clock.ts';
import type { LanguageModel, ModelEvent, ModelStep, StepRequest } from '../../src/model/contract.ts';

export interface Asked {
  atMs: number;
  /** What the caller has said, as messages, oldest first. */
  users: string[];
  abortedAtMs: number;
}

export class PacedModel implements LanguageModel {
  readonly name = 'paced';
  readonly asked: Asked[] = [];
  /** What every answer says from now on. */
  answer = '';
  readonly #clock: Clock;
  readonly #firstTokenMs: number;
  readonly #hasRoomAhead: boolean;

  /** `hasRoomAhead`: its plan has requests to give away, for answers that may not be given. */
  constructor(clock: Clock, { firstTokenMs, hasRoomAhead }: { firstTokenMs: number; hasRoomAhead: boolean }) {
    this.#clock = clock;
    this.#firstTokenMs = firstTokenMs;
    this.#hasRoomAhead = hasRoomAhead;
  }

  async prewarm(): Promise<void> {}
  async close(): Promise<void> {}

  startStep({ messages, priority }: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
    if (priority === 'speculation' && !this.#hasRoomAhead) return { abort: this.#refuse(listener) };
    const users = messages.flatMap(({ role, content }) => (role === 'user' && content ? [content] : []));
    const asked: Asked = { atMs: this.#clock.nowMs(), users, abortedAtMs: Infinity };
    this.asked.push(asked);
    let isOver = false;
    const stop = this.#clock.after(this.#firstTokenMs, () => {
      isOver = true;
      listener({ type: 'text-delta', delta: this.answer });
      listener({ type: 'step-end', end: END });
    });
    return {
      abort: () => {
        if (!isOver) asked.abortedAtMs = this.#clock.nowMs();
        stop();
      },
    };
  }

  /** As the client does, which waits a moment for room. */
  #refuse(listener: (event: ModelEvent) => void): () => void {
    const error = new ProviderError('paced', 'queue-timeout', 'no room to ask ahead', { phase: 'connect' });
    return this.#clock.after(NO_ROOM_MS, () => listener({ type: 'step-failed', error, end: END }));
  }
}

const NO_ROOM_MS = 150;
const END = {
  finishReason: 'stop',
  isTruncated: false,
  usage: undefined,
  requestId: undefined,
  firstTokenMs: undefined,
  queueMs: 0,
  attempts: 1,
} as const;
