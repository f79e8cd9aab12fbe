/** Server-sent events as Lightning's streaming route sends them: bytes cut anywhere in, the text of each event out. */

export class EventReader {
  readonly #decoder = new TextDecoder();
  /** Of the line that has not ended: joined once, when it has. */
  #pieces: string[] = [];
  #data: string[] = [];

  /** Returns the data of the events that are complete with these bytes. */
  push(bytes: Uint8Array): string[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The end of the body ends the last event too. */
  end(): string[] {
    return this.#read(`${this.#decoder.decode()}\n\n`);
  }

  #read(text: string): string[] {
    const end = text.lastIndexOf('\n');
    if (end === -1) {
      if (text !== '') this.#pieces.push(text);
      return [];
    }
    const lines = (this.#pieces.join('') + text.slice(0, end)).split('\n');
    this.#pieces = [text.slice(end + 1)];
    const events: string[] = [];
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
      else if (line === '' && this.#data.length > 0) events.push(this.#data.splice(0).join('\n'));
    }
    return events;
  }
}
