/** What a call costs, by a list of prices: what the model, the voice and the ear took, each apart. */
import type { CallResult } from '../result.ts';
import { eventsOf } from '../scope.ts';

/** In any one currency; what is left out costs nothing. */
export interface Prices {
  /** For a million tokens of prompt that came from no cache. */
  promptTokens?: number;
  cachedTokens?: number;
  completionTokens?: number;
  /** For a million characters spoken. */
  characters?: number;
  /** For an hour of audio transcribed. */
  hours?: number;
}

export interface Cost {
  total: number;
  parts: Record<'model' | 'voice' | 'ear', number>;
}

const MILLION = 1_000_000;

/** Undefined while the call goes on. */
export function costOf(call: CallResult, prices: Prices): Cost | undefined {
  const usage = eventsOf(call, 'call-end').at(-1)?.usage;
  if (!usage) return undefined;
  const { promptTokens, cachedTokens, completionTokens } = usage;
  const model =
    ((promptTokens - cachedTokens) * (prices.promptTokens ?? 0) +
      cachedTokens * (prices.cachedTokens ?? prices.promptTokens ?? 0) +
      completionTokens * (prices.completionTokens ?? 0)) /
    MILLION;
  const voice = ((call.speech?.characters ?? 0) * (prices.characters ?? 0)) / MILLION;
  const ear = ((call.speech?.seconds ?? 0) * (prices.hours ?? 0)) / 3_600;
  return { total: model + voice + ear, parts: { model, voice, ear } };
}
