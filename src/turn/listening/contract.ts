/**
 * What people say while they listen, by language. All in lower case, with commas between; as it is written, and as a
 * service may write it that knows no other letters. Accents, doubled letters and repetition need not be listed:
 * `backchannel.ts` sees to them.
 */
export interface ListenerWords {
  /** Mean "yes" or "fine" as well: an answer, where something was asked. */
  answers: string;
  /** Only say that somebody listens, or thinks. */
  sounds: string;
  /** Ask whether anybody is there, and nothing else. */
  calls: string;
}

/** What is a listener's sound everywhere. */
export const EVERYWHERE: ListenerWords = {
  answers: 'ok, okay, okey, okej, mhm, mmhm, mmhmm, mhmm, uhhuh, aha, ahan',
  sounds: 'm, mm, mmm, hm, hmm, ah, oh, eh, uh, um, er, aa, oo, ooh, aah, ha, haha',
  calls: 'hello, hallo, halo, hi',
};
