/** Whether the agent can be heard, as its events tell: it starts, is held back while the caller's voice sounds, ends. */

type AudioEvent = 'reply-audio-start' | 'reply-audio-paused' | 'reply-audio-resumed' | 'reply-audio-end';

export class ReplyAudio {
  readonly #tell: (event: AudioEvent) => void;
  #state: 'silent' | 'audible' | 'paused' = 'silent';
  #resumed = 0;

  constructor(tell: (event: AudioEvent) => void) {
    this.#tell = tell;
  }

  /** How often it went on after it was held back. */
  get resumed(): number {
    return this.#resumed;
  }

  start(): void {
    if (this.#state === 'silent') this.#become('audible', 'reply-audio-start');
  }

  pause(): void {
    if (this.#state === 'audible') this.#become('paused', 'reply-audio-paused');
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#resumed++;
    this.#become('audible', 'reply-audio-resumed');
  }

  stop(): void {
    if (this.#state !== 'silent') this.#become('silent', 'reply-audio-end');
  }

  #become(state: 'silent' | 'audible' | 'paused', event: AudioEvent): void {
    this.#state = state;
    this.#tell(event);
  }
}
