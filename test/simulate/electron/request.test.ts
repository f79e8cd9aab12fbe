import { expect, test } from 'vitest';
import { LIMITS } from '../../../src/model/electron/wire.ts';
import { PLAN_LIMITS } from '../../../src/model/plan.ts';
import * as limits from '../../../src/simulate/electron/limits.ts';
import { readRequest, refuseOverflow } from '../../../src/simulate/electron/request.ts';
import type { Refusal } from '../../../src/simulate/electron/envelope.ts';
import { ask, toolsOf, WEATHER } from '../helpers/electron.ts';

const read = (body: Record<string, unknown>): ReturnType<typeof readRequest> => readRequest(JSON.stringify(body));

function refusalOf(body: Record<string, unknown>): Refusal {
  const result = read(body);
  if (result.ok) throw new Error(`Expected a refusal of ${JSON.stringify(body).slice(0, 200)}`);
  return result.refusal;
}

const user = { role: 'user', content: 'Hi' };
const called = (...ids: string[]): object => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'weather', arguments: '{}' } })),
});
const answer = (id: string): object => ({ role: 'tool', tool_call_id: id, content: '{}' });
const history = (...messages: object[]): Record<string, unknown> => ({ model: 'electron', messages });

test('the documented limits are read alike by the client and by the simulator', () => {
  expect({
    messages: limits.MAX_MESSAGES,
    tools: limits.MAX_TOOLS,
    stops: limits.MAX_STOPS,
    topLogprobs: limits.MAX_TOP_LOGPROBS,
    contextTokens: limits.CONTEXT_TOKENS,
  }).toEqual({
    messages: LIMITS.messages,
    tools: LIMITS.tools,
    stops: LIMITS.stops,
    topLogprobs: LIMITS.topLogprobs,
    contextTokens: LIMITS.contextTokens,
  });
  expect(limits.PLANS).toEqual(PLAN_LIMITS);
});

test('every documented field passes at the ends of its range, and unknown fields pass too', () => {
  const low = { temperature: 0, top_p: 0, max_tokens: 1, presence_penalty: -2, frequency_penalty: -2, seed: -1, n: 1 };
  const high = {
    temperature: 2,
    top_p: 1,
    presence_penalty: 2,
    frequency_penalty: 2,
    logprobs: true,
    top_logprobs: 20,
  };
  const other = {
    stop: ['a', 'b', 'c', 'd'],
    logit_bias: { '7': -100 },
    user: 'x',
    parallel_tool_calls: false,
    strict: 1,
  };
  for (const fields of [low, high, other, { response_format: { type: 'json_object' } }, { stop: 'a' }]) {
    expect(read(ask('Hi', fields)).ok).toBe(true);
  }
});

test.each<[string, Record<string, unknown>, string]>([
  ['another model', { model: 'gpt-4o' }, 'model'],
  ['no model', { model: undefined }, 'model'],
  ['no messages', { messages: [] }, 'messages'],
  ['temperature beyond 2', { temperature: 2.1 }, 'temperature'],
  ['top_p beyond 1', { top_p: 1.1 }, 'top_p'],
  ['max_tokens 0', { max_tokens: 0 }, 'max_tokens'],
  ['half a max_tokens', { max_tokens: 1.5 }, 'max_tokens'],
  ['presence_penalty below -2', { presence_penalty: -2.5 }, 'presence_penalty'],
  ['n above 1', { n: 2 }, 'n'],
  ['prompt_logprobs of any value', { prompt_logprobs: 0 }, 'prompt_logprobs'],
  ['top_logprobs without logprobs', { top_logprobs: 3 }, 'top_logprobs'],
  ['top_logprobs beyond 20', { logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
  ['empty tools', { tools: [] }, 'tools'],
  ['a tool that is no object', { tools: ['weather'] }, 'tools.0'],
  [
    'tool_choice of a tool that is not there',
    { tools: toolsOf([WEATHER]), tool_choice: { type: 'function', function: { name: 'x' } } },
    'tool_choice.function.name',
  ],
  ['tool_choice without tools', { tool_choice: 'required' }, 'tool_choice'],
  ['stream as text', { stream: 'yes' }, 'stream'],
  ['content parts', { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] }, 'messages.0.content'],
  ['null content of a caller', { messages: [{ role: 'user', content: null }] }, 'messages.0.content'],
  ['an unknown role', { messages: [{ role: 'robot', content: 'Hi' }] }, 'messages.0.role'],
])('%s is refused by its path', (_, fields, path) => {
  const refusal = refusalOf(ask('Hi', fields));
  expect(refusal).toMatchObject({ status: 400, type: 'invalid_request_error' });
  expect(refusal.details?.map((detail) => detail.path.join('.'))).toContain(path);
});

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['messages', { messages: Array(200).fill(user) }, { messages: Array(201).fill(user) }],
  ['tools', { tools: Array(64).fill({}) }, { tools: Array(65).fill({}) }],
  ['stop', { stop: Array(4).fill('x') }, { stop: Array(5).fill('x') }],
])('the hard limit of %s is exact, and its message names the field', (field, within, beyond) => {
  expect(read(ask('Hi', within)).ok).toBe(true);
  expect(refusalOf(ask('Hi', beyond)).message).toMatch(new RegExp(`\`${field}\` takes at most`));
});

test('input and output share one context', () => {
  const request = read(ask('Hi', { max_tokens: 768 }));
  if (!request.ok) throw new Error('Expected a request');
  expect(refuseOverflow(request.request, 32_000)).toBeUndefined();
  expect(refuseOverflow(request.request, 32_001)?.message).toMatch(/32768 tokens.*32001.*768/);
});

test.each<[string, object[], RegExp]>([
  ['a call that nobody answered', [user, called('a', 'b'), answer('a'), user], /unanswered: b/],
  ['a call at the very end', [user, called('a')], /unanswered: a/],
  ['an answer without a call', [user, answer('a')], /answers no call/],
  ['an answer given twice', [user, called('a'), answer('a'), answer('a')], /answers no call/],
  ['an answer after another message', [user, called('a'), user, answer('a')], /unanswered: a/],
  [
    'an assistant message with nothing in it',
    [user, { role: 'assistant', content: '' }, user],
    /content or tool_calls/,
  ],
  ['two calls with one id', [user, called('a', 'a'), answer('a')], /share an id/],
])('a history with %s is refused', (_, messages, message) => {
  expect(refusalOf(history(...messages)).message).toMatch(message);
});

test('arguments that are not the text of an object are refused with their path', () => {
  const broken = { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":' } };
  const refusal = refusalOf(history(user, { role: 'assistant', content: null, tool_calls: [broken] }, answer('a')));
  expect(refusal.details?.[0]?.path).toEqual(['messages', '1', 'tool_calls', '0', 'function', 'arguments']);
});

test('a proper round trip with filler, parallel calls and notes between passes', () => {
  const filler = { ...called('a', 'b'), content: 'One second.' };
  const note = { role: 'system', content: 'The caller is Ana.' };
  expect(read(history(note, user, filler, answer('b'), answer('a'), note, user, user)).ok).toBe(true);
});

test.each(['', 'hello', '[]', '{"model":'])('a body that is no JSON object is refused: %j', (body) => {
  const result = readRequest(body);
  expect(result.ok ? undefined : result.refusal.message).toBe('The body is not a JSON object');
});
