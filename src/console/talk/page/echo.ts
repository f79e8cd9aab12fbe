/** Whether what a browser hears by itself is its own voice. */

/** So much of what is heard has to be among what is being spoken, to be the loudspeaker. */
const ECHO_SHARE = 0.6;

/** Whether `heard` is the agent's own voice in the microphone: browsers take their recogniser's sound from before the echo is taken out. */
export function isEcho(heard: string, spoken: string): boolean {
  const words = wordsOf(heard);
  const own = new Set(wordsOf(spoken));
  if (words.length === 0) return true;
  return words.filter((word) => own.has(word)).length >= words.length * ECHO_SHARE;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}']+/gu) ?? [];
