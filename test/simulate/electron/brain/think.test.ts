/** What the brain makes of a request that is not simply the caller's next words. */
import { expect, test } from 'vitest';
import { readConversation } from '../../../../src/simulate/electron/brain/conversation.ts';
import { think } from '../../../../src/simulate/electron/brain/think.ts';
import type { Reply } from '../../../../src/simulate/electron/reply.ts';
import { readRequest } from '../../../../src/simulate/electron/request.ts';
import { toolsOf, WEATHER } from '../../helpers/electron.ts';
import { BANK, CLINIC } from '../../helpers/domains.ts';

function reply(messages: readonly object[], more: Record<string, unknown> = {}): Reply {
  const read = readRequest(JSON.stringify({ model: 'electron', messages, ...more }));
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return think(readConversation(read.request), { today: '2026-08-21' });
}

const system = (content: string): object => ({ role: 'system', content });
const user = (content: string): object => ({ role: 'user', content });
const agent = (content: string | null, ...calls: [id: string, name: string, given: object][]): object => ({
  role: 'assistant',
  content,
  ...(calls.length > 0 && {
    tool_calls: calls.map(([id, name, given]) => ({
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(given) },
    })),
  }),
});
const tool = (id: string, result: unknown): object => ({
  role: 'tool',
  tool_call_id: id,
  content: typeof result === 'string' ? result : JSON.stringify(result),
});
const weather = { tools: toolsOf([WEATHER]) };

test('the same request has the same answer, whatever was asked before', () => {
  const messages = [user('weather in Pune?')];
  const first = reply(messages, weather);
  reply([user('weather in Goa?')], weather);
  expect(reply(messages, weather)).toEqual(first);
});

test('tool_choice none tells what is known and calls nothing', () => {
  const round = [
    user('weather in Pune and in Goa'),
    agent(null, ['a', 'weather', { city: 'Pune' }]),
    tool('a', { forecast: 'sunny' }),
  ];
  expect(reply(round, { ...weather, tool_choice: 'none' })).toEqual({ text: 'The forecast is sunny.', calls: [] });
  expect(reply([user('weather in Pune')], { ...weather, tool_choice: 'none' }).calls).toEqual([]);
});

test('a forced tool is called with what is known, and what is not is made up to fit the schema', () => {
  const forced = { tools: toolsOf(BANK.tools), tool_choice: { type: 'function', function: { name: 'block_card' } } };
  expect(reply([user('hello')], forced).calls).toEqual([{ name: 'block_card', arguments: '{"lastFour":"0000"}' }]);
  expect(reply([user('it ends in 4242')], forced).calls[0]?.arguments).toBe('{"lastFour":"4242"}');
  expect(reply([user('hello')], { ...forced, tool_choice: 'required' }).calls).toHaveLength(1);
});

test('several messages of the caller in a row are one turn, notes between them do not part them', () => {
  const messages = [user('what is the weather'), system('The line is poor.'), user('in Pune')];
  expect(reply(messages, weather).calls).toEqual([{ name: 'weather', arguments: '{"city":"Pune"}' }]);
});

test('parallel results are told in the order of the calls', () => {
  const messages = [
    user('weather in Pune and in Goa'),
    agent(null, ['a', 'weather', { city: 'Pune' }], ['b', 'weather', { city: 'Goa' }]),
    tool('b', { forecast: 'rain' }),
    tool('a', { forecast: 'sunny' }),
  ];
  expect(reply(messages, weather).text).toBe('The forecast is sunny. The forecast is rain.');
});

test('a result that is not JSON is told as it is, an unknown tool or bad arguments as an apology', () => {
  const after = (result: unknown): string =>
    reply([user('weather in Pune'), agent(null, ['a', 'weather', { city: 'Pune' }]), tool('a', result)], weather).text;
  expect(after('Sunny all day')).toBe('Sunny all day.');
  expect(after({ error: 'There is no tool called weather.' })).toMatch(/^I'm sorry/);
});

test('a result that comes late, in a note, is told once and starts nothing again', () => {
  const history = [
    user('weather in Pune'),
    agent('Let me see.', ['a', 'weather', { city: 'Pune' }]),
    tool('a', { status: 'running', note: 'still running' }),
    user('hello?'),
    agent('I am still here.'),
  ];
  const late = system('Result of weather (a), which was still running before: {"forecast":"sunny"}');
  expect(reply([...history, late], weather)).toEqual({ text: 'The forecast is sunny.', calls: [] });
  expect(reply([...history, late, user('thanks')], weather).text).toMatch(/forecast is sunny/);
  expect(reply([...history, late, agent('It is sunny.'), user('thanks')], weather).text).toMatch(/^You're welcome/);
});

test('with nothing to answer it asks whether there is more, and greets before the first word', () => {
  expect(reply([user('weather in Pune'), agent('Sunny.')], weather)).toEqual({
    text: 'Is there anything else I can do for you?',
    calls: [],
  });
  expect(reply([system('You are a desk.')], weather).text).toMatch(/^Hello!/);
});

test('an answer that was cut off does not keep the caller from a new wish', () => {
  const messages = [
    system(CLINIC.instructions),
    user('When do you open?'),
    agent('Sure, let me', ['a', 'opening_hours', {}]),
    tool('a', { status: 'cancelled', note: 'The caller spoke.' }),
    user('no wait, cancel my appointment, the code is C12'),
  ];
  expect(reply(messages, { tools: toolsOf(CLINIC.tools) }).calls).toEqual([
    { name: 'cancel_appointment', arguments: '{"confirmation":"C12"}' },
  ]);
});

test('a summary is made of what was said and done', () => {
  const messages = [
    system('Summarize the conversation.'),
    user('weather in Pune'),
    agent(null, ['a', 'weather', { city: 'Pune' }]),
    tool('a', { forecast: 'sunny' }),
    agent('Sunny.'),
    user('thanks'),
  ];
  expect(reply(messages).text).toBe('The caller said: weather in Pune. Done: weather. The caller said: thanks.');
});

test('JSON mode answers with an object, with the keys that were named', () => {
  const json = { response_format: { type: 'json_object' } };
  const text = reply(
    [system('Answer in JSON with `name` and `phone`.'), user('my name is Ana, 555 0123 444')],
    json,
  ).text;
  expect(JSON.parse(text)).toEqual({ name: 'Ana', phone: '5550123444' });
  expect(JSON.parse(reply([user('hello')], json).text)).toHaveProperty('answer');
});

test('what the agent said last is said again when the caller did not catch it', () => {
  expect(reply([user('hi'), agent('We open at nine.'), user("sorry, I didn't catch that")]).text).toBe(
    'We open at nine.',
  );
});

test('no two fillers in a row are the same', () => {
  const messages = [system(CLINIC.instructions), user('When do you open?')];
  const first = reply(messages, { tools: toolsOf(CLINIC.tools) }).text;
  const later = [
    ...messages,
    agent(first, ['a', 'opening_hours', {}]),
    tool('a', {}),
    agent('At nine.'),
    user('and when do you close?'),
  ];
  const second = reply(later, { tools: toolsOf(CLINIC.tools) }).text;
  expect(second).not.toBe('');
  expect(second).not.toBe(first);
});

test('transfer: a caller whom nobody took over is told so, not that it is done', () => {
  const round = [
    user('a human please'),
    agent('One moment.', ['a', 'transfer_to_human', {}]),
    tool('a', { done: 'transfer' }),
    system('The transfer failed and the caller is still here: this line cannot transfer calls'),
  ];
  expect(reply(round).text).toMatch(/could not put you through/);
  expect(reply([...round, agent('I am sorry.'), user('what now?')]).text).not.toMatch(/put you through/);
});
