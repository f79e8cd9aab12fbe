/**
 * Which voice belongs to which model, and what each model speaks (`wire/lightning.md` 8). The service does not reject a
 * wrong pair, it speaks it wrongly: so it is refused here.
 */
import { VoiceError } from '../../lib/errors.ts';
import { PRO, STANDARD, type ListedVoice } from './listed-voices.ts';

/** What Lightning speaks with. */
export type LightningVoiceOptions = {
  /** Catalogue or clone id, such as `magnus`. */
  id: string;
  /** Synthesis model, such as `lightning_v3.1`. */
  model: string;
  language: string;
  /** 0.5 to 2. */
  speed: number;
  /** Ids of pronunciation dictionaries. Default: none. */
  pronunciations?: readonly string[];
  /** Whether live speech asks for them too, or whole phrases alone. Default false. */
  livePronunciations?: boolean;
  /** The voice is newer than the lists here. Default false. */
  unlisted?: boolean;
};

export type LightningModel = 'lightning_v3.1' | 'lightning_v3.1_pro';

const STANDARD_LANGUAGES = [
  ...(['auto', 'en', 'es', 'fr', 'de', 'it', 'nl', 'sv', 'pt', 'pl', 'ru'] as const),
  ...(['hi', 'mr', 'gu', 'pa', 'bn', 'or', 'ta', 'te', 'kn', 'ml'] as const),
];
const MORE_LANGUAGES = ['el', 'fi', 'no', 'zh', 'ja', 'ko', 'id', 'ms', 'vi', 'tr', 'ar'] as const;

/** What Lightning speaks; `auto`: it finds out. */
export type LightningLanguage = (typeof STANDARD_LANGUAGES)[number] | (typeof MORE_LANGUAGES)[number];

/** Voices and languages by model. The catalogue grows: a voice that is in neither list may exist (`unlisted`). */
export const LIGHTNING_MODELS: Readonly<
  Record<LightningModel, { voices: ReadonlySet<string>; languages: ReadonlySet<string> }>
> = {
  'lightning_v3.1': { voices: idsOf(STANDARD), languages: new Set(STANDARD_LANGUAGES) },
  'lightning_v3.1_pro': { voices: idsOf(PRO), languages: new Set([...STANDARD_LANGUAGES, ...MORE_LANGUAGES]) },
};

/** The only voices that tell when each word was spoken. */
export const WORD_TIMESTAMP_VOICES: ReadonlySet<string> = new Set(
  'meher devansh kartik maithili liam avery'.split(' '),
);

/** Sockets of the account for each synthesis that it may run at once: open ones, the spare and closing ones counted. */
export const SOCKETS_PER_SYNTHESIS = 5;

export const LIGHTNING_SAMPLE_RATES: readonly number[] = [8_000, 16_000, 24_000, 44_100];

function idsOf(voices: readonly ListedVoice[]): Set<string> {
  return new Set(voices.map(({ id }) => id));
}

/**
 * Checks a voice against its model and language. One that is in no list is refused, unless it is said to be `unlisted`: the
 * service would speak with some voice or other.
 * @throws {VoiceError} `options-invalid`, naming the field and what was expected.
 */
export function checkVoice(voice: LightningVoiceOptions): void {
  const model = checkModel(voice.model);
  checkLanguage(model, voice.language);
  if (!(voice.speed >= 0.5 && voice.speed <= 2)) {
    throw invalid('`voice.speed` to be from 0.5 to 2', voice.speed);
  }
  checkId(model, voice);
}

function checkModel(model: string): LightningModel {
  for (const known of modelNames) if (known === model) return known;
  const meant = modelNames.find((known) => known === model.toLowerCase().replaceAll('-', '_'));
  throw invalid(
    `\`voice.model\` to be ${quoteAll(modelNames)}${meant ? ` (with an underscore: \`${meant}\`)` : ''}`,
    model,
  );
}

function checkLanguage(model: LightningModel, language: string): void {
  const { languages } = LIGHTNING_MODELS[model];
  if (languages.has(language)) return;
  const isPro = LIGHTNING_MODELS['lightning_v3.1_pro'].languages.has(language);
  const hint = isPro ? '; `lightning_v3.1_pro` speaks it' : '';
  throw invalid(`\`voice.language\` to be one that \`${model}\` speaks (${[...languages].join(' ')})`, language, hint);
}

function checkId(model: LightningModel, { id, unlisted }: LightningVoiceOptions): void {
  if (id === '' || id !== id.toLowerCase() || /\s/.test(id)) {
    throw invalid('`voice.id` to be a voice id in lower case, such as `magnus`', id);
  }
  if (LIGHTNING_MODELS[model].voices.has(id) || id.startsWith('voice_')) return;
  for (const other of modelNames) {
    if (!LIGHTNING_MODELS[other].voices.has(id)) continue;
    const [one, two] = [...LIGHTNING_MODELS[model].voices];
    const hint = `, a voice of \`${other}\`: set \`voice.model\` to that, or take another voice`;
    throw invalid(`\`voice.id\` to be a voice of \`${model}\`, such as \`${one}\` or \`${two}\``, id, hint);
  }
  if (unlisted) return;
  const near = [...LIGHTNING_MODELS[model].voices].filter((known) => isOneEditAway(known, id));
  const guess = near.length > 0 ? `. Did you mean ${quoteAll(near)}?` : '';
  const hint = `${guess}${guess === '' ? ';' : ''} \`parley voices\` lists them, and a newer one needs \`unlisted: true\` beside it`;
  throw invalid(`\`voice.id\` to be a voice of \`${model}\``, id, hint);
}

const modelNames: readonly LightningModel[] = ['lightning_v3.1', 'lightning_v3.1_pro'];

function invalid(expected: string, got: unknown, hint = ''): VoiceError {
  return new VoiceError('options-invalid', `Expected ${expected}, got \`${String(got)}\`${hint}`);
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' or ');
}

function isOneEditAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  return short.slice(long.length === short.length ? at + 1 : at) === long.slice(at + 1);
}
