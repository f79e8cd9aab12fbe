/** What no request may hold, and what the history refuses to be told. */
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/model/contract.ts';
import { History } from '../../src/turn/history.ts';
import { assertLegal } from '../../src/turn/legal.ts';

const internal = (message: string) => expect.objectContaining({ code: 'internal', message }) as Error;
const system: Message = { role: 'system', content: 'You are a test.' };
const user: Message = { role: 'user', content: 'hello' };
const says = (content: string): Message => ({ role: 'assistant', content });
const calls = (...ids: string[]): Message => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } })),
});
const result = (id: string): Message => ({ role: 'tool', tool_call_id: id, content: '{}' });

describe('R21: a list that goes out', () => {
  test.each([
    ['a question', [system, user]],
    ['results right behind their calls, in order', [system, user, calls('a', 'b'), result('a'), result('b')]],
    ['words of the agent, and then of the caller', [system, says('Hello.'), user]],
  ])('%s', (_, messages) => {
    expect(() => assertLegal(messages)).not.toThrow();
  });

  test.each([
    [
      'a call without its result',
      [user, calls('a', 'b'), result('a'), user],
      'every call to have its result right behind it',
    ],
    [
      'results in another order',
      [user, calls('a', 'b'), result('b'), result('a')],
      'every call to have its result right behind it',
    ],
    [
      'two results of one call',
      [user, calls('a'), result('a'), result('a')],
      'every result to stand right behind its call',
    ],
    ['a result of no call', [user, result('a')], 'every result to stand right behind its call'],
    ['an empty message', [user, says(' '), user], 'no empty message of the agent'],
    ["the last word the agent's own", [user, says('Hello.')], 'a request not to end with words of the agent'],
  ])('never %s', (_, messages, promise) => {
    expect(() => assertLegal(messages)).toThrow(internal(`Expected ${promise}`));
  });
});

describe('R13, R21: the history is told', () => {
  const limits = { compactAtTokens: 10_000, compactAtMessages: 100 };
  const call = { id: 'a', name: 'look', arguments: '{}' };

  function withCall() {
    const history = new History('You are a test.', limits);
    history.addCallerTurn(1, 'hello');
    history.addCall(history.openEntry(1), call);
    return history;
  }

  test('one result for each call, and none for what was not called', () => {
    const history = withCall();
    history.answer('a', '{}');
    expect(() => history.answer('a', '{}')).toThrow(internal('Expected a call to have one result'));
    expect(() => history.answer('b', '{}')).toThrow(internal('Expected a result to be that of a call'));
  });

  test('every call under an id of its own', () => {
    const history = withCall();
    expect(() => history.addCall(history.openEntry(1), call)).toThrow(
      internal('Expected every call to have an id of its own'),
    );
  });

  test('words and calls only where they are told', () => {
    const history = withCall();
    const entry = history.openEntry(1);
    const span = history.openSpan(entry, 1);
    history.addText(entry, span, 'nothing of this is heard');
    history.cutToHeard();
    expect(() => history.addText(entry, span, 'more')).toThrow(
      internal('Expected words to be added where they are told'),
    );
    expect(() => history.addCall(entry, { ...call, id: 'b' })).toThrow(
      internal('Expected a call to be added where it is told'),
    );
  });
});
