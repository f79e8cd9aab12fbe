/**
 * Whether a synthesizer that says it is done has spoken the words that it was given. One that answers without audio, or with
 * a crumb of it, would leave the caller in silence and the model in the belief that all was heard.
 */

/** Nobody speaks four times as fast as a voice is expected to: words are missing. */
const LEAST_SHARE = 0.25;
/** How far a short text may fall short of even that: a "no" is told badly by its letters. */
const ALLOWANCE_MS = 60;
const NO_WORDS = /[^\p{L}\p{N}\p{M}]+/gu;

/**
 * What is wrong with so much audio for this text; undefined when it may be all of it. Text without a word may be silent.
 * @param expectMs How long a text should take to say, in milliseconds.
 */
export function lackOfAudio(text: string, audioMs: number, expectMs: (text: string) => number): string | undefined {
  const words = text.replace(NO_WORDS, '');
  if (words === '') return undefined;
  const expectedMs = expectMs(words);
  if (audioMs > 0 && audioMs >= expectedMs * LEAST_SHARE - ALLOWANCE_MS) return undefined;
  const got = audioMs > 0 ? `${Math.round(audioMs)} ms of audio` : 'no audio';
  return `answered ${got} for words that take about ${Math.round(expectedMs)} ms, and called that complete`;
}
