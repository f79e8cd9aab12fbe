import { defineTool, ToolError } from 'parley-voice';
import { z } from 'zod';
import { cancel, sayDay, sayTime } from './_clinic.ts';

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
  run({ reference }) {
    const appointment = cancel(reference);
    if (!appointment) throw new ToolError(`There is no appointment with the reference ${reference}.`);
    const { date, time } = appointment;
    return {
      cancelled: true,
      date,
      time,
      summary: `Your appointment ${sayDay(date)} at ${sayTime(time)} is cancelled.`,
    };
  },
});
