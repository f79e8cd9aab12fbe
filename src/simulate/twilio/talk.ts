/**
 * The voice of a simulated ConversationRelay: tokens come in, words go out at the pace of a voice, and when the caller cuts
 * in it is known what of them was heard. Pure: times in milliseconds since the session began, and they never go back.
 */

export interface TalkOptions {
  /** Default 15, a brisk voice. */
  charactersPerSecond?: number;
  /** From the first word of a talk to its first sound, in milliseconds. Default 200. */
  synthesisDelayMs?: number;
}

/** A word in the caller's ear. `text` has the space that follows it, exactly as it was sent. */
export interface HeardWord {
  text: string;
  fromMs: number;
  toMs: number;
}

export interface TalkListener {
  /** The voice begins or ends. */
  speaking(isSpeaking: boolean, atMs: number): void;
  /** One more word was spoken in full. */
  word(word: HeardWord): void;
}

/** From the first token to the one with `last`. */
interface Cycle {
  /** Not spoken yet. */
  text: string;
  spoken: string;
  isComplete: boolean;
  /** Its first word was known. */
  readyMs: number | undefined;
  startedMs: number | undefined;
  isPreemptible: boolean;
  isInterruptible: boolean;
}

const CHARACTERS_PER_SECOND = 15;
const SYNTHESIS_DELAY_MS = 200;

export class Talk {
  readonly #msPerCharacter: number;
  readonly #synthesisDelayMs: number;
  readonly #listener: TalkListener;
  #cycles: Cycle[] = [];
  #isSpeaking = false;
  /** When the voice is free for the next word. */
  #freeMs = 0;

  constructor(listener: TalkListener, options: TalkOptions = {}) {
    this.#listener = listener;
    this.#msPerCharacter = 1_000 / (options.charactersPerSecond ?? CHARACTERS_PER_SECOND);
    this.#synthesisDelayMs = options.synthesisDelayMs ?? SYNTHESIS_DELAY_MS;
  }

  get isSpeaking(): boolean {
    return this.#isSpeaking;
  }

  /** Nothing is being spoken and nothing waits to be. */
  get isIdle(): boolean {
    return !this.#isSpeaking && this.#cycles.every((cycle) => cycle.text.trim() === '');
  }

  /** Whether the caller's voice would cut off what is being spoken now. */
  get isInterruptible(): boolean {
    return this.#cycles[0]?.isInterruptible ?? true;
  }

  push(
    { token, last, ...flags }: { token: string; last: boolean; preemptible?: boolean; interruptible?: boolean },
    atMs: number,
  ): void {
    this.advanceTo(atMs);
    const open = this.#cycles.at(-1);
    let cycle = open && !open.isComplete ? open : undefined;
    if (!cycle) {
      if (this.#cycles.some(({ isPreemptible }) => isPreemptible)) this.#preempt(atMs);
      cycle = {
        text: '',
        spoken: '',
        isComplete: false,
        readyMs: undefined,
        startedMs: undefined,
        isPreemptible: flags.preemptible ?? false,
        isInterruptible: flags.interruptible ?? true,
      };
      this.#cycles.push(cycle);
    }
    const hadWord = nextWord(cycle) !== undefined;
    cycle.text += token;
    cycle.isComplete = last;
    if (!hadWord && nextWord(cycle) !== undefined) this.#goOn(cycle, atMs);
    this.advanceTo(atMs);
  }

  /** Speaks every word that ends by `atMs`. The voice rests where the words run out, and goes on when more come. */
  advanceTo(atMs: number): void {
    for (let cycle = this.#cycles[0]; cycle; cycle = this.#cycles[0]) {
      const word = nextWord(cycle);
      if (word === undefined) {
        if (!cycle.isComplete) break;
        this.#cycles.shift();
        continue;
      }
      if (cycle.startedMs === undefined) {
        cycle.startedMs =
          Math.max(this.#freeMs, cycle.readyMs ?? atMs) + (this.#isSpeaking ? 0 : this.#synthesisDelayMs);
        this.#freeMs = cycle.startedMs;
      }
      if (!this.#speak(cycle, word, atMs)) return;
    }
    if (this.#isSpeaking && atMs >= this.#freeMs) this.#setSpeaking(false, this.#freeMs);
  }

  /** The caller cuts in: what is left is thrown away. What was heard of this talk, and for how long it had been spoken. */
  interrupt(atMs: number): { heard: string; afterMs: number } {
    this.advanceTo(atMs);
    const cycle = this.#cycles[0];
    this.#cycles = [];
    this.#freeMs = atMs;
    if (this.#isSpeaking) this.#setSpeaking(false, atMs);
    return {
      heard: cycle?.spoken.trimEnd() ?? '',
      afterMs: Math.max(0, Math.round(atMs - (cycle?.startedMs ?? atMs))),
    };
  }

  /** The words had run out, and there is one again. */
  #goOn(cycle: Cycle, atMs: number): void {
    cycle.readyMs ??= atMs;
    if (cycle.startedMs !== undefined && !this.#isSpeaking) this.#freeMs = Math.max(this.#freeMs, atMs);
  }

  #preempt(atMs: number): void {
    this.#cycles = this.#cycles.filter(({ isPreemptible }) => !isPreemptible);
    this.#freeMs = atMs;
  }

  /** False when the word has not ended by then. */
  #speak(cycle: Cycle, word: string, atMs: number): boolean {
    const toMs = this.#freeMs + word.length * this.#msPerCharacter;
    if (!this.#isSpeaking && this.#freeMs <= atMs) this.#setSpeaking(true, this.#freeMs);
    if (toMs > atMs) return false;
    cycle.text = cycle.text.slice(word.length);
    cycle.spoken += word;
    this.#listener.word({ text: word, fromMs: this.#freeMs, toMs });
    this.#freeMs = toMs;
    return true;
  }

  #setSpeaking(isSpeaking: boolean, atMs: number): void {
    this.#isSpeaking = isSpeaking;
    this.#listener.speaking(isSpeaking, atMs);
  }
}

/** A word is known when a space follows it, or when nothing more can. */
function nextWord({ text, isComplete }: Cycle): string | undefined {
  const word = /^\s*\S+\s+/.exec(text)?.[0];
  if (word !== undefined) return word;
  return isComplete && text.trim() !== '' ? text : undefined;
}
