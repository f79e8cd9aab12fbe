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

export interface Hours {
  opens: string;
  closes: string;
}

/** By weekday, Sunday first. Open on every day, so that there is something to book tomorrow whenever it is tried. */
export const HOURS: readonly [Hours, Hours, Hours, Hours, Hours, Hours, Hours] = [
  { opens: '10:00', closes: '13:00' },
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
let lastReference = 1000;

/** Free times on a day, earliest first. */
export function freeTimes(date: string): string[] {
  const { opens, closes } = HOURS[new Date(`${date}T12:00:00Z`).getUTCDay() as 0];
  const taken = new Set([...appointments.values()].filter((one) => one.date === date).map((one) => one.time));
  return TIMES.filter((time) => time >= opens && time < closes && !taken.has(time));
}

export function book(date: string, time: string, name: string): Appointment {
  const appointment = { reference: `A${++lastReference}`, date, time, name };
  appointments.set(appointment.reference, appointment);
  return appointment;
}

/** The appointment that was cancelled, or undefined when there is none. */
export function cancel(reference: string): Appointment | undefined {
  const appointment = appointments.get(reference.toUpperCase());
  if (appointment) appointments.delete(appointment.reference);
  return appointment;
}

// ---- for the ear: what a model reads out well it need not work out ---------------------------------------------------

/** `2026-11-24` as `tomorrow` or `Tuesday, November 24`. */
export function sayDay(date: string): string {
  const days = Math.round((Date.parse(date) - Date.parse(isoDay(new Date()))) / 86_400_000);
  if (days === 0 || days === 1) return days === 0 ? 'today' : 'tomorrow';
  const format = new Intl.DateTimeFormat('en-US', { weekday: 'long', month: 'long', day: 'numeric', timeZone: 'UTC' });
  return format.format(new Date(`${date}T12:00:00Z`));
}

/** `14:30` as `2:30 pm`, `10:00` as `10 am`. */
export function sayTime(time: string): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const minutes = minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`;
  return `${((hour + 11) % 12) + 1}${minutes} ${hour < 12 ? 'am' : 'pm'}`;
}

/** The day here, as `2026-11-24`. */
export const isoDay = (date: Date): string => new Intl.DateTimeFormat('en-CA').format(date);

/** `a, b and c`. */
export const sayList = (items: readonly string[]): string =>
  new Intl.ListFormat('en-US', { type: 'conjunction' }).format(items);
