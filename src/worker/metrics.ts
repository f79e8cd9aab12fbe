/** What an on-call engineer watches, in Prometheus' words: units in the names, few labels. Fed by the calls' own events. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type CollectFunction } from 'prom-client';
import type { Call } from '../call/call.ts';
import type { CallEvent } from '../call/events.ts';
import type { Refusal } from './capacity.ts';

const SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20];

/** What only the worker knows; asked at every scrape. */
export interface Gauges {
  calls(): number;
  isReady(): boolean;
}

/** Why a call was not taken. `forbidden`: not signed, or with a token that is no good. `rate-limited`: asked too often. */
export type RefusalReason = Refusal | 'forbidden' | 'rate-limited';

export class Metrics {
  readonly registry = new Registry();
  readonly #calls = this.#counter('parley_calls_total', 'Calls that ended, by reason.', ['reason']);
  readonly #refused = this.#counter('parley_calls_refused_total', 'Calls that were not taken, by reason.', ['reason']);
  readonly #turns = this.#counter('parley_turns_total', 'Turns, by outcome.', ['outcome']);
  readonly #firstWord = this.#histogram(
    'parley_turn_first_word_seconds',
    "From the end of the caller's turn to the first word.",
  );
  readonly #silence = this.#histogram('parley_turn_silence_seconds', 'Silence within a turn, by cause.', ['cause']);
  readonly #firstToken = this.#histogram('parley_model_first_token_seconds', 'From the request to the first token.');
  readonly #queue = this.#histogram('parley_model_queue_seconds', 'Wait for room in the budget, retries included.');
  readonly #steps = this.#counter('parley_model_steps_total', 'Model requests, by how they ended.', ['finish']);
  readonly #tokens = this.#counter('parley_model_tokens_total', 'Tokens, by kind.', ['kind']);
  readonly #tools = this.#histogram('parley_tool_seconds', 'Tool runs.', ['tool', 'ok']);
  readonly #interruptions = this.#counter('parley_interruptions_total', 'Interruptions that were confirmed.');
  readonly #badFrames = this.#counter('parley_bad_frames_total', 'Frames of bridges that were not understood.');
  readonly #errors = this.#counter('parley_errors_total', 'Errors, by code.', ['code']);

  constructor(gauges: Gauges) {
    this.#gauge('parley_calls', 'Calls now.', function () {
      this.set(gauges.calls());
    });
    this.#gauge('parley_ready', '1 when new calls are taken.', function () {
      this.set(gauges.isReady() ? 1 : 0);
    });
    for (const reason of ['full', 'draining', 'forbidden', 'rate-limited'] as const) this.#refused.inc({ reason }, 0);
    collectDefaultMetrics({ register: this.registry }); // memory, CPU, lag of the event loop
  }

  refused(reason: RefusalReason): void {
    this.#refused.inc({ reason });
  }

  badFrame(): void {
    this.#badFrames.inc();
  }

  watch(call: Call): void {
    call.on('event', (event) => this.#count(event));
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  #count(event: CallEvent): void {
    switch (event.type) {
      case 'turn-end': {
        this.#turns.inc({ outcome: event.outcome });
        const { firstWordMs, silence } = event.latency;
        if (firstWordMs !== undefined) this.#firstWord.observe(firstWordMs / 1000);
        for (const [cause, ms] of Object.entries(silence)) {
          this.#silence.observe({ cause: cause.replace(/Ms$/, '') }, (ms as number) / 1000);
        }
        return;
      }
      case 'step-end':
        this.#steps.inc({ finish: event.finishReason });
        if (event.firstTokenMs !== undefined) this.#firstToken.observe(event.firstTokenMs / 1000);
        this.#queue.observe(event.queueMs / 1000);
        if (event.usage) {
          this.#tokens.inc({ kind: 'prompt' }, event.usage.promptTokens);
          this.#tokens.inc({ kind: 'cached' }, event.usage.cachedTokens);
          this.#tokens.inc({ kind: 'completion' }, event.usage.completionTokens);
        }
        return;
      case 'tool-end':
        return this.#tools.observe({ tool: event.name, ok: String(event.ok) }, event.durationMs / 1000);
      case 'interruption':
        return this.#interruptions.inc();
      case 'error':
        return this.#errors.inc({ code: event.code });
      case 'call-end':
        return this.#calls.inc({ reason: event.reason });
      default:
    }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[] = []): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }

  #gauge(name: string, help: string, collect: CollectFunction<Gauge>): void {
    new Gauge({ name, help, collect, registers: [this.registry] });
  }
}
