import { afterEach, beforeEach, expect, test } from 'vitest';
import { runAsTool, watchTools, type ToolAtWork } from '../../src/tool/blame.ts';
import { SharedObjects, type Tampering } from '../../src/tool/shared-objects.ts';
import { costOf } from '../helpers/cost.ts';

const ONE: ToolAtWork = { tool: 'one', callId: 'CA1', turn: 1 };
const objects = Object.prototype as unknown as Record<string, unknown>;
const lists = Array.prototype as unknown as Record<PropertyKey, unknown>;

let told: { tool: string | undefined; tampering: Tampering }[] = [];
let stop = () => {};
beforeEach(() => {
  told = [];
  stop = watchTools({
    blockedMs: 10_000,
    blocked: () => undefined,
    tampered: (tool, tampering) => told.push({ tool: tool?.tool, tampering }),
  });
});
afterEach(() => stop());

test('what a tool adds to `Object.prototype` is gone in the same tick, and the tool is named', async () => {
  const running = runAsTool(ONE, () => (objects['polluted'] = 1));
  expect(objects['polluted']).toBeUndefined();
  await running;
  expect(told).toEqual([{ tool: 'one', tampering: { what: 'Object.prototype.polluted', isUndone: true } }]);
});

test('also between two awaits, and in a timer that it has left behind', async () => {
  let later: Promise<void> | undefined;
  await runAsTool(ONE, async () => {
    await Promise.resolve();
    objects['between'] = 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect('between' in {}).toBe(false);
    later = new Promise((resolve) =>
      setTimeout(() => {
        objects['later'] = 1;
        setTimeout(resolve, 1);
      }, 1),
    );
  });
  await later;
  expect('later' in {}).toBe(false);
  expect(told.map(({ tool, tampering }) => `${tool}: ${tampering.what}`)).toEqual([
    'one: Object.prototype.between',
    'one: Object.prototype.later',
  ]);
});

test('functions that are replaced are back, though everything that would put them back was replaced', async () => {
  const { map, push } = lists;
  await runAsTool(ONE, () => {
    for (const name of ['get', 'set', 'value', 'enumerable', 'configurable']) objects[name] = () => 5;
    for (const name of ['map', 'push', 'flatMap', 'join']) lists[name] = () => 5;
    lists[Symbol.iterator] = undefined;
    Reflect.ownKeys = () => [];
    Reflect.defineProperty = () => false;
    JSON.stringify = () => 'x';
    Object.setPrototypeOf(Array.prototype, null);
  });
  expect([...[1, 2]].map((one) => one * 2)).toEqual([2, 4]);
  expect(lists).toMatchObject({ map, push });
  expect(JSON.stringify({ a: 1 })).toBe('{"a":1}');
  expect(told).toHaveLength(1);
  expect(told[0]?.tampering).toMatchObject({ isUndone: true });
  expect(told[0]?.tampering.what).toMatch(/^Object\.prototype\.get, .* and \d+ more$/);
});

test('a method that no loop over fields sees may be added elsewhere, as libraries do; one that they see may not', async () => {
  await runAsTool(ONE, () => {
    Object.defineProperty(Array.prototype, 'hidden', { value: 1, configurable: true });
    lists['seen'] = 1;
  });
  expect('hidden' in []).toBe(true);
  Reflect.deleteProperty(Array.prototype, 'hidden');
  expect('seen' in []).toBe(false);
  expect(told[0]?.tampering).toEqual({ what: 'Array.prototype.seen', isUndone: true });
});

test('what was there before a tool has run is blamed on none', async () => {
  objects['before'] = 1;
  await runAsTool(ONE, () => undefined);
  expect(told).toEqual([{ tool: undefined, tampering: { what: 'Object.prototype.before', isUndone: true } }]);
});

test('what cannot be put back is told once, and as such', () => {
  const shared = new SharedObjects();
  expect(shared.mend('all')).toBeUndefined();
  Object.defineProperty(Array.prototype, 'stuck', { value: 1, enumerable: true });
  expect(shared.mend('object')).toBeUndefined();
  expect(shared.mend('all')).toEqual({ what: 'Array.prototype.stuck, Array.prototype for good', isUndone: false });
  expect(shared.mend('all')).toBeUndefined();
});

test('looking costs microseconds', () => {
  const shared = new SharedObjects();
  for (let times = 0; times < 1_000; times++) shared.mend('all');
  const costMs = costOf();
  for (let times = 0; times < 1_000; times++) shared.mend('all');
  for (let times = 0; times < 10_000; times++) shared.mend('object');
  expect(costMs()).toBeLessThan(1_000);
});
