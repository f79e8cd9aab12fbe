/** Ready-made tasks in calls: by voice, by text and by keys, in three languages. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  askEach,
  chooseOne,
  collectAddress,
  collectCard,
  collectDate,
  collectEmail,
  collectName,
  collectPhone,
  collectTime,
  confirm,
  type CollectTask,
} from '../../../src/call/collect/collectors.ts';
import { startTestCall, type TestCall } from '../../../src/testing/test-call.ts';
import type { TestCallOptions } from '../../../src/testing/call-options.ts';
import { defineTask } from '../../../src/tool/task.ts';
import { ScriptedModel } from '../../helpers/scripted-model.ts';

type Replies = NonNullable<Exclude<NonNullable<TestCallOptions['model']>, { name: string }>['replies']>;

interface Scene {
  language?: 'en' | 'hi' | 'es';
  line?: 'text' | 'voice';
  /** What the agent begins the task with. */
  input?: Record<string, unknown>;
  /** What the model says before it. */
  say?: string;
  replies?: Replies;
}

/** A call in which "please begin" begins the task. */
function begin(
  task: CollectTask,
  { language = 'en', line = 'text', input = {}, say, replies = [] }: Scene = {},
): Promise<TestCall> {
  const { name } = task;
  const call = { name, arguments: input };
  return startTestCall(
    { name: 'desk', instructions: 'You take orders.', tools: [task], listen: { language } },
    {
      line,
      model: {
        replies: [
          ...replies,
          { when: 'please begin', ...(say !== undefined && { say }), call },
          { after: name, say: 'Thank you, that is all.' },
        ],
        pace: 'instant',
      },
    },
  );
}

/** What the model reads of it that began it: the result, or why there is none. */
const resultOf = (call: TestCall, name: string): unknown =>
  call
    .result()
    .events.flatMap((event) => (event.type === 'tool-end' && event.name === name ? [event.result ?? event.error] : []))
    .at(-1);

/** What the agent says to this. `#123` is pressed. */
async function says(call: TestCall, words: string): Promise<string> {
  if (words.startsWith('#')) {
    await call.press(`${words.slice(1)}#`);
    await call.wait(200);
  } else await call.say(words);
  const ends = call.result().events.flatMap((event) => (event.type === 'turn-end' ? [event.heard] : []));
  return ends.at(-1) ?? '';
}

describe('in text', () => {
  test('R28: a phone number is asked for, read, read back and confirmed without a request to the model', async () => {
    await using call = await begin(collectPhone());
    expect(await says(call, 'please begin')).toContain('What is your phone number?');
    const first = await says(call, 'two oh two five five five oh one four three');
    expect(first).toBe('I have 2 0 2, 5 5 5, 0 1 4 3. Is that right?');
    expect(await says(call, 'no, it ends in 44')).toBe('I have 2 0 2, 5 5 5, 0 1 4 4. Is that right?');
    expect(await says(call, 'yes')).toBe('Thank you, that is all.');
    expect(resultOf(call, 'collect_phone')).toEqual({ phone: '+12025550144' });
    expect(call.requests).toHaveLength(2);
    const { messages } = call.requests[1] ?? { messages: [] };
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    const told = call.result().events.filter(({ type }) => type === 'task-start' || type === 'task-end');
    expect(told).toMatchObject([
      { type: 'task-start', name: 'collect_phone', turn: 1 },
      { type: 'task-end', name: 'collect_phone', turn: 4, how: 'finished' },
    ]);
  });

  const birth = collectDate({ when: 'past', as: 'dateOfBirth' });
  const visit = collectDate({ when: 'future' });
  const seats = chooseOne({ choices: ['window', { value: 'aisle', words: ['an aisle seat', 'गलियारा', 'pasillo'] }] });
  const open = ['09:00', '18:00'] as const;
  const rows: [language: 'en' | 'hi' | 'es', task: CollectTask, words: string[], result: object][] = [
    ['en', collectName(), ['my name is john smit', 'no, s m i t h', 'yes'], { name: 'John Smith' }],
    ['hi', collectName(), ['मेरा नाम राहुल शर्मा है', 'हाँ'], { name: 'राहुल शर्मा' }],
    ['es', collectName(), ['me llamo juan pérez', 'sí'], { name: 'Juan Pérez' }],
    ['en', collectPhone(), ['two oh two', 'five five five oh one four three', 'right'], { phone: '+12025550143' }],
    ['en', collectPhone(), ['#2025550143', '#1'], { phone: '+12025550143' }],
    ['hi', collectPhone(), ['नौ आठ सात छह पाँच', 'चार तीन दो एक शून्य', 'जी सही है'], { phone: '+919876543210' }],
    ['hi', collectPhone(), ['#9876543210', 'haan'], { phone: '+919876543210' }],
    [
      'es',
      collectPhone(),
      ['seis doce treinta y cuatro cincuenta y seis setenta y ocho', 'sí'],
      { phone: '+34612345678' },
    ],
    ['es', collectPhone(), ['#612345679', '#2', '#612345678', '#1'], { phone: '+34612345678' }],
    [
      'en',
      collectEmail(),
      ['jon dot smith at gmail dot com', 'no, j o h n', 'correct'],
      { email: 'john.smith@gmail.com' },
    ],
    ['hi', collectEmail(), ['आर ए एच यू एल ऐट जीमेल डॉट कॉम', 'हाँ'], { email: 'rahul@gmail.com' }],
    ['es', collectEmail(), ['ana guion bajo ruiz arroba hotmail punto es', 'eso es'], { email: 'ana_ruiz@hotmail.es' }],
    ['en', birth, ['March fifth nineteen ninety', 'no, the sixth', 'yes'], { dateOfBirth: '1990-03-06' }],
    ['en', visit, ['yesterday', 'tomorrow', 'yes'], { date: '2026-01-06' }],
    ['en', visit, ['#0106', '#1'], { date: '2026-01-06' }],
    ['hi', visit, ['अगले सोमवार', 'हाँ'], { date: '2026-01-12' }],
    ['hi', birth, ['#05031990', '#1'], { dateOfBirth: '1990-03-05' }],
    ['es', visit, ['el cinco de marzo', 'sí'], { date: '2026-03-05' }],
    ['es', birth, ['#05031990', '#1'], { dateOfBirth: '1990-03-05' }],
    ['en', collectTime(), ['half past five', 'in the afternoon', 'yes'], { time: '17:30' }],
    ['en', collectTime({ open }), ['eight pm', 'half past five', 'yes'], { time: '17:30' }],
    ['hi', collectTime(), ['शाम को साढ़े पाँच बजे', 'हाँ'], { time: '17:30' }],
    ['es', collectTime(), ['las cinco y media', 'de la tarde', 'sí'], { time: '17:30' }],
    ['es', collectTime(), ['#1730', '#1'], { time: '17:30' }],
    [
      'en',
      collectAddress(),
      ['12 Baker Street, London', 'no, thirteen', 'yes'],
      { address: { text: '13 Baker Street, London' } },
    ],
    [
      'hi',
      collectAddress(),
      ['12 एमजी रोड, बेंगलुरु 560001', 'हाँ'],
      { address: { text: '12 एमजी रोड, बेंगलुरु 560001', postalCode: '560001' } },
    ],
    [
      'es',
      collectAddress(),
      ['vivo en calle Mayor 5, 28013 Madrid', 'sí'],
      { address: { text: 'calle Mayor 5, 28013 Madrid', postalCode: '28013' } },
    ],
    [
      'en',
      collectCard({ securityCode: false }),
      ['#4111111111111112', '#4111111111111111', '#1', '#1225', '#1227'],
      { number: '[number#1 ending in 1111]', expiry: '[expiry#1]' },
    ],
    ['en', confirm({ question: 'Shall I book it?' }), ['yes please'], { confirmed: true }],
    ['hi', confirm({ question: 'बुक कर दूँ?' }), ['नहीं'], { confirmed: false }],
    ['es', confirm({ question: '¿Lo reservo?' }), ['#1'], { confirmed: true }],
    ['en', seats, ['the second'], { choice: 'aisle' }],
    ['hi', seats, ['पहला'], { choice: 'window' }],
    ['es', seats, ['pasillo'], { choice: 'aisle' }],
    ['es', seats, ['#1'], { choice: 'window' }],
  ];
  const scenes = rows.map(([language, task, words, result]) => ({ language, task, words, result }));
  test.each(scenes)('$language: $task.name is had from $words', async ({ language, task, words, result }) => {
    await using call = await begin(task, { language });
    await says(call, 'please begin');
    for (const each of words) await says(call, each);
    expect(resultOf(call, task.name)).toEqual(result);
    expect(call.requests).toHaveLength(2);
  });

  test('several are asked for one after the other, and an earlier one is corrected when the caller names it', async () => {
    const task = askEach([collectName(), collectPhone(), collectDate({ when: 'future' })], { name: 'take_order' });
    await using call = await begin(task);
    expect(await says(call, 'please begin')).toBe('What is your full name?');
    await says(call, 'John Smith');
    expect(await says(call, 'yes')).toContain('What is your phone number?');
    await says(call, '202 555 0143');
    expect(await says(call, 'yes')).toBe('What date, please?');
    expect(await says(call, 'sorry, my name is actually Jane Smith')).toContain('I have Jane Smith');
    expect(await says(call, 'yes')).toBe('What date, please?');
    await says(call, 'tomorrow');
    expect(await says(call, 'yes')).toBe('Thank you, that is all.');
    expect(resultOf(call, 'take_order')).toEqual({ name: 'Jane Smith', phone: '+12025550143', date: '2026-01-06' });
  });

  test('a caller who goes back corrects what they have said there, and what was just read back is not asked for again', async () => {
    const task = askEach([collectName(), collectPhone()], { name: 'take_order' });
    await using call = await begin(task);
    await says(call, 'please begin');
    await says(call, 'Ann Lee');
    expect(await says(call, 'no, it is spelled L E I G H')).toContain('I have Ann Leigh');
    await says(call, 'yes');
    await says(call, '202 555 0143');
    expect(await says(call, 'wait, my name is wrong')).toBe('What is your full name?');
    await says(call, 'Anna Leigh');
    expect(await says(call, 'yes')).toBe('I have 2 0 2, 5 5 5, 0 1 4 3. Is that right?');
    await says(call, 'yes');
    expect(resultOf(call, 'take_order')).toEqual({ name: 'Anna Leigh', phone: '+12025550143' });
  });

  test('of an earlier number it is enough to say what of it is another', async () => {
    const task = askEach([collectPhone(), collectTime()], { name: 'take_order' });
    await using call = await begin(task);
    await says(call, 'please begin');
    await says(call, '202 555 0143');
    await says(call, 'yes');
    expect(await says(call, 'sorry, my number ends in 44')).toBe('I have 2 0 2, 5 5 5, 0 1 4 4. Is that right?');
    await says(call, 'yes');
    expect(await says(call, 'five pm')).toBe('At 5 p.m. Is that right?');
  });

  test('what code cannot read is for the model, and what that has read is read back as if the caller had said it so', async () => {
    const replies: Replies = [
      { when: 'same as my office', call: { name: 'take_value', arguments: { value: '202 555 0143' } } },
      { when: 'why do you need', say: 'To call you back. What is your number?' },
    ];
    await using call = await begin(collectPhone(), { replies });
    await says(call, 'please begin');
    expect(await says(call, 'why do you need that')).toBe('To call you back. What is your number?');
    expect(await says(call, 'the same as my office')).toBe('I have 2 0 2, 5 5 5, 0 1 4 3. Is that right?');
    await says(call, 'yes');
    expect(resultOf(call, 'collect_phone')).toEqual({ phone: '+12025550143' });
  });

  test('R28: a caller who wants something else is answered by who began the task, with the same words', async () => {
    const model = new ScriptedModel(({ messages }, number) => {
      if (number === 1) return { calls: [{ name: 'collect_phone', arguments: '{}' }] };
      if (messages.some(({ role }) => role === 'tool')) return { say: 'We are open from nine to five.' };
      return { calls: [{ name: 'something_else', arguments: '{}' }] };
    });
    const agent = { name: 'desk', instructions: 'You take orders.', tools: [collectPhone()] };
    await using call = await startTestCall(agent, { line: 'text', model });
    await says(call, 'please begin');
    expect(await says(call, 'what are your opening hours')).toBe('We are open from nine to five.');
    const { messages } = call.requests.at(-1) ?? { messages: [] };
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'user']);
    expect(messages.at(-1)).toMatchObject({ content: 'what are your opening hours' });
    expect(messages.at(-2)?.content).toContain('the caller wants something else first');
  });

  test('R28: it is given up when the model says so, and after too many turns', async () => {
    const refusing: Replies = [
      { when: 'rather not', call: { name: 'give_up', arguments: { why: 'They will not tell.' } } },
    ];
    await using first = await begin(collectPhone(), { replies: refusing });
    await says(first, 'please begin');
    expect(await says(first, 'I would rather not')).toBe('Thank you, that is all.');
    expect(resultOf(first, 'collect_phone')).toBe('It was given up: They will not tell.');
    await using second = await begin(collectPhone(), { replies: [{ when: 'what now', say: 'Your number, please.' }] });
    await says(second, 'please begin');
    for (let turn = 1; turn <= 10; turn++) await says(second, 'what now');
    expect(resultOf(second, 'collect_phone')).toBeUndefined();
    await says(second, 'what now');
    expect(resultOf(second, 'collect_phone')).toBe('It was given up: it took too long.');
  });

  test('a task that is stubbed by its name has its result at once', async () => {
    const agent = { name: 'desk', instructions: 'You take orders.', tools: [collectPhone()] };
    const replies: Replies = [
      { when: 'please begin', call: { name: 'collect_phone', arguments: {} } },
      { after: 'collect_phone', say: 'Thank you.' },
    ];
    const tools = { collect_phone: { returns: { phone: '+12025550143' } } };
    await using call = await startTestCall(agent, { line: 'text', model: { replies }, tools });
    expect(await says(call, 'please begin')).toBe('Thank you.');
  });
});

describe('by voice', () => {
  test('R28: it begins once the words before it have been heard, and the caller is asked for nothing twice', async () => {
    await using call = await begin(collectPhone(), { line: 'voice', say: 'Sure, let me take that.' });
    const asked = await call.say('please begin');
    expect(asked.heard).toBe(
      'Sure, let me take that. What is your phone number? You can say it, or type it on your keypad.',
    );
    const back = await call.say('two oh two five five five oh one four three');
    expect(back.heard).toBe('I have 2 0 2, 5 5 5, 0 1 4 3. Is that right?');
    const end = await call.say('yes');
    expect(end.heard).toBe('Thank you, that is all.');
    expect(resultOf(call, 'collect_phone')).toEqual({ phone: '+12025550143' });
  });

  test('R28, R19: a caller who speaks over the words before it is answered, and it does not begin', async () => {
    const replies: Replies = [{ when: 'wait', say: 'Of course.' }];
    await using call = await begin(collectPhone(), {
      line: 'voice',
      say: 'Sure, let me take that number of yours.',
      replies,
    });
    const first = call.say('please begin');
    await call.hears('take');
    const second = await call.say('Wait, stop that');
    expect((await first).outcome).toBe('interrupted');
    expect(second.heard).toBe('Of course.');
    expect(call.result().events.some(({ type }) => type === 'task-start')).toBe(false);
  });

  test('R28, R20: a caller who hangs up in the middle of it leaves nothing behind', async () => {
    await using call = await begin(collectPhone(), { line: 'voice' });
    await call.say('please begin');
    await call.say('two oh two five five five oh one four three');
    const { events, end } = await call.hangUp();
    expect(end).toMatchObject({ reason: 'caller-hung-up' });
    expect(events.find(({ type }) => type === 'task-end')).toMatchObject({ how: 'call-ended' });
    expect(events.filter(({ type }) => type === 'tool-start')).toHaveLength(
      events.filter(({ type }) => type === 'tool-end').length,
    );
  });

  test('keys are pressed over the question', async () => {
    await using call = await begin(collectPhone(), { line: 'voice' });
    const first = call.say('please begin');
    await call.hears('phone');
    await call.press('2025550143#');
    await first;
    await call.wait(200);
    const end = await call.say('yes');
    expect(end.heard).toBe('Thank you, that is all.');
    expect(resultOf(call, 'collect_phone')).toEqual({ phone: '+12025550143' });
  });
});

describe("tasks of one's own", () => {
  const order = defineTask({
    name: 'take_pizza_order',
    description: 'Takes the order for a pizza.',
    instructions: ({ size }) => `Find out which pizza they want, in size ${size}.`,
    input: z.object({ size: z.string() }),
    result: z.object({ pizza: z.enum(['margherita', 'funghi']) }),
    tools: [collectName()],
  });

  test('R28: the model has the conversation, ends it with a result of the schema, and may begin another task in it', async () => {
    const tool = (name: string, given: object) => ({ calls: [{ name, arguments: JSON.stringify(given) }] });
    const model = new ScriptedModel(({ messages }, number) => {
      if (number === 1) return tool('take_pizza_order', { size: 'large' });
      const isTask = messages[0]?.content?.includes('in size large') ?? false;
      if (!isTask) return { say: 'It is on its way.' };
      if (messages.some(({ role }) => role === 'tool')) return tool('finish', { pizza: 'funghi' });
      return messages.some(({ role }) => role === 'user') ? tool('collect_name', {}) : { say: 'Which pizza?' };
    });
    const agent = { name: 'desk', instructions: 'You take orders.', tools: [order] };
    await using call = await startTestCall(agent, { line: 'text', model });
    expect(await says(call, 'please begin')).toBe('Which pizza?');
    expect(await says(call, 'funghi please')).toBe('What is your full name?');
    await says(call, 'Ada Lovelace');
    expect(await says(call, 'yes')).toBe('It is on its way.');
    expect(resultOf(call, 'take_pizza_order')).toEqual({ pizza: 'funghi' });
    expect(call.requests[1]?.messages[0]?.content).toContain('in size large.');
  });

  test('what is wrong with one is said when the agent is loaded, by its field', async () => {
    const wrong = defineTask({
      ...{ name: 'wrong', description: 'Is wrong.', instructions: ' ', result: z.object({}), maxTurns: 0 },
      tools: [defineTask({ name: 'finish', description: 'Clashes.', instructions: 'x', result: z.object({}) })],
    });
    const agent = { name: 'desk', instructions: 'You take orders.', tools: [wrong] };
    const loading = startTestCall(agent, { line: 'text' });
    await expect(loading).rejects.toThrow('`instructions` to be words for the model');
    await expect(startTestCall(agent, { line: 'text' })).rejects.toThrow(
      '`maxTurns` to be a whole number, 1 to 100, got `0`',
    );
    await expect(startTestCall(agent, { line: 'text' })).rejects.toThrow('a second `finish`');
  });

  test('what cannot be collected is refused where it is written', () => {
    expect(() => chooseOne({ choices: ['only'] })).toThrow('2 to 9 different ones, got `only`');
    expect(() => collectPhone({ country: 'Germany' })).toThrow('two letters such as `US`');
    expect(() => askEach([])).toThrow('got none');
    const wrong: [() => unknown, string][] = [
      [
        () => collectTime({ open: ['9:00', '18:00'] }),
        "Expected `open` of collectTime() to be two times such as ['08:00', '20:00'], the earlier first, got `9:00, 18:00`",
      ],
      [() => collectTime({ open: ['20:00', '02:00'] }), 'the earlier first, got `20:00, 02:00`'],
      [
        () => collectDate({ when: 'futur' as 'future' }),
        "Expected `when` of collectDate() to be 'future' or 'past' or 'any', got `futur`",
      ],
      [() => collectDate({ timeZone: 'Mars/Base' }), 'such as `Asia/Kolkata`, got `Mars/Base`'],
      [
        () => collectPhone({ contry: 'IN' } as object),
        'Expected the options of collectPhone() to be name, description, as, words, ask, confirm, country, got `contry`',
      ],
      [
        () => collectName({ confirm: 'no' } as object),
        'Expected `confirm` of collectName() to be true or false, got `no`',
      ],
      [
        () => chooseOne({ choices: ['a', { value: 'b' } as { value: string; words: string[] }] }),
        'Expected `choices` of chooseOne() to be a list of texts, or of `{ value, words }`, got `a, {"value":"b"}`',
      ],
      [
        () => askEach([collectName()], { as: 'x' } as object),
        'Expected the options of askEach() to be name, description',
      ],
    ];
    for (const [make, message] of wrong) expect(make).toThrow(message);
    expect(() => askEach([collectDate(), collectDate()])).toThrow(
      '`date` twice: give one of them another name with `as`',
    );
  });
});
