import { expect, test } from 'vitest';
import { addDays, findDates, findTimes, sayDate, sayTime } from '../../../../src/simulate/electron/brain/dates.ts';

/** A Friday. */
const TODAY = '2026-08-21';
const days = (text: string): string[] => findDates(text, TODAY).map(({ value }) => value);
const times = (text: string): string[] => findTimes(text).map(({ value }) => value);

test.each([
  ['tomorrow', '2026-08-22'],
  ['the day after tomorrow', '2026-08-23'],
  ['tonight', '2026-08-21'],
  ['on Monday', '2026-08-24'],
  ['next tuesday', '2026-08-25'],
  ['Friday', '2026-08-28'],
  ['in three days', '2026-08-24'],
  ['in 2 weeks', '2026-09-04'],
  ['next week', '2026-08-28'],
  ['the 5th of March', '2027-03-05'],
  ['March fifth, 2028', '2028-03-05'],
  ['the twenty first of september', '2026-09-21'],
  ['on the 3rd', '2026-09-03'],
  ['2026-12-24', '2026-12-24'],
])('%s is a day', (text, day) => {
  expect(days(`please, ${text}, if you can`)).toEqual([day]);
});

test('from Friday to Sunday is in order, also when it is said on a Friday', () => {
  expect(days('from Friday to Sunday')).toEqual(['2026-08-28', '2026-08-30']);
});

test.each(['I may sit in the sun', 'the second one', 'may I ask', '2026-13-45', 'order 12 34'])(
  '%s is no day',
  (text) => {
    expect(days(text)).toEqual([]);
  },
);

test.each([
  ['at ten', '10:00'],
  ['at 3', '15:00'],
  ['3 pm', '15:00'],
  ['ten thirty', '10:30'],
  ['half past eleven', '11:30'],
  ['quarter to five', '16:45'],
  ['twenty past nine', '09:20'],
  ['ten in the morning', '10:00'],
  ['seven in the evening', '19:00'],
  ["two o'clock", '14:00'],
  ['12 am', '00:00'],
  ['noon', '12:00'],
  ['17:45', '17:45'],
  ['9:05 p.m.', '21:05'],
  ['at eight tonight', '20:00'],
])('%s is a time', (text, time) => {
  expect(times(`please ${text}`)).toEqual([time]);
});

test.each(['for two people', 'at 10 people', 'order ten boxes', '99:99'])('%s is no time', (text) => {
  expect(times(text)).toEqual([]);
});

test('a day is said as people say it, near days by name', () => {
  expect(sayDate(TODAY, TODAY)).toBe('today');
  expect(sayDate('2026-08-22', TODAY)).toBe('tomorrow');
  expect(sayDate('2026-09-01', TODAY)).toBe('Tuesday the 1st of September');
  expect(sayDate('2026-09-12', TODAY)).toBe('Saturday the 12th of September');
});

test('a time is said with its half of the day where it matters', () => {
  expect(['09:00', '12:00', '15:30', '19:05'].map(sayTime)).toEqual([
    "9 o'clock",
    "12 o'clock",
    '3:30 in the afternoon',
    '7:05 in the evening',
  ]);
});

test('days are counted over months, years and leap days', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
});
