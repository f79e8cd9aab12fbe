import { expect, test } from 'vitest';
import { callsThatPlanCarries, limitsOf } from '../../src/model/plan.ts';

test('a call takes about seven requests a minute: Standard carries one, Enterprise 28', () => {
  expect(callsThatPlanCarries('standard')).toBe(1);
  expect(callsThatPlanCarries('enterprise')).toBe(28);
  expect(callsThatPlanCarries({ requestsPerMinute: 70 })).toBe(10);
  expect(callsThatPlanCarries('none')).toBe(Infinity);
});

test('places at once limit a plan that has few of them for its minute', () => {
  expect(callsThatPlanCarries({ requestsPerMinute: 700, concurrent: 2 })).toBe(11);
  expect(callsThatPlanCarries({ concurrent: 1 })).toBe(5);
});

test('workers that do not know of each other carry their parts', () => {
  expect(callsThatPlanCarries('enterprise', { workers: 4 })).toBe(7);
  expect(callsThatPlanCarries('standard', { workers: 4 })).toBe(1);
});

test('what is left out of own numbers is unlimited; numbers below one are refused', () => {
  expect(limitsOf({ concurrent: 2 })).toEqual({ requestsPerMinute: Infinity, concurrent: 2 });
  expect(() => callsThatPlanCarries({ requestsPerMinute: 0 })).toThrow(
    'Expected `requestsPerMinute` to be 1 or more, got `0`',
  );
});
