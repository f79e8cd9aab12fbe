/**
 * How fast a peer may talk: as a line in real time does, with room for what a stalled network hands over at once. Pure;
 * time is an argument.
 */

/** Four times what a line of audio sends: 50 messages a second. */
export const MESSAGES_PER_SECOND = 200;
/** Of them at once: a minute of audio, longer than which no line is silent and alive. */
const BURST_SECONDS = 15;
/** Above the mean of a message of audio, which is 330 bytes with its frame of JSON. */
const BYTES_PER_MESSAGE = 512;
/** At least the largest message there may be, twice. */
const LEAST_BURST_BYTES = 2_097_152;

export class MessageRate {
  readonly #perSecond: number;
  readonly #bytesPerSecond: number;
  readonly #burstBytes: number;
  #messages: number;
  #bytes: number;
  #atMs: number | undefined;

  /** @param bytesPerSecond Default: as many as so many messages of audio have. */
  constructor(perSecond = MESSAGES_PER_SECOND, bytesPerSecond = perSecond * BYTES_PER_MESSAGE) {
    this.#perSecond = perSecond;
    this.#bytesPerSecond = bytesPerSecond;
    this.#messages = perSecond * BURST_SECONDS;
    this.#burstBytes = Math.max(LEAST_BURST_BYTES, bytesPerSecond * BURST_SECONDS);
    this.#bytes = this.#burstBytes;
  }

  /**
   * Counts a message, or so many; false when it is one too many. `nowMs`: any clock that only goes forward. Of a stream,
   * bytes and messages are counted apart.
   */
  take(bytes: number, nowMs: number, messages = 1): boolean {
    const seconds = (nowMs - (this.#atMs ?? nowMs)) / 1_000;
    this.#atMs = nowMs;
    const perSecond = this.#perSecond;
    this.#messages = Math.min(perSecond * BURST_SECONDS, this.#messages + seconds * perSecond) - messages;
    this.#bytes = Math.min(this.#burstBytes, this.#bytes + seconds * this.#bytesPerSecond) - bytes;
    return this.#messages >= 0 && this.#bytes >= 0;
  }
}
