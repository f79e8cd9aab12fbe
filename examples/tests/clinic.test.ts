// Six tests of the clinic (examples/clinic.ts), each of something that a transcript does not show: what was heard, and when.
import { ToolError } from 'parley-voice';
import { startTestCall, type TestCallOptions } from 'parley-voice/testing';
import 'parley-voice/vitest';
import { expect, test } from 'vitest';

const FIND = { name: 'find_appointments', arguments: { date: '2026-11-24' } };
const BOOK = { name: 'book_appointment', arguments: { date: '2026-11-24', time: '10:00', name: 'Jane Doe' } };
const BOOKING = [
  { when: 'free', say: 'Let me check that for you.', call: FIND },
  { after: 'find_', say: 'On Tuesday I have ten, or half past two. Which one suits you?' },
  { when: 'book|ten', say: 'I am booking it.', call: BOOK },
];
const REPLIES = [...BOOKING, { after: 'book_', say: 'Jane Doe is booked for Tuesday at ten.' }, { say: 'Of course.' }];

const clinic = (options: TestCallOptions = {}) =>
  startTestCall(new URL('../clinic.ts', import.meta.url), {
    now: '2026-11-23T09:00:00Z',
    model: { replies: REPLIES, pace: 'documented' },
    tools: {
      find_appointments: { returns: { free_times: ['10:00', '14:30'] }, takes: 800 },
      book_appointment: { returns: { booked: true }, takes: 1_200 },
    },
    ...options,
  });

test('the filler is heard at once, the tool runs under it, and nothing is silent', async () => {
  await using call = await clinic();
  const turn = await call.say('What is free tomorrow?');
  expect(turn).toHaveFiller(/check/);
  expect(turn).toHaveCalledTool('find_appointments', { date: '2026-11-24' }, { times: 1 });
  expect(turn).toHaveTold(['10:00', '14:30', '2026-11-24']);
  expect(turn).toAnswerWithin(1_100);
  expect(call).toHaveNoDeadAirOver(1_500);
});

test.each(['am', 'it'])(
  'cut in at "%s" while it books: booked once, and the model knows what was heard',
  async (word) => {
    await using call = await clinic();
    const first = call.say('Book ten for Jane Doe'); // not awaited: the caller listens
    await call.hears(word);
    await call.say('Wait, is that with Doctor Lee?');
    expect(await first).toHaveYieldedWithin(900);
    expect(call).toHaveRunEffectsOnce();
    expect(call).toHaveTrueHistory();
    expect(call).toHaveCalledTool('book_appointment', undefined, { times: 1 });
  },
);

test.each([
  { throws: new ToolError('That time was just taken.') },
  { hangs: true as const },
  { throws: 'ECONNRESET 10.0.0.7' },
])('a booking that fails is not said to be made: %j', async (fault) => {
  await using call = await clinic({
    model: { replies: [...BOOKING, { after: 'book_', say: 'I am sorry, I could not book that.' }] },
    tools: { book_appointment: 'throws' in fault ? { ...fault, takes: 500 } : fault },
  });
  const turn = await call.say('Book ten for Jane Doe');
  expect(turn).not.toHaveSaid(/is booked|10\.0\.0\.7/);
  expect(call).toHaveNoDeadAirOver(4_500);
});

test('a PIN by keys, with a pause, over the question', async () => {
  await using call = await startTestCall(
    { name: 'pay', instructions: 'Take the PIN.', tools: ['collect_digits'] },
    {
      model: {
        replies: [
          {
            when: 'pay',
            say: 'Please enter your PIN and the hash key.',
            call: { name: 'collect_digits', arguments: { terminator: '#' } },
          },
          { after: 'collect', say: 'Thank you, that is fine.' },
        ],
      },
    },
  );
  const turn = call.say('I would like to pay my bill, please.');
  await call.hears('PIN');
  await call.press('47');
  await call.wait(3_000);
  await call.press('11#');
  expect((await turn).tools[0]?.result).toEqual({ digits: '4711' });
  expect(call).toHaveGotDigits('4711');
  expect(call).toHaveNoTalkOver();
  expect(call).toHaveNoDeadAirOver(1_500); // while keys are awaited, silence is the caller's
});

test('a caller who has gone is asked twice, and then the call ends politely, all in a moment', async () => {
  await using call = await clinic();
  await call.say('What is free tomorrow?');
  await call.until('call-end');
  expect(call.events.filter((event) => event.type === 'text-delta' && event.kind === 'nudge')).toHaveLength(2);
  expect(call).toHaveEnded('caller-away');
  expect(call).toHaveHeardGoodbye();
  expect(call.atMs).toBeGreaterThan(45_000);
});

test('the model refuses, then is slow: the caller hears no silence, and "mm-hm" stops nothing', async () => {
  await using call = await clinic({
    faults: {
      model: [
        { type: 'status', status: 429, retryAfter: 3 }, // asked ahead
        { type: 'status', status: 429, retryAfter: 3 },
        { type: 'slow', firstTokenMs: 4_000 },
      ],
    },
  });
  const turn = call.say('What is free tomorrow?');
  await call.hears('moment');
  await call.make('mm-hm');
  expect(await turn).toHaveKeptTalking();
  expect(call).toHaveNoDeadAirOver(4_100);
  expect(call).toKeepTheRules();
  expect(call.requests.length).toBeLessThanOrEqual(4);
});
