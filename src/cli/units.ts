/** Numbers as the command line shows them: every time in seconds, every count with its noun. */
import type { Usage } from '../model/contract.ts';
import type { Cost } from '../watch/cost.ts';

/** `0.18 s`, `12.30 s`. */
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** `1 tool`, `3 tools`; of what does not end in `s`, `more`. */
export const count = (many: number, one: string, more = `${one}s`): string => `${many} ${many === 1 ? one : more}`;

/** Shorter ones are not told. */
const LEAST_CAUSE_MS = 5;

/** Where a silence went: `endpointing 0.50 s, model 0.26 s`; empty when nothing of it could be heard. */
export function tellCauses(silence: Readonly<Record<string, number>>): string {
  const causes = Object.entries(silence).filter(([, ms]) => ms >= LEAST_CAUSE_MS);
  return causes.map(([cause, ms]) => `${cause.replace(/Ms$/, '')} ${seconds(ms)}`).join(', ');
}

/** Of a whole call: `800 tokens in (512 cached), 40 out`. */
export const tellUsage = ({ promptTokens, completionTokens, cachedTokens }: Usage): string =>
  `${count(promptTokens, 'token')} in (${cachedTokens} cached), ${completionTokens} out`;

/** `about 0.0123 EUR: model 0.0023, heard 0.0060, spoken 0.0040`. */
export function tellCost({ currency, amount, model, heard, spoken }: Cost): string {
  const parts = Object.entries({ model, heard, spoken }).filter(([, part]) => part > 0);
  const made = parts.length > 1 ? `: ${parts.map(([name, part]) => `${name} ${part.toFixed(4)}`).join(', ')}` : '';
  return `about ${amount.toFixed(4)} ${currency}${made}`;
}
