/**
 * Bytes to lines, however the network has cut them. A line is handed on the moment its end has come: LF, CR or CRLF.
 *
 * No streaming decoder is needed: a line's end is never inside a character, so everything up to the last line end of
 * a chunk is whole text. What is left over waits as bytes, in pieces, and is joined once (`wire/stream-reading.md` 1).
 */
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = '\uFEFF';

export class LineReader {
  readonly #onLine: (line: string) => void;
  #pieces: Buffer[] = [];
  #pendingBytes = 0;
  #isAfterCarriageReturn = false;
  #isFirstText = true;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Bytes of the line that has not ended yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** `bytes` must not be changed afterwards. */
  feed(bytes: Uint8Array): void {
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (buffer.length === 0) return;
    const start = this.#isAfterCarriageReturn && buffer[0] === LINE_FEED ? 1 : 0;
    this.#isAfterCarriageReturn = false;
    const end = endOfLastLine(buffer);
    if (end <= start) {
      this.#keep(buffer, start);
      return;
    }
    this.#isAfterCarriageReturn = buffer[end - 1] === CARRIAGE_RETURN;
    const text = this.#take(buffer, start, end);
    this.#keep(buffer, end);
    this.#handOn(text);
  }

  /** The body is over: what is pending is a line as well. */
  end(): void {
    if (this.#pendingBytes > 0) this.#onLine(this.#take(Buffer.alloc(0), 0, 0));
  }

  #keep(buffer: Buffer, from: number): void {
    if (from >= buffer.length) return;
    this.#pieces.push(buffer.subarray(from));
    this.#pendingBytes += buffer.length - from;
  }

  /** What was pending and `buffer` from `start` to `end`, as text. */
  #take(buffer: Buffer, start: number, end: number): string {
    let text: string;
    if (this.#pendingBytes === 0) {
      text = buffer.toString('utf8', start, end);
    } else {
      text = Buffer.concat([...this.#pieces, buffer.subarray(start, end)]).toString('utf8');
      this.#pieces = [];
      this.#pendingBytes = 0;
    }
    if (!this.#isFirstText) return text;
    this.#isFirstText = false;
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }

  /** `text` ends with a line end. */
  #handOn(text: string): void {
    if (text.includes('\r')) {
      const lines = text.split(/\r\n|\r|\n/);
      lines.pop(); // what follows the last line end: nothing
      for (const line of lines) this.#onLine(line);
      return;
    }
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#onLine(text.slice(start, end));
      start = end + 1;
    }
  }
}

/** Where the last line of `buffer` that has an end is over, its end included; 0 when there is none. */
function endOfLastLine(buffer: Buffer): number {
  if (buffer[buffer.length - 1] === LINE_FEED) return buffer.length; // nearly always
  return Math.max(buffer.lastIndexOf(LINE_FEED), buffer.lastIndexOf(CARRIAGE_RETURN)) + 1;
}
