/** Server-sent events, as the streaming routes of speech services send them: bytes cut anywhere in, the text of each event out. */
import { VoiceError } from './errors.ts';

/** Minutes of sound in one event, as base64. */
const LONGEST_EVENT = 16 * 1024 * 1024;

export class EventReader {
  readonly #decoder = new TextDecoder();
  /** Of the line that has not ended: joined once, when it has. */
  #pieces: string[] = [];
  #data: string[] = [];
  /** Characters of the event that has not ended. */
  #length = 0;

  /**
   * Returns the data of the events that are complete with these bytes.
   * @throws {VoiceError} `frame-invalid`, when one does not end.
   */
  push(bytes: Uint8Array): string[] {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The end of the body ends the last event too. */
  end(): string[] {
    return this.#read(`${this.#decoder.decode()}\n\n`);
  }

  #read(text: string): string[] {
    this.#length += text.length;
    if (this.#length > LONGEST_EVENT) throw new VoiceError('frame-invalid', 'an event does not end');
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
    if (events.length > 0 || this.#data.length === 0) this.#length = text.length - end - 1;
    return events;
  }
}
