import { defineTool, ToolError } from 'parley-voice';
import { z } from 'zod';
import { cancel } from './_clinic.ts';

export default defineTool({
  name: 'cancel_appointment',
  description: 'Cancels an appointment by its reference.',
  input: z.object({
    reference: z
      .string()
      .regex(/^A\d{4}$/i)
      .describe('The reference of the appointment: the letter A and four digits.'),
  }),
  effect: 'write',
  filler: 'I am cancelling that for you.',
  async run({ reference }) {
    const appointment = cancel(reference);
    if (!appointment) throw new ToolError(`There is no appointment ${reference}. Ask the caller to read it out again.`);
    return { cancelled: true, date: appointment.date, time: appointment.time };
  },
});
