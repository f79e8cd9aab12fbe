/** What happens in the same tick, over real sockets: nobody waits for what need not be waited for. */
import { expect, test } from 'vitest';
import type { CallEvent } from '../../src/call/events.ts';
import { ofType, openWorld, wordsOf } from '../helpers/world.ts';

const at = (events: readonly CallEvent[], fits: (event: CallEvent) => boolean): number => {
  const index = events.findIndex(fits);
  expect(index).toBeGreaterThanOrEqual(0);
  return index;
};

test('R2, R3: the filler is out before the tool ends, and the tool starts before the model has ended its answer', async () => {
  const { open } = await openWorld({ electron: { pace: { argumentsMs: 20, finishMs: 500 } } });
  const { call, events } = open();
  await call.say('look');
  const filler = at(events, (event) => event.type === 'text-delta');
  const toolStart = at(events, ({ type }) => type === 'tool-start');
  const toolEnd = at(events, ({ type }) => type === 'tool-end');
  const stepEnd = at(events, ({ type }) => type === 'step-end');
  expect(filler).toBeLessThan(toolStart);
  expect(toolStart).toBeLessThan(toolEnd);
  expect(toolEnd).toBeLessThan(stepEnd); // half a second before the model says that it has finished
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

test('R4: what a listener does with its time delays no request and no tool; it is told everything, in order', async () => {
  const order: string[] = [];
  const { open, model } = await openWorld({ run: () => order.push('tool') });
  const startStep = model.startStep.bind(model);
  model.startStep = (...parts) => {
    order.push('request');
    return startStep(...parts);
  };
  const { call, events } = open({
    listen: (started) => started.on('event', ({ type }) => order.push(type)),
  });
  await call.say('look');
  const before = (what: string, type: string) => expect(order.indexOf(what)).toBeLessThan(order.indexOf(type));
  before('request', 'turn-start');
  before('tool', 'tool-start');
  expect(order.lastIndexOf('request')).toBeLessThan(order.indexOf('tool-end'));
  const types = events.map(({ type }) => type).filter((type) => type !== 'text-delta');
  expect(types).toEqual([
    ...['call-start', 'turn-start', 'step-start', 'tool-start', 'step-end', 'tool-end'],
    ...['step-start', 'step-end', 'turn-end'],
  ]);
});

test('a listener that has something said, or hangs up, is heard after what was under way; the others hear all', async () => {
  const { open } = await openWorld();
  const told: string[] = [];
  const { call, events } = open({
    listen: (started) => {
      started.on('tool-start', () => started.hangUp('heard-enough'));
      started.on('tool-start', () => told.push('tool-start'));
      started.on('call-end', () => told.push('call-end'));
      started.on('transcript', () => void started.say('look'));
    },
  });
  call.transcript('look', true);
  expect(await call.ended).toMatchObject({ reason: 'heard-enough' });
  expect(told).toEqual(['tool-start', 'call-end']);
  expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).sort((one, other) => one - other));
  expect(events.at(-1)?.type).toBe('call-end');
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
