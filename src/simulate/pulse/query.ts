/** What a live connection asks for, read as the service reads it: unknown parameters are passed over in silence. */
import type { AudioFormat } from '../../audio/contract.ts';
import { isLiveLanguage, LIVE_MODEL, SAMPLE_RATES_HZ } from '../../listen/pulse/wire.ts';

export interface LiveRequest {
  language: string;
  format: AudioFormat;
  endpointing: boolean;
  eouTimeoutMs: number;
  finalizeOnWords: boolean;
  maxWords: number | undefined;
  vadEvents: boolean;
  wordTimestamps: boolean;
  hasFormatting: boolean;
}

/** Returns why it is refused with 400, as text. */
export function readLiveQuery(parameters: URLSearchParams, isOldRoute: boolean): LiveRequest | string {
  const model = parameters.get('model');
  if (!isOldRoute && model !== LIVE_MODEL) return `model must be ${LIVE_MODEL}, got ${model ?? 'nothing'}`;
  const language = parameters.get('language') ?? '';
  if (!isLiveLanguage(language)) return `language is not supported: ${language || 'nothing'}`;
  const format = readFormat(parameters);
  if (typeof format === 'string') return format;
  const eouTimeoutMs = Number(parameters.get('eou_timeout_ms') ?? 800);
  if (!(eouTimeoutMs >= 100 && eouTimeoutMs <= 10_000)) return 'eou_timeout_ms must be 100 to 10000';
  const maxWords = parameters.get('max_words');
  return {
    language,
    format,
    endpointing: flag(parameters, 'endpointing', true),
    eouTimeoutMs,
    finalizeOnWords: flag(parameters, 'finalize_on_words', true),
    maxWords: maxWords === null ? undefined : Number(maxWords),
    vadEvents: parameters.has('vad_events') ? flag(parameters, 'vad_events', false) : flag(parameters, 'vad', false),
    wordTimestamps: flag(parameters, 'word_timestamps', isOldRoute),
    hasFormatting: flag(parameters, 'format', true),
  };
}

function readFormat(parameters: URLSearchParams): AudioFormat | string {
  const encoding = parameters.get('encoding') ?? 'linear16';
  const sampleRateHz = Number(parameters.get('sample_rate') ?? 16_000);
  if (encoding !== 'linear16' && encoding !== 'mulaw' && encoding !== 'alaw')
    return `encoding is not supported: ${encoding}`;
  if (!SAMPLE_RATES_HZ.includes(sampleRateHz)) return `sample_rate is not supported: ${sampleRateHz}`;
  return { encoding, sampleRateHz };
}

function flag(parameters: URLSearchParams, name: string, standard: boolean): boolean {
  const value = parameters.get(name);
  return value === null ? standard : value.toLowerCase() === 'true';
}
