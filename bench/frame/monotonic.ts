/**
 * Milliseconds on the machine's monotonic clock, the same in every process, so that the time from a write in one to a
 * callback in the other can be taken. `performance.now()` is that clock less the start of its process.
 */
const OFFSET_MS = offset();

export const monotonicMs = (): number => performance.now() + OFFSET_MS;

/** The two clocks cannot be read at once: of many readings, the one with the least time in between. */
function offset(): number {
  let best = { gapMs: Infinity, offsetMs: 0 };
  for (let i = 0; i < 1_000; i++) {
    const beforeMs = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const gapMs = performance.now() - beforeMs;
    const offsetMs = seconds * 1_000 + nanoseconds / 1e6 - beforeMs - gapMs / 2;
    if (gapMs < best.gapMs) best = { gapMs, offsetMs };
  }
  return best.offsetMs;
}
