/**
 * The clinic's book, in memory: what a real tool would reach over the network. A name that begins with an underscore is
 * not taken for a tool.
 */

export interface Appointment {
  reference: string;
  /** `YYYY-MM-DD`. */
  date: string;
  /** `HH:MM`, 24 hours. */
  time: string;
  name: string;
}

/** By weekday, Sunday first; undefined when closed. */
export const HOURS: readonly ({ opens: string; closes: string } | undefined)[] = [
  undefined,
  { opens: '09:00', closes: '18:00' },
  { opens: '09:00', closes: '18:00' },
  { opens: '09:00', closes: '18:00' },
  { opens: '09:00', closes: '20:00' },
  { opens: '09:00', closes: '17:00' },
  { opens: '10:00', closes: '13:00' },
];
export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const TIMES = ['09:30', '10:00', '11:00', '11:30', '14:30', '15:00', '16:30'];
const appointments = new Map<string, Appointment>();

/** Day of the week of `date`, 0 for Sunday; NaN when there is no such day. */
export const weekdayOf = (date: string): number => new Date(`${date}T12:00:00Z`).getUTCDay();

/** Free times on a day, earliest first. */
export function freeTimes(date: string): string[] {
  const hours = HOURS[weekdayOf(date)];
  if (!hours) return [];
  const taken = new Set([...appointments.values()].filter((one) => one.date === date).map((one) => one.time));
  return TIMES.filter((time) => time >= hours.opens && time < hours.closes && !taken.has(time));
}

export function book(date: string, time: string, name: string): Appointment {
  const reference = `A${String(1001 + appointments.size)}`;
  const appointment = { reference, date, time, name };
  appointments.set(reference, appointment);
  return appointment;
}

/** The appointment that was cancelled, or undefined when there is none. */
export function cancel(reference: string): Appointment | undefined {
  const appointment = appointments.get(reference.toUpperCase());
  if (appointment) appointments.delete(appointment.reference);
  return appointment;
}
