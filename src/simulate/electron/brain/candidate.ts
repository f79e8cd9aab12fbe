/** What may be the value of a parameter, and what is common to all who look for one. */
import type { Found } from './found.ts';

/** How telling a candidate is: a bare guess, a thing of the right type, one that can hardly be anything else, one that was named. */
export const STRENGTH = { guess: 1, plain: 2, typed: 3, named: 4 } as const;

export interface Candidate extends Found<unknown> {
  strength: number;
}

export interface Listening {
  /** As `2026-08-21`. */
  today: string;
  /** Whether the agent had just asked for this very parameter. */
  isAnswer: boolean;
}

export function withStrength(found: readonly Found<unknown>[], strength: number): Candidate[] {
  return found.map((one) => ({ ...one, strength }));
}

/** The caller's answer without what people put around it. */
export function bareAnswer(text: string): string {
  return text
    .trim()
    .replace(/^(?:(?:um|uh|er|well|yes|yeah|sure|okay|ok|oh|so|right|no)\b[,.\s]*)+/i, '')
    .replace(
      /^(?:it'?s|it is|that'?s|that is|that would be|the|i'?d like|i would like|i want|make it|let'?s say)\s+/i,
      '',
    )
    .replace(/[,\s]*(?:please|thanks|thank you)?[.!?\s]*$/i, '');
}

/** The whole answer as a value; a question is no answer. */
export function wholeAnswer(text: string): Candidate[] {
  const value = bareAnswer(text);
  return value === '' || text.trimEnd().endsWith('?')
    ? []
    : [{ value, start: 0, end: text.length, strength: STRENGTH.guess }];
}
