/**
 * A model that is asked when its account has room, however long that takes: an evaluation waits for it, and the call does
 * not, whose time stands still meanwhile. What is asked ahead is not waited for, as in any call.
 */
import { isA, messageOf, ProviderError, VoiceError } from '../lib/errors.ts';
import type { Budget, LanguageModel, ModelEvent, ModelStep, Release, StepRequest } from '../model/contract.ts';

/** More than any evaluation lasts. */
const PATIENCE_MS = 24 * 3_600_000;

export class PatientModel implements LanguageModel {
  readonly name: string;
  readonly #inner: LanguageModel;
  readonly #budget: Budget;
  #waiting = 0;

  /** `budget`: of the account, which all calls of the evaluation share. */
  constructor(inner: LanguageModel, budget: Budget) {
    this.name = inner.name;
    this.#inner = inner;
    this.#budget = budget;
  }

  /** A request of this call waits for room. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  prewarm(): Promise<void> {
    return this.#inner.prewarm();
  }

  startStep(request: StepRequest, listener: (event: ModelEvent) => void): ModelStep {
    const release = this.#budget.admitNow(request.priority);
    if (release) return this.#ask(request, listener, release);
    const gone = new AbortController();
    let step: ModelStep | undefined;
    this.#admit(request, gone.signal).then(
      (admitted) => {
        if (gone.signal.aborted) admitted({ wasSent: false });
        else step = this.#ask(request, listener, admitted);
      },
      (thrown: unknown) => {
        if (!gone.signal.aborted) listener(refused(thrown));
      },
    );
    return {
      abort() {
        gone.abort();
        step?.abort();
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve(); // the one within serves other calls
  }

  async #admit({ priority }: StepRequest, signal: AbortSignal): Promise<Release> {
    if (priority === 'speculation') throw new VoiceError('queue-timeout', 'there is no room to ask ahead');
    this.#waiting++;
    try {
      return await this.#budget.admit(priority, { deadlineMs: PATIENCE_MS, signal });
    } finally {
      this.#waiting--;
    }
  }

  #ask(request: StepRequest, listener: (event: ModelEvent) => void, release: Release): ModelStep {
    const step = this.#inner.startStep(request, (event) => {
      if (event.type === 'step-end' || event.type === 'step-failed') release();
      listener(event);
    });
    return {
      abort() {
        release();
        step.abort();
      },
    };
  }
}

function refused(thrown: unknown): ModelEvent {
  const message = isA(thrown, Error) ? thrown.message : messageOf(thrown);
  const error = new ProviderError('model', 'queue-timeout', message, { phase: 'connect' });
  const end = {
    ...({ finishReason: 'unknown', isTruncated: false, usage: undefined, requestId: undefined } as const),
    ...{ firstTokenMs: undefined, queueMs: 0, attempts: 0 },
  };
  return { type: 'step-failed', error, end };
}
