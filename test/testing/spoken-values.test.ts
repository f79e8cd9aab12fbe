/** Values are found in whatever form they are spoken, and not in another value. */
import { expect, test } from 'vitest';
import { kindOf, speaks } from '../../src/testing/spoken-values.ts';

const NOW = '2026-11-23T09:00:00Z';

test.each<[string, string | number]>([
  ['That is $40.', '$40'],
  ['That is forty dollars.', '$40'],
  ['That will be forty bucks, please.', '$40'],
  ['It costs fourteen dollars and fifty cents.', '$14.50'],
  ['One thousand two hundred and fifty euros.', '€1,250'],
  ['You have 25.0 points.', 25],
  ['You have twenty-five points.', 25],
  ['There are three hundred and twelve of them.', 312],
  ['It is nineteen thousand.', 19_000],
  ['Three point five percent.', 3.5],
  ['Your PIN is four seven one one.', '4711'],
  ['On Tuesday I have ten.', '10:00'],
  ["At ten o'clock.", '10:00'],
  ['At half past two.', '14:30'],
  ['At 2:30 pm.', '14:30'],
  ['At 2:30 p.m., if that suits you.', '14:30'],
  ['At two thirty in the afternoon.', '14:30'],
  ['A quarter to nine in the morning.', '08:45'],
  ['At noon.', '12:00'],
  ['At 14:30 on Tuesday.', 'half past two'],
  ['On Tuesday.', '2026-11-24'],
  ['On November 24th.', '2026-11-24'],
  ['On the twenty-fourth of November.', '2026-11-24'],
  ['On Nov 24.', '2026-11-24'],
  ['Tomorrow at ten.', '2026-11-24'],
  ['It is with Doctor Lee.', 'doctor lee'],
])('%s says %s', (text, value) => {
  expect(speaks(text, value, NOW)).toBe(true);
});

test.each<[string, string | number]>([
  ['That is fourteen dollars.', '$40'],
  ['You have 40 points.', '$40'],
  ['You have fifteen points.', 50],
  ['At 2:30 am.', '14:30'],
  ['At half past three.', '14:30'],
  ['On Wednesday.', '2026-11-24'],
  ['On November 25th.', '2026-11-24'],
  ['Today at ten.', '2026-11-24'],
  ['It is with Doctor Leeds.', 'doctor lee'],
])('%s does not say %s', (text, value) => {
  expect(speaks(text, value, NOW)).toBe(false);
});

test('what is looked for is a number, money, a time, a date or words', () => {
  expect(
    ['40', 40, '$40', 'forty bucks', '14:30', 'half past two', '2:30 pm', '2026-11-24', 'Doctor Lee'].map(kindOf),
  ).toEqual(['number', 'number', 'money', 'money', 'time', 'time', 'time', 'date', 'words']);
});
