/**
 * The audio of one utterance on its way to the caller: what there is of it, what was sent, and what was heard. Holds the
 * bytes until they were heard, for they may have to be sent again. Everything is in bytes of the line's format.
 */
export class Track {
  readonly id: number;
  sentTo = 0;
  /** At least; grows when asked. */
  heardTo = 0;
  /** What comes before was sent with a mark behind it. */
  markedTo = 0;
  /** No more of it will come. */
  isOver = false;
  /** The caller has begun to hear it. */
  hasStarted = false;
  /** In order; `at` is the offset of its first byte in the track. */
  #chunks: { bytes: Uint8Array; at: number }[] = [];
  #length = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** Of what has come of it. */
  get length(): number {
    return this.#length;
  }

  /** What has come and was not sent. */
  get waiting(): number {
    return this.#length - this.sentTo;
  }

  /** All there will be was sent: the next track may follow. */
  get isSent(): boolean {
    return this.isOver && this.sentTo === this.#length;
  }

  /** The bytes are kept, and must not change. */
  push(bytes: Uint8Array): void {
    this.#chunks.push({ bytes, at: this.#length });
    this.#length += bytes.length;
  }

  /** The next bytes, which count as sent from now on; a view where they lie in one piece. */
  take(length: number): Uint8Array {
    let index = 0;
    while (this.#endOf(index) <= this.sentTo) index++;
    const first = this.#chunks[index];
    const from = this.sentTo - (first?.at ?? 0);
    const isOnePiece = first !== undefined && from + length <= first.bytes.length;
    const taken = isOnePiece ? first.bytes.subarray(from, from + length) : this.#join(index, length);
    this.sentTo += length;
    return taken;
  }

  /** What comes behind so many bytes is thrown away; what was sent stays. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, Math.max(this.sentTo, length));
    this.#chunks = this.#chunks
      .filter(({ at }) => at < this.#length)
      .map(({ bytes, at }) => ({ bytes: bytes.subarray(0, this.#length - at), at }));
  }

  /** It was heard so far at least. What was heard is never sent again. */
  hear(bytes: number): void {
    this.heardTo = Math.max(this.heardTo, Math.min(bytes, this.sentTo));
    while (this.#chunks.length > 1 && this.#endOf(0) <= this.heardTo) this.#chunks.shift();
  }

  /** What was sent and not heard is unsent again. */
  takeBack(): void {
    this.sentTo = this.markedTo = this.heardTo;
  }

  #endOf(index: number): number {
    const chunk = this.#chunks[index];
    return chunk ? chunk.at + chunk.bytes.length : Infinity;
  }

  #join(index: number, length: number): Uint8Array {
    const joined = new Uint8Array(length);
    for (let filled = 0; filled < length; index++) {
      const chunk = this.#chunks[index];
      if (!chunk) throw new RangeError(`Expected ${length} bytes to be there, got ${filled}`);
      const start = Math.max(0, this.sentTo - chunk.at);
      const part = chunk.bytes.subarray(start, start + length - filled);
      joined.set(part, filled);
      filled += part.length;
    }
    return joined;
  }
}
