/** Numbers as people read them. */

/** `503 ms`, `1.18 s`, `12.3 s`, `2:05`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  return clock(ms).replace(/\.\d$/, '');
}

/** A time of the call: `0:08.4`, `12:03.0`, `1:02:03.0`. */
export function clock(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(minutes / 60);
  const front = hours > 0 ? `${hours}:${two(minutes % 60)}` : `${minutes}`;
  return `${front}:${two(seconds % 60)}.${tenths % 10}`;
}

/** `5,210`. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 turn`, `3 turns`. */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `77%`; of nothing, nothing. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '0%' : `${Math.round((part / whole) * 100)}%`;
