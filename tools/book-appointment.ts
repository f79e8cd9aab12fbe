import { defineTool, ToolError } from 'parley-voice';
import { z } from 'zod';
import { book, freeTimes, sayDay, sayList, sayTime } from './_clinic.ts';

export default defineTool({
  name: 'book_appointment',
  description: 'Books an appointment for a patient at a day and time that is free.',
  input: z.object({
    date: z.iso.date().describe('The day, as YYYY-MM-DD.'),
    time: z
      .string()
      .regex(/^\d{2}:\d{2}$/)
      .describe('The time, as HH:MM in 24 hours.'),
    name: z.string().min(2).describe('The name of the patient.'),
  }),
  effect: 'write', // never cancelled, never done twice: even when the caller speaks over it
  filler: ['I am putting that into the book.', 'Just a second while I book it.'],
  run({ date, time, name }) {
    const free = freeTimes(date);
    if (!free.includes(time)) {
      const others =
        free.length > 0 ? `Free are ${sayList(free.slice(0, 3).map(sayTime))}.` : 'Nothing is free that day.';
      throw new ToolError(`${sayTime(time)} is not free ${sayDay(date)}. ${others}`);
    }
    const appointment = book(date, time, name);
    const summary = `${name} is booked for ${sayDay(date)} at ${sayTime(time)}. The reference is ${appointment.reference}.`;
    return { booked: true, ...appointment, summary };
  },
});
