/** Whether the agent can be heard, as its events tell: it starts, is held back while the caller's voice sounds, ends. */

type AudioEvent = 'reply-audio-start' | 'reply-audio-paused' | 'reply-audio-resumed' | 'reply-audio-end';

export class ReplyAudio {
  readonly #tell: (event: AudioEvent) => void;
  #told: 'silent' | 'audible' | 'paused' = 'silent';
  /** There is something to be heard. */
  #hasBegun = false;
  #isHeldBack = false;
  #resumed = 0;

  constructor(tell: (event: AudioEvent) => void) {
    this.#tell = tell;
  }

  /** Nothing of it is heard, or was held back while it was. */
  get isSilent(): boolean {
    return this.#told === 'silent';
  }

  /** How often it went on after it was held back. */
  get resumed(): number {
    return this.#resumed;
  }

  /** What was held back before it began starts when it is let go. */
  start(): void {
    this.#hasBegun = true;
    this.#look();
  }

  pause(): void {
    this.#isHeldBack = true;
    this.#look();
  }

  resume(): void {
    this.#isHeldBack = false;
    this.#look();
  }

  stop(): void {
    this.#hasBegun = this.#isHeldBack = false;
    if (this.#told !== 'silent') this.#become('silent', 'reply-audio-end');
  }

  #look(): void {
    if (!this.#hasBegun) return;
    if (this.#isHeldBack) return this.#told === 'audible' ? this.#become('paused', 'reply-audio-paused') : undefined;
    if (this.#told === 'silent') return this.#become('audible', 'reply-audio-start');
    if (this.#told === 'audible') return;
    this.#resumed++;
    this.#become('audible', 'reply-audio-resumed');
  }

  #become(told: 'silent' | 'audible' | 'paused', event: AudioEvent): void {
    this.#told = told;
    this.#tell(event);
  }
}
