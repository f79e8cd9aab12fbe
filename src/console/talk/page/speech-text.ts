/** Decisions about speech that a browser makes by itself: what is spoken in one go, and whether what it hears is its own voice. */

/** A clause shorter than this waits for more, unless its sentence ends. */
const SHORT_CLAUSE = 40;

/** Pieces of text as they come, joined to what is spoken in one go. */
export class Clauses {
  #waiting = '';

  /** What can be spoken now: sentences, and long clauses. */
  push(text: string): string[] {
    this.#waiting += text;
    const ready: string[] = [];
    for (;;) {
      const end = endOfClause(this.#waiting);
      if (end === undefined) return ready;
      ready.push(this.#waiting.slice(0, end));
      this.#waiting = this.#waiting.slice(end);
    }
  }

  /** The rest of it. */
  end(): string[] {
    const rest = this.#waiting;
    this.#waiting = '';
    return rest.trim() === '' ? [] : [rest];
  }
}

/** Behind its white space, so that the next begins with a word. */
function endOfClause(text: string): number | undefined {
  for (const { 0: mark, index } of text.matchAll(/[.!?…।。！？]["'”’)]*\s+|[,;:]\s+/g)) {
    const end = index + mark.length;
    if (!/^[,;:]/.test(mark) || end >= SHORT_CLAUSE) return end;
  }
  return undefined;
}

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
