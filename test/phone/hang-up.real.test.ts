/**
 * R20: the caller hangs up, or the line breaks, at 50 instants of a call: nothing of it is left, and what writes finishes.
 *
 * Real time: what must not be left are sockets, timers and listeners of this process.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startPhone, type Phone } from '../../src/testing/phone.ts';
import { defineTool } from '../../src/tool/define.ts';
import { Dice } from '../helpers/dice.ts';
import { after, agentWith, answering, atOnce } from '../helpers/phone.ts';
import { until } from '../helpers/until.ts';

const INSTANTS = 50;
const LATEST_MS = 6_000;
const BOOKING_MS = 1_500;

const begun = new Set<string>();
const ended = new Set<string>();
const book = defineTool({
  name: 'book_seat',
  description: 'Books a seat.',
  input: z.object({ name: z.string() }),
  effect: 'write',
  run: async ({ name }) => {
    begun.add(name);
    await after(BOOKING_MS);
    ended.add(name);
    return { reference: name };
  },
});
let aborted = 0;
const look = defineTool({
  name: 'look_up',
  description: 'Looks something up.',
  input: z.object({}),
  effect: 'read',
  run: async (_input, { signal }) => {
    signal.addEventListener('abort', () => aborted++);
    await after(BOOKING_MS);
    return {};
  },
});

let phone: Phone;

beforeAll(async () => {
  phone = await startPhone(
    agentWith({ greeting: 'Hello there.', tools: [book, look] }),
    answering(
      {
        when: 'seat (\\w+)',
        say: 'Let me book that seat for you right now.',
        call: [
          { name: 'book_seat', arguments: { name: '$1' } },
          { name: 'look_up', arguments: {} },
        ],
        pace: { firstTokenMs: 250, tokenMs: 5, argumentsMs: 100, finishMs: 5 },
      },
      { say: 'It is booked, and I wish you a very pleasant journey to the islands.' },
      { after: '.', say: 'It is booked, and I wish you a very pleasant journey to the islands.' },
    ),
  );
});
afterAll(() => phone.close());

test('50 instants: no socket, timer or listener is left, and every write has ended and is recorded', async () => {
  const { electron, lightning, pulse } = phone.services;
  const { frameClock } = phone.services.speech;
  await settle(() => phone.worker.calls.size === 0);
  const before = resources();
  const dice = new Dice(20);
  const calls = await atOnce(INSTANTS, async (index) => {
    const line = await phone.dial();
    void line.say(`Seat ${String.fromCharCode(65 + (index % 26))}${index} please`);
    await after(dice.next() * LATEST_MS);
    const hungUpAtMs = line.caller.nowMs;
    await (index % 2 === 0 ? line.caller.hangUp() : line.caller.drop());
    const end = await line.call.ended;
    return { line, end, hungUpAtMs };
  });

  for (const { line, end } of calls) {
    expect(['caller-hung-up', 'socket-lost']).toContain(end.reason);
    const started = line.eventsOf('tool-start').map(({ id }) => id);
    const over = line.eventsOf('tool-end').map(({ id }) => id);
    expect(over.sort()).toEqual(started.sort()); // each exactly once, before the call was over
    expect(line.events.at(-1)?.type).toBe('call-end');
    for (const { name, ok } of line.eventsOf('tool-end')) if (name === 'book_seat') expect(ok).toBe(true);
    const count = line.events.length;
    await after(0);
    expect(line.events).toHaveLength(count);
  }
  expect(ended).toEqual(begun);
  expect(begun.size).toBeGreaterThan(5); // some of the instants lay in the tools
  const cut = calls
    .flatMap(({ line }) => line.eventsOf('tool-end'))
    .filter(({ name, ok }) => name === 'look_up' && !ok);
  expect(aborted).toBe(cut.length); // in that instant, though a write of the same call goes on
  expect(aborted).toBeGreaterThan(0);

  expect(phone.worker.calls.size).toBe(0);
  expect(phone.services.parley.calls.size).toBe(0);
  expect(frameClock?.subscribers).toBe(0);
  await settle(() => pulse.sessions().every(({ isOpen }) => !isOpen));
  await settle(() => lightning.sockets.open === 0 && lightning.active === 0);
  await settle(() => electron.stats().inFlight === 0);
  expect(pulse.sessions().filter(({ isOpen }) => isOpen)).toEqual([]);
  expect(lightning.sockets.open).toBe(0);
  expect(electron.stats().inFlight).toBe(0);
  await settle(() => resources().sockets <= before.sockets);
  expect(resources().sockets).toBeLessThanOrEqual(before.sockets);
  await settle(() => resources().timers <= before.timers + 2);
  expect(resources().timers).toBeLessThanOrEqual(before.timers + 2); // those of this test, and of the connections
});

/** The model's connections are kept for the next call, and are not counted; both of their ends are in this process. */
function resources(): { sockets: number; timers: number } {
  const all = process.getActiveResourcesInfo();
  const kept = 2 * phone.services.electron.stats().connections;
  return {
    sockets: all.filter((name) => name === 'TCPSocketWrap').length - kept,
    timers: all.filter((name) => name === 'Timeout').length,
  };
}

const settle = (isSo: () => boolean): Promise<unknown> => until('everything to be let go', isSo, 8_000).catch(() => {});
