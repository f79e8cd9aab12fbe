/**
 * A list of models as one: a step goes to the first that is well. When that one refuses, is down or is late before anything
 * was handed on, the same step goes to the next, and who listens only notices that it takes longer. What was cut off in the
 * middle of an answer is not asked for again (R10); the step after it goes to the next.
 */
import type { Clock } from '../lib/clock.ts';
import { ProviderError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { BREAKER_LIMITS, isOfVendor, optionsOf, Succession, type Turn, type VendorHealth } from '../lib/succession.ts';
import type { LanguageModel, ModelEvent, ModelStep, StepEnd, StepRequest } from './contract.ts';

/** One of the list. */
export interface NamedModel {
  /** As events, logs and metrics show it. */
  name: string;
  model: LanguageModel;
}

/** How long room, or the end of a 429, is waited for while there is somebody else to ask. */
const WAIT_MS = 500;

/** @param models Two or more, the one that is to be asked first. The options of a request are `optionsOfList`'s. */
export function createModelList(models: readonly NamedModel[], context: { clock: Clock; log: Log }): LanguageModel {
  return new ModelList(models, context);
}

class ModelList implements LanguageModel {
  /** That of its first: who knows nothing of lists takes it for that one. */
  readonly name: string;
  readonly #parts: Omit<StepParts, 'request' | 'listener'>;

  constructor(models: readonly NamedModel[], { clock, log }: { clock: Clock; log: Log }) {
    const succession = new Succession({ kind: 'model', names: models.map(({ name }) => name), clock, log });
    this.name = models[0]?.model.name ?? '';
    this.#parts = { models: models.map(({ model }) => model), succession, clock };
  }

  async prewarm(): Promise<void> {
    await Promise.all(this.#parts.models.map((model) => model.prewarm()));
  }

  startStep(request: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
    return new ListStep({ ...this.#parts, request, listener });
  }

  health(): readonly VendorHealth[] {
    return this.#parts.succession.health;
  }

  async close(): Promise<void> {
    await Promise.all(this.#parts.models.map((model) => model.close()));
  }
}

interface StepParts {
  models: readonly LanguageModel[];
  succession: Succession;
  clock: Clock;
  request: StepRequest;
  listener: (event: ModelEvent) => void;
}

/** One request, to one after the other until somebody answers. */
class ListStep implements ModelStep {
  readonly #parts: StepParts;
  readonly #startedAtMs: number;
  readonly #tried = new Set<number>();
  /** Who is being asked, and their step. */
  #turn: Turn | undefined;
  #inner: ModelStep | undefined;
  #stopTrial: () => void = () => {};
  /** How often those before were sent the request, and when the one who is asked now first was. */
  #sentBefore = 0;
  #askedAtMs = 0;
  #hasOutput = false;
  #isOver = false;

  constructor(parts: StepParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.nowMs();
    const first = parts.succession.next(this.#tried);
    if (first) this.#ask(first);
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTrial();
    this.#inner?.abort();
    const { succession } = this.#parts;
    if (!this.#turn) return;
    if (this.#hasOutput) succession.succeeded(this.#turn.at);
    else succession.left(this.#turn.at);
  }

  #ask(turn: Turn): void {
    const { models, request, clock } = this.#parts;
    const model = models[turn.at];
    if (!model) return;
    this.#turn = turn;
    this.#tried.add(turn.at);
    this.#askedAtMs = clock.nowMs();
    request.asks?.(turn);
    if (turn.isTrial && !turn.isLast) {
      this.#stopTrial = clock.after(BREAKER_LIMITS.trialMs, () => this.#endTrial(turn, model.name));
    }
    this.#inner = model.startStep(this.#requestOf(turn), (event) => {
      if (!this.#isOver && this.#turn === turn) this.#hear(event, turn);
    });
  }

  #requestOf({ at, isLast }: Turn): StepRequest {
    const { request } = this.#parts;
    const { deadlineMs } = request;
    return {
      ...request,
      options: optionsOf(request.options, at),
      ...(deadlineMs !== undefined && { deadlineMs: deadlineMs - (this.#askedAtMs - this.#startedAtMs) }),
      ...(!isLast && { waitMs: WAIT_MS }),
    };
  }

  #hear(event: ModelEvent, turn: Turn): void {
    const { succession, listener } = this.#parts;
    if (event.type === 'step-failed') return this.#onFailed(event, turn);
    this.#hasOutput = true;
    this.#stopTrial();
    if (event.type !== 'step-end') return listener(event);
    this.#isOver = true;
    if (!event.end.isTruncated) succession.succeeded(turn.at);
    listener({ type: 'step-end', end: this.#wholeEnd(event.end) });
  }

  #onFailed(event: Extract<ModelEvent, { type: 'step-failed' }>, turn: Turn): void {
    const { succession, listener } = this.#parts;
    this.#stopTrial();
    succession.failed(turn.at, event.error);
    const next = this.#mayGoOver(event.error) ? succession.next(this.#tried) : undefined;
    if (next) {
      this.#sentBefore += event.end.attempts;
      return this.#ask(next);
    }
    this.#isOver = true;
    listener({ ...event, end: this.#wholeEnd(event.end) });
  }

  /** It had been down, and does not answer as soon as one that is well would. */
  #endTrial(turn: Turn, provider: string): void {
    const { succession } = this.#parts;
    const message = `Expected a token within ${BREAKER_LIMITS.trialMs} ms, having been down, got none`;
    const error = new ProviderError(provider, 'first-token-timeout', message, { phase: 'before-first-output' });
    succession.failed(turn.at, error);
    const next = succession.next(this.#tried);
    if (!next) return;
    this.#inner?.abort();
    this.#sentBefore++;
    this.#ask(next);
  }

  /** Nothing was handed on, somebody else may do better, and there is time. What is asked ahead waits for no room. */
  #mayGoOver(error: ProviderError): boolean {
    const { request, clock } = this.#parts;
    if (this.#hasOutput || !isOfVendor(error)) return false;
    if (request.priority === 'speculation' && ['queue-timeout', 'rate-limited'].includes(error.code)) return false;
    return request.deadlineMs === undefined || clock.nowMs() - this.#startedAtMs < request.deadlineMs;
  }

  /** As of one step, whoever was asked. */
  #wholeEnd(end: StepEnd): StepEnd {
    if (this.#tried.size === 1) return end;
    const beforeMs = this.#askedAtMs - this.#startedAtMs;
    return { ...end, attempts: this.#sentBefore + end.attempts, queueMs: beforeMs + end.queueMs };
  }
}
