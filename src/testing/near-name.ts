/** Which name somebody meant who wrote another. */
import { isNear } from '../call/agent-problems.ts';

/** One or two letters off; undefined when none is. */
export const nearestName = (written: string, known: readonly string[]): string | undefined =>
  known.find((name) => isNear(name.toLowerCase(), written.toLowerCase()));
