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
    const days = day === undefined ? DAYS : [day];
    return { hours: days.map((name) => ({ day: name, ...(HOURS[DAYS.indexOf(name)] ?? { closed: true }) })) };
  },
});
