import { expect, test } from 'vitest';
import { sayAction } from '../../../../src/simulate/electron/brain/phrases.ts';
import { tell } from '../../../../src/simulate/electron/brain/tell.ts';
import { readTool } from '../../../../src/simulate/electron/brain/tool.ts';

const told = (result: unknown, name = 'find_slots'): string =>
  tell({ name, arguments: {}, step: 1, result }, '2026-08-21');

test.each<[string, unknown, string]>([
  [
    'fields',
    { status: 'out_for_delivery', eta: '2026-08-24' },
    'The status is out for delivery and the eta is Monday the 24th of August.',
  ],
  ['money with its currency', { balance: 12.5, currency: 'EUR' }, 'The balance is 12.5 EUR.'],
  [
    'opening times',
    { opens: '09:00', closes: '17:30' },
    "It opens at 9 o'clock and it closes at 5:30 in the afternoon.",
  ],
  ['a message as it is', { ok: true, message: 'Booked for Ana' }, 'Booked for Ana.'],
  ['nothing but success', { ok: true }, 'That is done.'],
  ['an id is no news', { ok: true, bookingId: 'B1' }, 'That is done.'],
  [
    'a list',
    {
      slots: [
        { id: 1, time: '10:00' },
        { id: 2, time: '15:30' },
      ],
    },
    "I found 2 slots: 10 o'clock; 3:30 in the afternoon.",
  ],
  ['one of a list', [{ name: 'Grand' }], 'I found one slot: Grand.'],
  ['one dish', { dishes: ['soup'] }, 'I found one dish: soup.'],
  ['one category', { categories: ['soups'] }, 'I found one category: soups.'],
  ['a long list', ['a', 'b', 'c', 'd', 'e'], 'I found 5 slots: a; b; c; and 2 more.'],
  ['an empty list', { slots: [] }, 'I found no slots.'],
  ['nothing found', { found: false }, "I'm sorry, I could not find any slots."],
  ['an error', { error: 'The clinic is closed' }, "I'm sorry, that did not work: the clinic is closed."],
  [
    'an error object',
    { error: { message: 'no such patient', code: 7 } },
    "I'm sorry, that did not work: no such patient.",
  ],
  ['an error for machines', { error: 'ECONNRESET' }, "I'm sorry, that did not work just now."],
  ['a failure', { success: false, reason: 'already cancelled' }, "I'm sorry, that did not work: already cancelled."],
  [
    'an interrupted call',
    { status: 'interrupted', note: 'the outcome is unknown' },
    "I'm sorry, that did not work: the outcome is unknown.",
  ],
  ['plain text', 'All good', 'All good.'],
  ['a number', 42, 'The answer is 42.'],
  ['null', null, 'That is done.'],
  ['yes and no', { refundable: false, breakfast: true }, 'Refundable: no and breakfast: yes.'],
])('%s', (_, result, expected) => {
  expect(told(result)).toBe(expected);
});

test.each([
  ['menu_lookup', "I'm sorry, I could not find a menu."],
  ['lookup_menu', "I'm sorry, I could not find a menu."],
  ['search_menu_items', "I'm sorry, I could not find any menu items."],
  ['get_order_status', "I'm sorry, I could not find an order status."],
  ['orderFinder', "I'm sorry, I could not find an order."],
  ['book_table', "I'm sorry, I could not find a table."],
  ['opening_hours', "I'm sorry, I could not find any hours."],
  ['search', "I'm sorry, I could not find a search."],
])('a tool is spoken of as the thing that it is about, "the menu" and not "menu lookup": %s', (name, expected) => {
  expect(told({ found: false }, name)).toBe(expected);
});

test('what the stand-in offers to do is said as people say it: "look up the menu"', () => {
  const tool = (name: string) => readTool({ function: { name, parameters: {} } })!;
  expect(['menu_lookup', 'orderStatusCheck', 'book_table', 'cancel'].map((name) => sayAction(tool(name)))).toEqual([
    'look up the menu',
    'look up the order status',
    'book the table',
    'cancel',
  ]);
});
