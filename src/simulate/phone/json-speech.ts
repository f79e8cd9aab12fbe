/** A telephone whose carrier sends and takes texts of JSON, audio in base64: one for all of them, each by its data. */
import { bytesOf, FRAME_MS } from '../../audio/contract.ts';
import { MULAW_SILENCE } from '../../audio/g711.ts';
import { EventWriter } from '../../bridge/json/peer/wire.ts';
import { PARAMETER_NAMES, toBase64 } from '../../bridge/json/wire.ts';
import { MULAW_8, type AudioDialect, type PhoneCall, type PhoneCommand, type PhoneSpeech } from './dialect.ts';
import type { PhoneData } from './link.ts';

/** A frame of silence, sent whenever the caller says nothing. */
const SILENCE_BASE64 = Buffer.alloc(bytesOf(FRAME_MS, MULAW_8), MULAW_SILENCE).toString('base64');

export class JsonSpeech implements PhoneSpeech {
  readonly #dialect: AudioDialect;
  readonly #streamId: string;
  readonly #write: EventWriter;

  constructor(dialect: AudioDialect, call: PhoneCall) {
    const { streamId, callId, accountId, from, to, parameters, formats } = call;
    const numbers = dialect.saysNumbers
      ? {}
      : { ...(from && { [PARAMETER_NAMES.from]: from }), ...(to && { [PARAMETER_NAMES.to]: to }) };
    this.#dialect = dialect;
    this.#streamId = streamId;
    this.#write = new EventWriter(dialect.wire, {
      ...{ streamId, callId, accountId, from, to, parameters: { ...numbers, ...parameters } },
      ...{ encoding: dialect.encodingOf(formats.inFormat), sampleRateHz: formats.inFormat.sampleRateHz },
    });
  }

  begin(): PhoneData[] {
    return [this.#write.connected(), this.#write.start()].filter((frame) => frame !== undefined);
  }

  audio(audio: Uint8Array, { timestampMs, isSilence }: { timestampMs: number; isSilence: boolean }): string {
    return this.#write.audioFromBase64(isSilence ? SILENCE_BASE64 : toBase64(audio), timestampMs);
  }

  digit(digit: string): string {
    return this.#write.digit(digit);
  }

  mark(name: string, { isCleared }: { isCleared: boolean }): string | undefined {
    return isCleared && this.#dialect.clearedMarks === 'lost' ? undefined : this.#write.mark(name);
  }

  cleared(): string | undefined {
    return this.#write.cleared();
  }

  end(): string | undefined {
    return this.#write.stop();
  }

  read(data: Buffer): PhoneCommand[] {
    const { streamId, ...command } = this.#dialect.readCommand(data.toString());
    if (streamId !== undefined && streamId !== this.#streamId)
      throw new Error(`Expected stream ${this.#streamId}, got ${streamId}`);
    return [command];
  }
}
