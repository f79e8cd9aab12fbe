import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, VirtualClock } from '../../../src/lib/clock.ts';
import { VoiceError } from '../../../src/lib/errors.ts';
import { Places } from '../../../src/lib/places.ts';
import { createPulse } from '../../../src/listen/pulse/transcriber.ts';
import { KEY, MULAW, openLine, pulseOf, pushFrames, silence, simulate, spoken } from '../../helpers/pulse.ts';
import { until } from '../../helpers/until.ts';

describe('a healthy line', () => {
  test('hears words as they come, and a final at silence; mu-law goes out untouched', async () => {
    const simulator = await simulate();
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('Where is my order?', MULAW, 600));
    await until(() => expect(told.finals).toEqual(['Where is my order?']));
    expect(told.log).toEqual([
      'up 0',
      'start',
      'i:where',
      'i:where is',
      'i:where is my',
      'i:where is my order',
      'end',
      'f:Where is my order? ',
    ]);
    const [session] = simulator.sessions();
    expect(session!.request).toMatchObject({
      format: MULAW,
      eouTimeoutMs: 300,
      finalizeOnWords: false,
      language: 'en',
    });
    expect(session!.audioBytes.every((bytes) => bytes >= 160 && bytes <= 800)).toBe(true);
    expect(told.words.map(({ word }) => word)).toEqual(['Where', 'is', 'my', 'order?']);
  });

  test('20 ms frames are joined to pieces of 60 to 100 ms, longer ones cut, and a rest does not wait', async () => {
    const simulator = await simulate();
    const { line, told } = openLine(pulseOf(simulator.url));
    await until(() => expect(told.log).toEqual(['up 0']));
    pushFrames(line, silence(180));
    await until(() => expect(simulator.sessions()[0]!.audioBytes).toEqual([640, 640, 160]));
    line.push(silence(250));
    await until(() => expect(simulator.sessions()[0]!.audioBytes).toEqual([640, 640, 160, 800, 800, 400]));
  });

  test('audio from before the connection is up is kept', async () => {
    const simulator = await simulate({ connectDelayMs: 50 });
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('early words', MULAW, 500));
    expect(told.log).toEqual([]);
    await until(() => expect(told.finals).toEqual(['early words']));
  });

  test('finalize brings one final, empty when there is nothing to say', async () => {
    const simulator = await simulate();
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('stop', MULAW, 40));
    line.finalize();
    await until(() => expect(told.finals).toEqual(['stop']));
    line.finalize();
    await until(() => expect(told.finals).toEqual(['stop', '']));
  });

  test('linear audio at other rates is heard as well', async () => {
    const simulator = await simulate();
    for (const sampleRateHz of [8_000, 16_000, 24_000]) {
      const format = { encoding: 'linear16', sampleRateHz } as const;
      const { line, told } = openLine(pulseOf(simulator.url), { format });
      pushFrames(line, spoken('hello there', format, 500), 333);
      await until(() => expect(told.finals).toEqual(['hello there']));
    }
  });

  test('close asks for the last final, tells it, and lets go', async () => {
    const simulator = await simulate();
    const pulse = pulseOf(simulator.url);
    const { line, told } = openLine(pulse);
    pushFrames(line, spoken('good bye', MULAW, 40));
    await until(() => expect(told.log).toContain('up 0'));
    line.close();
    line.close();
    line.push(silence(100));
    line.finalize();
    await until(() => expect(told.finals).toEqual(['good bye']));
    await until(() => expect(simulator.sessions()[0]!.closeCode).toBe(1000));
    await until(() => expect(pulse.stats.openSockets).toBe(0));
    expect(simulator.sessions()[0]!.controls).toEqual(['{"type":"close_stream"}']);
    expect(told.errors).toEqual([]);
  });

  test('frames without a type, with the other field, shrinking and repeated interims are read', async () => {
    const simulator = await simulate({
      frameType: 'alternate',
      textField: 'transcription',
      shrinkingInterims: true,
      repeatInterims: 2,
      trailingSpace: 'always',
    });
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('one two three', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['one two three']));
    expect(told.log.filter((entry) => entry.startsWith('i:'))).toContain('i:one two uh');
  });

  test('garbage and binary frames are counted and passed over', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'garbage', afterMs: 100 });
    const pulse = pulseOf(simulator.url);
    const { line, told } = openLine(pulse);
    pushFrames(line, spoken('still here', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['still here']));
    simulator.fault({ type: 'garbage', isBinary: true });
    const other = openLine(pulse);
    pushFrames(other.line, spoken('me too', MULAW, 500));
    await until(() => expect(other.told.finals).toEqual(['me too']));
    expect(pulse.stats).toMatchObject({ invalidFrames: 2, failures: 0 });
  });
});

describe('a line that breaks', () => {
  test('is opened again, and the audio that no final has covered is replayed: no word lost, none twice', async () => {
    const simulator = await simulate();
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('First sentence.', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['First sentence.']));
    pushFrames(line, spoken('The second is cut'));
    await until(() => expect(told.log).toContain('i:the second is'));
    simulator.sessions()[0]!.close();
    await until(() => expect(told.log).toContain('up 1'));
    pushFrames(line, spoken(' in the middle.', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['First sentence.', 'The second is cut in the middle.']));
    expect(told.errors).toEqual([]);
  });

  test('without word times, a final at silence still keeps its own words from being heard twice', async () => {
    const simulator = await simulate();
    const { line, told } = openLine(pulseOf(simulator.url, { query: { wordTimestamps: false } }));
    pushFrames(line, spoken('Only once.', MULAW, 320));
    await until(() => expect(told.finals).toEqual(['Only once.']));
    simulator.sessions()[0]!.close(1011);
    await until(() => expect(told.log).toContain('up 1'));
    pushFrames(line, spoken('And then this.', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['Only once.', 'And then this.']));
  });

  test('word times go on from where the call is, not from where the connection began', async () => {
    const simulator = await simulate();
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, silence(1_000));
    pushFrames(line, spoken('one', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['one']));
    simulator.sessions()[0]!.close(1011);
    await until(() => expect(told.log).toContain('up 1'));
    pushFrames(line, silence(500));
    pushFrames(line, spoken('two', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['one', 'two']));
    const spokenMs = spoken('one').length / 8;
    expect(told.words[0]!.startMs).toBeCloseTo(1_000, -1);
    expect(Math.abs(told.words[1]!.startMs - (1_000 + spokenMs + 1_000))).toBeLessThan(30);
  });

  test('a finalize that was not answered is asked again on the next connection, after the replay', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'ignore-finalize' });
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('yes please', MULAW, 100));
    line.finalize();
    await until(() => expect(simulator.sessions()[0]!.controls).toHaveLength(1));
    simulator.sessions()[0]!.close(1006 + 5);
    await until(() => expect(told.finals).toEqual(['yes please']));
    expect(simulator.sessions()[1]!.controls).toEqual(['{"type":"finalize"}']);
  });

  test('only a transcript gives the tries back, not an open socket; then it fails with what happened', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'close', afterMs: 40, code: 1011, times: 20 });
    const { line, told } = openLine(pulseOf(simulator.url));
    const feed = setInterval(() => line.push(silence(20)), 2);
    onTestFinished(() => clearInterval(feed));
    await until(() => expect(told.errors).toHaveLength(1));
    expect(simulator.stats().connections).toBe(6);
    expect(told.errors[0]).toMatchObject({ provider: 'pulse', code: 'stream-cut', status: 1011, phase: 'mid-stream' });
  });

  test('the delays are 0, 300, 600, 1,200 and 2,400 ms, each shortened at random', async () => {
    const clock = new VirtualClock();
    const port = await unusedPort();
    const pulse = createPulse({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}`, clock, random: () => 0.5 });
    const { told } = openLine(pulse);
    const delays: number[] = [];
    while (told.errors.length === 0) {
      await until(() => expect(pulse.stats.failures).toBe(delays.length + 1));
      if (told.errors.length > 0) break;
      delays.push(clock.nextAtMs! - clock.nowMs());
      clock.advanceTo(clock.nextAtMs!);
    }
    expect(delays).toEqual([0, 150, 300, 600, 1_200]);
    expect(told.errors[0]).toMatchObject({ code: 'connect-failed', phase: 'connect' });
    expect(clock.pending).toBe(0);
  });

  test('too many open sockets are tried again slowly', async () => {
    const simulator = await simulate({ maxSockets: 0 });
    const clock = new VirtualClock();
    const pulse = pulseOf(simulator.url, { clock });
    const { told } = openLine(pulse);
    const delays: number[] = [];
    for (let failure = 1; failure <= 5; failure++) {
      await until(() => expect(pulse.stats.failures).toBe(failure));
      delays.push(clock.nextAtMs! - clock.nowMs());
      clock.advanceTo(clock.nextAtMs!);
    }
    await until(() => expect(told.errors).toHaveLength(1));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(told.errors[0]).toMatchObject({ code: 'rate-limited', status: 1008 });
  });

  test('beyond the sockets of the account a line waits for one with its audio, and is never closed with 1008', async () => {
    const simulator = await simulate({ maxSockets: 1 });
    const pulse = pulseOf(simulator.url, { places: new Places(1, systemClock) });
    const first = openLine(pulse);
    await until(() => expect(first.told.log).toEqual(['up 0']));
    const second = openLine(pulse);
    pushFrames(second.line, spoken('Where is my order?', MULAW, 600));
    await new Promise((resolve) => setImmediate(resolve));
    expect(simulator.sessions()).toHaveLength(1);
    first.line.close();
    await until(() => expect(second.told.finals).toEqual(['Where is my order?']));
    expect(pulse.stats.failures).toBe(0);
  });

  test('a line for which there was no socket in time says so, and whose it is', async () => {
    const simulator = await simulate({ maxSockets: 1 });
    const clock = new VirtualClock();
    const places = new Places(1, clock);
    const pulse = pulseOf(simulator.url, { clock, places, placeWaitMs: 5_000 });
    openLine(pulse);
    const { told } = openLine(pulse);
    const left = openLine(pulse);
    left.line.close();
    clock.advanceBy(4_999);
    expect(told.errors).toEqual([]);
    clock.advanceBy(1);
    expect(told.errors).toMatchObject([{ provider: 'pulse', code: 'queue-timeout', phase: 'connect' }]);
    expect(told.errors[0]!.message).toBe("pulse: No live socket was free for 5 s: the account's 1 are in use");
    expect(left.told.errors).toEqual([]);
    expect(places.counts).toMatchObject({ queued: 0, timedOut: 1 });
    await pulse.close();
    await until(() => expect(places.taken).toBe(0));
  });

  test('a line keeps its place while it is opened again, and a 1008 is counted as a refusal', async () => {
    const simulator = await simulate({ maxSockets: 0 });
    const places = new Places(3, systemClock);
    const pulse = pulseOf(simulator.url, { places, random: () => 0.001 });
    openLine(pulse);
    await until(() => expect(pulse.stats.failures).toBe(1));
    expect(places.counts).toMatchObject({ inFlight: 1, rateLimited: 1 });
  });

  test('a line that is dead without a close is noticed by its missing signs of life', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'mute' });
    const clock = new VirtualClock();
    const { told } = openLine(pulseOf(simulator.url, { clock }));
    await until(() => expect(told.log).toEqual(['up 0']));
    clock.advanceBy(15_000);
    await until(() => expect(clock.pending).toBeGreaterThan(0));
    clock.advanceBy(100);
    await until(() => expect(told.log).toEqual(['up 0', 'up 1']));
  });

  test('an upgrade that is never answered is given up after its time', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'hang' });
    const { line, told } = openLine(pulseOf(simulator.url, { connectTimeoutMs: 50 }));
    pushFrames(line, spoken('patience', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['patience']));
  });

  test('an error frame without a fatal code is a drop; with what the service said when it stays so', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'error' });
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('again', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['again']));
    simulator.fault({ type: 'error', times: 99 });
    simulator.sessions()[1]!.close(1011);
    await until(() => expect(told.errors).toHaveLength(1));
    expect(told.errors[0]).toMatchObject({ code: 'provider-failed' });
    expect(told.errors[0]!.message).toContain('Internal error while transcribing');
  });

  test('without pushes the line is kept alive by pings, and by silence after ten seconds', async () => {
    const simulator = await simulate();
    const clock = new VirtualClock();
    const { line, told } = openLine(pulseOf(simulator.url, { clock }));
    await until(() => expect(told.log).toEqual(['up 0']));
    line.push(silence(60));
    clock.advanceBy(5_000);
    await until(() => expect(simulator.sessions()[0]!.audioBytes).toEqual([480]));
    clock.advanceBy(5_000);
    await until(() => expect(simulator.sessions()[0]!.audioBytes).toEqual([480, 800]));
  });
});

describe('what no reconnect mends', () => {
  test.each([
    [400, 'provider-failed'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
  ])('%i before the upgrade ends the line at once, with what was said', async (status, code) => {
    const simulator = await simulate();
    simulator.fault({ type: 'refuse', status, body: `{"error":"no, ${KEY}","request_id":"r-1"}`, times: 9 });
    const { told } = openLine(pulseOf(simulator.url));
    await until(() => expect(told.errors).toHaveLength(1));
    expect(simulator.stats().connections).toBe(1);
    expect(told.errors[0]).toMatchObject({ code, status, requestId: 'r-1', phase: 'connect' });
    expect(told.errors[0]!.message).toContain('no, [redacted]');
  });

  test('503 and HTML from a gateway are tried again', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'refuse', status: 503, body: '<html><h1>Bad gateway</h1></html>' });
    const { line, told } = openLine(pulseOf(simulator.url));
    pushFrames(line, spoken('back', MULAW, 500));
    await until(() => expect(told.finals).toEqual(['back']));
  });

  test('a language that is not enabled in the region', async () => {
    const simulator = await simulate({ region: 'us' });
    const { told } = openLine(pulseOf(simulator.url), { language: 'ta' });
    await until(() => expect(told.errors).toHaveLength(1));
    expect(simulator.stats().connections).toBe(1);
    expect(told.errors[0]).toMatchObject({ providerCode: 'LANGUAGE_NOT_ENABLED_IN_REGION' });
  });

  test('closes without a word, shortly after the opening: two more tries, then the likely cause', async () => {
    const simulator = await simulate({ region: 'india' });
    const { told } = openLine(pulseOf(simulator.url), { language: 'ja' });
    await until(() => expect(told.errors).toHaveLength(1));
    expect(simulator.stats().connections).toBe(3);
    expect(told.errors[0]!.message).toContain('may not be served on this host');
  });

  test('options that the service would refuse are refused before anything is sent', async () => {
    const simulator = await simulate();
    const pulse = pulseOf(simulator.url);
    const format = { encoding: 'mulaw', sampleRateHz: 16_000 } as const;
    expect(() => openLine(pulse, { format })).toThrow(VoiceError);
    expect(() => pulse.check({ format: MULAW, listen: { language: 'xx', keywords: [] } })).toThrow('got `xx`');
    expect(() => createPulse({ apiKey: 'sk_ with space' })).toThrow('`apiKey`');
    expect(simulator.stats().connections).toBe(0);
  });
});

describe('letting go', () => {
  test('closing in any state leaves no socket, timer or listener, and nothing is told afterwards', async () => {
    const simulator = await simulate();
    for (const stage of ['at once', 'connecting', 'open', 'waiting', 'closing'] as const) {
      const clock = new VirtualClock();
      const pulse = createPulse({ apiKey: KEY, baseUrl: simulator.url, clock, retryDelaysMs: [500] });
      simulator.clearFaults();
      if (stage === 'waiting') simulator.fault({ type: 'refuse', status: 503 });
      if (stage === 'connecting') simulator.fault({ type: 'hang' });
      const { line, told } = openLine(pulse);
      line.push(silence(100));
      if (stage === 'connecting') await until(() => expect(simulator.stats().connections).toBeGreaterThan(0));
      if (stage === 'open' || stage === 'closing') await until(() => expect(told.log).toContain('up 0'));
      if (stage === 'waiting') await until(() => expect(pulse.stats.failures).toBe(1));
      if (stage === 'closing') line.close();
      await pulse.close();
      expect(clock.pending).toBe(0);
      expect(pulse.stats.openSockets).toBe(0);
      expect(told.errors).toEqual([]);
      await until(() => expect(simulator.stats().open).toBe(0));
    }
  });

  test('nobody answers close_stream: it lets go after its time', async () => {
    const simulator = await simulate();
    simulator.fault({ type: 'ignore-close' });
    const pulse = pulseOf(simulator.url, { closeTimeoutMs: 30 });
    const { line, told } = openLine(pulse);
    await until(() => expect(told.log).toContain('up 0'));
    line.close();
    await until(() => expect(pulse.stats.openSockets).toBe(0));
    await until(() => expect(simulator.stats().open).toBe(0));
  });

  test('200 lines opened, used and closed leave as many sockets as before', async () => {
    const simulator = await simulate();
    const pulse = pulseOf(simulator.url);
    for (let round = 0; round < 10; round++) {
      const lines = Array.from({ length: 20 }, () => openLine(pulse));
      for (const { line } of lines) pushFrames(line, spoken('hi ', MULAW, 60));
      await until(() => lines.forEach(({ told }) => expect(told.log).toContain('i:hi')));
      for (const { line } of lines) line.close();
      await until(() => expect(pulse.stats.openSockets).toBe(0));
    }
    await until(() => expect(simulator.stats().open).toBe(0));
    expect(simulator.stats().connections).toBe(200);
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
