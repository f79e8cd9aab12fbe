/**
 * What a call costs, by a file of prices: an estimate from what the call knows itself, to compare agents and to see what a
 * call is made of. The bill is the provider's.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AskedProviders } from '../call/asked.ts';
import type { CallEvent } from '../call/events.ts';
import { messageOf, VoiceError } from '../lib/errors.ts';
import { isRecord, parseJson, tellOther } from '../lib/json.ts';
import { readThrown } from '../lib/thrown.ts';
import { addUsage, noUsage } from '../call/usage.ts';

const price = z.number().nonnegative().max(1_000_000);

const FIELDS = {
  /** Of all prices: three capital letters, such as `EUR`. */
  currency: z.string().regex(/^[A-Z]{3}$/, 'Expected three capital letters, such as EUR'),
  /** Of 1,000 tokens that the model reads. Default: nothing. */
  perThousandTokensIn: price.default(0),
  /** Of those, 1,000 that it had in its cache. Default: as any others. */
  perThousandCachedTokensIn: price.optional(),
  /** Of 1,000 tokens that it writes. Default: nothing. */
  perThousandTokensOut: price.default(0),
  /** Of a minute of a call with sound, which is heard from its beginning to its end. Default: nothing. */
  perMinuteHeard: price.default(0),
  /** Of 1,000 characters that are given to the voice of a call with sound. Default: nothing. */
  perThousandCharactersSpoken: price.default(0),
};

export const Prices = z.strictObject(FIELDS, {
  error: ({ code, keys }) =>
    code === 'unrecognized_keys'
      ? `Expected ${Object.keys(FIELDS).join(', ')}, got \`${[keys].flat().join('`, `')}\``
      : undefined,
});
export type Prices = z.output<typeof Prices>;

/** In the currency of the prices, to a millionth: all, and what it is made of. */
export interface Cost {
  currency: string;
  amount: number;
  model: number;
  heard: number;
  spoken: number;
}

const EXAMPLE = '{"currency":"EUR","perThousandTokensIn":0.1}';

/** @throws {VoiceError} `file-unreadable`, or `options-invalid` with every field that is wrong. */
export function readPrices(file: string): Prices {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = readThrown(error).code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : messageOf(error);
    throw new VoiceError('file-unreadable', `cannot read the prices ${file}: ${reason}`, { cause: error });
  }
  const value = parseJson(text);
  if (!isRecord(value)) {
    throw new VoiceError(
      'options-invalid',
      `the prices ${file}: Expected a JSON object such as ${EXAMPLE}, got ${tellOther(text, value)}`,
    );
  }
  const read = Prices.safeParse(value, { reportInput: true });
  if (read.success) return read.data;
  throw new VoiceError('options-invalid', `the prices ${file}: ${z.prettifyError(read.error)}`);
}

/** As much of a call as a meter looks at. */
export interface MeteredCall {
  on(event: 'event', listen: (event: CallEvent) => void): unknown;
  readonly asked: Pick<AskedProviders, 'voice' | 'ear'>;
  readonly atMs: number;
}

/** Follows a call from before its first event; what the returned function tells is final once `call-end` was told. */
export function meterCost(call: MeteredCall, prices: Prices): () => Cost {
  const usage = noUsage();
  let characters = 0;
  let durationMs: number | undefined;
  call.on('event', (event) => {
    if (event.type === 'step-end' && event.usage) addUsage(usage, event.usage);
    else if (event.type === 'text-delta') characters += event.delta.length;
    else if (event.type === 'call-end') ({ durationMs } = event);
  });
  return () => {
    const { voice, ear } = call.asked;
    const { perThousandTokensIn, perThousandCachedTokensIn = perThousandTokensIn } = prices;
    const fresh = Math.max(0, usage.promptTokens - usage.cachedTokens);
    const model =
      (fresh * perThousandTokensIn +
        usage.cachedTokens * perThousandCachedTokensIn +
        usage.completionTokens * prices.perThousandTokensOut) /
      1_000;
    const heard = ear === undefined ? 0 : ((durationMs ?? call.atMs) / 60_000) * prices.perMinuteHeard;
    const spoken = voice === undefined ? 0 : (characters * prices.perThousandCharactersSpoken) / 1_000;
    const parts = { model: rounded(model), heard: rounded(heard), spoken: rounded(spoken) };
    return { currency: prices.currency, amount: rounded(model + heard + spoken), ...parts };
  };
}

const rounded = (amount: number): number => Math.round(amount * 1_000_000) / 1_000_000;
