/** What goes over the wire, and what is refused before it does. */
import { expect, test } from 'vitest';
import type { Message, StepRequest } from '../../../src/model/contract.ts';
import { PLAIN_MANNERS } from '../../../src/model/electron/manners.ts';
import { buildBody, ModelOptions, type BodySettings } from '../../../src/model/electron/request.ts';
import { LIMITS } from '../../../src/model/electron/wire.ts';

const settings: BodySettings = {
  defaultModel: 'electron',
  contextTokens: LIMITS.contextTokens,
  tokenRatio: 1,
  manners: PLAIN_MANNERS,
};
const user = (content = 'Hello?'): Message => ({ role: 'user', content });
const tool = (name = 'look', extra: object = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object' }, ...extra },
});
const calls = (...ids: string[]): Message => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'look', arguments: '{"x":1}' } })),
});
const result = (id: string): Message => ({ role: 'tool', tool_call_id: id, content: '{}' });

function build(request: Partial<StepRequest>, overrides: Partial<BodySettings> = {}) {
  const whole: StepRequest = { messages: [user()], toolsJson: undefined, options: {}, priority: 'answer', ...request };
  return buildBody(whole, { ...settings, ...overrides }).json;
}
const parse = (json: string) => JSON.parse(json) as Record<string, unknown>;
/** A value that the types would not let through. */
const unchecked = <T>(value: unknown): T => value as T;

test('every option goes out under its documented name', () => {
  const options: ModelOptions = {
    model: 'electron',
    temperature: 0,
    topP: 0.9,
    maxTokens: 300,
    stop: ['END', '\n'],
    seed: 7,
    presencePenalty: -2,
    frequencyPenalty: 2,
    logitBias: { '50256': -100 },
    responseFormat: 'json_object',
    user: 'desk-1',
    logprobs: true,
    topLogprobs: 20,
  };
  expect(ModelOptions.parse(options)).toEqual(options);
  expect(parse(build({ options }))).toEqual({
    model: 'electron',
    messages: [user()],
    temperature: 0,
    top_p: 0.9,
    max_tokens: 300,
    stop: ['END', '\n'],
    seed: 7,
    presence_penalty: -2,
    frequency_penalty: 2,
    logit_bias: { '50256': -100 },
    response_format: { type: 'json_object' },
    user: 'desk-1',
    logprobs: true,
    top_logprobs: 20,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('what was not asked for is not sent', () => {
  expect(Object.keys(parse(build({ toolsJson: '[]', toolChoice: 'none' })))).toEqual([
    'model',
    'messages',
    'stream',
    'stream_options',
  ]);
});

test.each<[object, RegExp]>([
  [{ temperature: 2.1 }, /temperature/],
  [{ temperature: -0.1 }, /temperature/],
  [{ temperature: NaN }, /temperature/],
  [{ topP: 1.01 }, /topP/],
  [{ maxTokens: 0 }, /maxTokens/],
  [{ maxTokens: 1.5 }, /maxTokens/],
  [{ maxTokens: 32_769 }, /maxTokens/],
  [{ stop: ['1', '2', '3', '4', '5'] }, /stop/],
  [{ stop: '' }, /stop/],
  [{ seed: 0.5 }, /seed/],
  [{ presencePenalty: -2.1 }, /presencePenalty/],
  [{ frequencyPenalty: 2.1 }, /frequencyPenalty/],
  [{ logitBias: { word: 1 } }, /logitBias/],
  [{ responseFormat: 'json_schema' }, /responseFormat/],
  [{ topLogprobs: 21, logprobs: true }, /topLogprobs/],
  [{ topLogprobs: 2 }, /`logprobs` to be true/],
  [{ n: 2 }, /n/],
  [{ prompt_logprobs: 1 }, /prompt_logprobs/],
  [{ max_completion_tokens: 9 }, /max_completion_tokens/],
])('the option %j is refused by name, in the agent file and before sending', (options, field) => {
  const { success, error } = ModelOptions.safeParse(options);
  expect(success).toBe(false);
  expect(JSON.stringify(error?.issues)).toMatch(field);
  expect(() => build({ options: unchecked(options) })).toThrow(field);
});

test('tools go out in the very bytes that they were given in', () => {
  const toolsJson = JSON.stringify([tool('look'), tool('see')], null, 1);
  const json = build({ toolsJson, toolChoice: { name: 'see' } });
  expect(json).toContain(`"tools":${toolsJson}`);
  expect(parse(json).tool_choice).toEqual({ type: 'function', function: { name: 'see' } });
  expect(parse(build({ toolsJson, toolChoice: 'required' })).tool_choice).toBe('required');
  expect(parse(build({ toolsJson, toolChoice: 'none' })).tool_choice).toBe('none');
  expect(parse(build({ toolsJson, toolChoice: 'auto' }))).not.toHaveProperty('tool_choice');
});

test('a longer conversation begins with the bytes of the shorter one', () => {
  const messages = [user(), calls('a'), result('a')];
  const shorter = build({ messages });
  const longer = build({ messages: [...messages, { role: 'assistant', content: 'Nine — o’clock.' }, user('Thanks')] });
  const common = shorter.slice(0, shorter.indexOf('],"stream"'));
  expect(longer.startsWith(common)).toBe(true);
  expect(parse(longer).messages).toHaveLength(5);
});

test('several system and several user messages in a row are fine', () => {
  const messages: Message[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'system', content: 'It is May.' },
    user(),
    user('Hm'),
  ];
  expect(parse(build({ messages })).messages).toEqual(messages);
});

test('a limit for the answer is lowered to what the prompt leaves, as the service counts', () => {
  const messages = [user('a'.repeat(3_200))]; // about 1,000 tokens, and a few for the message
  expect(parse(build({ messages, options: { maxTokens: 500 } }, { contextTokens: 1_100 })).max_tokens).toBe(96);
  expect(
    parse(build({ messages, options: { maxTokens: 500 } }, { contextTokens: 1_100, tokenRatio: 0.5 })).max_tokens,
  ).toBe(500);
  expect(() => build({ messages }, { contextTokens: 1_000 })).toThrow(
    expect.objectContaining({
      code: 'context-overflow',
      message: 'electron: Expected the prompt to leave room in 1000 tokens, got about 1004',
    }),
  );
});

test.each<[string, Partial<StepRequest>, string]>([
  ['no messages', { messages: [] }, 'Expected `messages` to be 1 to 200, got 0'],
  ['too many messages', { messages: Array<Message>(201).fill(user()) }, 'Expected `messages` to be 1 to 200, got 201'],
  ['an unanswered call', { messages: [user(), calls('a', 'b'), result('a')] }, 'answer to call `b` at the end'],
  [
    'an answer that comes too late',
    { messages: [calls('a'), user(), result('a')] },
    'answer to call `a` before `messages[1]`',
  ],
  [
    'an answer to nobody',
    { messages: [user(), result('a')] },
    '`messages[1]` to answer an open call, got an answer to `a`',
  ],
  ['two answers', { messages: [calls('a'), result('a'), result('a')] }, '`messages[2]` to answer an open call'],
  ['two calls with one id', { messages: [calls('a', 'a'), result('a')] }, 'got `a` twice'],
  [
    'no words and no calls',
    { messages: [unchecked({ role: 'assistant', content: null })] },
    '`messages[0].content` to be text',
  ],
  [
    'content in parts',
    { messages: [unchecked({ role: 'user', content: [{ type: 'text', text: 'secret' }] })] },
    'got a value of type array',
  ],
  [
    'an empty list of calls',
    { messages: [unchecked({ role: 'assistant', content: null, tool_calls: [] })] },
    'to hold a call',
  ],
  [
    'an unknown role',
    { messages: [unchecked({ role: 'developer', content: 'x' })] },
    '`messages[0].role` to be system, user',
  ],
  ['not a message', { messages: [unchecked('hello')] }, '`messages[0]` to be a message'],
  ['an answer without an id', { messages: [unchecked({ role: 'tool', content: '{}' })] }, '`messages[0].tool_call_id`'],
  [
    'arguments that are no object',
    {
      messages: [
        unchecked({
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'a', function: { name: 'x', arguments: '[]' } }],
        }),
      ],
    },
    '`messages[0].tool_calls[0].function.arguments` to be the text of a JSON object',
  ],
  [
    'too many tools',
    { toolsJson: JSON.stringify(Array.from({ length: 65 }, (_, i) => tool(`t${i}`))) },
    'at most 64 `tools`, got 65',
  ],
  [
    'a tool with a bad name',
    { toolsJson: JSON.stringify([tool('look'), tool('look up')]) },
    '`tools[1].function.name` to match',
  ],
  ['a tool that is no function', { toolsJson: '[{"name":"look"}]' }, '`tools[0].function.name` to match'],
  ['two tools of one name', { toolsJson: JSON.stringify([tool(), tool()]) }, 'got `look` twice'],
  ['tools that are no list', { toolsJson: '{}' }, '`tools` to be the text of a JSON array'],
  [
    'a choice of a tool that is not there',
    { toolsJson: JSON.stringify([tool()]), toolChoice: { name: 'see' } },
    '`toolChoice` to name one of the tools, got `see`',
  ],
])('%s: refused before anything is sent', (_name, request, message) => {
  expect(() => build(request)).toThrow(
    expect.objectContaining({
      name: 'ProviderError',
      code: 'request-invalid',
      phase: 'connect',
      message: expect.stringContaining(message) as unknown,
    }),
  );
  expect(() => build(request)).not.toThrow('secret');
});
