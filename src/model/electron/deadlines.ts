/** By when must something happen to a request, and what is wrong if it does not? Pure; `attempt.ts` owns the timer. */
export interface Deadlines {
  /** Until the request is on the wire. Default 3,000 ms. */
  connectMs: number;
  /** From there to the first token. Default 4,000 ms. */
  firstTokenMs: number;
  /** Between two pieces of the answer. Default 5,000 ms. */
  idleMs: number;
  /** The whole answer. Default 30,000 ms. */
  stepMs: number;
}

export const DEFAULT_DEADLINES: Deadlines = { connectMs: 3_000, firstTokenMs: 4_000, idleMs: 5_000, stepMs: 30_000 };

/** How long a server may take, after a finish reason, to say that it has finished. */
const GRACE_MS = 50;
/** How long a server may take, after it has finished, to end the body, so that the connection can be used again. */
const LINGER_MS = 1_000;

/** How far a request has come. Times are the clock's. */
export interface Progress {
  startedAtMs: number;
  /** When it was on the wire. */
  sentAtMs: number | undefined;
  lastByteAtMs: number;
  hasToken: boolean;
  /** A finish reason has come, but not the end. */
  isFinishing: boolean;
  /** When the answer was over; its body may not be. */
  overAtMs: number | undefined;
}

export type DeadlineKind =
  'connect-timeout' | 'first-token-timeout' | 'idle-timeout' | 'step-timeout' | 'grace' | 'linger';

export interface Deadline {
  kind: DeadlineKind;
  atMs: number;
}

export function nextDeadline(progress: Progress, deadlines: Deadlines): Deadline {
  const { startedAtMs, overAtMs } = progress;
  if (overAtMs !== undefined) return { kind: 'linger', atMs: overAtMs + LINGER_MS };
  const next = nextWithinStep(progress, deadlines);
  const stepAtMs = startedAtMs + deadlines.stepMs;
  return next.atMs <= stepAtMs ? next : { kind: 'step-timeout', atMs: stepAtMs };
}

function nextWithinStep(progress: Progress, { connectMs, firstTokenMs, idleMs }: Deadlines): Deadline {
  const { startedAtMs, sentAtMs, lastByteAtMs } = progress;
  if (sentAtMs === undefined) return { kind: 'connect-timeout', atMs: startedAtMs + connectMs };
  if (progress.isFinishing) return { kind: 'grace', atMs: lastByteAtMs + GRACE_MS };
  if (progress.hasToken) return { kind: 'idle-timeout', atMs: lastByteAtMs + idleMs };
  return { kind: 'first-token-timeout', atMs: sentAtMs + firstTokenMs };
}

/** What to tell a person about one that has passed. */
export function describeDeadline(kind: DeadlineKind, { connectMs, firstTokenMs, idleMs, stepMs }: Deadlines): string {
  switch (kind) {
    case 'connect-timeout':
      return `Expected a connection within ${connectMs} ms, got none`;
    case 'first-token-timeout':
      return `Expected a token within ${firstTokenMs} ms, got none`;
    case 'idle-timeout':
      return `Expected the answer to go on within ${idleMs} ms, got silence`;
    case 'step-timeout':
      return `Expected the end of the answer within ${Math.round(stepMs)} ms, got none`;
    case 'grace':
    case 'linger':
      return 'The answer was over, but not its body';
  }
}
