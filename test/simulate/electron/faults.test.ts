/** Every fault as a client meets it: over a raw socket, byte for byte. */
import { expect, test } from 'vitest';
import { parseJson } from '../../../src/lib/json.ts';
import type { FaultOptions } from '../../../src/simulate/electron/service.ts';
import { askStream, askWeather, chunksOf, payloadsOf, raw, readAnswer, simulator } from '../helpers/electron.ts';
import { until } from '../../helpers/until.ts';

test('a status comes with its envelope and Retry-After, then all is well again', async () => {
  const sim = await simulator();
  sim.fault({ type: 'status', status: 429, retryAfter: 2 });
  const refused = await raw(sim, askWeather()).answer;
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
  expect(parseJson(refused.body)).toMatchObject({
    error: { type: 'rate_limit_error', request_id: refused.headers['x-request-id'] },
  });
  expect((await raw(sim, askWeather()).answer).status).toBe(200);
  expect(sim.stats()).toMatchObject({ requests: 2, faults: 1, faultsWaiting: 0 });
});

test.each([
  ['html', /^<html>/],
  ['text', /^The model upstream/],
  ['empty', /^$/],
] as const)('a gateway may answer 502 with %s', async (body, expected) => {
  const sim = await simulator();
  sim.fault({ type: 'status', status: 502, body });
  const answer = await raw(sim, askWeather()).answer;
  expect(answer.status).toBe(502);
  expect(answer.body).toMatch(expected);
});

test('a hang sends no byte, or headers alone; the abort frees it', async () => {
  const sim = await simulator();
  sim.fault({ type: 'hang' });
  sim.fault({ type: 'hang', at: 'first-token' });
  const [silent, headersOnly] = [raw(sim, askWeather()), raw(sim, askWeather())];
  await Promise.race([silent.has('text/event-stream'), headersOnly.has('text/event-stream')]);
  expect([silent, headersOnly].filter((exchange) => exchange.received() === '')).toHaveLength(1);
  expect(sim.stats().inFlight).toBe(2);
  silent.socket.destroy();
  headersOnly.socket.destroy();
  await until(() => expect(sim.stats()).toMatchObject({ inFlight: 0, aborts: 2 }));
});

test('a refused connection is reset before any header', async () => {
  const sim = await simulator();
  sim.fault({ type: 'refuse' });
  expect(await raw(sim, askWeather()).answer).toMatchObject({ ended: 'broken', status: undefined });
});

test('a stall falls silent after as many chunks as it says', async () => {
  const sim = await simulator();
  sim.fault({ type: 'stall', afterChunks: 3 });
  const exchange = raw(sim, askWeather());
  const seen = await exchange.has('let');
  expect(seen).not.toContain('tool_calls');
  expect(sim.stats().inFlight).toBe(1);
});

test('a stall for a while goes on afterwards and loses nothing', async () => {
  const sim = await simulator();
  sim.fault({ type: 'stall', afterChunks: 2, forMs: 20 });
  const answer = readAnswer((await raw(sim, askWeather()).answer).body);
  expect(answer.calls).toEqual([{ name: 'weather', arguments: '{"city":"Pune"}' }]);
});

test('a clean cut ends the body as HTTP does, without the rest', async () => {
  const sim = await simulator();
  sim.fault({ type: 'cut', afterChunks: 2 });
  const answer = await raw(sim, askWeather()).answer;
  expect(answer.ended).toBe('end');
  expect(readAnswer(answer.body)).toMatchObject({ text: 'One moment,', calls: [], finishReason: undefined });
});

test('a body without a stream is cut in its middle', async () => {
  const sim = await simulator();
  sim.fault({ type: 'cut' });
  sim.fault({ type: 'cut', how: 'reset' });
  const whole = askWeather(undefined, { stream: false });
  for (const ended of ['end', 'broken'] as const) {
    const answer = await raw(sim, whole).answer;
    expect(answer).toMatchObject({ status: 200, ended });
    expect(answer.body).toMatch(/^\{"id":/);
    expect(parseJson(answer.body)).toBeUndefined();
  }
});

test('a reset comes after what was sent has arrived', async () => {
  const sim = await simulator();
  sim.fault({ type: 'cut', afterChunks: 2, how: 'reset' });
  const answer = await raw(sim, askWeather()).answer;
  expect(answer.ended).toBe('broken');
  expect(readAnswer(answer.body).text).toBe('One moment,');
  await until(() => expect(sim.stats()).toMatchObject({ reset: 1, inFlight: 0, aborts: 0 }));
});

test('a cut inside arguments leaves them open, in one fragment or in many', async () => {
  for (const firstFragment of ['empty', 'whole'] as const) {
    const sim = await simulator({ shape: { firstFragment } });
    sim.fault({ type: 'cut', inArguments: true });
    const { body, ended } = await raw(sim, askWeather()).answer;
    expect(ended).toBe('end');
    expect(body).toContain('"name":"weather"');
    expect(body).not.toContain('Pune\\"}');
    expect(body).not.toContain('finish_reason":"tool_calls');
  }
});

test('a cut after bytes is exact at every byte, also inside a letter', async () => {
  const sim = await simulator({ replies: [{ say: 'नमस्ते' }], shape: { metadata: false } });
  const whole = (await raw(sim, askStream('Hi')).answer).bytes;
  const letter = whole.indexOf('न');
  expect(letter).toBeGreaterThan(0);
  for (let bytes = letter - 2; bytes < letter + 6; bytes++) {
    sim.fault({ type: 'cut', afterBytes: bytes });
    const answer = await raw(sim, askStream('Hi')).answer;
    expect(answer.ended).toBe('end');
    expect(answer.bytes).toEqual(whole.subarray(0, bytes));
  }
});

test('garbage lies among good chunks', async () => {
  const sim = await simulator();
  sim.fault({ type: 'garbage', afterChunks: 1 });
  const payloads = payloadsOf((await raw(sim, askWeather()).answer).body);
  const broken = payloads.filter((payload) => payload !== '[DONE]' && parseJson(payload) === undefined);
  expect(broken).toEqual(['{"choices":[{"ind']);
  expect(payloads.at(-1)).toBe('[DONE]');
});

test('an error in the stream takes the place of the rest, as a chunk or as an event', async () => {
  const sim = await simulator();
  sim.fault({ type: 'stream-error', afterChunks: 2, message: 'The model fell over' });
  sim.fault({ type: 'stream-error', form: 'event' });
  const { body, headers } = await raw(sim, askWeather()).answer;
  const last = chunksOf(body).at(-1);
  expect(last?.error).toEqual({
    message: 'The model fell over',
    type: 'api_error',
    request_id: headers['x-request-id'],
  });
  expect(payloadsOf(body)).not.toContain('[DONE]');
  expect((await raw(sim, askWeather()).answer).body).toContain('event: error\ndata: {"error"');
});

test('slow arguments come whole, later', async () => {
  const sim = await simulator();
  sim.fault({ type: 'slow-arguments', argumentsMs: 60 });
  const startedAtMs = performance.now();
  const answer = readAnswer((await raw(sim, askWeather()).answer).body);
  expect(performance.now() - startedAtMs).toBeGreaterThan(55);
  expect(answer.calls).toEqual([{ name: 'weather', arguments: '{"city":"Pune"}' }]);
});

test('status 200 may carry JSON instead of a stream: a completion, an error, nothing', async () => {
  const sim = await simulator();
  for (const body of ['completion', 'error', 'empty'] as const) sim.fault({ type: 'json-body', body });
  const bodies: string[] = [];
  for (let i = 0; i < 3; i++) {
    const answer = await raw(sim, askWeather()).answer;
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    bodies.push(answer.body);
  }
  expect(parseJson(bodies[0]!)).toMatchObject({ object: 'chat.completion' });
  expect(parseJson(bodies[1]!)).toMatchObject({ error: { type: 'api_error' } });
  expect(bodies[2]).toBe('');
});

test('an endless stream goes on until the client goes', async () => {
  const sim = await simulator();
  sim.fault({ type: 'endless', everyMs: 1 });
  const exchange = raw(sim, askStream('Hello'));
  await exchange.has(' and so on');
  exchange.socket.destroy();
  await until(() => expect(sim.stats()).toMatchObject({ aborts: 1, inFlight: 0 }));
});

test('all but the last line', async () => {
  const sim = await simulator();
  sim.fault({ type: 'no-done' });
  const { body } = await raw(sim, askWeather()).answer;
  expect(readAnswer(body).finishReason).toBe('tool_calls');
  expect(payloadsOf(body)).not.toContain('[DONE]');
});

test('a fault waits for the requests that it is for: by words, tools, follow-ups, ordinal, function, after some, for some', async () => {
  const sim = await simulator();
  const statusOf = async (text: string): Promise<number | undefined> =>
    (await raw(sim, askWeather(text)).answer).status;
  const statuses = async (...texts: string[]): Promise<(number | undefined)[]> => {
    const all: (number | undefined)[] = [];
    for (const text of texts) all.push(await statusOf(text));
    return all;
  };
  sim.fault({ type: 'status', status: 500, when: { caller: 'pune' } });
  expect(await statuses('weather in Goa', 'weather in Pune', 'weather in Pune')).toEqual([200, 500, 200]);
  sim.fault({ type: 'status', status: 500, when: { calls: 'weather' }, skip: 1, times: 2 });
  expect(await statuses('hello', 'weather in Goa', 'weather in Goa', 'weather in Goa', 'weather in Goa')).toEqual([
    200, 200, 500, 500, 200,
  ]);
  const remove = sim.fault({ type: 'status', status: 503, times: 'always', filter: ({ isFollowUp }) => !isFollowUp });
  expect(await statuses('hello', 'hello')).toEqual([503, 503]);
  remove();
  sim.fault({ type: 'status', status: 503, when: { isFollowUp: true }, times: 'always' });
  sim.fault({ type: 'status', status: 502, when: { ordinal: 12 }, times: 'always' });
  expect(await statuses('hello', 'hello')).toEqual([200, 502]);
  sim.clearFaults();
  expect(sim.stats().faultsWaiting).toBe(0);
});

test('a fault of chance meets some requests, the same ones for the same seed', async () => {
  const run = async (): Promise<number> => {
    const sim = await simulator({
      seed: 3,
      faults: [{ type: 'status', status: 503, probability: 0.5, times: 'always' }],
    });
    for (let i = 0; i < 20; i++) await raw(sim, askStream('hello')).answer;
    return sim.stats().faults;
  };
  const met = await run();
  expect(met).toBeGreaterThan(3);
  expect(met).toBeLessThan(17);
  expect(await run()).toBe(met);
});

test('a fault that is not known is refused with what was wrong', async () => {
  const sim = await simulator();
  expect(() => sim.fault({ type: 'status', status: 42 })).toThrow(/status/);
  expect(() => sim.fault(JSON.parse('{"type":"explode"}') as FaultOptions)).toThrow(/explode|type/);
  expect(() => sim.fault({ type: 'hang', when: { caller: '(' } })).toThrow(/regular expression, got `\(`/);
});
