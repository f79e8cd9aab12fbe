import { expect, test } from 'vitest';
import { messageOf, VoiceError } from '../../src/lib/errors.ts';
import { createLog } from '../../src/lib/log.ts';
import { fieldOf, isA, shortText, readThrown, sourceOf } from '../../src/lib/thrown.ts';
import { costOf } from '../helpers/cost.ts';
import { HOSTILE_VALUES } from '../helpers/hostile-values.ts';

const LONGEST = 8_193;
const CODES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/;

test.each(Object.entries(HOSTILE_VALUES))('%s, thrown: read within bounds and without a throw', (_name, make) => {
  const thrown = make();
  const costMs = costOf();
  const read = readThrown(thrown);
  expect(costMs()).toBeLessThan(400); // twice as long as on a core of its own
  expect(read).toBeInstanceOf(Error);
  expect(readThrown(read)).toBe(read);
  expect(sourceOf(read)).toBe(thrown);
  for (const text of [read.message, read.name, read.stack ?? '', messageOf(thrown)]) {
    expect(typeof text).toBe('string');
    expect(text).not.toMatch(CODES);
  }
  expect(read.message.length).toBeLessThanOrEqual(LONGEST);
  expect(messageOf(thrown)).toBe(read.message);
  expect(messageOf(read)).toBe(read.message);
});

test.each(Object.entries(HOSTILE_VALUES))('%s, logged: one bounded line, text shown or not', (_name, make) => {
  for (const showText of [true, false]) {
    const lines: string[] = [];
    const log = createLog({ showText, stream: { write: (line) => void lines.push(line) } });
    const thrown = make();
    log.error({ err: readThrown(thrown) }, 'a tool failed');
    log.error({ err: thrown }, 'thrown as it is');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line.length).toBeLessThan(50_000);
      expect(line.trimEnd()).not.toMatch(CODES);
    }
    expect(JSON.parse(lines[0] ?? '')).toHaveProperty('err');
  }
});

test('what is read of an error: its name, message, code, places and causes, five deep', () => {
  const cause = Object.assign(new TypeError('inner'), { code: 'EINNER' });
  const read = readThrown(new RangeError('outer', { cause }));
  expect(read).toMatchObject({ name: 'RangeError', message: 'outer', isError: true, code: undefined });
  expect(read.cause).toMatchObject({ name: 'TypeError', message: 'inner', code: 'EINNER' });
  expect(read.places[0]).toMatch(/^ {4}at .*thrown\.test\.ts:\d+:\d+/);
  expect(read.stack).toMatch(/^RangeError: outer\n {4}at /);
  let depth = 0;
  for (let at = readThrown(HOSTILE_VALUES['an error that is its own cause']?.()).cause; at; at = at.cause) depth++;
  expect(depth).toBe(5);
});

test('a log tells our own errors in their words, though a tool has thrown them, and of others only the place', () => {
  const lines: string[] = [];
  const log = createLog({ stream: { write: (line) => void lines.push(line) } });
  log.error({ err: readThrown(new VoiceError('request-invalid', 'Expected 1 to 64 digits')) }, 'x');
  log.error({ err: readThrown(new Error('my card is 4111')) }, 'x');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { message: 'Expected 1 to 64 digits' } });
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ err: { message: '[redacted]', type: 'Error' } });
});

test('a field and a class are asked for in safety', () => {
  const proxy = HOSTILE_VALUES['a proxy of an error whose every trap throws']?.();
  expect(isA(proxy, Error)).toBe(false);
  expect(fieldOf(proxy, 'message')).toBeUndefined();
  expect(fieldOf(5, 'toFixed')).toBeUndefined();
  expect(isA(new TypeError('x'), Error)).toBe(true);
});

test('a text is cut between characters, and its line breaks stay', () => {
  expect(shortText('one\ntwo\tthree')).toBe('one\ntwo\tthree');
  expect(shortText('\u001b[31mred\u001b[0m \u009b2Kline')).toBe('red line');
  expect(shortText(`${'x'.repeat(9)}😀`, 10)).toBe(`${'x'.repeat(9)}…`);
});

test('reading grows in proportion to the text, whatever it is made of', () => {
  for (const unit of ['\n', ' ', '\u001b[', '\u001b]', '    at x\n', '(', '\u001b[0']) {
    const error = Object.assign(new Error('x'), { stack: unit.repeat(3_000_000) });
    error.message = unit.repeat(3_000_000);
    const costMs = costOf();
    readThrown(error);
    expect(costMs()).toBeLessThan(400); // twice as long as on a core of its own
  }
});
