/** The official OpenAI package, pointed at the simulator: what any SDK user would do. */
import OpenAI, {
  APIConnectionError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import { expect, test } from 'vitest';
import type { ElectronSimulator } from '../../../src/simulate/electron/server.ts';
import { CLINIC } from '../helpers/domains.ts';
import { KEY, simulator, WEATHER } from '../helpers/electron.ts';
import { until } from '../../helpers/until.ts';

function client(sim: ElectronSimulator, apiKey = KEY): OpenAI {
  return new OpenAI({ baseURL: sim.url, apiKey, maxRetries: 0 });
}

const weather = {
  type: 'function',
  function: { name: WEATHER.name, description: WEATHER.description, parameters: { ...WEATHER.parameters } },
} as const;
const hello = {
  model: 'electron',
  messages: [{ role: 'user', content: 'Hello' }],
} satisfies OpenAI.ChatCompletionCreateParams;
const asking = {
  model: 'electron',
  messages: [
    { role: 'system', content: 'Before you use a tool, say a short phrase.' },
    { role: 'user', content: 'What is the weather in Pune and in Goa?' },
  ],
  tools: [weather],
} satisfies OpenAI.ChatCompletionCreateParams;

test('a plain answer, with usage and request id', async () => {
  const sim = await simulator();
  const completion = await client(sim).chat.completions.create(hello);
  expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
  expect(completion.choices[0]?.message.content).toMatch(/^Hello/);
  expect(completion.usage?.total_tokens).toBeGreaterThan(0);
  expect(completion._request_id).toMatch(/^[0-9a-f-]{36}$/);
});

test('a stream, piece by piece', async () => {
  const sim = await simulator();
  const stream = await client(sim).chat.completions.create({ ...hello, stream: true });
  const pieces: string[] = [];
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  expect(pieces.join('')).toMatch(/^Hello! /);
  expect(pieces.length).toBeGreaterThan(3);
});

test.each(['sequential', 'interleaved'] as const)('filler and two %s calls in one message', async (calls) => {
  const sim = await simulator({ shape: { calls } });
  const message = await client(sim).chat.completions.stream(asking).finalMessage();
  expect(message.content).toMatch(/both/);
  expect(message.tool_calls?.map((call) => 'function' in call && call.function.arguments)).toEqual([
    '{"city":"Pune"}',
    '{"city":"Goa"}',
  ]);
});

test('runTools goes round with real tools until there are words', async () => {
  const sim = await simulator({ today: '2026-08-21' });
  const ran: string[] = [];
  const runner = client(sim).chat.completions.runTools({
    model: 'electron',
    stream: true,
    messages: [
      { role: 'system', content: CLINIC.instructions },
      { role: 'user', content: 'Book me an appointment tomorrow at ten, my name is Ana Costa' },
    ],
    tools: CLINIC.tools.map((tool) => ({
      type: 'function' as const,
      function: {
        name: tool.name,
        description: tool.description,
        parameters: tool.parameters as Record<string, unknown>,
        parse: (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>,
        function: (input: Record<string, unknown>): string => {
          ran.push(tool.name);
          return JSON.stringify(tool.run(input));
        },
      },
    })),
  });
  expect(await runner.finalContent()).toMatch(/C-S1/);
  expect(ran).toEqual(['find_appointments', 'book_appointment']);
  expect(sim.stats().requests).toBe(3);
});

test('tool_choice is honoured: none, required, by name', async () => {
  const sim = await simulator();
  const choose = async (
    tool_choice: OpenAI.ChatCompletionToolChoiceOption,
  ): Promise<OpenAI.ChatCompletionMessage | undefined> =>
    (await client(sim).chat.completions.create({ ...asking, tool_choice })).choices[0]?.message;
  expect((await choose('none'))?.tool_calls).toBeNull();
  expect((await choose('required'))?.tool_calls).toHaveLength(1);
  expect((await choose({ type: 'function', function: { name: 'weather' } }))?.tool_calls).toHaveLength(1);
});

test('max_tokens, stop and JSON mode', async () => {
  const sim = await simulator();
  const create = async (
    more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>,
  ): Promise<OpenAI.ChatCompletion.Choice | undefined> =>
    (await client(sim).chat.completions.create({ ...hello, ...more })).choices[0];
  expect(await create({ max_tokens: 1 })).toMatchObject({ finish_reason: 'length', message: { content: 'Hello' } });
  expect(await create({ stop: '!' })).toMatchObject({ finish_reason: 'stop', message: { content: 'Hello' } });
  const json = await create({
    response_format: { type: 'json_object' },
    messages: [{ role: 'user', content: 'Give me JSON with "city" and "date": I fly to Pune on 2026-09-01' }],
  });
  expect(JSON.parse(json?.message.content ?? '')).toEqual({ city: 'Pune', date: '2026-09-01' });
});

test('logprobs come when they are asked for', async () => {
  const sim = await simulator();
  const completion = await client(sim).chat.completions.create({ ...hello, logprobs: true });
  const tokens = completion.choices[0]?.logprobs?.content ?? [];
  expect(tokens.map(({ token }) => token).join('')).toBe(completion.choices[0]?.message.content);
  expect(tokens.every(({ logprob }) => logprob <= 0)).toBe(true);
});

test('errors are its own error classes, with status, type and request id', async () => {
  const sim = await simulator({ forbiddenKeys: ['sk_poor'] });
  const ai = client(sim);
  await expect(client(sim, 'sk-wrong').chat.completions.create(hello)).rejects.toBeInstanceOf(AuthenticationError);
  await expect(client(sim, 'sk_poor').chat.completions.create(hello)).rejects.toBeInstanceOf(PermissionDeniedError);
  const refused = await ai.chat.completions.create({ ...hello, n: 2 }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(BadRequestError);
  expect(refused).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    requestID: expect.stringMatching(/-/) as string,
  });
  sim.fault({ type: 'status', status: 429 });
  await expect(ai.chat.completions.create(hello)).rejects.toBeInstanceOf(RateLimitError);
  sim.fault({ type: 'status', status: 502, body: 'html' });
  await expect(ai.chat.completions.create(hello)).rejects.toBeInstanceOf(InternalServerError);
  sim.fault({ type: 'refuse' });
  await expect(ai.chat.completions.create(hello)).rejects.toBeInstanceOf(APIConnectionError);
});

test('its own retries get through', async () => {
  const sim = await simulator();
  sim.fault({ type: 'status', status: 503, retryAfter: 0.01, times: 2 });
  const completion = await new OpenAI({ baseURL: sim.url, apiKey: KEY, maxRetries: 2 }).chat.completions.create(hello);
  expect(completion.choices[0]?.message.content).toMatch(/^Hello/);
  expect(sim.stats().requests).toBe(3);
});

test('an abort in the middle frees the stream', async () => {
  const sim = await simulator();
  sim.fault({ type: 'endless', everyMs: 1 });
  const stream = await client(sim).chat.completions.create({ ...hello, stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content === ' and so on') break;
  await until(() => expect(sim.stats()).toMatchObject({ aborts: 1, inFlight: 0 }));
});
