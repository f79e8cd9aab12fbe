import { EventEmitter } from 'eventemitter3';
import { expect, test } from 'vitest';
import { FrameClock } from '../../src/audio/frame-clock.ts';
import type { Call } from '../../src/call/call.ts';
import type { CallEvent, CallEventMap } from '../../src/call/events.ts';
import type { CallObserver } from '../../src/call/observer.ts';
import { VirtualClock } from '../../src/lib/clock.ts';
import type { Synthesizer } from '../../src/speak/contract.ts';
import type { Transcriber } from '../../src/listen/contract.ts';
import { Metrics } from '../../src/worker/metrics.ts';
import { countReading } from '../../src/worker/readings.ts';
import { parseScript } from '../helpers/event-script.ts';
import { until } from '../helpers/until.ts';
import { withStandIns } from '../helpers/worker.ts';
import { parse, valueOf } from '../helpers/prometheus.ts';

const start = withStandIns([{ when: '.*', say: 'Yes.' }], {
  faults: [{ type: 'status', status: 500, when: { caller: 'busy' }, times: 'always' }],
});

/** Metrics of one call, of which the test says what happens. */
function follow(script = '') {
  const metrics = new Metrics({ calls: () => 1, isReady: () => true });
  const observers: CallObserver[] = [];
  const call = Object.assign(new EventEmitter<CallEventMap>(), {
    dismissedInterruptions: 0,
    observe: (observer: CallObserver) => observers.push(observer),
  });
  metrics.watch(call as unknown as Call);
  const play = (lines: string) => {
    for (const event of parseScript(lines)) call.emit('event', event);
  };
  play(script);
  const read = async () => {
    const scrape = parse(await metrics.text());
    return (name: string, labels?: Record<string, string>) => valueOf(scrape, name, labels);
  };
  return { metrics, call, observers, play, read };
}

test('a scrape is well-formed, each metric has its help, and names say their units', async () => {
  const one = await start();
  const response = await one.get('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const metrics = parse(await response.text());
  const own = [...metrics].filter(([name]) => name.startsWith('parley_'));
  expect(own.length).toBeGreaterThan(20);
  for (const [name, { help, type }] of own) {
    expect(help).not.toBe('');
    if (type === 'counter') expect(name).toMatch(/_total$/);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    if (type === 'gauge') expect(name).not.toMatch(/_total$/);
  }
  expect([...metrics.keys()]).toEqual(
    expect.arrayContaining([
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ]),
  );
});

test('a call is counted while it runs and when it has ended, its turns with their times in seconds', async () => {
  const one = await start({}, { agent: { phrases: { recovery: 'Sorry.' } } });
  const read = async () => parse(await (await one.get('/metrics')).text());
  const before = await read();
  expect([valueOf(before, 'parley_calls'), valueOf(before, 'parley_ready')]).toEqual([0, 1]);
  const caller = await one.dial();
  await caller.waitForSpeech({ fromMs: 0 });
  expect(valueOf(await read(), 'parley_calls')).toBe(1);
  await one.calls[0]?.say('Hello there');
  await one.calls[0]?.say('busy');
  await caller.hangUp();
  await until('the call to end', () => one.worker.calls.size === 0);
  const after = await read();
  const value = (name: string, labels?: Record<string, string>) => valueOf(after, name, labels);
  expect(value('parley_calls')).toBe(0);
  expect(value('parley_calls_total', { reason: 'caller-hung-up' })).toBe(1);
  expect(value('parley_call_seconds_count')).toBe(1);
  expect(value('parley_turns_total', { outcome: 'replied' })).toBeGreaterThanOrEqual(1);
  expect(value('parley_turns_total', { outcome: 'failed' })).toBe(1);
  expect(value('parley_turn_first_audio_seconds_count')).toBe(2);
  expect(value('parley_turn_first_audio_seconds_sum')).toBeGreaterThan(0);
  expect(value('parley_turn_first_audio_seconds_sum')).toBeLessThan(60);
  expect(value('parley_model_first_token_seconds_count')).toBe(1);
  expect(value('parley_model_tokens_total', { kind: 'prompt' })).toBeGreaterThan(0);
  expect(value('parley_model_steps_total', { finish: 'failed' })).toBe(1);
  expect(value('parley_errors_total', { code: 'provider-failed' })).toBe(1);
  expect(value('parley_model_retries_total')).toBeGreaterThan(0);
  expect(value('parley_phrases_total', { kind: 'greeting' })).toBe(1);
  expect(value('parley_phrases_total', { kind: 'recovery' })).toBe(1);
  expect(value('parley_synthesis_first_audio_seconds_count')).toBeGreaterThanOrEqual(1);
  expect(value('parley_playback_late_seconds_count')).toBeGreaterThan(10);
  expect(value('parley_reconnects_total', { service: 'pulse' })).toBe(0);
  expect(value('parley_synthesis_faults_total', { kind: 'truncated' })).toBe(0);
});

test('the latency of turns adds up by cause, and dead air is told by cause and by its longest stretch', async () => {
  const { read } = follow(`
       0 turn-start {"text":"hello"}
       0 step-start {"step":1}
     450 text-delta {"kind":"answer","delta":"Good"}
     500 reply-audio-start
     600 step-end {"step":1,"finishReason":"stop","firstTokenMs":250,"queueMs":180,"attempts":1}
    4000 reply-audio-end
    4000 turn-end {"outcome":"replied","latency":{"firstWordMs":500,"silence":{"endpointingMs":700,"modelMs":950,"queueMs":180}}}
  `);
  const value = await read();
  expect(value('parley_turn_first_audio_seconds_sum')).toBe(1.2);
  const parts = ['endpointing', 'queue', 'model', 'tool', 'speech'].map((cause) =>
    value('parley_turn_latency_seconds_sum', { cause }),
  );
  expect(parts).toEqual([0.7, 0.18, 0.27, 0, 0.05]);
  expect(value('parley_dead_air_seconds_sum', { cause: 'model' })).toBe(0.95);
  expect(value('parley_dead_air_seconds_count', { cause: 'tool' })).toBe(1);
  expect(value('parley_longest_dead_air_seconds_sum')).toBe(1.2);
});

test('voices over the agent are counted as interruptions that were, and that were none', async () => {
  const { call, play, read } = follow();
  play('100 interruption');
  call.dismissedInterruptions = 2;
  play('200 turn-end {"outcome":"interrupted","latency":{"silence":{}}}');
  call.dismissedInterruptions = 3;
  play('300 call-end {"reason":"caller-hung-up","durationMs":300}');
  const value = await read();
  expect(value('parley_interruptions_total', { verdict: 'true' })).toBe(1);
  expect(value('parley_interruptions_total', { verdict: 'false' })).toBe(3);
});

test('retries, tokens, tools, compactions and phrases are counted', async () => {
  const { read } = follow(`
      0 text-delta {"turn":0,"kind":"greeting","delta":"Hello, this is Acme."}
    100 text-delta {"turn":0,"kind":"nudge","delta":"Are you still there?"}
    150 text-delta {"kind":"answer","delta":"Good"}
    200 compaction {"droppedMessages":90,"keptMessages":90}
    300 step-end {"finishReason":"stop","queueMs":20,"attempts":3,"usage":{"promptTokens":100,"cachedTokens":80,"completionTokens":7}}
    400 tool-end {"id":"a","name":"book","ok":false,"failure":"timeout","durationMs":10000}
    500 tool-end {"id":"b","name":"book","ok":true,"durationMs":500}
  `);
  const value = await read();
  expect(value('parley_phrases_total', { kind: 'nudge' })).toBe(1);
  expect(value('parley_phrases_total', { kind: 'greeting' })).toBe(1);
  expect(value('parley_phrases_total', { kind: 'answer' })).toBeUndefined();
  expect(value('parley_compactions_total')).toBe(1);
  expect(value('parley_model_retries_total')).toBe(2);
  const tokens = ['prompt', 'cached', 'completion'].map((kind) => value('parley_model_tokens_total', { kind }));
  expect(tokens).toEqual([100, 80, 7]);
  expect(value('parley_tool_seconds_sum', { tool: 'book' })).toBe(10.5);
  expect(value('parley_tool_failures_total', { tool: 'book', failure: 'timeout' })).toBe(1);
});

test('a queue-timeout, and a context-overflow before anything was sent, are counted with their waits', async () => {
  const { read } = follow(`
      0 turn-start {"text":"hello"}
   4000 step-end {"step":1,"finishReason":"failed","queueMs":4000,"attempts":0}
   4000 error {"code":"queue-timeout"}
   4100 step-end {"step":2,"finishReason":"failed","queueMs":0,"attempts":0}
   4100 error {"code":"context-overflow"}
   5000 call-end {"reason":"caller-hung-up","durationMs":5000}
  `);
  const value = await read();
  expect(value('parley_model_queue_seconds_count')).toBe(2);
  expect(value('parley_model_queue_seconds_sum')).toBe(4);
  expect(value('parley_model_retries_total')).toBe(0);
  expect(value('parley_model_steps_total', { finish: 'failed' })).toBe(2);
  expect(value('parley_errors_total', { code: 'queue-timeout' })).toBe(1);
  expect(value('parley_calls_total', { reason: 'caller-hung-up' })).toBe(1);
});

test('what is no figure costs nothing but itself: the rest of its event is counted, and no total falls', async () => {
  const { call, metrics, play, read } = follow();
  const end = { finishReason: 'stop', queueMs: NaN, attempts: -3, firstTokenMs: Infinity };
  const usage = { promptTokens: -100, cachedTokens: NaN, completionTokens: 7 };
  call.emit('event', { callId: 'C1', atMs: 0, type: 'step-end', turn: 1, step: 1, ...end, usage } as CallEvent);
  play('100 call-end {"reason":"caller-hung-up","durationMs":-5}');
  metrics.watchSpeech({
    transcribers: [
      { name: 'ear', stats: { reconnects: NaN, failures: -1, invalidFrames: 4 } } as unknown as Transcriber,
    ],
    synthesizers: [
      { name: 'voice', figures: () => ({ reconnects: 2, truncated: 3, failed: 1 }) } as unknown as Synthesizer,
    ],
  });
  countReading(metrics.registry, { name: 'own_total', help: 'Broken.', read: () => 1n as unknown as number });
  countReading(metrics.registry, { name: 'other_total', help: 'Broken.', read: () => JSON.parse('{') as number });
  const value = await read();
  expect(value('parley_model_steps_total', { finish: 'stop' })).toBe(1);
  expect(value('parley_model_queue_seconds_count')).toBe(0);
  expect(value('parley_model_retries_total')).toBe(0);
  const tokens = ['prompt', 'cached', 'completion'].map((kind) => value('parley_model_tokens_total', { kind }));
  expect(tokens).toEqual([undefined, undefined, 7]);
  expect(value('parley_call_seconds_count')).toBe(1);
  expect(value('parley_calls_total', { reason: 'caller-hung-up' })).toBe(1);
  expect(value('parley_reconnects_total', { service: 'voice' })).toBe(2);
});

test('what something has put into the prototype of all objects is no label, and nothing is thrown into the call', async () => {
  const { play, read } = follow();
  Object.defineProperty(Object.prototype, 'polluted', { value: 'yes', enumerable: true, configurable: true });
  try {
    play(`
      0 step-end {"finishReason":"stop","queueMs":20,"attempts":1}
    100 call-end {"reason":"caller-hung-up","durationMs":100}
    `);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted');
  }
  const value = await read();
  expect(value('parley_model_queue_seconds_count')).toBe(1);
  expect(value('parley_calls_total', { reason: 'caller-hung-up' })).toBe(1);
});

test('what a model makes up becomes no label: neither names of tools nor reasons', async () => {
  const { read, metrics } = follow(`
      0 tool-end {"id":"a","name":"made_up_71","ok":false,"failure":"unknown-tool","durationMs":0}
    100 call-end {"reason":"the caller has said goodbye","durationMs":100}
  `);
  const value = await read();
  expect(value('parley_tool_failures_total', { tool: 'unknown' })).toBe(1);
  expect(value('parley_calls_total', { reason: 'other' })).toBe(1);
  expect(await metrics.text()).not.toMatch(/made_up|goodbye/);
});

test('the first audio of an utterance is timed from its first clause; one that never sounds is not', async () => {
  const { observers, read } = follow();
  const [observer] = observers;
  observer?.synthesis?.(1, 'start', 1_000);
  observer?.synthesis?.(2, 'start', 1_100);
  observer?.synthesis?.(1, 'first-audio', 1_250);
  observer?.synthesis?.(1, 'end', 2_000);
  const value = await read();
  expect(value('parley_synthesis_first_audio_seconds_count')).toBe(1);
  expect(value('parley_synthesis_first_audio_seconds_sum')).toBe(0.25);
});

test('what the stages of speech count is read at the scrape: reconnects, faults, and late beats as a histogram', async () => {
  const { metrics, read } = follow();
  const clock = new VirtualClock();
  const frameClock = new FrameClock(clock);
  const stats = { openSockets: 1, reconnects: 2, failures: 3, invalidFrames: 4 };
  const figures = { sockets: 1, reconnects: 5, resent: 6, retried: 7, truncated: 2, failed: 9, unspoken: 4 };
  metrics.watchSpeech({
    transcribers: [{ name: 'ear', stats } as unknown as Transcriber],
    synthesizers: [{ name: 'voice', figures: () => figures } as unknown as Synthesizer],
    frameClock,
  });
  Object.assign(frameClock.lateness, { sumMs: 61, skipped: 3 });
  frameClock.lateness.counts.set([5, 3, 0, 0, 0, 0, 0, 1]);
  stats.reconnects++;
  const value = await read();
  expect(value('parley_reconnects_total', { service: 'ear' })).toBe(3);
  expect(value('parley_reconnects_total', { service: 'voice' })).toBe(5);
  expect(value('parley_transcription_faults_total', { kind: 'connection-lost' })).toBe(3);
  expect(value('parley_synthesis_faults_total', { kind: 'truncated' })).toBe(2);
  expect(value('parley_synthesis_faults_total', { kind: 'lost' })).toBe(7);
  expect(value('parley_synthesis_faults_total', { kind: 'unspoken' })).toBe(4);
  const bucket = (le: string) => value('parley_playback_late_seconds_bucket', { le });
  expect([bucket('0.001'), bucket('0.002'), bucket('0.03'), bucket('0.05'), bucket('+Inf')]).toEqual([5, 8, 8, 9, 9]);
  expect(value('parley_playback_late_seconds_sum')).toBe(0.061);
  expect(value('parley_playback_late_seconds_count')).toBe(9);
  expect(value('parley_playback_skipped_beats_total')).toBe(3);
  expect((await read())('parley_reconnects_total', { service: 'ear' })).toBe(3); // a second scrape adds nothing
});

test('two workers in a process count for themselves', async () => {
  const [one, other] = [await start({ PARLEY_MAX_CALLS: '1' }), await start()];
  await one.ring();
  await one.ring();
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="full"} 1');
  expect(await (await other.get('/metrics')).text()).toContain('parley_calls_refused_total{reason="full"} 0');
});
