import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createAgent, createParley, defineTool, traceCall } from 'parley-voice';
import { startElectronSimulator } from 'parley-voice/testing';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function talk(tracer?: ReturnType<BasicTracerProvider['getTracer']>) {
  const simulator = await startElectronSimulator();
  const parley = createParley({ baseUrl: simulator.url, apiKey: 'sk_simulated', plan: 'none' });
  closing.push(
    () => parley.close(),
    () => simulator.close(),
  );
  const weather = defineTool({
    name: 'weather',
    description: 'Tells the weather in a city.',
    input: z.object({ city: z.string().describe('The city.') }),
    effect: 'read',
    run: () => {
      throw new Error('secret of the back office');
    },
  });
  const agent = await createAgent({ name: 'traced', instructions: 'Tell the weather.', tools: [weather] });
  const call = parley.startCall(agent, { listen: (started) => traceCall(started, { tracer }) });
  await call.say('What is the weather in Pune?');
  call.hangUp();
  await call.ended;
  return call;
}

test('a call is a tree of spans: call, turn, steps and tools, with the names of the GenAI conventions', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const call = await talk(provider.getTracer('test'));
  const spans = exporter.getFinishedSpans().filter(({ name }) => name !== 'parley.probe');
  const named = (name: string) => spans.filter((span) => span.name === name);
  const [root] = named('parley.call');
  const [turn] = named('parley.turn');
  const steps = named('chat');
  const [tool] = named('execute_tool weather');
  expect(root?.parentSpanContext).toBeUndefined();
  expect(turn?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
  expect(steps).toHaveLength(2);
  for (const step of [...steps, tool]) expect(step?.parentSpanContext?.spanId).toBe(turn?.spanContext().spanId);
  expect(steps[0]?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'smallest_ai',
    'gen_ai.request.model': 'electron',
    'gen_ai.conversation.id': call.id,
    'gen_ai.response.finish_reasons': ['tool_calls'],
  });
  expect(steps[0]?.attributes['gen_ai.usage.input_tokens']).toBeGreaterThan(0);
  expect(tool?.attributes).toMatchObject({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'weather' });
  expect(tool?.status.code).toBe(SpanStatusCode.ERROR);
  expect(JSON.stringify(spans.map(({ attributes, events }) => [attributes, events]))).not.toContain('Pune');
});

test('without a tracer that records, nothing listens to the call', async () => {
  expect(trace.getTracer('none').startSpan('x', {}, context.active()).isRecording()).toBe(false);
  const call = await talk();
  expect(call.listenerCount('event')).toBe(0);
});
