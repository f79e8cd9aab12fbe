import { expect, test } from 'vitest';
import { readDigits, readMs, readTypedLine, StepList } from '../../../src/cli/caller/steps.ts';
import { UsageError } from '../../../src/cli/report.ts';

test.each([
  ['', undefined],
  ['   ', undefined],
  [' Hello there. ', { type: 'say', text: 'Hello there.' }],
  ['! Wait!', { type: 'say', text: 'Wait!', cutInMs: 0 }],
  ['!Wait', { type: 'say', text: 'Wait', cutInMs: 0 }],
  ['/keys 12 3#', { type: 'keys', digits: '123#' }],
  ['!/keys 1', { type: 'keys', digits: '1', cutInMs: 0 }],
  ['/wav my file.wav', { type: 'wav', file: 'my file.wav' }],
  ['/wait 2000', { type: 'wait', ms: 2_000 }],
  ['/hangup', { type: 'hang-up' }],
  ['!/hang-up', { type: 'hang-up', cutInMs: 0 }],
  ['namaste, कल कौन सा समय है?', { type: 'say', text: 'namaste, कल कौन सा समय है?' }],
])('a typed %j', (line, expected) => {
  expect(readTypedLine(line)).toEqual(expected);
});

test.each([
  ['!', 'expected what the caller says after !, got nothing'],
  ['/foo', 'expected /keys, /wav, /wait or /hangup, got /foo'],
  ['/keys', 'expected /keys to be keys of 0-9, * and #, got nothing'],
  ['/keys 12a', 'expected /keys to be keys of 0-9, * and #, got 12a'],
  ['/wav', 'expected a file after /wav, got nothing'],
  ['/wait soon', 'expected /wait to be whole milliseconds, got soon'],
  ['!/wait 1', 'expected something to cut in with after !, got /wait'],
])('a typed %j says what was expected', (line, message) => {
  expect(() => readTypedLine(line)).toThrow(new UsageError(message));
});

test('options add up to steps in their order, and a cut-in belongs to the next of them', () => {
  const script = new StepList();
  expect(script.isEmpty).toBe(true);
  script.add({ type: 'say', text: 'one' });
  script.cutIn(500);
  script.add({ type: 'wav', file: 'two.wav' });
  script.add({ type: 'keys', digits: '3' });
  expect(script.isEmpty).toBe(false);
  expect(script.finish()).toEqual([
    { type: 'say', text: 'one' },
    { type: 'wav', file: 'two.wav', cutInMs: 500 },
    { type: 'keys', digits: '3' },
  ]);
});

test('a cut-in without anything to cut in with is wrong usage', () => {
  const script = new StepList();
  script.cutIn(0);
  expect(() => script.finish()).toThrow('expected --say, --wav or --keys after --cut-in, got nothing');
});

test('keys and times are read strictly', () => {
  expect(readDigits('--keys', '* # 0')).toBe('*#0');
  expect(readMs('--wait', '0')).toBe(0);
  expect(() => readMs('--wait', '-1')).toThrow('expected --wait to be whole milliseconds, got -1');
  expect(() => readMs('--wait', '')).toThrow('got nothing');
});
