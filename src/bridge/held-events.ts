/**
 * What a line had to tell before anybody listened, in order. Audio that comes before the peer has said who it is may be
 * that of nobody: of it the last 64 kB are kept (8 s of mu-law at 8 kHz, 2 s of 16-bit samples at 16 kHz).
 */

const MOST_EARLY_AUDIO_BYTES = 65_536;

export class HeldEvents<Event extends { type: string }> {
  #events: Event[] = [];
  #earlyAudio: { event: Event; bytes: number }[] = [];
  #earlyBytes = 0;

  add(event: Event): void {
    this.#events.push(event);
  }

  /** Audio before the start; the oldest makes room. */
  addEarly(event: Event, bytes: number): void {
    this.#events.push(event);
    this.#earlyAudio.push({ event, bytes });
    this.#earlyBytes += bytes;
    while (this.#earlyBytes > MOST_EARLY_AUDIO_BYTES) {
      const oldest = this.#earlyAudio.shift();
      if (!oldest) return;
      this.#earlyBytes -= oldest.bytes;
      this.#events.splice(this.#events.indexOf(oldest.event), 1);
    }
  }

  /** Everything, in order; `closed` even when the listener throws at something before. */
  tellTo(listener: (event: Event) => void): void {
    const events = this.#events.splice(0);
    const closed = events.at(-1)?.type === 'closed' ? events.pop() : undefined;
    try {
      for (const event of events) listener(event);
    } finally {
      if (closed) listener(closed);
    }
  }
}
