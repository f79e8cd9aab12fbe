/** What happens in the same tick, over real sockets: nobody waits for what need not be waited for. */
import { expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { ofType, openWorld, wordsOf } from './world.ts';

const at = (events: readonly CallEvent[], fits: (event: CallEvent) => boolean): number => {
  const index = events.findIndex(fits);
  expect(index).toBeGreaterThanOrEqual(0);
  return index;
};

test('R2, R3: the filler is out before the tool ends, and the tool starts before the model has ended its answer', async () => {
  const { open } = await openWorld({ electron: { pace: { argumentsMs: 20, finishMs: 80 } } });
  const { call, events } = open();
  await call.say('look');
  const filler = at(events, (event) => event.type === 'text-delta');
  const toolStart = at(events, ({ type }) => type === 'tool-start');
  const toolEnd = at(events, ({ type }) => type === 'tool-end');
  const stepEnd = at(events, ({ type }) => type === 'step-end');
  expect(filler).toBeLessThan(toolStart);
  expect(toolStart).toBeLessThan(toolEnd);
  expect(toolEnd).toBeLessThan(stepEnd); // 80 ms before the model says that it has finished
  expect(ofType(events, 'step-end')[0]).toMatchObject({ textKind: 'filler', finishReason: 'tool_calls' });
});

test('R3: the handler runs in the tick in which its arguments are complete', async () => {
  const order: string[] = [];
  const { open } = await openWorld({
    run: () => {
      order.push('handler');
      return {};
    },
  });
  const { call } = open({
    listen: (started) => started.on('tool-start', () => queueMicrotask(() => order.push('microtask after tool-start'))),
  });
  await call.say('look');
  expect(order).toEqual(['handler', 'microtask after tool-start']);
});

test('R4: the next request leaves in the tick of the last result', async () => {
  const order: string[] = [];
  const { open } = await openWorld({ run: () => new Promise((resolve) => setTimeout(resolve, 20)) });
  const { call, events } = open({
    listen: (started) => {
      started.on('tool-end', () => queueMicrotask(() => order.push('microtask after tool-end')));
      started.on('step-start', ({ step }) => order.push(`step ${step}`));
    },
  });
  await call.say('look');
  expect(order).toEqual(['step 1', 'step 2', 'microtask after tool-end']);
  const [end] = ofType(events, 'tool-end');
  expect(ofType(events, 'step-start')[1]?.atMs).toBe(end?.atMs);
});

test('R5: the request after a tool holds the filler as it was said, and the result', async () => {
  const { open, electron } = await openWorld();
  const { call } = open();
  await call.say('look');
  const messages = electron.requests().at(-1)?.body?.messages;
  expect(messages?.slice(-2)).toMatchObject([
    { role: 'assistant', content: 'Let me look.', tool_calls: [{ function: { name: 'look_up' } }] },
    { role: 'tool', content: '{"found":"an order"}' },
  ]);
});

test('R1: every delta is an event of its own, as it came', async () => {
  const { open } = await openWorld();
  const { call, events } = open();
  await call.say('a story');
  expect(ofType(events, 'text-delta').length).toBeGreaterThan(8);
  expect(wordsOf(events, 1)).toBe('Once upon a time there was a small clinic by the sea.');
});
