/** What a process used between two questions: processor time, and how long its event loop stood still. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Usage {
  wallMs: number;
  /** User and system. */
  cpuMs: number;
  loopP50Ms: number;
  loopP99Ms: number;
}

/** The monitor samples every so often, and tells the whole time between two samples. */
const RESOLUTION_MS = 2;

/** Begins to count; the returned function tells, and stops. */
export function countUsage(): () => Usage {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const before = process.cpuUsage();
  const beganMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    delay.disable();
    const late = (share: number) => Math.max(0, delay.percentile(share) / 1e6 - RESOLUTION_MS);
    return {
      wallMs: performance.now() - beganMs,
      cpuMs: (user + system) / 1_000,
      loopP50Ms: late(50),
      loopP99Ms: late(99),
    };
  };
}

export const cores = ({ cpuMs, wallMs }: Usage): number => cpuMs / wallMs;
