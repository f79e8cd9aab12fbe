/** What a scenario made of a recording knows a caller's words by. */
import { expect, test } from 'vitest';
import { saidIn, saidPattern } from '../../src/evaluate/said-pattern.ts';

test.each([
  ['Ten, please.', '^Ten,? please\\.?$'],
  ['¿Quiere algo más?', '^¿?Quiere algo más\\??$'],
  ['Wait... (what?) is it $3.50 or 10:30?', '^Wait\\.?\\.?\\.? \\(what\\?\\) is it \\$3\\.50 or 10:30\\??$'],
  ['asha.rao@example.org', '^asha\\.rao@example\\.org$'],
  ['कल सुबह।', '^कल सुबह।?$'],
  ['', '^$'],
])('%j is known by %j, which tells it again', (text, pattern) => {
  expect(saidPattern(text)).toBe(pattern);
  expect(saidIn(pattern)).toBe(text);
  expect(new RegExp(pattern, 'iu').test(text)).toBe(true);
});

test('it fits the same words without their marks, and no others', () => {
  const pattern = new RegExp(saidPattern('Ten, please.'), 'iu');
  expect(['ten please', 'Ten please.', 'ten, please'].every((text) => pattern.test(text))).toBe(true);
  expect(['ten', 'often, please.', 'ten, pleased'].some((text) => pattern.test(text))).toBe(false);
});

test('a pattern of another make tells nothing', () => {
  expect(saidIn('free|booked')).toBeUndefined();
});
