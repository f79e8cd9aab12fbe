/** A carrier's id that comes again: two lines are two calls of ours, though the carrier says that they are one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { CallEvent } from '../../src/call/events.ts';
import { replay } from '../../src/record/machine-log.ts';
import { newSid } from '../../src/simulate/twilio/connect.ts';
import { dialRelay } from '../../src/simulate/twilio/relay.ts';
import { defineTool } from '../../src/tool/define.ts';
import { until } from '../helpers/until.ts';
import { withStandIns, type TestWorker } from '../helpers/worker.ts';

const start = withStandIns([
  { when: 'friday', say: 'Booking.', call: { name: 'book', arguments: { day: 'Friday' } } },
  { when: 'monday', say: 'Booking.', call: { name: 'book', arguments: { day: 'Monday' } } },
  { after: '.*', say: 'It is booked.' },
]);
const folder = mkdtempSync(join(tmpdir(), 'parley-same-call-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Keeps what its backend was handed. */
function bookings() {
  const made: { day: string; key: string; callId: string; carrierCallId: string | undefined }[] = [];
  const book = defineTool({
    name: 'book',
    description: 'Books a table.',
    input: z.object({ day: z.string() }),
    run({ day }, { idempotencyKey: key, callId, carrierCallId }) {
      made.push({ day, key, callId, carrierCallId });
      return { booked: day };
    },
  });
  return { made, book };
}

const numbers = { from: '+15550100', to: '+15550199' };
const dialText = ({ url }: TestWorker, callSid: string) =>
  dialRelay({ url: `${url.replace('http', 'ws')}/twilio/relay`, callSid, ...numbers });

test('two streams one after the other, same CallSid: `book` Friday and Monday are two bookings, and both recordings are kept', async () => {
  const { made, book } = bookings();
  const one = await start({ PARLEY_RECORD: folder }, { agent: { tools: [book] } });
  const callSid = newSid('CA');
  for (const day of ['friday', 'monday']) {
    const caller = await dialText(one, callSid);
    await caller.say(`book ${day}`);
    await until(`${day} to be booked`, () => made.some((booking) => booking.day.toLowerCase() === day));
    await caller.hangUp();
    await until('the call to end', () => one.worker.calls.size === 0);
  }
  const [first, second] = one.calls;
  expect(made).toEqual([
    { day: 'Friday', key: `${first!.id}-1`, callId: first!.id, carrierCallId: callSid },
    { day: 'Monday', key: `${second!.id}-1`, callId: second!.id, carrierCallId: callSid },
  ]);
  expect(first!.id < second!.id).toBe(true);

  await one.worker.close(); // then what was recorded is on disk
  expect(readdirSync(folder).sort()).toEqual([first!.id, second!.id]);
  for (const { id } of one.calls) {
    const [begin] = readFileSync(join(folder, id, 'events.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(begin ?? '')).toMatchObject({ type: 'call-start', callId: id, carrierCallId: callSid });
    const machine = readFileSync(join(folder, id, 'machine.jsonl'), 'utf8');
    expect(replay(machine)).toMatchObject({ callId: id, carrierCallId: callSid, difference: undefined });
    expect(readFileSync(join(folder, id, 'call.html'), 'utf8')).toContain(callSid);
  }
});

test('the same with sound and recordings on: both are kept', async () => {
  const sounds = join(folder, 'sound');
  const one = await start({ PARLEY_RECORD: sounds });
  const callSid = newSid('CA');
  for (const _ of [1, 2]) {
    const caller = await one.dial({ callSid });
    await caller.waitForSpeech({ fromMs: 0 });
    await caller.hangUp();
    await until('the call to end', () => one.worker.calls.size === 0);
  }
  await one.worker.close();
  const ids = one.calls.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2);
  expect(readdirSync(sounds).sort()).toEqual(ids);
  for (const id of ids) expect(readdirSync(join(sounds, id)).sort()).toContain('call.wav');
});

test.each(['..', '.', '../../x', 'a/b'])('CallSid %j: the recording stays inside of its folder', async (callSid) => {
  const inside = mkdtempSync(join(folder, 'inside-'));
  const one = await start({ PARLEY_RECORD: join(inside, 'deep', 'calls') });
  const caller = await dialText(one, callSid);
  const events: CallEvent[] = [];
  await until('the call', () => one.calls.length === 1);
  one.calls[0]!.on('event', (event) => events.push(event));
  await caller.hangUp();
  await until('the call to end', () => events.some(({ type }) => type === 'call-end'));
  await one.worker.close();
  expect(readdirSync(inside)).toEqual(['deep']);
  expect(readdirSync(join(inside, 'deep'))).toEqual(['calls']);
  expect(readdirSync(join(inside, 'deep', 'calls'))).toEqual([one.calls[0]!.id]);
});
