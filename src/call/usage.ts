/** What a call's model requests have cost together, in tokens. */
import type { Usage } from '../model/contract.ts';

export const noUsage = (): Usage => ({ promptTokens: 0, completionTokens: 0, cachedTokens: 0 });

/** Adds to `sum`. */
export function addUsage(sum: Usage, usage: Usage): void {
  sum.promptTokens += usage.promptTokens;
  sum.completionTokens += usage.completionTokens;
  sum.cachedTokens += usage.cachedTokens;
}
