/**
 * A real model whose answers are kept, and one that gives them again: word for word, and as late as they came then, by the
 * call's own clock. So the same cassette plays the same call each time, and nobody is asked.
 */
import type { Clock } from '../lib/clock.ts';
import { ProviderError } from '../lib/errors.ts';
import type { LanguageModel, ModelEvent, ModelStep, StepRequest } from '../model/contract.ts';
import { keyOfPlace, keyOfRequest, type CallPlace, type Cassette, type RecordedAnswer } from './cassette.ts';
import type { MissedRequest } from './cassette-difference.ts';

/** Asks the real one, and keeps what it answers in this call. What failed is not kept. */
export function recordModel(
  inner: LanguageModel,
  { cassette, place, clock }: { cassette: Cassette; place: CallPlace; clock: Clock },
): LanguageModel {
  cassette.forget(place);
  return {
    name: inner.name,
    prewarm: () => inner.prewarm(),
    close: () => inner.close(),
    startStep(asked, listener) {
      const startMs = clock.nowMs();
      const afterMs = () => Math.round(clock.nowMs() - startMs);
      const events: { afterMs: number; event: ModelEvent }[] = [];
      let isOver = false;
      const keep = (brokenOffMs?: number) => {
        isOver = true;
        const { scenario, cell, run } = place;
        const at = { scenario, cell, run, ...stepOf(asked), request: cassette.take(asked) };
        cassette.add({ ...at, events, ...(brokenOffMs !== undefined && { brokenOffMs }) });
      };
      const step = inner.startStep(asked, (event) => {
        events.push({ afterMs: afterMs(), event });
        if (event.type === 'step-end') keep();
        isOver ||= event.type === 'step-failed';
        listener(event);
      });
      return {
        abort() {
          if (!isOver && events.length > 0) keep(afterMs());
          isOver = true;
          step.abort();
        },
      };
    },
  };
}

/** What was broken off goes on for so long at most, for the caller may cut in a little later this time. */
const BROKEN_OFF_FOR_MS = 1_000;

export interface ReplayOptions {
  cassette: Cassette;
  place: CallPlace;
  /** The call's. */
  clock: Clock;
  /** Told of each request that has no answer, but for those that nobody needs: what is asked ahead is asked again. */
  missed: (request: MissedRequest) => void;
  /** What of a request was kept: only that is compared. Default: all of it. */
  kept?: ((asked: StepRequest) => StepRequest) | undefined;
  /** Who is asked what has no answer. Default: nobody, and it fails. */
  otherwise?: LanguageModel | undefined;
}

/** Gives what was recorded: of this call, else of any other that asked the same. */
export function replayModel(options: ReplayOptions): LanguageModel {
  const { cassette, place, clock, missed, kept = (asked) => asked, otherwise } = options;
  const tape = new Tape(cassette, place);
  return {
    name: 'recorded',
    prewarm: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startStep(asked, listener) {
      const isNeeded = asked.priority === 'answer' || asked.priority === 'tool-follow-up';
      const request = cassette.take(kept(asked));
      const answer = tape.next(keyOfRequest(request));
      if (answer) return play(answer, clock, listener);
      if (isNeeded) missed({ cassette, place, ...stepOf(asked), request });
      if (otherwise) return otherwise.startStep(asked, listener);
      return play({ events: [{ afterMs: 0, event: failed(NOT_RECORDED) }] }, clock, listener);
    },
  };
}

function stepOf({ context }: StepRequest): { turn: number; step: number } {
  const { turn = 0, step = 0 } = (context ?? {}) as { turn?: number; step?: number };
  return { turn, step };
}

/**
 * The answers that one call may have, by what is asked: its own before those of other calls, whole ones before what was
 * broken off, each once, and the last one again and again.
 */
class Tape {
  readonly #answers = new Map<string, RecordedAnswer[]>();

  constructor({ answers }: Cassette, place: CallPlace) {
    const own = keyOfPlace(place);
    const rankOf = (answer: RecordedAnswer) =>
      (keyOfPlace(answer) === own ? 0 : 2) + (answer.brokenOffMs === undefined ? 0 : 1);
    for (const answer of answers) {
      const key = keyOfRequest(answer.request);
      const [first] = this.#answers.get(key) ?? [];
      const order = first ? rankOf(answer) - rankOf(first) : -1;
      if (order < 0) this.#answers.set(key, [answer]);
      else if (order === 0) this.#answers.get(key)?.push(answer);
    }
  }

  next(key: string): RecordedAnswer | undefined {
    const list = this.#answers.get(key);
    return list && list.length > 1 ? list.shift() : list?.[0];
  }
}

function play(
  { events, brokenOffMs }: Pick<RecordedAnswer, 'events' | 'brokenOffMs'>,
  clock: Clock,
  listener: (event: ModelEvent) => void,
): ModelStep {
  const end =
    brokenOffMs === undefined ? [] : [{ afterMs: brokenOffMs + BROKEN_OFF_FOR_MS, event: failed(BROKEN_OFF) }];
  const cancels = [...events, ...end].map(({ afterMs, event }) => clock.after(afterMs, () => listener(event)));
  return { abort: () => cancels.forEach((cancel) => cancel()) };
}

const NOT_RECORDED = 'nothing that was recorded answers this request';
const BROKEN_OFF = 'what was recorded of this answer breaks off here, since the caller cut in then';

function failed(message: string): ModelEvent {
  const error = new ProviderError('recorded', 'request-invalid', message, { phase: 'before-first-output' });
  const end = {
    ...({ finishReason: 'unknown', isTruncated: false, usage: undefined, requestId: undefined } as const),
    ...{ firstTokenMs: undefined, queueMs: 0, attempts: 1 },
  };
  return { type: 'step-failed', error, end };
}
