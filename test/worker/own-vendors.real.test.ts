/**
 * A vendor of each kind, and a carrier, that only tests know: each holds a whole call, and nothing of Parley names it.
 *
 * Real time: a whole worker, with lines of its own over sockets.
 */
import { connect } from 'node:net';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test } from 'vitest';
import { createAgent, startWorker, traceCall, type AgentInput, type Call } from '../../src/index.ts';
import { dialMedia } from '../../src/simulate/twilio/media.ts';
import { understand, voiceOf } from '../../src/testing/phone.ts';
import { OWN_VENDORS, parrot, toneEar, toneVoice } from '../helpers/own-vendors.ts';
import { until } from '../helpers/until.ts';
import { bell } from './carriers/bell.ts';

const AGENT: AgentInput = {
  name: 'parrot-line',
  instructions: 'Repeat.',
  greeting: 'Hello there.',
  model: { vendor: 'parrot', opening: 'I heard' },
  voice: { vendor: 'tones', loudness: 0.5 },
  listen: { vendor: 'tones' },
};
const vendors = OWN_VENDORS;
const SETTINGS = { port: 0, maxLagMs: 60_000, logLevel: 'silent' } as const;

/** The same vendors as objects in the agent itself. */
const WHOLE: AgentInput = {
  ...AGENT,
  model: { vendor: parrot, opening: 'I heard' },
  voice: { vendor: toneVoice, loudness: 0.5 },
  listen: { vendor: toneEar },
};

test.each([
  ['named', AGENT, OWN_VENDORS],
  ['in the agent itself', WHOLE, undefined],
])('three vendors of its own, %s, hold a call, without a key of anybody', async (_, own, given) => {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('test');
  const calls: Call[] = [];
  const onCall = (call: Call) => {
    calls.push(call);
    traceCall(call, { tracer });
  };
  const worker = await startWorker(SETTINGS, own, { vendors: given, onCall });
  onTestFinished(() => worker.close());
  expect(await worker.prepared).toBeGreaterThan(0);

  const url = `${worker.url.replace('http', 'ws')}/twilio/media`;
  const caller = await dialMedia({ url, from: '+15550100', to: '+15550199' });
  const heard = () =>
    understand(caller.heard)
      .map(({ text }) => text)
      .join(' ');
  await caller.waitForSpeech({ fromMs: 0 });
  await caller.waitForSilence({ forMs: 900 });
  const { toMs } = await caller.say(voiceOf('Pretty Polly.'));
  await caller.waitForSpeech({ fromMs: toMs });
  await caller.waitForSilence({ forMs: 900 });
  expect(heard()).toBe('Hello there. I heard Pretty Polly.');

  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  for (const line of [
    'parley_quota_limit{resource="parrots"} 2',
    'parley_quota_limit{resource="tone-voices"} 3',
    'parley_quota_limit{resource="tone-ears"} 4',
    'parley_quota_requests_per_minute_limit 600',
    'parley_reconnects_total{service="tone-ear"} 0',
    'parley_reconnects_total{service="tone-voice"} 0',
  ]) {
    expect(metrics.split('\n')).toContain(line);
  }
  void caller.hangUp();
  const { messages } = calls[0]!;
  expect(messages.map(({ role, content }) => [role, content]).slice(1)).toEqual([
    ['assistant', 'Hello there.'],
    ['user', 'Pretty Polly.'],
    ['assistant', 'I heard Pretty Polly.'],
  ]);
  await calls[0]!.ended;
  const providerOf = (name: string) =>
    exporter.getFinishedSpans().find((span) => span.name.startsWith(name))?.attributes['gen_ai.provider.name'];
  expect(['chat parrot', 'parley.synthesis', 'parley.transcription'].map(providerOf)).toEqual([
    'parrots',
    'tone-works',
    'tone-works-too',
  ]);
});

test('a program brings its own carrier as well: a line over TCP, answered by its own model', async () => {
  const key = 'the-key-of-the-bell';
  process.env['PARLEY_BELL_KEY'] = key;
  onTestFinished(() => void delete process.env['PARLEY_BELL_KEY']);
  const worker = await startWorker(SETTINGS, AGENT, { vendors, carriers: [bell] });
  onTestFinished(() => worker.close());
  const body = new URLSearchParams({ key: 'line-1', from: '+15550100' });
  const answer = await fetch(`${worker.url}/bell/expect`, { method: 'POST', headers: { 'x-bell': key }, body });
  expect(answer.status).toBe(200);
  const { hostname, port } = new URL(worker.addresses.get('bell') ?? '');
  const socket = connect(Number(port), hostname, () => socket.write('line-1\n'));
  onTestFinished(() => void socket.destroy());
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  await until('the greeting', () => heard.includes('Hello there.'));
  socket.write('Pretty Polly.\n');
  await until('the answer', () => heard.includes('I heard Pretty Polly.'));
  expect((await fetch(`${worker.url}/twilio/voice`, { method: 'POST' })).status).toBe(404);
});

test('how many calls a worker takes follows from what its own model allows', async () => {
  const slow = {
    ...OWN_VENDORS.models.parrot,
    resources: () => ({ parrots: { type: 'requests', requestsPerMinute: 7, concurrent: 1 } as const }),
  };
  const worker = await startWorker(SETTINGS, AGENT, { vendors: { ...vendors, models: { parrot: slow } } });
  onTestFinished(() => worker.close());
  const url = `${worker.url.replace('http', 'ws')}/twilio/media`;
  const caller = await dialMedia({ url, from: '+15550100', to: '+15550199' });
  await caller.waitForSpeech({ fromMs: 0 });
  expect(await (await fetch(`${worker.url}/readyz`)).json()).toMatchObject({ status: 'quota' });
  void caller.hangUp();
});

test('a vendor that the program does not bring is refused with those that there are', async () => {
  const { models } = vendors;
  await expect(startWorker(SETTINGS, AGENT, { vendors: { models } })).rejects.toThrow(
    "Expected `voice.vendor` to be 'lightning' or 'openai-speech', got `\"tones\"`",
  );
  await expect(
    startWorker(SETTINGS, { ...AGENT, voice: { vendor: 'tones', loudness: 7 } }, { vendors }),
  ).rejects.toThrow('Expected `voice.loudness` to be 1 or less, got `7`');
  const agent = await createAgent(AGENT, { vendors });
  await expect(startWorker(SETTINGS, agent)).rejects.toThrow(
    "Expected the agent's vendor of kind `model` to be `electron`, got `parrot`",
  );
});

test('without a key the listed vendors say which setting is missing', async () => {
  const env = process.env['SMALLEST_API_KEY'];
  delete process.env['SMALLEST_API_KEY'];
  onTestFinished(() => void (env !== undefined && (process.env['SMALLEST_API_KEY'] = env)));
  await expect(startWorker(SETTINGS, { name: 'plain', instructions: 'Talk.' })).rejects.toThrow(
    'SMALLEST_API_KEY is not set; set it, or try the simulators with --simulate',
  );
});

test('what a program has made cannot be answered by several processes', async () => {
  process.env['PARLEY_PROCESSES'] = '2';
  onTestFinished(() => void delete process.env['PARLEY_PROCESSES']);
  await expect(startWorker(SETTINGS, AGENT, { vendors })).rejects.toThrow('PARLEY_PROCESSES: expected 1');
});
