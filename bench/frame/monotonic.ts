/**
 * Milliseconds on the machine's monotonic clock, the same in every process, so that the time from a write in one to a
 * callback in the other can be taken. `performance.now()` is that clock less the start of its process.
 */
const [seconds, nanoseconds] = process.hrtime();
const OFFSET_MS = seconds * 1_000 + nanoseconds / 1e6 - performance.now();

export const monotonicMs = (): number => performance.now() + OFFSET_MS;
