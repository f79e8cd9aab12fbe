/**
 * The caller's voice (R11): is it to be heard, and does it mean to interrupt? Any voice over the agent's pauses it at once;
 * it goes on where it stopped when that was no interruption.
 */
import { Interruption, type InterruptionOptions, type SpokenOver } from './interruption.ts';
import type { MachineOptions } from './options.ts';
import type { Speech } from './speech.ts';

/** A voice that says no word for so long is a noise on the line, and nobody waits for it. */
const NOISE_MS = 10_000;
/** No deadline waits for longer than this for a voice to say its first word. */
const WORDLESS_MS = 2_500;

/** Those of the machine that count here. */
export interface CallerVoiceOptions extends Partial<Pick<MachineOptions, 'language' | 'heardBy'>> {
  turn: InterruptionOptions;
}

export class CallerVoice {
  readonly #speech: Speech;
  readonly #interruption: Interruption;
  readonly #over: () => SpokenOver | undefined;
  /** It interrupts and pauses nothing: the line hears and speaks by itself. */
  readonly #isLines: boolean;
  /** When it began or was last understood, while it goes on. */
  #lastAtMs: number | undefined;
  /** Something of it has been understood. */
  #hasWords = false;

  /** @param over What the agent is doing at this instant. */
  constructor(speech: Speech, options: CallerVoiceOptions, over: () => SpokenOver | undefined = () => undefined) {
    this.#speech = speech;
    this.#over = over;
    this.#isLines = options.heardBy === 'line';
    this.#interruption = new Interruption(options.turn, () => options.language);
  }

  get isSpeaking(): boolean {
    return this.#lastAtMs !== undefined;
  }

  /** Until when what is due waits for it: sound without words puts nothing off for long. */
  get yieldUntilMs(): number {
    if (this.#lastAtMs === undefined) return -Infinity;
    return this.#lastAtMs + (this.#hasWords ? NOISE_MS : WORDLESS_MS);
  }

  /** `words`: what has been understood so far, which may come after the end. Returns whether the caller interrupts. */
  hear(phase: 'start' | 'words' | 'end', words: string, atMs: number): boolean {
    switch (phase) {
      case 'start':
        this.#lastAtMs = atMs;
        this.#hasWords = false;
        this.#interruption.start(atMs);
        return this.#speech.isAudible && this.#pause(atMs);
      case 'words':
        if (this.isSpeaking) this.#lastAtMs = atMs;
        this.#hasWords ||= words.trim() !== '';
        this.#interruption.words(words);
        return this.#judge(atMs);
      case 'end':
        this.hush();
        this.#interruption.end(atMs);
        return this.#judge(atMs);
    }
  }

  /** The agent begins to be audible. Returns whether the caller interrupts. */
  agentStarted(atMs: number): boolean {
    return this.isSpeaking && this.#pause(atMs);
  }

  /** Whatever it was, it is over. */
  hush(): void {
    this.#lastAtMs = undefined;
  }

  /** It was no interruption: the agent goes on. */
  letGoOn(): void {
    this.#interruption.forget();
    this.#speech.resume();
  }

  /** What the caller said before has had its effect. */
  forget(): void {
    this.#interruption.forget();
  }

  /** When it is taken to be a noise, if no word comes before. */
  get noiseAtMs(): number | undefined {
    return this.#lastAtMs === undefined ? undefined : this.#lastAtMs + NOISE_MS;
  }

  /** When time alone will have decided whether the caller interrupts. */
  get lookAtMs(): number | undefined {
    return this.#interruption.lookAtMs;
  }

  /** That time has come. Returns whether the caller interrupts. */
  look(atMs: number): boolean {
    this.#interruption.look();
    return this.#judge(atMs);
  }

  #pause(atMs: number): boolean {
    if (!this.#isLines) this.#speech.pause();
    return this.#judge(atMs);
  }

  /** What is dismissed while the caller still speaks may yet be confirmed, by their words. */
  #judge(atMs: number): boolean {
    if (this.#isLines) return false;
    const over = this.#over();
    if (!this.#speech.isAudible) return over?.isTooEarly === true && this.#interruption.saysMore(over);
    const verdict = this.#interruption.verdict(atMs, over);
    if (verdict === 'dismissed') this.#speech.resume();
    return verdict === 'confirmed';
  }
}
