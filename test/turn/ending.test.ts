/** How far a call has come, and what has been decided about its end. */
import { expect, test } from 'vitest';
import { Ending } from '../../src/turn/ending.ts';

const internal = (message: string) => expect.objectContaining({ code: 'internal', message }) as Error;
const desk = { type: 'transfer', to: 'desk' } as const;
const hangUp = { type: 'hang-up', reason: 'away' } as const;

function live(transferTo?: string): Ending {
  const ending = new Ending({ transferTo });
  ending.begin();
  return ending;
}

test('it begins once, goes on, is over, and then ended', () => {
  const ending = new Ending({});
  expect([ending.isLive, ending.isOpen, ending.isOver]).toEqual([false, true, false]);
  ending.begin();
  expect([ending.isLive, ending.isOpen, ending.isOver, ending.reason]).toEqual([true, true, false, '']);
  ending.end('caller-hung-up');
  expect([ending.isLive, ending.isOver, ending.isEnded, ending.reason]).toEqual([false, true, false, 'caller-hung-up']);
  ending.settle();
  expect([ending.isOver, ending.isEnded, ending.reason]).toEqual([true, true, 'caller-hung-up']);
});

test('what cannot follow is a broken promise', () => {
  expect(() => live().begin()).toThrow(internal('Expected a call to start once'));
  expect(() => live().settle()).toThrow(internal('Expected a call to be over before all of it is settled'));
  const ending = live();
  ending.end('away');
  expect(() => ending.end('again')).toThrow(internal('Expected a call to end once'));
  for (const late of [() => ending.plan(hangUp), () => ending.recall(), () => ending.lose(), () => ending.transfer()])
    expect(late).toThrow(internal('Expected a call that is not over'));
});

test('a farewell stands until it is recalled; the call is not open meanwhile', () => {
  const ending = live();
  ending.plan(hangUp);
  expect([ending.farewell, ending.isOpen, ending.isLive]).toEqual([hangUp, false, true]);
  ending.recall();
  expect([ending.farewell, ending.isOpen]).toEqual([undefined, true]);
});

test('a transfer that fails: the call goes on, or its last resort is the goodbye', () => {
  const ending = live();
  expect(ending.failTransfer()).toBeUndefined(); // nobody asked for one
  ending.plan(desk);
  ending.transfer();
  expect([ending.isLive, ending.farewell]).toEqual([false, undefined]);
  expect(ending.failTransfer()).toBe('go-on');
  expect(ending.isLive).toBe(true);
  ending.planFor('worker-stopped', 'desk');
  expect(ending.farewell).toEqual(desk);
  ending.transfer();
  expect(ending.failTransfer()).toEqual({ goodbye: { type: 'hang-up', reason: 'worker-stopped' }, isOutage: false });
});

test('the first outage counts; its farewell hands over, where there is somebody', () => {
  const ending = live();
  expect(ending.outageFarewell).toBeUndefined();
  expect([ending.breakOff('listening-failed'), ending.breakOff('speech-failed')]).toEqual([true, false]);
  expect([ending.hasOutage, ending.isOpen]).toEqual([true, false]);
  expect(ending.outageFarewell).toEqual({ type: 'hang-up', reason: 'listening-failed' });

  const helped = live('desk');
  helped.breakOff('listening-failed');
  expect(helped.outageFarewell).toEqual(desk);
  helped.transfer();
  expect(helped.failTransfer()).toEqual({ goodbye: { type: 'hang-up', reason: 'listening-failed' }, isOutage: true });
});

test('the voice is taken to be gone when words are lost twice and none were heard between', () => {
  const ending = live();
  expect(ending.lose()).toBe(false);
  ending.heardWords();
  expect([ending.lose(), ending.lose()]).toEqual([false, true]);
});
