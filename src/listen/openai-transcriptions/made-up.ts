/**
 * What recognizers of Whisper's family make up where nobody speaks: captions of films, what they were told to expect, a word
 * again and again. What is taken for that is not heard. Pure.
 */
import type { Transcription, WireSegment } from './wire.ts';

/** Whisper's own thresholds: surely no speech, and unsure of its words; or words that repeat themselves. */
const NO_SPEECH = 0.6;
const UNSURE = -1;
const REPEATING = 2.4;
/** Nobody says more letters a second than this, and a few that a click has room for. */
const MOST_LETTERS_PER_SECOND = 30;
const SPARE_LETTERS = 3;

/** What callers do not say, and captions do; as letters alone, in lower case. */
const CAPTIONS = new Set(
  [
    'Thank you for watching',
    'Thanks for watching',
    'Thank you so much for watching',
    'Please subscribe to my channel',
    "Don't forget to like and subscribe",
    'Subtitles by the Amara.org community',
    'Transcription by CastingWords',
    'Transcribed by https://otter.ai',
    'Untertitel der Amara.org-Community',
    'Untertitelung des ZDF, 2020',
    "Sous-titres réalisés par la communauté d'Amara.org",
    'Subtítulos realizados por la comunidad de Amara.org',
    'Sottotitoli creati dalla comunità Amara.org',
    'Legendas pela comunidade Amara.org',
    'Ondertitels ingediend door de Amara.org gemeenschap',
    'Продолжение следует...',
    'Субтитры сделал DimaTorzok',
    'ご視聴ありがとうございました',
    '시청해주셔서 감사합니다',
    '请不吝点赞 订阅 转发 打赏支持明镜与点点栏目',
  ].map(lettersOf),
);

export interface HeardSound {
  /** How much of the sound was a voice, in milliseconds. */
  voiceMs: number;
  /** What the recognizer was told to expect. */
  prompt?: string | undefined;
}

/** What was said, without what is made up; empty when nothing is left. */
export function saidIn({ text, segments }: Transcription, { voiceMs, prompt }: HeardSound): string {
  const good = segments.filter((segment) => !isDoubtful(segment));
  const believed = good.length === segments.length ? text : good.map((segment) => segment.text).join(' ');
  const said = withoutNotes(believed);
  const letters = lettersOf(said);
  if (letters === '' || CAPTIONS.has(letters)) return '';
  if (prompt !== undefined && letters === lettersOf(prompt)) return '';
  return letters.length > SPARE_LETTERS + (voiceMs * MOST_LETTERS_PER_SECOND) / 1_000 ? '' : said;
}

function isDoubtful({ noSpeech = 0, logProbability = 0, compression = 0 }: WireSegment): boolean {
  return (noSpeech > NO_SPEECH && logProbability < UNSURE) || compression > REPEATING;
}

/** `[BLANK_AUDIO]`, `(wind blowing)`, `*coughs*`, `♪`, `<|nospeech|>`: what is heard, and not said. */
function withoutNotes(text: string): string {
  const bare = text
    .replace(/\[[^\]]{0,100}\]|<\|[^|]{0,100}\|>|[♪♫]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return /^(\([^()]*\)|\*[^*]*\*)[.\s]*$/.test(bare) ? '' : bare;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}
