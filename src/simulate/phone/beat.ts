/** The beat of the simulated carrier: one for all calls that go by the same clock, so that 300 of them cost one timer. */
import { FrameClock } from '../../audio/frame-clock.ts';
import type { Clock } from '../../lib/clock.ts';

const beats = new WeakMap<Clock, FrameClock>();

export function beatOf(clock: Clock): FrameClock {
  const known = beats.get(clock);
  if (known) return known;
  const beat = new FrameClock(clock);
  beats.set(clock, beat);
  return beat;
}
