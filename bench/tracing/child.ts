/** Text calls in one process, without a network: what one event costs by how calls are followed. */
import { systemClock } from '../../src/lib/clock.ts';
import type { Tracer } from '@opentelemetry/api';
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { answer } from '../frame/child.ts';
import { createAgent } from '../../src/call/agent.ts';
import { Call } from '../../src/call/call.ts';
import { textSpeaker } from '../../src/call/text-speaker.ts';
import { traceCall } from '../../src/watch/tracing.ts';
import type { LanguageModel, ModelEvent } from '../../src/model/contract.ts';
import { Metrics } from '../../src/worker/metrics.ts';
import { WAYS, type TracingAnswer, type TracingQuestion, type Way } from './ways.ts';

const DELTAS = 60;

const nowhere = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
const tracerOf = (options: ConstructorParameters<typeof BasicTracerProvider>[0]): Tracer =>
  new BasicTracerProvider({ ...options, spanProcessors: [nowhere] }).getTracer('bench');

const FOLLOW: Record<Way, () => (call: Call) => void> = {
  'not followed': () => () => {},
  'traced, off': () => (call) => traceCall(call),
  'traced, not sampled': () => {
    const tracer = tracerOf({ sampler: new AlwaysOffSampler() });
    return (call) => traceCall(call, { tracer });
  },
  'traced, recorded': () => {
    const tracer = tracerOf({});
    return (call) => traceCall(call, { tracer });
  },
  metrics: () => {
    const metrics = new Metrics({ calls: () => 1, isReady: () => true });
    return (call) => metrics.watch(call);
  },
};

/** Says the same in every turn, all of it in one tick. */
const model: LanguageModel = {
  name: 'scripted',
  prewarm: async () => {},
  close: async () => {},
  startStep(_request, listener) {
    const usage = { promptTokens: 500, completionTokens: DELTAS, cachedTokens: 400 };
    const facts = { usage, requestId: 'req-1', firstTokenMs: 200, queueMs: 0, attempts: 1 };
    let isAborted = false;
    setImmediate(() => {
      if (isAborted) return;
      for (let delta = 0; delta < DELTAS; delta++) listener({ type: 'text-delta', delta: 'word ' });
      const end: ModelEvent = { type: 'step-end', end: { finishReason: 'stop', isTruncated: false, ...facts } };
      listener(end);
    });
    return { abort: () => void (isAborted = true) };
  },
};

async function eventNs(turns: number, follow: (call: Call) => void): Promise<number> {
  const agent = await createAgent({ name: 'bench', instructions: 'Say so.', tools: [] });
  let events = 0;
  let cpuMicroseconds = 0;
  for (let done = 0; done < turns; done += 20) {
    const medium = { bridge: 'text', heardBy: 'emitted', speaker: () => textSpeaker } as const;
    const call = new Call({ agent, model, medium, callId: `call-${done}`, clock: systemClock });
    follow(call);
    const before = process.cpuUsage();
    call.start();
    for (let turn = 0; turn < 20; turn++) await call.say('Say it again.');
    call.hangUp();
    const { user, system } = process.cpuUsage(before);
    cpuMicroseconds += user + system;
    events += 20 * (DELTAS + 4) + 2;
  }
  return (cpuMicroseconds * 1_000) / events;
}

answer(async ({ turns, rounds }: TracingQuestion): Promise<TracingAnswer> => {
  const seen = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
  for (let round = 0; round < rounds + 1; round++) {
    // in turns, so that what else the machine does meets all alike; the first round warms up
    for (const way of WAYS) {
      const ns = await eventNs(turns, FOLLOW[way]());
      if (round > 0) seen.get(way)?.push(ns);
    }
  }
  // other work on the machine only ever adds
  return Object.fromEntries(WAYS.map((way) => [way, Math.min(...(seen.get(way) ?? []))])) as TracingAnswer;
});
