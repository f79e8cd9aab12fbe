import { expect, test } from 'vitest';
import { ToolIndex } from '../../../../src/simulate/electron/brain/choose.ts';
import { readTool, type Tool } from '../../../../src/simulate/electron/brain/tool.ts';
import { toolsOf } from '../../helpers/electron.ts';
import { BANK, CLINIC, ORDERS, RESTAURANT, TRAVEL } from '../../helpers/domains.ts';

const read = (domain: typeof CLINIC): readonly Tool[] => toolsOf(domain.tools).flatMap((tool) => readTool(tool) ?? []);
const chosen = (domain: typeof CLINIC, text: string): string | undefined =>
  ToolIndex.of(read(domain)).choose(text)?.tool.name;

test.each<[string, string | undefined, typeof CLINIC]>([
  ['when do you close on fridays?', 'opening_hours', CLINIC],
  ['I need to see a doctor tomorrow', 'find_appointments', CLINIC],
  ['do you have any appointments next week', 'find_appointments', CLINIC],
  ['make an appointment for me', 'book_appointment', CLINIC],
  ['could you schedule a visit', 'book_appointment', CLINIC],
  ["I'm afraid I have to cancel my appointment", 'cancel_appointment', CLINIC],
  ['how are you today?', undefined, CLINIC],
  ['my name is Maria', undefined, CLINIC],
  ["where's my package?", undefined, ORDERS],
  ['where is the order I placed?', 'lookup_order', ORDERS],
  ['can you look up my order', 'lookup_order', ORDERS],
  ['please scrap the order', 'cancel_order', ORDERS],
  ['I want my money back', 'request_refund', ORDERS],
  ['is flight QX41 delayed?', 'flight_status', TRAVEL],
  ['I want to fly from Delhi to Goa on friday', 'search_flights', TRAVEL],
  ['reserve a seat on the flight', 'book_flight', TRAVEL],
  ['will it rain in Pune?', 'weather', TRAVEL],
  ['I need somewhere to stay, a room in Goa', 'hotel_search', TRAVEL],
  ['how much money do I have?', 'get_balance', BANK],
  ['show me my last transactions', 'list_transactions', BANK],
  ['send twenty euros to Ana', 'transfer_money', BANK],
  ['my card was stolen', 'block_card', BANK],
  ['can I speak to a person please', 'transfer_call', BANK],
  ['a table for four please', 'reserve_table', RESTAURANT],
  ['I would like a large pizza', 'order_pizza', RESTAURANT],
])('"%s" is for %s', (text, name, domain) => {
  expect(chosen(domain, text)).toBe(name);
});

test('what was said before tips the scales between equals', () => {
  const tools = toolsOf([
    { name: 'cancel_order', description: '', parameters: {}, run: () => 0 },
    { name: 'cancel_subscription', description: '', parameters: {}, run: () => 0 },
  ]).flatMap((tool) => readTool(tool) ?? []);
  const index = ToolIndex.of(tools);
  expect(index.choose('cancel it', 'my subscription is too expensive')?.tool.name).toBe('cancel_subscription');
  expect(index.choose('cancel it', 'my order is late')?.tool.name).toBe('cancel_order');
});

test('a tool without description or parameters, or with a broken schema, is read all the same', () => {
  expect(readTool({ function: { name: 'ping' } })).toMatchObject({ name: 'ping', parameters: [] });
  expect(
    readTool({ function: { name: 'ping', parameters: { properties: { a: true, $ref: 3 } } } })?.parameters,
  ).toHaveLength(2);
  expect(readTool({ type: 'function' })).toBeUndefined();
  const loop = { properties: { a: { $ref: '#/definitions/a' } }, definitions: { a: { $ref: '#/definitions/a' } } };
  expect(readTool({ function: { name: 'loop', parameters: loop } })?.parameters).toHaveLength(1);
});
