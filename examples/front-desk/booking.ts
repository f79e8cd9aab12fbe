/** The colleague for appointments: a task asks who it is for and when, and the calendar is a server of its own. */
import { askEach, collectDate, collectName, defineAgent, mcp } from 'parley-voice';

const takeVisit = askEach([collectName(), collectDate({ when: 'future', as: 'day', ask: 'For which day?' })], {
  name: 'take_visit',
  description: 'Asks the caller for whom the appointment is, and for which day.',
});

const calendar = mcp({
  name: 'calendar',
  command: 'node',
  args: ['./stand-ins/calendar.mjs'],
  tools: {
    find_times: { filler: 'I am looking at the calendar.' },
    book_time: { filler: 'I am booking that for you.' },
  },
});

export default defineAgent({
  name: 'booking',
  description: 'Appointments.',
  instructions: `You make appointments for Acme Clinic, on the phone. A colleague has handed the caller over to you.
Speak in one or two short sentences, plainly, without lists or markup.
First take_visit, then offer what find_times has on that day, then book_time what they choose.
Before you use a tool, say a brief acknowledgement. Bills are for billing, all else is for reception: hand the caller off.`,
  model: { maxTokens: 300 },
  tools: [takeVisit, calendar, 'hand_off', 'end_call'],
  team: { reception: './reception.ts', billing: './billing.ts' },
});
