import { context, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { systemClock } from '../../src/lib/clock.ts';
import { createAgent, createLog, createParley, defineTool, traceCall, type CallEvent } from 'parley-voice';
import { startElectronSimulator } from 'parley-voice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Call } from '../../src/call/call.ts';
import { scriptedCall, silentSpeaker, textMedium } from '../helpers/scripted.ts';
import type { SpeakerListener } from '../../src/speak/contract.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

function provide(options: ConstructorParameters<typeof BasicTracerProvider>[0] = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ ...options, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer('test');
  const spansNamed = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
  return { tracer, exporter, spansNamed };
}

const weatherTool = (run: () => unknown, concurrency?: number) =>
  defineTool({
    name: 'weather',
    description: 'Tells the weather in a city.',
    input: z.object({ city: z.string().describe('The city.') }),
    effect: 'read',
    ...(concurrency === undefined ? {} : { concurrency }),
    run: async () => (await run()) ?? { sky: 'clear' },
  });

interface TalkOptions {
  tracer?: Tracer;
  run?: () => unknown;
  calls?: number;
  concurrency?: number;
  onToolStart?: () => void;
}

async function talk(options: TalkOptions = {}) {
  const simulator = await startElectronSimulator();
  const logs: Record<string, unknown>[] = [];
  const log = createLog({ stream: { write: (line) => void logs.push(JSON.parse(line) as Record<string, unknown>) } });
  const parley = createParley({ baseUrl: simulator.url, apiKey: 'sk_simulated', plan: 'none', log });
  closing.push(
    () => parley.close(),
    () => simulator.close(),
  );
  const tool = weatherTool(options.run ?? (() => undefined), options.concurrency);
  const agent = await createAgent({ name: 'traced', instructions: 'Tell the weather.', tools: [tool] });
  const talks = Array.from({ length: options.calls ?? 1 }, async () => {
    const call = parley.startCall(agent, {
      listen(started) {
        traceCall(started, { tracer: options.tracer });
        if (options.onToolStart) started.on('tool-start', options.onToolStart);
      },
    });
    await call.say('What is the weather in Pune?');
    call.hangUp();
    await call.ended;
    return call;
  });
  const [call] = await Promise.all(talks);
  return { call: call as Call, logs };
}

test('a call is a tree of spans: call, turn, steps and tools, with the names of the GenAI conventions', async () => {
  const { tracer, exporter, spansNamed } = provide();
  const fail = () => {
    throw new Error('secret of the back office');
  };
  const { call } = await talk({ tracer, run: fail });
  const [root] = spansNamed('parley.call');
  const [turn] = spansNamed('invoke_agent traced');
  const steps = spansNamed('chat electron');
  const [tool] = spansNamed('execute_tool weather');
  expect(root?.parentSpanContext).toBeUndefined();
  expect(turn?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
  expect(steps).toHaveLength(2);
  for (const span of [...steps, tool]) expect(span?.parentSpanContext?.spanId).toBe(turn?.spanContext().spanId);
  expect(turn?.attributes).toMatchObject({ 'gen_ai.operation.name': 'invoke_agent', 'parley.outcome': 'replied' });
  expect(steps[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'smallest_ai',
    'gen_ai.request.model': 'electron',
    'gen_ai.request.stream': true,
    'gen_ai.conversation.id': call.id,
    'gen_ai.response.finish_reasons': ['tool_calls'],
    'gen_ai.usage.input_tokens': expect.any(Number) as number,
    'gen_ai.usage.cache_read.input_tokens': expect.any(Number) as number,
    'gen_ai.response.time_to_first_chunk': expect.any(Number) as number,
    'parley.request_id': expect.any(String) as string,
  });
  expect(tool?.attributes).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'weather',
    'gen_ai.tool.type': 'function',
    'error.type': 'internal-error',
  });
  expect(tool?.status.code).toBe(SpanStatusCode.ERROR);
  const told = JSON.stringify(exporter.getFinishedSpans().map((span) => [span.name, span.attributes, span.events]));
  expect(told).not.toMatch(/Pune|back office/);
});

test('spans that a tool starts lie below the span of the tool, also when it had to wait for its turn', async () => {
  const { tracer, spansNamed } = provide();
  let [started, letGo] = [0, () => {}];
  const allCame = new Promise<void>((resolve) => (letGo = resolve));
  const run = async () => {
    await allCame;
    tracer.startSpan('lookup in the back office').end();
  };
  const onToolStart = () => (++started === 3 ? letGo() : undefined);
  await talk({ tracer, run, calls: 3, concurrency: 1, onToolStart });
  const toolIds = spansNamed('execute_tool weather').map((span) => span.spanContext().spanId);
  const parentIds = spansNamed('lookup in the back office').map((span) => span.parentSpanContext?.spanId);
  expect(toolIds).toHaveLength(3);
  expect(parentIds.sort()).toEqual(toolIds.sort());
});

test('what is sent for a step runs in the context of its span, and never in that of the tool before it', async () => {
  const { tracer, spansNamed } = provide();
  const contexts: (string | undefined)[] = [];
  const { agent, model } = await scriptedCall((_request, number) => {
    contexts.push(trace.getSpan(context.active())?.spanContext().spanId);
    return number === 1 ? 'tool' : 'words';
  });
  const call = new Call({ agent, model, medium: textMedium(), callId: 'C1', clock: systemClock });
  traceCall(call, { tracer });
  call.start();
  await call.say('What is the weather?');
  call.hangUp();
  expect(contexts).toEqual(spansNamed('chat scripted').map((span) => span.spanContext().spanId));
});

test('a failed step names its error; one that was let go says so, and no span is left open', async () => {
  const { tracer, spansNamed, exporter } = provide();
  const { agent, model } = await scriptedCall((_request, number) => (number === 1 ? 'failure' : 'nothing'));
  const call = new Call({ agent, model, medium: textMedium(), callId: 'C1', clock: systemClock });
  traceCall(call, { tracer });
  const events: CallEvent[] = [];
  call.on('event', (event) => events.push(event));
  call.start();
  await call.say('What is the weather?');
  void call.say('And tomorrow?');
  call.hangUp();
  await call.ended;
  const [failed, aborted] = spansNamed('chat scripted');
  expect(failed?.attributes).toMatchObject({
    'error.type': 'provider-failed',
    'gen_ai.response.finish_reasons': ['error'],
  });
  expect(spansNamed('invoke_agent traced')[0]?.attributes['error.type']).toBe('provider-failed');
  expect(aborted?.attributes['parley.aborted']).toBe(true);
  expect(aborted?.status.code).toBe(SpanStatusCode.UNSET);
  expect(exporter.getFinishedSpans()).toHaveLength(5); // the call, two turns, two steps
});

test('the voice of both sides has its spans: synthesis below its turn, speech from the voice to the turn', async () => {
  const { tracer, spansNamed } = provide();
  const { agent, model } = await scriptedCall(() => 'words');
  let speaker: SpeakerListener | undefined;
  const medium = { ...textMedium(), speaker: (listener: SpeakerListener) => ((speaker = listener), silentSpeaker) };
  const call = new Call({ agent, model, medium, callId: 'C1', clock: systemClock });
  traceCall(call, { tracer });
  call.start();
  call.callerSpeech('start');
  call.callerSpeech('end');
  call.callerTurn('What is the weather?', 500);
  speaker?.synthesis?.(1, 'start');
  speaker?.synthesis?.(1, 'first-audio');
  speaker?.synthesis?.(1, 'end');
  speaker?.synthesis?.(2, 'start');
  call.hangUp();
  const [speech] = spansNamed('parley.transcription');
  const [turn] = spansNamed('invoke_agent traced');
  const syntheses = spansNamed('parley.synthesis');
  expect(speech?.attributes).toMatchObject({ 'parley.turn': 1 });
  expect(speech?.parentSpanContext?.spanId).toBe(spansNamed('parley.call')[0]?.spanContext().spanId);
  expect(syntheses).toHaveLength(2);
  for (const span of syntheses) expect(span.parentSpanContext?.spanId).toBe(turn?.spanContext().spanId);
  expect(syntheses[0]?.events.map(({ name }) => name)).toEqual(['first audio']);
});

test('every line of the log about a traced call carries its trace; of one that is not, none does', async () => {
  const { tracer, spansNamed } = provide();
  const { logs } = await talk({ tracer });
  const traceId = spansNamed('parley.call')[0]?.spanContext().traceId;
  const lines = logs.filter(({ msg }) => /^(call started|turn ended|call ended)$/.test(String(msg)));
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line['traceId']).toBe(traceId);
  const { logs: others } = await talk();
  expect(others.some((line) => 'traceId' in line)).toBe(false);
});

test('a call that is not sampled makes no span, but its tools are told so', async () => {
  const { tracer, exporter } = provide({ sampler: new AlwaysOffSampler() });
  let flags: number | undefined;
  await talk({ tracer, run: () => void (flags = trace.getSpan(context.active())?.spanContext().traceFlags) });
  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(flags).toBe(0);
});

test('without a registered provider nothing listens to the call; once there is one, calls are traced', async () => {
  const { call } = await talk();
  expect(call.listenerCount('event')).toBe(1); // the log's
  const { exporter } = registerGlobally();
  await talk();
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain('parley.call');
});

function registerGlobally() {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  closing.push(() => trace.disable());
  return { exporter };
}
