/**
 * A call as OpenTelemetry spans: call > turn > step, tool and synthesis, with the caller's speech beside the turns. Names
 * and attributes are those of the GenAI semantic conventions where there are any. What was said is in none of them. What a
 * tool does, and what is sent for a step, runs in the context of its span, so that spans of their own lie below it.
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
import {
  context,
  ProxyTracerProvider,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { AskedProviders } from '../call/asked.ts';
import type { Call } from '../call/call.ts';
import type { CallIds } from '../lib/call-id.ts';
import { endReasonLabel } from './end-reason.ts';
import type { CallEvent } from '../call/events.ts';
import type { CallObserver, StepRun } from '../call/observer.ts';

/** How a call is traced. Everything optional. */
export interface TraceOptions {
  /** Default: the tracer that the program has registered; without one nothing is traced, and nothing is paid. */
  tracer?: Tracer | undefined;
  /**
   * Who answers, as `gen_ai.provider.name` and `gen_ai.request.model`. Default: as the list of vendors has it, and the model
   * that the agent names. To be told where the listed vendor was given the address of another server.
   */
  provider?: string | undefined;
  model?: string | undefined;
}

/** Follows a call from its first event to its last. Call it before the call starts. */
export function traceCall(call: Call, options: TraceOptions = {}): void {
  const tracer = options.tracer ?? registeredTracer();
  if (!tracer) return;
  const { asked } = call;
  const { provider = asked.provider, model = asked.model } = options;
  call.observe(new CallSpans(tracer, call.ids, { ...asked, provider, model }));
}

/** Undefined while nobody has registered a provider: then every span would be thrown away. */
function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  if (provider instanceof ProxyTracerProvider) return provider.getDelegateTracer('parley-voice');
  return provider.getTracer('parley-voice');
}

type EventOf<Type extends CallEvent['type']> = Extract<CallEvent, { type: Type }>;

/** A voice after so long a silence is another talk. */
const TALK_GAP_MS = 2_000;

class CallSpans implements CallObserver {
  readonly #tracer: Tracer;
  readonly #common: Attributes;
  readonly #asked: AskedProviders;
  /** What was active where the call began. */
  readonly #outer: Context = context.active();
  /** Wall time of the call's start, so that spans of several processes line up. */
  readonly #startEpochMs = Date.now();
  readonly #open = new Map<string, { span: Span; within: Context }>();
  /** Of lists: who was asked last, once it has changed. */
  readonly #vendors: Partial<Record<EventOf<'vendor-change'>['kind'], string>> = {};
  #agent = '';
  #traceId: string | undefined;
  /** When the caller's voice last fell silent; undefined while it sounds. */
  #voiceEndAtMs: number | undefined;
  /** R24: how often was asked ahead, and of how many it is known what became of them: in their order. */
  #asksAhead = 0;
  #endsAhead = 0;
  /** Of the step, and of the turn. */
  #stepError: string | undefined;
  #turnError: string | undefined;

  constructor(tracer: Tracer, { callId, carrierCallId }: CallIds, asked: AskedProviders) {
    this.#tracer = tracer;
    this.#asked = asked;
    this.#common = {
      'gen_ai.conversation.id': callId,
      ...(carrierCallId !== undefined && { 'parley.carrier_call_id': carrierCallId }),
    };
  }

  // ---- what runs within a span ----------------------------------------------------------------------------------------

  readonly aroundStep = ({ step, atMs, isAhead }: StepRun, run: () => void): void => {
    const { provider, model } = this.#asked;
    const key = isAhead ? `ahead ${++this.#asksAhead}` : 'step';
    this.#start(key, `chat ${model}`, 'turn', atMs, SpanKind.CLIENT, {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      'gen_ai.request.stream': true,
      'parley.step': step,
      ...namedVendor(this.#vendors.model),
    });
    this.#runIn(key, run);
  };

  readonly aroundTool = (id: string, run: () => void): void => this.#runIn(`tool ${id}`, run);

  #runIn(key: string, run: () => void): void {
    const open = this.#open.get(key);
    if (open) context.with(open.within, run);
    else run();
  }

  synthesis(utterance: number, phase: 'start' | 'first-audio' | 'end', atMs: number): void {
    const key = `synthesis ${utterance}`;
    if (phase === 'end') return this.#end(key, atMs);
    if (phase === 'first-audio') {
      this.#open.get(key)?.span.addEvent('first audio', {}, this.#timeOf(atMs));
      return;
    }
    this.#start(key, 'parley.synthesis', 'turn', atMs, SpanKind.CLIENT, {
      ...providedBy(this.#asked.voice),
      ...namedVendor(this.#vendors.voice),
      'gen_ai.output.type': 'speech',
    });
  }

  logFields(): Record<string, string> {
    return this.#traceId === undefined ? {} : { traceId: this.#traceId };
  }

  // ---- what the events tell ---------------------------------------------------------------------------------------------

  event(event: CallEvent): void {
    const { atMs } = event;
    switch (event.type) {
      case 'call-start':
        return this.#startCall(event);
      case 'caller-speech-start':
        return this.#startVoice(atMs);
      case 'caller-speech-end':
        this.#voiceEndAtMs = atMs;
        return;
      case 'turn-start':
        return this.#startTurn(event);
      case 'step-start':
        if (!event.ahead) this.#open.get('step')?.span.setAttribute('parley.messages', event.messages);
        return;
      case 'ahead-end':
        return this.#endAhead(event);
      case 'step-end':
        return this.#endStep(event);
      case 'tool-start':
        return this.#start(`tool ${event.id}`, `execute_tool ${event.name}`, 'turn', atMs, SpanKind.INTERNAL, {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': event.name,
          'gen_ai.tool.type': 'function',
          'gen_ai.tool.call.id': event.id,
          'parley.tool.effect': event.effect,
        });
      case 'tool-end': {
        const late = event.isLate ? { 'parley.tool.late': true } : {};
        return this.#end(`tool ${event.id}`, atMs, late, event.ok ? undefined : (event.failure ?? 'failed'));
      }
      case 'task-start':
        return this.#note(`task ${event.name} starts`, atMs);
      case 'task-end':
        this.#open.get(`tool ${event.id}`)?.span.setAttribute('parley.task.how', event.how);
        return this.#note(`task ${event.name} ${event.how}`, atMs);
      case 'sensitive-start':
      case 'sensitive-end':
        return this.#note(event.type.replaceAll('-', ' '), atMs);
      case 'reply-audio-start':
      case 'reply-audio-end':
        return this.#note(event.type.replaceAll('-', ' '), atMs);
      case 'interruption':
        this.#endSyntheses(atMs, { 'parley.interrupted': true });
        return this.#note('interruption', atMs);
      case 'turn-taken-back':
        this.#open.get('turn')?.span.setAttribute('parley.taken_back', true);
        return this.#note('turn taken back', atMs);
      case 'compaction':
        return this.#note('compaction', atMs, { 'parley.messages.dropped': event.droppedMessages });
      case 'transfer-progress':
        return this.#note(`transfer ${event.state}`, atMs);
      case 'hold-start':
        return this.#note('hold start', atMs);
      case 'hold-end':
        return this.#note('hold end', atMs, { 'parley.hold.why': event.why });
      case 'transfer':
        return this.#note('transfer', atMs, { 'parley.transfer.ok': event.ok });
      case 'agent-change':
        this.#agent = event.to; // whose the turns are from here on
        return this.#note('agent change', atMs, { 'gen_ai.agent.name': event.to, 'parley.agent.from': event.from });
      case 'vendor-change':
        return this.#changeVendor(event);
      case 'error':
        return this.#noteError(event);
      case 'turn-end':
        return this.#endTurn(event);
      case 'call-end':
        return this.#endAll(event);
      default:
    }
  }

  /** Spans from here on name the one who is asked; the one that is open says that it was another's first. */
  #changeVendor({ kind, from, to, code, atMs }: EventOf<'vendor-change'>): void {
    this.#vendors[kind] = to;
    if (kind === 'model') this.#open.get('step')?.span.setAttribute('parley.vendor', to);
    const why = code === undefined ? {} : { 'error.type': code };
    this.#note('vendor change', atMs, {
      'parley.vendor.kind': kind,
      'parley.vendor.from': from,
      'parley.vendor': to,
      ...why,
    });
  }

  #startCall({ atMs, agent, bridge }: EventOf<'call-start'>): void {
    this.#agent = agent;
    this.#start('call', 'parley.call', undefined, atMs, SpanKind.SERVER, {
      'gen_ai.agent.name': agent,
      'parley.bridge': bridge,
    });
    this.#traceId = this.#open.get('call')?.span.spanContext().traceId;
  }

  /** One span for all that the caller says in a turn, or until they have been silent for some time. */
  #startVoice(atMs: number): void {
    if (this.#voiceEndAtMs !== undefined && atMs - this.#voiceEndAtMs > TALK_GAP_MS) {
      this.#end('transcription', this.#voiceEndAtMs);
    }
    this.#voiceEndAtMs = undefined;
    if (this.#open.has('transcription')) return;
    const attributes = { ...providedBy(this.#asked.ear), ...namedVendor(this.#vendors.ear) };
    this.#start('transcription', 'parley.transcription', 'call', atMs, SpanKind.CLIENT, attributes);
  }

  #startTurn({ atMs, turn }: EventOf<'turn-start'>): void {
    const endpointing = this.#voiceEndAtMs === undefined ? undefined : (atMs - this.#voiceEndAtMs) / 1000;
    this.#end('transcription', atMs, {
      'parley.turn': turn,
      ...(endpointing !== undefined && { 'parley.endpointing_seconds': endpointing }),
    });
    this.#turnError = undefined;
    this.#start('turn', `invoke_agent ${this.#agent}`, 'call', atMs, SpanKind.INTERNAL, {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': this.#asked.provider,
      'gen_ai.agent.name': this.#agent,
      'gen_ai.request.model': this.#asked.model,
      'parley.turn': turn,
    });
  }

  #endStep(event: EventOf<'step-end'>): void {
    const { finishReason, usage, requestId, firstTokenMs, queueMs, attempts, atMs } = event;
    const hasFailed = finishReason === 'failed';
    this.#end(
      'step',
      atMs,
      {
        'gen_ai.response.finish_reasons': [hasFailed ? 'error' : finishReason],
        ...(usage && {
          'gen_ai.usage.input_tokens': usage.promptTokens,
          'gen_ai.usage.output_tokens': usage.completionTokens,
          'gen_ai.usage.cache_read.input_tokens': usage.cachedTokens,
        }),
        ...(requestId !== undefined && { 'parley.request_id': requestId }),
        ...(firstTokenMs !== undefined && { 'gen_ai.response.time_to_first_chunk': firstTokenMs / 1000 }),
        'parley.queue_seconds': queueMs / 1000,
        'parley.attempts': attempts,
      },
      hasFailed ? (this.#stepError ?? 'failed') : undefined,
    );
    this.#stepError = undefined;
  }

  /** What was asked ahead is a step of the turn, or of none. */
  #endAhead({ atMs, outcome }: EventOf<'ahead-end'>): void {
    const key = `ahead ${++this.#endsAhead}`;
    const open = this.#open.get(key);
    open?.span.setAttribute('parley.ahead', outcome);
    if (outcome === 'kept' && open) {
      this.#open.delete(key);
      this.#open.set('step', open);
    } else {
      this.#endSyntheses(atMs, { 'parley.ahead': outcome });
      this.#end(key, atMs, outcome === 'dropped' ? { 'parley.aborted': true } : {});
    }
  }

  #noteError({ atMs, code, step, requestId }: EventOf<'error'>): void {
    if (step !== undefined) this.#stepError = code;
    this.#turnError = code;
    this.#note('error', atMs, {
      'error.type': code,
      ...(requestId !== undefined && { 'parley.request_id': requestId }),
    });
  }

  #endTurn({ atMs, outcome, latency }: EventOf<'turn-end'>): void {
    const { endpointingMs, queueMs, modelMs, toolMs, speechMs } = latency.silence;
    this.#end('step', atMs, { 'parley.aborted': true }); // one that was let go has no end of its own
    this.#endSyntheses(atMs, {});
    const attributes = {
      'parley.outcome': outcome,
      ...(latency.firstWordMs !== undefined && { 'parley.first_word_seconds': latency.firstWordMs / 1000 }),
      'parley.silence.endpointing_seconds': endpointingMs / 1000,
      'parley.silence.queue_seconds': queueMs / 1000,
      'parley.silence.model_seconds': modelMs / 1000,
      'parley.silence.tool_seconds': toolMs / 1000,
      'parley.silence.speech_seconds': speechMs / 1000,
    };
    this.#end('turn', atMs, attributes, outcome === 'failed' ? (this.#turnError ?? 'failed') : undefined);
  }

  #endAll({ atMs, reason }: EventOf<'call-end'>): void {
    for (const key of [...this.#open.keys()].reverse()) if (key !== 'call') this.#end(key, atMs);
    const label = endReasonLabel(reason);
    const error = label === 'internal-error' || /-failed$/.test(label) ? label : undefined;
    this.#end('call', atMs, { 'parley.end_reason': label }, error);
  }

  #endSyntheses(atMs: number, attributes: Attributes): void {
    for (const key of this.#open.keys()) if (key.startsWith('synthesis ')) this.#end(key, atMs, attributes);
  }

  // ---- spans ------------------------------------------------------------------------------------------------------------

  #start(
    key: string,
    name: string,
    parent: string | undefined,
    atMs: number,
    kind: SpanKind,
    attributes: Attributes,
  ): void {
    const above = parent === undefined ? undefined : (this.#open.get(parent) ?? this.#open.get('call'));
    const options = { kind, attributes: { ...this.#common, ...attributes }, startTime: this.#timeOf(atMs) };
    const outer = above?.within ?? this.#outer;
    const span = this.#tracer.startSpan(name, options, outer);
    this.#open.set(key, { span, within: trace.setSpan(outer, span) });
  }

  #end(key: string, atMs: number, attributes: Attributes = {}, error?: string): void {
    const span = this.#open.get(key)?.span;
    if (!span) return;
    this.#open.delete(key);
    span.setAttributes(attributes);
    if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.#timeOf(atMs));
  }

  /** On the turn, or on the call between turns. */
  #note(name: string, atMs: number, attributes: Attributes = {}): void {
    const { span } = this.#open.get('turn') ?? this.#open.get('call') ?? {};
    span?.addEvent(name, attributes, this.#timeOf(atMs));
  }

  #timeOf(atMs: number): number {
    return this.#startEpochMs + atMs;
  }
}

/** Nothing where nobody is known to be asked. */
function providedBy(provider: string | undefined): Attributes {
  return provider === undefined ? {} : { 'gen_ai.provider.name': provider };
}

/** Who of a list is asked, where that is not the first. */
function namedVendor(name: string | undefined): Attributes {
  return name === undefined ? {} : { 'parley.vendor': name };
}
