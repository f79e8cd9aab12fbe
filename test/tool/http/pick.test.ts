import { expect, test } from 'vitest';
import { parsePath, pick } from '../../../src/tool/http/pick.ts';

const answer: unknown = JSON.parse(`{
  "order": { "id": 7, "odd name": "x", "items": [
    { "title": "Tea", "price": { "amount": 3 }, "tags": ["a", "b"] },
    { "title": "Milk", "price": { "amount": 1 }, "tags": ["c"] },
    { "price": null } ] },
  "grid": [[1, 2], [3]], "__proto__": { "polluted": true } }`);

// each is also what jmespath.org answers
test.each<[string, unknown]>([
  ['order.id', 7],
  ['order."odd name"', 'x'],
  ['order.items[0].title', 'Tea'],
  ['order.items[-2].title', 'Milk'],
  ['order.items[].title', ['Tea', 'Milk']],
  ['order.items[*].title', ['Tea', 'Milk']],
  ['order.items[].price.amount', [3, 1]],
  ['order.items[].tags[]', ['a', 'b', 'c']],
  ['order.items[*].tags', [['a', 'b'], ['c']]],
  ['order.items[*].tags[0]', ['a', 'c']],
  ['grid[]', [1, 2, 3]],
  ['grid[*]', [[1, 2], [3]]],
  ['{number: order.id, first: order.items[0].title}', { number: 7, first: 'Tea' }],
])('%s', (path, found) => {
  expect(pick(answer, parsePath(path))).toEqual(found);
});

test('in the end may stand the fields of something new', () => {
  expect(pick(answer, parsePath('order.items[].{title, price: price.amount}'))).toEqual([
    { title: 'Tea', price: 3 },
    { title: 'Milk', price: 1 },
    { title: undefined, price: null },
  ]);
});

test.each(['nothing', 'order.nothing.more', 'order[0]', 'order.id[]', 'grid.x', 'constructor.name', 'toString'])(
  '%s leads nowhere',
  (path) => {
    expect(pick(answer, parsePath(path)) ?? undefined).toBeUndefined();
  },
);

test.each([
  ['', 'expected a name at its end'],
  ['.a', 'expected a name at character 1'],
  ['a..b', 'expected a name at character 3'],
  ['a[', '`[` at character 2'],
  ['a[?b]', 'at character 2 is none of its words'],
  ['length(a)', 'at character 7 is none'],
  ['a.{b', 'expected `,` or `}` at its end'],
  ['a b', 'expected its end at character 2'],
  ['a."\\x"', 'is not written as JSON writes it'],
  [`a${'.{b: a'.repeat(12)}`, 'deeper than 8 levels'],
  ['a.'.repeat(501), 'longer than 1000 characters'],
])('%s is refused, with the place', (path, message) => {
  expect(() => parsePath(path)).toThrow(message);
});
