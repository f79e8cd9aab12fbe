/** What the system prompt orders is not told to the caller; what it knows is. And a bare hour may be a choice. */
import { expect, test } from 'vitest';
import { findTimes } from '../../../../src/simulate/electron/brain/dates.ts';
import { converse } from '../../helpers/electron.ts';
import { CLINIC } from '../../helpers/domains.ts';

const INSTRUCTIONS = `You are a front desk.
Speak in two short sentences about half past two, plainly.
When the caller asks about parking, be brief.
Parking is free behind the house.`;

test('orders of the system prompt are not read out, facts are', () => {
  const desk = { ...CLINIC, instructions: INSTRUCTIONS };
  expect(converse(desk, ['is there parking?'])[0]).toEqual(['Parking is free behind the house.']);
  expect(converse(desk, ['can we speak plainly about two sentences?']).join(' ')).not.toContain('Speak in two');
});

test.each([
  ['ten would be fine', ['10:00']],
  ['ok, 3 works for me', ['15:00']],
  ['two people would be fine', []],
])('%s: %j', (text, expected) => {
  expect(findTimes(text).map(({ value }) => value)).toEqual(expected);
});
