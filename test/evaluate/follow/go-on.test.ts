/** Past a place at which only words are other, a model is asked anew, and the caller does what they did for as long as that fits. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createAgent, type Agent } from '../../../src/call/agent.ts';
import { follow, type Followed } from '../../../src/evaluate/follow/follow.ts';
import { goOn } from '../../../src/evaluate/follow/go-on.ts';
import { readRecording } from '../../../src/evaluate/recording.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import type { LanguageModel, Message } from '../../../src/model/contract.ts';
import { startTestCall } from '../../../src/testing/test-call.ts';
import { defineTool } from '../../../src/tool/define.ts';
import { defineTask } from '../../../src/tool/task.ts';
import { z } from 'zod';
import { createFolder } from '../../helpers/folder.ts';
import { layDown } from '../lay-down.ts';

const { path: folder, remove } = createFolder({});
afterAll(remove);

const runs: string[] = [];
const book = defineTool({
  name: 'book',
  description: 'Books a time.',
  input: z.object({ time: z.string() }),
  run: ({ time }) => void runs.push(time),
});
const bill = defineTool({
  name: 'find_bill',
  description: 'Finds the last bill.',
  input: z.object({}),
  effect: 'read',
  run: () => ({ total: 80 }),
});
const desk = (instructions: string, ofBilling = 'You are billing.') =>
  createAgent({
    ...{ name: 'desk', instructions, tools: [book, 'hand_off'] },
    team: { billing: { name: 'billing', instructions: ofBilling, tools: [bill] } },
  });

type Reply = string | { name: string; arguments: object };
type Rule = [what: RegExp, reply: Reply];
const THEN: Rule[] = [
  [/total/, 'It is 80 euros. Is there anything else?'],
  [/bill.*"role":"tool"/, { name: 'find_bill', arguments: {} }],
  [/bill/, { name: 'hand_off', arguments: { to: 'billing' } }],
  [/booked/, 'You are booked for ten.'],
  [/ten,? please/i, { name: 'book', arguments: { time: '10:00' } }],
  [/free/, 'On Tuesday I have nine, ten, and half past two. Which one suits you?'],
];

/** Answers at once, by the first rule that what was said since the last turn is like. */
function modelBy(rules: readonly Rule[]): LanguageModel {
  const end = { isTruncated: false, usage: undefined, requestId: undefined, firstTokenMs: 0, queueMs: 0, attempts: 1 };
  let calls = 0;
  return {
    name: 'by-rules',
    prewarm: () => Promise.resolve(),
    close: () => Promise.resolve(),
    startStep({ messages }, listener) {
      let isOver = false;
      const reply = rules.find(([what]) => what.test(sinceTurn(messages)))?.[1] ?? 'Yes.';
      queueMicrotask(() => {
        if (isOver) return;
        if (typeof reply === 'string') listener({ type: 'text-delta', delta: reply });
        else {
          const call = { id: `asked-${calls++}`, name: reply.name, arguments: JSON.stringify(reply.arguments) };
          listener({ type: 'tool-call-start' });
          listener({ type: 'tool-call', call });
        }
        listener({
          type: 'step-end',
          end: { finishReason: typeof reply === 'string' ? 'stop' : 'tool_calls', ...end },
        });
      });
      return { abort: () => (isOver = true) };
    },
  };
}

const sinceTurn = (messages: readonly Message[]): string =>
  JSON.stringify(messages.slice(messages.findLastIndex(({ role }) => role === 'user')));

async function record(name: string, lines: readonly string[]) {
  const agent = await desk('Be brief.');
  await using call = await startTestCall(agent, {
    model: () => modelBy(THEN),
    tools: { book: { returns: { booked: true }, takes: 300 }, find_bill: { returns: { total: 80 }, takes: 900 } },
  });
  for (const line of lines) {
    await call.say(line);
    await call.settles();
    await call.wait(700);
  }
  layDown(join(folder, name), await call.hangUp());
  return readRecording(join(folder, name));
}

async function wentOn(name: string, lines: readonly string[], agent: Agent, rules: readonly Rule[]): Promise<Followed> {
  const followed = follow(await record(name, lines), agent);
  expect(followed.divergence).toMatchObject({ isOfWords: true });
  return goOn(followed, agent, { model: modelBy(rules), clock: systemClock });
}

const LINES = ['What is free tomorrow?', 'Ten, please.'];
const saying = (what: RegExp, reply: Reply): Rule[] => [[what, reply], ...THEN];

test('other words with the same tools and a question of the same kind go on to the end; nothing is run', async () => {
  const rules = saying(/free/, 'There is nine, ten, and half past two on Tuesday. Which one do you like?');
  const { divergence, wentOn: on, now } = await wentOn('same', LINES, await desk('Be very brief.'), rules);
  expect(divergence).toBeUndefined();
  expect(on!.from).toMatchObject({ turn: 1 });
  expect([...on!.answeredBy]).toEqual([
    [1, 'model'],
    [2, 'model'],
  ]);
  expect(now.tools).toMatchObject([{ name: 'book', arguments: { time: '10:00' }, result: { booked: true } }]);
  expect(now.events.filter((event) => event.type === 'turn-start').map(({ text }) => text)).toEqual(LINES);
  expect(runs).toEqual([]);
});

test('another question ends it there: what the caller says next would answer nothing', async () => {
  const rules = saying(/free/, 'Gladly. What is your name, please?');
  const { divergence, now } = await wentOn('question', LINES, await desk('Ask for names.'), rules);
  expect(divergence).toMatchObject({
    turn: 1,
    what: expect.stringMatching(/^it asks for name, and asks .* then$/) as string,
  });
  expect(now.events.filter((event) => event.type === 'turn-start')).toHaveLength(1);
});

test('other arguments of a tool end it there, and it is not run', async () => {
  const rules = saying(/ten,? please/i, { name: 'book', arguments: { time: '11:00' } });
  const { divergence, now } = await wentOn('arguments', LINES, await desk('Be late.'), [
    [/looked up/, 'Sorry.'],
    ...rules,
  ]);
  expect(divergence).toMatchObject({ turn: 2, what: 'it calls `book` {"time":"11:00"}, and did not' });
  expect(now.tools).toMatchObject([{ ok: false }]);
  expect(runs).toEqual([]);
});

test('turns before the words became others are answered by the recording', async () => {
  const lines = ['What is free tomorrow?', 'Why is my bill so high?'];
  const agent = await desk('Be brief.', 'You do bills.');
  const { divergence, wentOn: on } = await wentOn(
    'team',
    lines,
    agent,
    saying(/total/, 'Eighty. Is there anything else?'),
  );
  expect(divergence).toBeUndefined();
  expect([...on!.answeredBy]).toEqual([
    [1, 'recording'],
    [2, 'recording'], // the desk hands the caller over as it did
    [3, 'model'],
  ]);
});

test('R28: tools inside of a task answer as they did, too', async () => {
  const input = z.object({ item: z.string() });
  const stock = defineTool({
    ...{ name: 'check_stock', description: 'Looks it up.', input, effect: 'read' },
    run: () => ({ left: 0 }),
  });
  const order = defineTask({
    ...{ name: 'take_order', description: 'Takes an order.', instructions: 'Take it.', result: input },
    ...{ ask: 'What would you like?', tools: [stock] },
  });
  const shop = (instructions: string) => createAgent({ name: 'shop', instructions, tools: [order] });
  const rules: Rule[] = [
    [/left/, { name: 'finish', arguments: { item: 'bike' } }],
    [/order.*bike/, 'It is yours. Is there anything else?'],
    [/bike/, { name: 'check_stock', arguments: { item: 'bike' } }],
    [/order/, { name: 'take_order', arguments: {} }],
  ];
  {
    await using call = await startTestCall(await shop('Sell.'), {
      ...{ model: () => modelBy(rules), tools: { check_stock: { returns: { left: 2 }, takes: 700 } } },
    });
    await call.say('I want to order.');
    await call.settles();
    await call.say('A bike, please.');
    await call.settles();
    layDown(join(folder, 'task'), await call.hangUp());
  }
  const agent = await shop('Sell much.');
  const followed = follow(await readRecording(join(folder, 'task')), agent);
  const { divergence, now } = await goOn(followed, agent, { model: modelBy(rules), clock: systemClock });
  expect(divergence).toBeUndefined();
  expect(now.tools.map(({ name, result }) => [name, result])).toEqual([
    ['take_order', { item: 'bike' }],
    ['check_stock', { left: 2 }],
    ['finish', { done: 'finished' }],
  ]);
});
