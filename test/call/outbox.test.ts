import { createLog } from 'parley-voice';
import { expect, test, vi } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { Observers } from '../../src/call/observer.ts';
import { Outbox } from '../../src/call/outbox.ts';

const digit: CallEvent = { type: 'digit', callId: 'c', atMs: 1, digit: '5' };

test('observers hear in the tick, listeners when they are told, first by type and then with all', () => {
  const heard: string[] = [];
  const log = createLog({ level: 'silent' });
  const observers = new Observers();
  observers.add({ event: () => heard.push('observer') });
  const outbox = new Outbox(observers, (type) => heard.push(type), log);
  outbox.add(digit);
  expect(heard).toEqual(['observer']);
  expect(outbox.tellNext()).toBe(true);
  expect(heard).toEqual(['observer', 'digit', 'event']);
  expect(outbox.tellNext()).toBe(false);
});

test('what a listener throws is blamed on it, and keeps nothing from those who hear every event', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const heard: string[] = [];
  const emit = (type: string) => {
    if (type === 'digit') throw new Error('mine');
    heard.push(type);
  };
  const outbox = new Outbox(new Observers(), emit, createLog({ level: 'silent' }));
  outbox.add(digit);
  outbox.tellNext();
  expect(heard).toEqual(['event']);
  expect(warned).toHaveBeenCalledWith('A listener to `digit` of c threw: mine', { code: 'PARLEY_LISTENER' });
  warned.mockRestore();
});

test('with a log, it is told there and nowhere else', () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const lines: string[] = [];
  const emit = () => {
    throw new Error('mine');
  };
  const outbox = new Outbox(new Observers(), emit, createLog({ stream: { write: (line) => void lines.push(line) } }));
  outbox.add(digit);
  outbox.tellNext();
  expect(lines.join('')).toContain('a listener to this call threw');
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

test('an error says nothing of a key or a password that it quotes', () => {
  const told: string[] = [];
  const emit = (_type: string, event: CallEvent) => void told.push(JSON.stringify(event));
  const outbox = new Outbox(new Observers(), emit, createLog({ level: 'silent' }));
  const message = 'cannot reach https://me:hidden-word@host.example with sk_live_abcdefghijkl';
  outbox.add({ type: 'error', callId: 'c', atMs: 1, turn: 1, code: 'x', message, requestId: undefined });
  outbox.tellNext();
  expect(told.join('')).toContain('cannot reach https://[redacted]@host.example');
  expect(told.join('')).not.toMatch(/hidden-word|abcdefghijkl/);
});
