/**
 * Between the telephone, which is mu-law at 8 kHz, and the wire, which may be anything: whole messages of the caller's audio
 * one way, whatever the agent's are the other. Nothing is done where both are the same.
 */
import { bytesOf, FRAME_MS } from '../../audio/contract.ts';
import { createConverter, isSameFormat, type Converter } from '../../audio/convert.ts';
import { MULAW_SILENCE } from '../../audio/g711.ts';
import { MULAW_8, type LineFormats } from './dialect.ts';

export class Translator {
  readonly #toWire: Converter;
  readonly #fromWire: Converter;
  readonly #messageBytes: number;
  readonly #isPlain: boolean;
  readonly #silence = new Uint8Array(bytesOf(FRAME_MS, MULAW_8)).fill(MULAW_SILENCE);
  #rest: Uint8Array = new Uint8Array(0);

  constructor({ inFormat, outFormat }: LineFormats, framesPerMessage: number) {
    this.#toWire = createConverter(MULAW_8, inFormat);
    this.#fromWire = createConverter(outFormat, MULAW_8);
    this.#messageBytes = bytesOf(FRAME_MS * framesPerMessage, inFormat);
    this.#isPlain = isSameFormat(inFormat, MULAW_8) && framesPerMessage === 1;
  }

  /** A frame of the caller's, or of their silence; undefined when it is kept until a message is full. */
  message(frame: Uint8Array | undefined): Uint8Array | undefined {
    const audio = this.#toWire.convert(frame ?? this.#silence);
    if (this.#isPlain) return audio;
    this.#rest = Buffer.concat([this.#rest, audio]);
    if (this.#rest.length < this.#messageBytes) return undefined;
    const message = this.#rest.subarray(0, this.#messageBytes);
    this.#rest = this.#rest.subarray(this.#messageBytes);
    return message;
  }

  /** The agent's audio as the caller hears it. The bytes are the caller's to keep. */
  heard(audio: Uint8Array): Uint8Array {
    const mulaw = this.#fromWire.convert(audio);
    return mulaw === audio ? audio : mulaw.slice();
  }

  close(): void {
    this.#toWire.free();
    this.#fromWire.free();
  }
}
