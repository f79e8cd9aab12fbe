/** Quantities as a person writes them in a scenario. */
import { z } from 'zod';

const FACTORS = { ms: 1, s: 1_000, min: 60_000 } as const;
const WRITTEN = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min)\s*$/;

/** Milliseconds, of `1100`, `1100ms`, `1.5s` or `2 min`; undefined of anything else. */
export function readDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  const [, amount, unit] = (typeof value === 'string' && WRITTEN.exec(value)) || [];
  return amount === undefined ? undefined : Number(amount) * FACTORS[unit as keyof typeof FACTORS];
}

/** A length of time: milliseconds, or a text with its unit. */
export type Duration = number | `${number}${'ms' | 's' | 'min'}` | `${number} ${'ms' | 's' | 'min'}`;

const NO_DURATION = 'expected a time, such as 1500, "1500ms" or "1.5s"';

/** In milliseconds. */
export const DurationMs = z.unknown().transform((value, context) => {
  const ms = readDuration(value);
  if (ms !== undefined) return ms;
  context.issues.push({ code: 'custom', message: NO_DURATION, input: value });
  return z.NEVER;
});

/** What a slash at either end makes of a text: `/error|null/i`. */
const SLASHED = /^\/(.+)\/([a-z]*)$/s;

/** A text stays one; between slashes it is a regular expression. @throws {SyntaxError} when that is none. */
export function readPattern(written: string | RegExp): string | RegExp {
  const [, source, flags] = (typeof written === 'string' && SLASHED.exec(written)) || [];
  return source === undefined ? written : new RegExp(source, flags);
}

/** Words to be found, or a regular expression. */
export const PatternText = z.union([z.string().min(1), z.instanceof(RegExp)]).transform((written, context) => {
  try {
    return readPattern(written);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message: `expected words or a regular expression: ${why}`, input: written });
    return z.NEVER;
  }
});
