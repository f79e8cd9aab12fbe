/** How a call may be followed, and what the part asks its process. */
export const WAYS = ['not followed', 'traced, off', 'traced, not sampled', 'traced, recorded', 'metrics'] as const;
export type Way = (typeof WAYS)[number];

export interface TracingQuestion {
  turns: number;
  rounds: number;
}

/** Nanoseconds of CPU an event, the best of the rounds. */
export type TracingAnswer = Record<Way, number>;
