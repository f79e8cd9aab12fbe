/** A carrier's id that comes again: two lines are two calls of ours, though the carrier says that they are one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { CallEvent } from '../../src/call/events.ts';
import { replay } from '../../src/record/machine-log.ts';
import { newSid } from '../../src/simulate/phone/connect.ts';
import { dialRelay, type RelayCaller } from '../../src/simulate/twilio/relay.ts';
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

/** A voice that takes no time, and tells what was heard of it. */
const QUICK = { charactersPerSecond: 2_000, synthesisDelayMs: 0, progress: true };
const numbers = { from: '+15550100', to: '+15550199' };
const dialText = ({ url }: TestWorker, callSid: string) =>
  dialRelay({ url: `${url.replace('http', 'ws')}/twilio/relay`, callSid, ...numbers, ...QUICK });

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

// ---- one agent for a call at a time ---------------------------------------------------------------------------------

const WELCOME_BACK = 'I am back on the line. Let us go on where we stopped.';

async function tokenFor(one: TestWorker, callSid: string): Promise<string> {
  const { body } = await one.ring({ CallSid: callSid });
  const token = /name="parleyToken" value="([^"]+)"/.exec(body)?.[1];
  if (token === undefined) throw new Error(`Expected a token, got ${body}`);
  return token;
}

const heardBy = ({ heard }: RelayCaller): string => heard.map(({ text }) => text).join('');

test('`POST /twilio/voice` twice with one CallSid, each token opens its stream: the newer takes over, the older ends in good order', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1', PARLEY_RECORD: join(folder, 'twice') });
  const callSid = newSid('CA');
  const tokens = [await tokenFor(one, callSid), await tokenFor(one, callSid)];
  expect(one.worker.load).toMatchObject({ places: 1, waiting: 1 });
  const older = await one.dial({ callSid, parameters: { parleyToken: tokens[0]! } });
  await older.waitForSpeech({ fromMs: 0 });
  const newer = await one.dial({ callSid, parameters: { parleyToken: tokens[1]! } });
  expect(await older.ended).toMatchObject({ by: 'worker', code: 1000 });
  await newer.waitForSpeech({ fromMs: 0 });
  expect(newer.isOver).toBe(false);
  const [first, second] = one.calls;
  expect([...one.worker.calls]).toEqual([second]);
  expect(await first!.ended).toMatchObject({ reason: 'taken-over' });
  expect(one.worker.load).toMatchObject({ calls: 1, places: 1 });
  expect(await (await one.get('/metrics')).text()).toContain('parley_calls_total{reason="taken-over"} 1');
  await newer.hangUp();
  expect(await second!.ended).toMatchObject({ reason: 'caller-hung-up' });
  expect(one.worker.load).toMatchObject({ calls: 0, places: 0 });
});

test('a full worker takes the call that comes back: its new line has the place of the old one', async () => {
  const one = await start({ PARLEY_MAX_CALLS: '1' });
  const callSid = newSid('CA');
  const older = await one.dial({ callSid });
  await older.waitForSpeech({ fromMs: 0 });
  expect((await one.ring({ CallSid: newSid('CA') })).body).not.toContain('parleyToken');
  const newer = await one.dial({ callSid, parameters: { parleyToken: await tokenFor(one, callSid) } });
  await newer.waitForSpeech({ fromMs: 0 });
  await older.ended;
  expect(one.worker.load).toMatchObject({ calls: 1, places: 1 });
  await newer.hangUp();
});

test.each(['while the old line is still there', 'after the old line was lost'])(
  'a caller who was cut off and comes back, %s, is welcomed back, and the model knows what was said',
  async (when) => {
    const seen: unknown[] = [];
    const facts = ({ earlier }: { earlier?: { callId: string } | undefined }) => {
      seen.push(earlier?.callId);
      return 'The weather is fine.';
    };
    const { made, book } = bookings();
    const one = await start({}, { agent: { tools: [book], facts } });
    const callSid = newSid('CA');
    const older = await dialText(one, callSid);
    await until('the greeting', () => heardBy(older).includes('Hello.'));
    const answered = new Promise((resolve) => one.calls[0]!.once('turn-end', resolve));
    await older.say('book friday');
    await answered;
    if (when.startsWith('after')) {
      await older.drop();
      await until('the end', () => one.worker.calls.size === 0);
    }
    const newer = await dialText(one, callSid);
    await until('the welcome', () => heardBy(newer).includes(WELCOME_BACK));
    expect(heardBy(newer)).not.toContain('Hello.');
    await newer.say('book monday');
    await until('the second booking', () => made.length === 2);
    const [first, second] = one.calls;
    expect(seen).toEqual([undefined, first!.id]);
    expect(second!.caller.earlier).toMatchObject({ callId: first!.id, lines: 1 });
    const [, known] = second!.messages;
    expect(known?.content).toContain('This phone call broke off');
    expect(known?.content).toContain('You: Hello.\nCaller: book friday\nYou: Booking.\nYou: It is booked.');
    expect(known?.content).toContain('The weather is fine.');
    await newer.hangUp();
    await until('the end of all', () => one.worker.calls.size === 0);
  },
);

test("a call that is another one of the carrier's is greeted as new, whoever calls", async () => {
  const one = await start();
  for (const callSid of [newSid('CA'), newSid('CA')]) {
    const caller = await dialText(one, callSid);
    await until('the greeting', () => heardBy(caller).includes('Hello.'));
    expect(one.calls.at(-1)!.caller.earlier).toBeUndefined();
    await caller.hangUp();
  }
});

test('`phrases.welcomeBack`: several are said in turn, and an agent without a greeting greets nobody', async () => {
  const welcomeBack = ['There you are.', 'Here we are again.'];
  const one = await start({}, { agent: { phrases: { welcomeBack } } });
  const silent = await start({}, { agent: { greeting: undefined, phrases: { welcomeBack } } });
  const callSid = newSid('CA');
  for (const words of ['Hello.', ...welcomeBack, 'There you are.']) {
    const caller = await dialText(one, callSid);
    await until(words, () => heardBy(caller).includes(words));
    await caller.drop();
    const quiet = await dialText(silent, callSid);
    await quiet.say('hello');
    await until('an answer', () => quiet.heard.length > 0);
    expect(heardBy(quiet)).not.toMatch(/are/);
    await quiet.drop();
    await until('the ends', () => one.worker.calls.size + silent.worker.calls.size === 0);
  }
});
