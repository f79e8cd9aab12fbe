/**
 * A call of Asterisk's over AudioSocket: samples both ways in one stream. Asterisk buffers nothing, so whoever speaks keeps
 * real time, a frame each 20 ms and silence between; and it hangs up on a peer that does not read, so we always do.
 */
import type { Socket } from 'node:net';
import { bytesOf, FRAME_MS, type AudioFormat } from '../../../audio/contract.ts';
import { createConverter, type Converter } from '../../../audio/convert.ts';
import { VoiceError } from '../../../lib/errors.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent, CallerFacts, TransferOptions } from '../../contract.ts';
import type { Admission } from '../../door.ts';
import { SocketLine, type LineOptions } from '../../socket-line.ts';
import { TcpTransport } from '../../tcp-socket.ts';
import { callerOf, type AsksFor, type KnownCall } from '../calls.ts';
import { Farewell } from '../farewell.ts';
import { AUDIO_KINDS, AudioSocketReader, KINDS, packetOf, type AudioSocketPacket } from './wire.ts';

export interface AudioSocketOptions extends LineOptions {
  /** What was announced with this UUID. Default: nothing ever was. */
  recall?: ((uuid: string) => KnownCall | undefined) | undefined;
  /** Default: everybody is. */
  admit?: Admission | undefined;
  asksFor?: AsksFor | undefined;
}

const NAME = 'asterisk-audiosocket';
/** The first sound says at which rate both speak. Where none comes, it is that which every release has. */
const FORMAT_WAIT_MS = 200;
const STANDARD_RATE_HZ = 8_000;
/** Of 192 kHz, twice. */
const BYTES_PER_SECOND = 1_000_000;

/**
 * Takes over an accepted socket and is done when it is known who is calling, and at what rate.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptAudioSocket(socket: Socket, options: AudioSocketOptions = {}): Promise<AudioLine> {
  const call = new AudioSocketLine(socket, options);
  await call.started;
  return call;
}

class AudioSocketLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly #options: AudioSocketOptions;
  readonly #line: SocketLine<AudioSocketPacket, AudioLineEvent>;
  readonly #farewell: Farewell;
  #caller: CallerFacts | undefined;
  #format: AudioFormat = { encoding: 'linear16', sampleRateHz: STANDARD_RATE_HZ };
  #frameBytes = 0;
  #audioKind = 0;
  /** From another rate than that of the start, should one come. */
  #converter: Converter | undefined;
  #cancelWait: () => void = () => undefined;

  constructor(socket: Socket, options: AudioSocketOptions) {
    this.#options = options;
    const handle = (packet: AudioSocketPacket): void => this.#handle(packet);
    this.#line = new SocketLine(
      new TcpTransport(socket),
      { name: NAME, stream: new AudioSocketReader(), handle },
      { bytesPerSecond: BYTES_PER_SECOND, ...options },
    );
    this.#farewell = new Farewell({
      ...{ name: NAME, line: this.#line, asksFor: options.asksFor },
      played: () => Promise.resolve(), // nothing is buffered
      goodbye: () => this.#line.send(packetOf(KINDS.hangUp)),
    });
    this.#speakAt(STANDARD_RATE_HZ);
    void this.#line.gone.then(() => {
      this.#cancelWait();
      this.#converter?.free();
    });
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller ?? callerOf('').caller;
  }

  get capabilities(): AudioCapabilities {
    return {
      ...{ inFormat: this.#format, outFormat: this.#format, clear: false, reports: 'nothing' },
      ...this.#farewell.capabilities,
      feed: {
        ...{ pacing: 'us', leastBytes: this.#frameBytes, mostBytes: this.#frameBytes },
        ...{ multipleOfBytes: this.#frameBytes, tail: 'pad' },
      },
    };
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    if (this.#farewell.hasBegun) return;
    for (let from = 0; from < audio.length; from += this.#frameBytes) {
      this.#line.send(packetOf(this.#audioKind, audio.subarray(from, from + this.#frameBytes)));
    }
  }

  sendMark(): void {}

  clear(): void {}

  sendDigits(digits: string): Promise<void> {
    return this.#farewell.sendDigits(digits);
  }

  transfer(to: string, options?: TransferOptions): Promise<void> {
    return this.#farewell.transfer(to, options);
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    return this.#farewell.hangUp(what);
  }

  // ---- what Asterisk tells ------------------------------------------------------------------------------------------

  #handle(packet: AudioSocketPacket): void {
    if (packet.type === 'hang-up') return this.#line.peerLeft('caller-hung-up');
    if (packet.type === 'error') {
      return this.#line.log.warn({ errorCode: packet.code }, 'Asterisk says that something went wrong');
    }
    if (packet.type === 'uuid') return this.#identify(packet.uuid);
    if (!this.#caller) return this.#line.countBadFrame(`${NAME}: Expected the UUID first, got \`${packet.type}\``);
    if (this.#farewell.hasBegun) return;
    if (packet.type === 'digit') return this.#line.tell(packet);
    if (!this.#line.isStarted) this.#start(packet.sampleRateHz);
    if (packet.audio.length > 0) this.#line.tell({ type: 'audio', audio: this.#inFormat(packet) });
  }

  /** Asked once whether the call is let in; what is still to be known is the rate. */
  #identify(uuid: string): void {
    if (this.#caller) return this.#line.countBadFrame(`${NAME}: Expected one UUID, got a second`);
    const known = this.#options.recall?.(uuid);
    const { caller, ids } = callerOf(uuid, known);
    if (this.#options.admit && !this.#options.admit({ caller, token: known?.token })) {
      return this.#line.refuse(
        new VoiceError('unauthorized', `${NAME}: The UUID is none of a call that was announced`),
      );
    }
    this.#caller = caller;
    this.#farewell.setCall(ids, caller);
    this.#cancelWait = this.#line.clock.after(FORMAT_WAIT_MS, () => this.#start(STANDARD_RATE_HZ));
  }

  #start(rateHz: number): void {
    this.#cancelWait();
    this.#speakAt(rateHz);
    this.#line.start();
  }

  #speakAt(sampleRateHz: number): void {
    this.#format = { encoding: 'linear16', sampleRateHz };
    this.#frameBytes = bytesOf(FRAME_MS, this.#format);
    this.#audioKind = AUDIO_KINDS.get(sampleRateHz) ?? 0;
  }

  #inFormat({ audio, sampleRateHz }: { audio: Uint8Array; sampleRateHz: number }): Uint8Array {
    if (sampleRateHz === this.#format.sampleRateHz) return audio;
    if (this.#converter?.from.sampleRateHz !== sampleRateHz) {
      this.#converter?.free();
      this.#converter = createConverter({ encoding: 'linear16', sampleRateHz }, this.#format);
    }
    return this.#converter.convert(audio).slice();
  }
}
