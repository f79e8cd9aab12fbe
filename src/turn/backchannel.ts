/** The small sounds and words of a listener, which mean "go on" and interrupt nobody (R11). */

const BACKCHANNELS = new Set(
  (
    'mm mmm mhm mmhm mmhmm hm hmm hmmm uhhuh uh um er ah aha oh ok okay okey kay alright right yeah yep yup yes ya sure ' +
    'great good nice fine cool i see got it haan haa han ha haanji hanji ji achha accha acha theek thik hai sahi ' +
    'हाँ हां हा जी अच्छा ठीक है सही हम्म'
  ).split(' '),
);

/** The words of `text`, lower case, without punctuation; "mm-hm" is one word. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[-'’]/g, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Whether `text` has words, and all of them only say that its speaker is listening. */
export function isBackchannel(text: string): boolean {
  const words = wordsOf(text);
  return words.length > 0 && words.length <= 4 && words.every((word) => BACKCHANNELS.has(word));
}

/** How many words of `text` say something. */
export function meaningfulWords(text: string): number {
  return wordsOf(text).filter((word) => !BACKCHANNELS.has(word)).length;
}
