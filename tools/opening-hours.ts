import { defineTool } from 'parley-voice';
import { z } from 'zod';
import { DAYS, HOURS } from './_clinic.ts';

export default defineTool({
  name: 'opening_hours',
  description: 'Tells when the clinic is open.',
  input: z.object({ day: z.enum(DAYS).optional().describe('A day of the week; all days when left out.') }),
  effect: 'read',
  filler: 'Let me see.',
  async run({ day }) {
    if (day !== undefined) return HOURS[DAYS.indexOf(day)] ?? { note: `We are closed on ${day}.` };
    const open = DAYS.flatMap((name, index) => (HOURS[index] ? [{ day: name, ...HOURS[index] }] : []));
    return { hours: open, closed: 'Sunday' };
  },
});
