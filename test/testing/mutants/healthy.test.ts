/** Healthy calls, in each of which something might be held against the agent: no check of the whole set finds a fault in any. */
import { expect, test } from 'vitest';
import { checks } from '../../../src/testing/checks/index.ts';
import type { TestCall } from '../../../src/testing/test-call.ts';
import { ToolError } from '../../../src/tool/define.ts';
import { BOOKING, bookingIn, books, bookWith, cutsIn, DATE, faultsOf, find, type Played } from './helpers.ts';

const book = { name: 'book_appointment', arguments: BOOKING };
const look = { name: 'find_appointments', arguments: { date: DATE } };
const told = (...values: (string | number)[]): NonNullable<Played['expect']> => ({
  told: (call) => checks.told(call, values, { now: '2026-11-23' }),
});

const HEALTHY: [what: string, played: Played][] = [
  [
    'no filler, since the tool took 80 ms',
    {
      replies: [{ when: 'free', call: look }],
      tools: () => ({ find_appointments: { returns: { free_times: ['10:00'] }, takes: 80 } }),
    },
  ],
  [
    'two more reads than needed',
    {
      replies: [{ when: 'book', say: 'I am booking it.', call: [look, book, { ...look, arguments: { date: DATE } }] }],
    },
  ],
  [
    'says 40 dollars in digits',
    { replies: [{ after: 'book_', say: 'You are booked. That is 40 dollars.' }], expect: told('$40') },
  ],
  ['says forty bucks', { replies: [{ after: 'book_', say: 'Booked. That is forty bucks.' }], expect: told('$40') }],
  ['says tomorrow', { replies: [{ after: 'find_', say: 'Tomorrow I have ten.' }], expect: told(DATE, '10:00') }],
  [
    'a pause in the middle of a sentence',
    {
      caller: async (call) => {
        await call.say('What is free tomorrow?');
        await call.say('Please book um ... ten for Jane Doe', { pauseMs: 350 });
      },
    },
  ],
  ['"mm-hm" under a long answer', { world: {}, caller: (call) => over(call, () => call.make('mm-hm')) }],
  ['a cough under a long answer', { world: {}, caller: (call) => over(call, () => call.make('cough')) }],
  ['a cut-in on the last word', { world: {}, caller: (call) => cutsIn(call, 'the') }],
  ['a cut-in in the middle', { world: {}, caller: (call) => cutsIn(call, 'nine') }],
  [
    'a cut-in on the filler',
    {
      world: {},
      caller: (call) => cutsIn(call, 'me', 'What is free tomorrow?'),
    },
  ],
  [
    'a greeting that is spoken over',
    {
      options: { greeting: 'running' },
      world: {},
      caller: async (call) => {
        await call.hears('Hello');
        await call.say('Can you tell me about the clinic?');
      },
    },
  ],
  [
    'a write that ends after the cut-in, and is told later',
    {
      tools: (slots) => ({
        book_appointment: bookingIn(slots, 4_000),
      }),
      caller: async (call) => {
        await cutsIn(call, 'am', 'Please book ten for Jane Doe');
        await call.wait(4_000);
        await call.say('Thank you');
      },
    },
  ],
  [
    'a call that the model makes twice at once, and that is done once',
    { replies: [{ when: 'book', say: 'I am booking it.', call: [book, book] }] },
  ],
  [
    'a 429 that is bridged by a phrase',
    {
      options: { faults: { model: [{ type: 'status', status: 429, retryAfter: 2 }] } },
      expect: { answerWithin: undefined },
    },
  ],
  [
    'a caller who is silent, is nudged, and then goes on',
    {
      caller: async (call) => {
        await call.say('What is free tomorrow?');
        await call.wait(20_000);
        await call.say('Please book ten for Jane Doe');
      },
    },
  ],
  [
    'keys with a pause between them',
    {
      agent: { tools: [find, bookWith(), 'collect_digits'] },
      replies: [
        {
          when: 'pay',
          say: 'Please enter your PIN.',
          call: { name: 'collect_digits', arguments: { terminator: '#' } },
        },
        { after: 'collect', say: 'Thank you.' },
      ],
      world: {},
      caller: async (call) => {
        const turn = call.say('I want to pay');
        await call.hears('PIN.');
        await call.press('47');
        await call.wait(3_000);
        await call.press('11#');
        await turn;
      },
      expect: { noOtherTool: undefined },
    },
  ],
  [
    'a caller who hangs up while a tool runs',
    {
      world: {},
      caller: async (call) => {
        void call.say('What is free tomorrow?').catch(() => {});
        await call.until('tool-start');
      },
    },
  ],
  [
    'a refusal with a reason',
    {
      tools: () => ({ book_appointment: { throws: new ToolError('That time was just taken.'), takes: 300 } }),
      replies: [{ after: 'book_', say: 'I am sorry, that time was just taken.' }],
      world: {},
    },
  ],
  ['a plain booking', { caller: books, expect: told('10:00', '$40') }],
];

async function over(call: TestCall, make: () => Promise<unknown>): Promise<void> {
  const turn = call.say('Can you tell me about the clinic?');
  await call.hears('small');
  await make();
  await turn;
}

test.each(HEALTHY)('%s', async (_, played) => {
  expect(await faultsOf(played)).toEqual([]);
});
