/** Any conversation as a strict template takes it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from '../../../src/model/contract.ts';
import { mergeMessages } from '../../../src/model/electron/merge-messages.ts';

const system = (content: string): Message => ({ role: 'system', content });
const user = (content: string): Message => ({ role: 'user', content });
const agent = (content: string): Message => ({ role: 'assistant', content });
const calls = (id: string, content: string | null = null): Message => ({
  role: 'assistant',
  content,
  tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' }, extra: { signed: id } }],
});
const result = (id: string): Message => ({ role: 'tool', tool_call_id: id, content: '{}' });
const shortly = (messages: readonly Message[]) => messages.map(({ role, content }) => `${role}: ${content ?? '-'}`);

test.each<[string, Message[], string[]]>([
  [
    'facts behind the instructions',
    [system('Be brief.'), system('Today is Friday.'), user('Hi')],
    ['system: Be brief.\n\nToday is Friday.', 'user: Hi'],
  ],
  [
    'a caller who goes on early',
    [system('S'), user('A table'), user('for two')],
    ['system: S', 'user: A table\n\nfor two'],
  ],
  [
    'a greeting',
    [system('S'), agent('Hello.'), user('Hi')],
    ['system: S', 'user: (The call begins.)', 'assistant: Hello.', 'user: Hi'],
  ],
  [
    'two messages of the agent',
    [user('a'), agent('One moment.'), agent('Still here.'), user('b')],
    ['user: a', 'assistant: One moment. Still here.', 'user: b'],
  ],
  [
    'words, then words with a call',
    [user('a'), agent('One moment.'), calls('1', 'I look.'), result('1')],
    ['user: a', 'assistant: One moment. I look.', 'tool: {}'],
  ],
  [
    'a caller who speaks over a tool',
    [user('a'), calls('1'), result('1'), user('b')],
    ['user: a', 'assistant: -', 'tool: {}', 'assistant: …', 'user: b'],
  ],
  [
    'a late result',
    [user('a'), agent('b'), system('Result of book: {}'), user('c')],
    ['user: a', 'assistant: b', 'user: Result of book: {}\n\nc'],
  ],
  ['nothing but the system', [system('S')], ['system: S']],
])('%s', (_what, messages, expected) => {
  expect(shortly(mergeMessages(messages))).toEqual(expected);
});

test('without a system message its words begin the caller’s first', () => {
  expect(shortly(mergeMessages([system('S'), system('F'), user('Hi'), agent('a')], false))).toEqual([
    'user: S\n\nF\n\nHi',
    'assistant: a',
  ]);
});

test('a call keeps its id, its arguments and what goes back beside it', () => {
  expect(mergeMessages([user('a'), agent('b'), calls('1')]).at(-1)).toMatchObject({
    content: 'b',
    tool_calls: [{ id: '1', extra: { signed: '1' } }],
  });
});

const step = fc.constantFrom('user', 'agent', 'call', 'call with words', 'note') as fc.Arbitrary<string>;
const conversation = fc.array(step, { maxLength: 30 }).map((steps) =>
  steps.reduce<Message[]>(
    (messages, kind, index) => {
      const id = `c${index}`;
      if (kind === 'user') messages.push(user(`u${index}`));
      else if (kind === 'agent') messages.push(agent(`a${index}`));
      else if (kind === 'note') messages.push(system(`n${index}`));
      else messages.push(calls(id, kind === 'call' ? null : `w${index}`), result(id));
      return messages;
    },
    [system('S'), system('F')],
  ),
);

test('whatever was said: one system message, the caller and the agent in turn, results behind their calls, no word lost', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const merged = mergeMessages(messages);
      expect(merged.filter(({ role }) => role === 'system')).toHaveLength(1);
      let before = 'system';
      for (const { role } of merged.slice(1)) {
        const isNext =
          role === 'user' ? ['system', 'assistant'] : role === 'tool' ? ['assistant', 'tool'] : ['user', 'tool'];
        expect(isNext).toContain(before);
        before = role;
      }
      const words = merged.map(({ content }) => content ?? '').join(' ');
      for (const { content } of messages) expect(words).toContain(content ?? '');
    }),
  );
});

test('a conversation that has grown begins with the very text that it had, so that the prefix cache holds', () => {
  const textOf = (messages: readonly Message[]) =>
    mergeMessages(messages)
      .map(
        (message) =>
          `<${message.role}>${message.content ?? ''}${'tool_calls' in message ? JSON.stringify(message.tool_calls) : ''}`,
      )
      .join('');
  fc.assert(
    fc.property(conversation, fc.nat(30), (messages, cut) => {
      const before = messages.slice(0, Math.max(3, cut));
      const last = before.at(-1)?.role;
      if (last === 'assistant' || (last === 'system' && before.length <= 2)) return; // no request ends so
      expect(textOf(messages).startsWith(textOf(before))).toBe(true);
    }),
  );
});
