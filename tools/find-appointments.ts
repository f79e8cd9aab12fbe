import { setTimeout } from 'node:timers/promises';
import { defineTool } from 'parley-voice';
import { z } from 'zod';
import { freeTimes } from './_clinic.ts';

export default defineTool({
  name: 'find_appointments',
  description: 'Finds the free appointment times on a day.',
  input: z.object({ date: z.iso.date().describe('The day, as YYYY-MM-DD.') }),
  effect: 'read',
  filler: ['Let me look at the calendar.', 'One moment while I check the calendar.'],
  progress: ['The calendar is a little slow today.'],
  timeoutMs: 4_000,
  async run({ date }, { env, signal }) {
    await setTimeout(Number(env['CLINIC_DELAY_MS'] ?? 0), undefined, { signal }); // as long as a real calendar takes
    const times = freeTimes(date);
    return times.length > 0
      ? { date, free_times: times }
      : { date, free_times: [], note: 'Nothing is free on that day.' };
  },
});
