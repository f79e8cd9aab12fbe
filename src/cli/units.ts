/** Numbers as the command line shows them: every time in seconds, every count with its noun. */
import type { Cost } from '../watch/cost.ts';

/** `0.18 s`, `12.30 s`. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** `1 tool`, `3 tools`; of what does not end in `s`, `more`. */
export const count = (many: number, one: string, more = `${one}s`): string => `${many} ${many === 1 ? one : more}`;

/** `about 0.0123 EUR: model 0.0023, heard 0.0060, spoken 0.0040`. */
export function tellCost({ currency, amount, model, heard, spoken }: Cost): string {
  const parts = Object.entries({ model, heard, spoken }).filter(([, part]) => part > 0);
  const made = parts.length > 1 ? `: ${parts.map(([name, part]) => `${name} ${part.toFixed(4)}`).join(', ')}` : '';
  return `about ${amount.toFixed(4)} ${currency}${made}`;
}
