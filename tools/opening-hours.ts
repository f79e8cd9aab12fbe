import { defineTool } from 'parley-voice';
import { z } from 'zod';
import { DAYS, HOURS, sayTime } from './_clinic.ts';

export default defineTool({
  name: 'opening_hours',
  description: 'Tells when the clinic is open.',
  input: z.object({ day: z.enum(DAYS).optional().describe('A day of the week; all days when left out.') }),
  effect: 'read',
  filler: 'Let me see.',
  run({ day }) {
    const days = day === undefined ? DAYS : [day];
    return { days: days.map((name) => ({ day: name, ...hoursOf(name) })), summary: summarize(day) };
  },
});

const hoursOf = (day: (typeof DAYS)[number]) => HOURS[DAYS.indexOf(day) as 0];

function summarize(day: (typeof DAYS)[number] | undefined): string {
  if (day === undefined) {
    return 'We are open from 9 am to 6 pm on weekdays, until 8 on Thursday and 5 on Friday, and on weekends from 10 to 1.';
  }
  const { opens, closes } = hoursOf(day);
  return `On ${day} we are open from ${sayTime(opens)} to ${sayTime(closes)}.`;
}
