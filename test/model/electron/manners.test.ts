/** What a refusal teaches, in any server's words. */
import { expect, test } from 'vitest';
import { goesBack, learn, PLAIN_MANNERS, type Manners } from '../../../src/model/electron/manners.ts';

const after = (words: string, { manners = PLAIN_MANNERS, status = 400, fields = [] as string[] } = {}) =>
  learn(manners, { status, words, fields });
const merged: Manners = { ...PLAIN_MANNERS, form: 'merged' };

test.each([
  'Conversation roles must alternate user/assistant/user/assistant/...',
  'After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.',
  'Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...',
  'After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).',
  'messages: roles must alternate between "user" and "assistant", but found multiple "user" roles in a row',
  'Please ensure that multiturn requests alternate between user and model.',
  'System message must be at the beginning.',
  'System message must be the first message',
  "Invalid input: the 'system' role is only allowed at the start of the messages: system prompt must come first",
  'Only one system message is allowed',
  'Multiple system messages are not supported',
  'Only user, assistant and tool roles are supported, with the exception of an initial optional system message!',
  "Unexpected role 'user' after role 'tool'",
  "Unexpected role 'system' after role 'user'",
  'Expected last role User or Tool (or Assistant with prefix True) for serving but got system',
  'deepseek-reasoner does not support successive user or assistant messages (messages[1] and messages[2] in your input). You should interleave the user/assistant messages in the message sequence.',
  'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
  'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
  'invalid_request_message_order',
])('merged after: %s', (words) => {
  for (const status of [400, 422, 500]) expect(after(words, { status })).toMatchObject({ form: 'merged' });
  expect(after(words, { manners: merged })).toMatchObject({ form: 'without-system' });
  expect(after(words, { manners: { ...merged, form: 'without-system' } })).toBeUndefined(); // no more to try
});

test.each([
  'System role not supported',
  'Developer instruction is not enabled for models/gemma-3-27b-it',
  'This model does not support system messages',
  'Only user and assistant roles are supported!',
])('no system message after: %s', (words) => {
  expect(after(words)).toMatchObject({ form: 'without-system' });
});

test.each([
  'thinking is enabled but reasoning_content is missing in assistant tool call message at index 2',
  'The `reasoning_content` in the thinking mode must be passed back to the API.',
  '{"error":{"message":"Param Incorrect","param":"The reasoning_content in the thinking mode must be passed back to the API."}}',
  'Missing `reasoning_content` field in the assistant message at message index 3',
])('thoughts go back after: %s', (words) => {
  const learnt = after(words, { fields: ['reasoning_content'] });
  expect(learnt).toMatchObject({ wanted: ['reasoning_content'], form: 'separate' });
  expect(goesBack('reasoning_content', PLAIN_MANNERS)).toBe(false);
  expect(goesBack('reasoning_content', learnt ?? PLAIN_MANNERS)).toBe(true);
  expect(after(words, { manners: learnt, fields: ['reasoning_content'] })).toBeUndefined();
});

test.each([
  [
    "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_details' is unsupported)]",
    'reasoning_details',
  ],
  ["messages.2.assistant.extra_content: property 'messages.2.assistant.extra_content' is unsupported", 'extra_content'],
  [
    '{"detail":[{"type":"extra_forbidden","loc":["body","messages",3,"assistant","provider_specific_fields"],"msg":"Extra inputs are not permitted"}]}',
    'provider_specific_fields',
  ],
  [
    "Additional properties are not allowed ('extra_content' was unexpected) - 'messages.2.tool_calls.0'",
    'extra_content',
  ],
])('a field is left out after: %s', (words, field) => {
  const fields = ['reasoning_details', 'extra_content', 'provider_specific_fields'];
  const learnt = after(words, { status: 422, fields });
  expect(learnt?.refused).toEqual([field]);
  expect(goesBack(field, learnt ?? PLAIN_MANNERS)).toBe(false);
  expect(after(words, { manners: learnt, fields })).toBeUndefined();
});

test('a server that misses what it refused is not asked for ever', () => {
  let manners: Manners = PLAIN_MANNERS;
  let asked = 0;
  for (; asked < 20; asked++) {
    const words = asked % 2 === 0 ? 'reasoning_content is missing' : "property 'reasoning_content' is unsupported";
    const learnt = after(words, { manners, fields: ['reasoning_content'] });
    if (!learnt) break;
    manners = learnt;
  }
  expect(asked).toBe(2);
});

test.each([
  ['a temperature', 400, 'temperature must be at most 2'],
  ['an unknown model', 404, 'The model `x` does not exist'],
  [
    'a result without its call',
    400,
    "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
  ],
  ['a key', 401, 'roles must alternate'],
  ['a rate', 429, 'roles must alternate'],
  ['a broken server', 500, 'Internal server error'],
  ['a field that was not sent', 400, "property 'audio' is unsupported"],
])('%s teaches nothing', (_what, status, words) => {
  expect(after(words, { status, fields: ['extra_content'] })).toBeUndefined();
});
