/** A small clinic, its tools, and what its model says: what most tests of the kit call. */
import { z } from 'zod';
import { startTestCall, type TestCall, type TestCallOptions } from '../../../src/testing/test-call.ts';
import { defineTool } from '../../../src/tool/define.ts';

export const FOUND = 'On Tuesday I have ten, or half past two. Which one suits you?';
export const BOOKED = 'Jane Doe is booked for Tuesday at ten.';

const find = defineTool({
  name: 'find_appointments',
  description: 'Finds free times on a day.',
  input: z.object({ date: z.string() }),
  effect: 'read',
  run: () => ({ free_times: ['09:00'] }),
});
const book = defineTool({
  name: 'book_appointment',
  description: 'Books a time.',
  input: z.object({ date: z.string(), time: z.string(), name: z.string() }),
  effect: 'write',
  run: () => ({ booked: 'in earnest' }),
});

export const clinic = {
  name: 'clinic',
  instructions: 'You answer the phone of a clinic.',
  greeting: 'Hello, this is the clinic.',
  tools: [find, book],
};

export const replies = [
  {
    when: 'free',
    say: 'Let me check that for you.',
    call: { name: 'find_appointments', arguments: { date: '2026-11-24' } },
  },
  { after: 'find_', say: FOUND },
  {
    when: 'book|ten',
    say: 'I am booking it.',
    call: { name: 'book_appointment', arguments: { date: '2026-11-24', time: '10:00', name: 'Jane Doe' } },
  },
  { after: 'book_', say: BOOKED },
  { say: 'Of course.' },
];

export const startClinic = (options: TestCallOptions = {}): Promise<TestCall> =>
  startTestCall(clinic, {
    model: { replies },
    tools: {
      find_appointments: { returns: { free_times: ['10:00', '14:30'] }, takes: 800 },
      book_appointment: { returns: { booked: true }, takes: 1_200 },
    },
    ...options,
  });
