/** Arguments from words, against the schemas that zod writes: what is filled must be what zod takes. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fill, type Filled, type Sources } from '../../../../src/simulate/electron/brain/fill.ts';
import { readTool, type Tool } from '../../../../src/simulate/electron/brain/tool.ts';

function toolFor(input: z.ZodType, name = 'do_it'): Tool {
  const parameters = z.toJSONSchema(input, { io: 'input', target: 'draft-7' });
  const tool = readTool({ function: { name, description: '', parameters } });
  if (!tool) throw new Error('Expected a tool');
  return tool;
}

function filled(input: z.ZodType, text: string, more: Partial<Sources> = {}): Filled {
  return fill(toolFor(input), { own: [{ text }], earlier: [], results: [], today: '2026-08-21', ...more });
}

test.each<[string, z.ZodType, string, unknown]>([
  ['a day', z.object({ date: z.iso.date() }), 'for next tuesday please', { date: '2026-08-25' }],
  ['a time', z.object({ time: z.iso.time() }), 'at half past three', { time: '15:30' }],
  ['a moment in UTC', z.object({ start: z.iso.datetime() }), 'tomorrow at ten', { start: '2026-08-22T10:00:00Z' }],
  [
    'a local moment',
    z.object({ start: z.iso.datetime({ local: true }) }),
    'tomorrow at ten',
    { start: '2026-08-22T10:00' },
  ],
  [
    'an address',
    z.object({ email: z.email() }),
    'it is maria dot lopez at example dot com',
    { email: 'maria.lopez@example.com' },
  ],
  ['a pattern', z.object({ code: z.string().regex(/^[A-Z]{2}\d+$/) }), 'the code is q x four one', { code: 'QX41' }],
  ['a whole number', z.object({ nights: z.number().int().min(1).max(30) }), 'two nights for 3 people', { nights: 2 }],
  [
    'two numbers by their words',
    z.object({ guests: z.int(), nights: z.int() }),
    'for two nights and three guests',
    { guests: 3, nights: 2 },
  ],
  ['an amount', z.object({ amount: z.number().positive() }), 'a hundred and fifty dollars, tomorrow', { amount: 150 }],
  ['a choice', z.object({ size: z.enum(['small', 'large']) }), 'the large one', { size: 'large' }],
  [
    'a choice of literals',
    z.object({ size: z.union([z.literal('small'), z.literal('large')]) }),
    'large',
    { size: 'large' },
  ],
  [
    'the choice with the most words',
    z.object({ level: z.enum(['urgent', 'not_urgent']) }),
    'it is not urgent',
    { level: 'not_urgent' },
  ],
  ['a yes', z.object({ breakfast: z.boolean() }), 'with breakfast', { breakfast: true }],
  ['a no', z.object({ breakfast: z.boolean() }), 'but no breakfast', { breakfast: false }],
  ['what may be null', z.object({ city: z.string().nullable() }), 'in New York', { city: 'New York' }],
  [
    'a default that nobody changes',
    z.object({ city: z.string(), units: z.enum(['c', 'f']).default('c') }),
    'in Pune',
    { city: 'Pune' },
  ],
  [
    'an inner object',
    z.object({ guest: z.object({ name: z.string(), phone: z.string() }) }),
    'my name is ana costa, 555 0123 444',
    { guest: { name: 'Ana Costa', phone: '5550123444' } },
  ],
  [
    'a list',
    z.object({ toppings: z.array(z.enum(['ham', 'olives', 'corn'])) }),
    'corn and ham please',
    { toppings: ['corn', 'ham'] },
  ],
  ['from and to', z.object({ from: z.string(), to: z.string() }), 'from Delhi to Goa', { from: 'Delhi', to: 'Goa' }],
  [
    'first and last day',
    z.object({ checkin: z.iso.date(), checkout: z.iso.date() }),
    'from Friday to Sunday',
    { checkin: '2026-08-28', checkout: '2026-08-30' },
  ],
  [
    'what the description proposes',
    z.object({ service: z.string().describe('The service, such as haircut, colour or shave') }),
    'I would like a haircut',
    { service: 'haircut' },
  ],
  ['a label', z.object({ colour: z.string() }), 'the colour is dark blue please', { colour: 'dark blue' }],
  ['a reason', z.object({ reason: z.string() }), 'because of a bad tooth', { reason: 'a bad tooth' }],
  ['a question as it was put', z.object({ query: z.string() }), 'who painted this?', { query: 'who painted this?' }],
])('%s is filled, and zod takes it', (_, input, text, expected) => {
  const given = filled(input, text);
  expect(given).toMatchObject({ arguments: expected, missing: [] });
  expect(input.safeParse(given.arguments).error).toBeUndefined();
});

test('what nobody said is missing, in the order of the schema; what is optional is not', () => {
  const input = z.object({ date: z.iso.date(), name: z.string(), phone: z.string(), note: z.string().optional() });
  const { missing, arguments: given } = filled(input, 'tomorrow');
  expect(given).toEqual({ date: '2026-08-22' });
  expect(missing.map(({ name }) => name)).toEqual(['name', 'phone']);
});

test('an inner object that was begun must be whole', () => {
  const input = z.object({ contact: z.object({ name: z.string(), phone: z.string() }).optional() });
  expect(filled(input, 'nothing').missing).toEqual([]);
  expect(filled(input, 'my name is Ana').missing.map(({ name }) => name)).toEqual(['phone']);
});

test('newer words win over older ones', () => {
  const input = z.object({ date: z.iso.date() });
  const own = [{ text: 'no, on Monday' }, { text: 'tomorrow' }];
  expect(filled(input, '', { own }).arguments).toEqual({ date: '2026-08-24' });
});

test('what was said long ago still counts where it lasts: names and numbers, but not amounts', () => {
  const input = z.object({ name: z.string(), amount: z.number() });
  const { arguments: given, missing } = filled(input, 'do it', { earlier: ['my name is Ana Costa, I have 40 euros'] });
  expect(given).toEqual({ name: 'Ana Costa' });
  expect(missing.map(({ name }) => name)).toEqual(['amount']);
});

test('an id comes from what another tool returned, of the item that is meant', () => {
  const input = z.object({ slotId: z.string() });
  const slots = [
    { id: 'S1', time: '2026-08-22T10:00', doctor: 'Dr. Shah' },
    { id: 'S2', time: '2026-08-22T11:30', doctor: 'Dr. Lee' },
  ];
  const results = [{ name: 'find_slots', arguments: {}, step: 1, result: { slots } }];
  for (const [text, slotId] of [
    ['the second one', 'S2'],
    ['at ten', 'S1'],
    ['with doctor lee', 'S2'],
    ['the last', 'S2'],
    ['any will do', 'S1'],
  ] as const)
    expect(filled(input, text, { results }).arguments).toEqual({ slotId });
  expect(filled(input, 'hm', { results }).missing).toHaveLength(1);
});

test('an answer may be bare: a name, an hour, a number, a yes', () => {
  const answer = (input: z.ZodType, text: string, answers: string): unknown =>
    filled(input, '', { own: [{ text, answers }] }).arguments;
  expect(answer(z.object({ name: z.string() }), "it's maria lopez", 'name')).toEqual({ name: 'Maria Lopez' });
  expect(answer(z.object({ time: z.string() }), 'ten thirty', 'time')).toEqual({ time: '10:30' });
  expect(answer(z.object({ time: z.string() }), 'eleven', 'time')).toEqual({ time: '11:00' });
  expect(answer(z.object({ guests: z.int() }), 'four', 'guests')).toEqual({ guests: 4 });
  expect(answer(z.object({ parking: z.boolean() }), 'yes please', 'parking')).toEqual({ parking: true });
  expect(answer(z.object({ city: z.string() }), 'pune', 'city')).toEqual({ city: 'Pune' });
  expect(answer(z.object({ colour: z.string() }), 'um, dark blue please', 'colour')).toEqual({ colour: 'dark blue' });
});

test('places joined by and are the same call once more', () => {
  const { arguments: given, alternatives } = filled(z.object({ city: z.string() }), 'the weather in Pune and Goa');
  expect([given, ...alternatives]).toEqual([{ city: 'Pune' }, { city: 'Goa' }]);
});

test('references and unions in a schema are followed', () => {
  const day = z.iso.date().meta({ id: 'Day' });
  const input = z.object({ arrival: day, departure: day });
  expect(filled(input, 'from 2026-09-01 to 2026-09-03').arguments).toEqual({
    arrival: '2026-09-01',
    departure: '2026-09-03',
  });
});

const DAYS = z.object({ day: z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) });
const DISHES = z.object({ diet: z.enum(['veg', 'vegan', 'meat']) });
test.each<[string, z.ZodType, string, unknown]>([
  ['"monday" for `mon`', DAYS, 'what do you have on monday', { day: 'mon' }],
  ['"Thursdays" for `thu`', DAYS, 'anything on Thursday?', { day: 'thu' }],
  ['the day that tomorrow is', DAYS, 'and tomorrow?', { day: 'sat' }],
  ['two letters', z.object({ day: z.enum(['MO', 'TU', 'WE']) }), 'on wednesday', { day: 'WE' }],
  ['months', z.object({ month: z.enum(['jan', 'feb', 'mar', 'dec']) }), 'sometime in december', { month: 'dec' }],
  ['money is no monday', DAYS, 'I want my money back', {}],
  ['a longer word', z.object({ diet: z.enum(['veg', 'meat']) }), 'something vegetarian please', { diet: 'veg' }],
  ['a shorter word', z.object({ size: z.enum(['small', 'medium', 'large']) }), 'med please', { size: 'medium' }],
  ['the choice itself, before a longer one', DISHES, 'something vegan', { diet: 'vegan' }],
  ['what begins two choices is neither', z.object({ course: z.enum(['start', 'starter']) }), 'the sta one', {}],
  [
    'one stem',
    z.object({ unit: z.enum(['cardiology', 'dermatology']) }),
    'I need a cardiologist',
    { unit: 'cardiology' },
  ],
  [
    'the word as it stands comes first',
    z.object({ size: z.enum(['large', 'medium']) }),
    'large, for my med club',
    { size: 'large' },
  ],
])('the stand-in\'s model understands "monday" for `mon`: %s', (_, input, text, expected) => {
  expect(filled(input, text).arguments).toEqual(expected);
});
