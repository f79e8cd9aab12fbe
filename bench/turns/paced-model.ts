/** A model that says what it is told to, so long after it was asked, and remembers what it was asked and when. */
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

  constructor(clock: Clock, firstTokenMs: number) {
    this.#clock = clock;
    this.#firstTokenMs = firstTokenMs;
  }

  async prewarm(): Promise<void> {}
  async close(): Promise<void> {}

  startStep({ messages }: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
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
}

const END = {
  finishReason: 'stop',
  isTruncated: false,
  usage: undefined,
  requestId: undefined,
  firstTokenMs: undefined,
  queueMs: 0,
  attempts: 1,
} as const;
