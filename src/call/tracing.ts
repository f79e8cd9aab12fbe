/**
 * A call as OpenTelemetry spans, made from its events: call > turn > step and tool, with the caller's speech and the
 * agent's beside them. Names and attributes are those of the GenAI semantic conventions where there are any. What was said
 * is in none of them.
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/
 */
import { context, SpanKind, SpanStatusCode, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import type { Call } from './call.ts';
import type { CallEvent } from './events.ts';

export interface TraceOptions {
  /** Default: the tracer that the program has registered; without one nothing is traced, and nothing is paid. */
  tracer?: Tracer | undefined;
  /** What answers, as `gen_ai.provider.name` and `gen_ai.request.model`. Defaults `smallest_ai` and `electron`. */
  provider?: string | undefined;
  model?: string | undefined;
}

/** Follows a call from its first event to its last. Call it before the call starts. */
export function traceCall(call: Call, options: TraceOptions = {}): void {
  const tracer = options.tracer ?? trace.getTracer('parley-voice');
  if (!tracer.startSpan('parley.probe').isRecording()) return;
  const spans = new CallSpans(tracer, call.id, options);
  call.on('event', (event) => spans.add(event));
}

class CallSpans {
  readonly #tracer: Tracer;
  readonly #callId: string;
  readonly #model: Attributes;
  /** Wall time of the call's start, so that spans of several processes line up. */
  readonly #startEpochMs = Date.now();
  readonly #open = new Map<string, Span>();

  constructor(tracer: Tracer, callId: string, { provider = 'smallest_ai', model = 'electron' }: TraceOptions) {
    this.#tracer = tracer;
    this.#callId = callId;
    this.#model = { 'gen_ai.provider.name': provider, 'gen_ai.request.model': model };
  }

  add(event: CallEvent): void {
    switch (event.type) {
      case 'call-start':
        return this.#start('call', 'parley.call', undefined, event, SpanKind.SERVER, {
          'parley.agent': event.agent,
          'parley.bridge': event.bridge,
        });
      case 'caller-speech-start':
        return this.#start('caller', 'parley.transcription', 'call', event);
      case 'caller-speech-end':
        return this.#end('caller', event);
      case 'turn-start':
        return this.#start('turn', 'parley.turn', 'call', event, SpanKind.INTERNAL, { 'parley.turn': event.turn });
      case 'step-start':
        return this.#start('step', 'chat', 'turn', event, SpanKind.CLIENT, {
          'gen_ai.operation.name': 'chat',
          ...this.#model,
          'parley.step': event.step,
          'parley.messages': event.messages,
        });
      case 'step-end':
        return this.#endStep(event);
      case 'tool-start':
        return this.#start(`tool ${event.id}`, `execute_tool ${event.name}`, 'turn', event, SpanKind.INTERNAL, {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': event.name,
          'gen_ai.tool.call.id': event.id,
          'parley.tool.effect': event.effect,
        });
      case 'tool-end':
        return this.#end(`tool ${event.id}`, event, { 'parley.tool.late': event.isLate ?? false }, !event.ok);
      case 'reply-audio-start':
        return this.#start('audio', 'parley.synthesis', 'call', event);
      case 'reply-audio-end':
        return this.#end('audio', event);
      case 'interruption':
        this.#open.get('turn')?.addEvent('interruption', {}, this.#timeOf(event));
        return;
      case 'error':
        this.#open.get('turn')?.addEvent('error', { 'error.type': event.code }, this.#timeOf(event));
        return;
      case 'turn-end':
        return this.#endTurn(event);
      case 'call-end':
        return this.#endAll(event);
      default:
    }
  }

  #endStep(event: Extract<CallEvent, { type: 'step-end' }>): void {
    const { finishReason, usage, requestId, firstTokenMs, queueMs, attempts } = event;
    this.#end(
      'step',
      event,
      {
        'gen_ai.response.finish_reasons': [finishReason],
        ...(usage && {
          'gen_ai.usage.input_tokens': usage.promptTokens,
          'gen_ai.usage.output_tokens': usage.completionTokens,
          'gen_ai.usage.cache_read.input_tokens': usage.cachedTokens,
        }),
        ...(requestId !== undefined && { 'gen_ai.response.id': requestId }),
        ...(firstTokenMs !== undefined && { 'gen_ai.response.time_to_first_chunk': firstTokenMs / 1000 }),
        'parley.queue_seconds': queueMs / 1000,
        'parley.attempts': attempts,
      },
      finishReason === 'failed',
    );
  }

  #endTurn(event: Extract<CallEvent, { type: 'turn-end' }>): void {
    const { outcome, latency } = event;
    const { endpointingMs, queueMs, modelMs, toolMs, speechMs } = latency.silence;
    this.#end('step', event); // one that was aborted has no end of its own
    this.#end(
      'turn',
      event,
      {
        'parley.outcome': outcome,
        ...(latency.firstWordMs !== undefined && { 'parley.first_word_seconds': latency.firstWordMs / 1000 }),
        'parley.silence.endpointing_seconds': endpointingMs / 1000,
        'parley.silence.queue_seconds': queueMs / 1000,
        'parley.silence.model_seconds': modelMs / 1000,
        'parley.silence.tool_seconds': toolMs / 1000,
        'parley.silence.speech_seconds': speechMs / 1000,
      },
      outcome === 'failed',
    );
  }

  #endAll(event: Extract<CallEvent, { type: 'call-end' }>): void {
    for (const key of [...this.#open.keys()]) if (key !== 'call') this.#end(key, event);
    this.#end('call', event, { 'parley.end_reason': event.reason });
  }

  #start(
    key: string,
    name: string,
    parent: string | undefined,
    event: CallEvent,
    kind = SpanKind.INTERNAL,
    attributes: Attributes = {},
  ): void {
    const above = parent === undefined ? undefined : (this.#open.get(parent) ?? this.#open.get('call'));
    const within = above ? trace.setSpan(context.active(), above) : context.active();
    const own = { 'gen_ai.conversation.id': this.#callId, ...attributes };
    const span = this.#tracer.startSpan(name, { kind, attributes: own, startTime: this.#timeOf(event) }, within);
    this.#open.set(key, span);
  }

  #end(key: string, event: CallEvent, attributes: Attributes = {}, hasFailed = false): void {
    const span = this.#open.get(key);
    if (!span) return;
    this.#open.delete(key);
    span.setAttributes(attributes);
    if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.#timeOf(event));
  }

  #timeOf({ atMs }: CallEvent): number {
    return this.#startEpochMs + atMs;
  }
}
