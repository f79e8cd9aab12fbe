/** One thing is broken in an agent, a tool or a setting: the check that is meant for it finds it, and no other one does. */
import { expect, test } from 'vitest';
import { checks } from '../../../src/testing/checks/index.ts';
import { BOOKING, bookWith, faultsOf, find, take, type Played } from './helpers.ts';

const book = { name: 'book_appointment', arguments: BOOKING };
const told = (call: Parameters<typeof checks.told>[0]) => checks.told(call, ['$40']);

const ninety = 'The clinic is open today and also tomorrow for you and all of yours. '.repeat(7);
const again = 'We are open from nine to six.';

const MUTANTS: [what: string, named: string[], played: Played][] = [
  [
    '1: claims a booking without calling',
    ['world'],
    { replies: [{ when: 'book', say: 'Jane Doe is booked for ten.' }] },
  ],
  [
    '2: books twice',
    ['effectsOnce'],
    {
      agent: { tools: [find, bookWith({ repeatable: true }), 'end_call'] },
      replies: [{ when: 'book', say: 'I am booking it.', call: [book, book] }],
      tools: (slots) => ({
        book_appointment: (input: typeof BOOKING) => take(slots, input),
      }),
      caller: (call) => call.say('Please book ten for Jane Doe'),
    },
  ],
  [
    '3: a date that is off by one',
    ['calledTool'],
    {
      replies: [
        { when: 'free', say: 'Let me check.', call: { name: 'find_appointments', arguments: { date: '2026-11-25' } } },
      ],
    },
  ],
  [
    '4: tells 14 dollars where it is 40',
    ['told'],
    { replies: [{ after: 'book_', say: 'You are booked. That is fourteen dollars.' }], expect: { told } },
  ],
  [
    '5: reads out a link and markdown',
    ['speakable'],
    { replies: [{ after: 'find_', say: 'See **this** at https://clinic.example/times please.' }] },
  ],
  [
    '8: the same sentence three times',
    ['noRepeats'],
    {
      replies: [{ when: 'open', say: again }],
      world: {},
      caller: async (call) => {
        for (const words of ['Are you open?', 'Open on Sunday?', 'Open at six?']) await call.say(words);
      },
    },
  ],
  [
    '9: the tool throws, and its stack is read out',
    ['said'],
    {
      replies: [{ after: 'find_', say: 'I got TypeError: x is not a function at run.' }],
      tools: () => ({ find_appointments: { throws: new TypeError('x is not a function'), takes: 300 } }),
    },
  ],
  [
    '10: a tool that never settles, without a time-out',
    ['noDeadAirOver'],
    {
      tools: () => ({ find_appointments: { hangs: true } }),
      world: {},
      caller: (call) => call.say('What is free tomorrow?'),
    },
  ],
  [
    '11: a `read` that writes',
    ['world'],
    {
      tools: (slots) => ({
        find_appointments: () => {
          slots['looked at'] = 'yes';
          return { free_times: ['10:00'] };
        },
      }),
    },
  ],
  [
    '12: ignores `signal`, and writes after it was given up',
    ['effectsOnce'],
    {
      agent: { tools: [find, bookWith({ repeatable: true, timeoutMs: 1_000 }), 'end_call'] },
      replies: [
        { when: 'again', say: 'I am trying again.', call: book },
        { after: 'book_', say: 'That took too long, shall I try?' },
      ],
      tools: (slots) => ({
        book_appointment: async (input: typeof BOOKING, { wait }) => {
          await wait(1_500).catch(() => {});
          return take(slots, input);
        },
      }),
      caller: async (call) => {
        await call.say('Please book ten for Jane Doe');
        await call.say('Please try again');
        await call.wait(2_000);
      },
    },
  ],
  [
    '13: `retries: 2` on what is not done twice for nothing, since it says that it only reads',
    ['effectsOnce', 'world'], // which stands with two bookings then
    {
      agent: { tools: [find, bookWith({ effect: 'read', retries: 2 }), 'end_call'] },
      tools: (slots) => ({
        book_appointment: async (input: typeof BOOKING, { nth, wait }) => {
          await wait(300);
          slots[`${input.date} ${input.time}, number ${nth}`] = input.name;
          if (nth < 2) throw new Error('ETIMEDOUT');
          return { booked: true };
        },
      }),
      caller: (call) => call.say('Please book ten for Jane Doe'),
      expect: { noOtherTool: undefined },
    },
  ],
  [
    '14: ninety words',
    ['brief'],
    { replies: [{ after: 'find_', say: ninety.replace(/today/g, () => 'now') }], expect: { noRepeats: undefined } },
  ],
  [
    '15: `endpointMs: 100` speaks into a pause',
    ['noTalkOver'],
    {
      agent: { turn: { endpointMs: 100, openEndpointMs: 100 } },
      caller: async (call) => {
        await call.say('What is free tomorrow?');
        await call.say('Please book ten ... for Jane Doe', { pauseMs: 1_500 });
      },
      expect: { yieldedWithin: undefined },
    },
  ],
  [
    '16: `interruptMs: 10000, interruptWords: 20` yields to nobody',
    ['yieldedWithin'],
    {
      agent: { turn: { interruptMs: 10_000, interruptWords: 20, pauseMs: 100 } },
      world: {},
      caller: async (call) => {
        const turn = call.say('Can you tell me about the clinic?');
        await call.hears('small');
        await call.say('Wait, when do you open?');
        await turn;
      },
      expect: { noTalkOver: undefined, answerWithin: undefined },
    },
  ],
  [
    '17: `interruptMs: 100, interruptWords: 1` stops for "mm-hm"',
    ['falseStops', 'keptTalking'],
    {
      agent: { turn: { interruptMs: 100, interruptWords: 1 } },
      world: {},
      caller: async (call) => {
        const turn = call.say('Can you tell me about the clinic?');
        await call.hears('small');
        await call.make('mm-hm');
        await turn;
      },
    },
  ],
  [
    '18: `silenceMs: 30000`, a slow tool and no filler',
    ['noDeadAirOver'],
    {
      agent: { turn: { silenceMs: 30_000, fillerAfterMs: 10_000 } },
      replies: [{ when: 'free', call: { name: 'find_appointments', arguments: { date: BOOKING.date } } }],
      tools: () => ({ find_appointments: { returns: {}, takes: 5_000 } }),
      expect: { answerWithin: undefined },
    },
  ],
  [
    '27: hangs up on a question',
    ['ended'],
    {
      replies: [{ when: 'open', say: 'Goodbye then.', call: { name: 'end_call' } }],
      world: {},
      caller: (call) => call.say('Are you open?').catch(() => {}),
    },
  ],
];

test('a healthy booking is flagged by no check', async () => {
  expect(await faultsOf({ expect: { told } })).toEqual([]);
});

test.each(MUTANTS)('%s', async (_, named, played) => {
  expect(await faultsOf(played)).toEqual(named);
});
