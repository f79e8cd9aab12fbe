/** What a compaction must not lose, by the history alone; the rules that it keeps are tried through the machine. */
import { describe, expect, test } from 'vitest';
import { History } from '../../src/turn/history.ts';

const LIMITS = { compactAtTokens: 100_000, compactAtMessages: 180 };
const call = { id: 'c1', name: 'look_up', arguments: '{}' };

/** A result came after a request had said that its call still runs; nothing was sent since. */
function withLateResult(): History {
  const history = new History('You answer.', LIMITS);
  history.addCallerTurn(1, 'look it up');
  history.addCall(history.openEntry(1), call);
  history.request();
  history.answer('c1', '{"found":"B7"}');
  history.addCallerTurn(2, 'and?'); // the request of this turn never went out
  return history;
}

/** So long that every turn before it goes. */
const LONG = 'word '.repeat(500);

const notesOf = (history: History) =>
  history.messages.filter(({ role, content }) => role === 'system' && content?.includes('"found":"B7"'));

describe('R14, R23: a late result that no request has told outlives the turn in which it stands', () => {
  test.each([1, 2, 3])('through %d compactions, and is told once', (times) => {
    const history = withLateResult();
    for (let turn = 3; turn < 3 + times; turn++) {
      history.addCallerTurn(turn, LONG);
      expect(history.compact(turn, true)).toBeGreaterThan(0);
    }
    expect(notesOf(history)).toHaveLength(1);
    expect(history.messages.some(({ content }) => content === 'and?')).toBe(false);
  });

  test('once a request has told it, it goes with its turn', () => {
    const history = withLateResult();
    history.request();
    history.addCallerTurn(3, LONG);
    history.compact(3, true);
    expect(notesOf(history)).toEqual([]);
  });

  test('so does any note that the model has not read', () => {
    const history = new History('You answer.', LIMITS);
    history.addCallerTurn(1, 'put me through');
    history.request();
    history.addNote(2, 'The transfer failed and the caller is still here: busy');
    history.addCallerTurn(2, 'hello?');
    history.addCallerTurn(3, LONG);
    history.compact(3, true);
    expect(JSON.stringify(history.messages)).toContain('The transfer failed');
  });
});
