/** Days without a clock or a place: `2026-11-29` and what lies so many days from it. Pure. */

/** A day of the calendar, `YYYY-MM-DD`. */
export type Day = string;

const DAY_MS = 86_400_000;

/** The day, or undefined when there is none such, as on the 31st of June. */
export function dayOf(year: number, month: number, date: number): Day | undefined {
  const at = new Date(Date.UTC(year, month - 1, date));
  if (year < 1_000 || year > 9_999 || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== date) return undefined;
  return at.toISOString().slice(0, 10);
}

export function daysAfter(day: Day, count: number): Day {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** 0 is Sunday. */
export const weekdayOf = (day: Day): number => new Date(Date.parse(day)).getUTCDay();

export const yearOf = (day: Day): number => Number(day.slice(0, 4));
export const monthOf = (day: Day): number => Number(day.slice(5, 7));
export const dateOf = (day: Day): number => Number(day.slice(8, 10));

/**
 * The day that it is at this instant.
 * @param timeZone IANA name, `Asia/Kolkata`. Default: that of this machine.
 */
export function dayAt(instant: Date, timeZone: string | undefined): Day {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(instant);
}
