import { setTimeout } from 'node:timers/promises';
import { defineTool } from 'parley-voice';
import { z } from 'zod';
import { freeTimes, sayDay, sayList, sayTime } from './_clinic.ts';

/** More than this nobody keeps in mind. */
const MOST_OFFERED = 3;

export default defineTool({
  name: 'find_appointments',
  description: 'Finds the free appointment times on a day.',
  input: z.object({ date: z.iso.date().describe('The day, as YYYY-MM-DD.') }),
  effect: 'read', // cancelled when the caller speaks over it
  filler: ['Let me look at the calendar.', 'One moment while I check the calendar.'],
  progress: ['The calendar is a little slow today.'],
  timeoutMs: 4_000,
  async run({ date }, { env, signal }) {
    await setTimeout(Number(env['CLINIC_DELAY_MS'] ?? 0), undefined, { signal }); // as long as a real calendar takes
    const times = freeTimes(date);
    return { date, free_times: times, summary: summarize(date, times) };
  },
});

function summarize(date: string, times: string[]): string {
  const day = sayDay(date);
  if (times.length === 0) return `Nothing is free any more ${day}. Which other day would suit you?`;
  const offered = sayList(times.slice(0, MOST_OFFERED).map(sayTime));
  const more = times.length > MOST_OFFERED ? ', and there is more later' : '';
  return `I have ${offered} ${day}${more}.`;
}
