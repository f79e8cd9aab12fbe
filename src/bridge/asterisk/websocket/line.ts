/**
 * A call of Asterisk's over a WebSocket, whichever side has opened it: sound as binary messages, control as texts. Asterisk
 * buffers what we send and keeps real time. What is sent is whole frames, so that its buffering of parts, whose state
 * releases judge differently, is never begun; and it hangs up on a peer that does not read, so we always do.
 */
import { bytesOf, bytesPerSample, FRAME_MS, type AudioFormat } from '../../../audio/contract.ts';
import { VoiceError } from '../../../lib/errors.ts';
import type { OpenSocket } from '../../../lib/open-socket.ts';
import type {
  AudioCapabilities,
  AudioLine,
  AudioLineEvent,
  CallerFacts,
  LineFeed,
  TransferOptions,
} from '../../contract.ts';
import type { Admission } from '../../door.ts';
import { SocketLine, type LineOptions } from '../../socket-line.ts';
import { WebSocketTransport } from '../../web-socket.ts';
import { callerOf, CHANNEL, type AsksFor, type KnownCall } from '../calls.ts';
import { Farewell } from '../farewell.ts';
import {
  MOST_MESSAGE_BYTES,
  NAME,
  readControl,
  writeCommand,
  type ControlCommand,
  type ControlEvent,
  type MediaStart,
} from './wire.ts';

export interface AsteriskLineOptions extends LineOptions {
  /** What was announced with the id of this channel. Default: nothing ever was. */
  recall?: ((channelId: string) => KnownCall | undefined) | undefined;
  /** Default: everybody is. */
  admit?: Admission | undefined;
  asksFor?: AsksFor | undefined;
}

/** Until the start has said which it is. */
const STANDARD_FORMAT: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
/** Of 192 kHz, twice. */
const BYTES_PER_SECOND = 1_000_000;
/** A mark comes back with the next frame, from releases that have marks; others pass it over. */
const MARKS_WAIT_MS = 150;
const PROBE = 'parley';
/** Before we hang up, what Asterisk still has to play may take so long; it is never more than was sent ahead. */
const DRAIN_MS = 2_000;
/** What it has played is in the buffer of a telephone yet. */
const FAR_BUFFER_MS = 500;
/** Variables of the channel that have a meaning for us. Its other ones are parameters, but for those of the driver. */
const VARIABLES = {
  ...{ from: 'PARLEY_FROM', to: 'PARLEY_TO', channel: 'PARLEY_CHANNEL' },
  ...{ call: 'PARLEY_CALL', token: 'PARLEY_TOKEN' }, // of a call that we have placed
  says: 'PARLEY_SAYS', // what its dialplan announces
} as const;
const OF_THE_DRIVER = /^MEDIA_WEBSOCKET_/;

type Frame = ControlEvent | { type: 'audio'; audio: Uint8Array };

/**
 * Takes over an open socket and is done when Asterisk has said what channel it is.
 * @throws {VoiceError} `connect-timeout`, `frame-invalid`, `unauthorized` or `closed`, the socket being closed then.
 */
export async function acceptAsteriskLine(socket: OpenSocket, options: AsteriskLineOptions = {}): Promise<AudioLine> {
  const call = new AsteriskLine(socket, options);
  await call.started;
  return call;
}

class AsteriskLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = NAME;
  readonly #options: AsteriskLineOptions;
  readonly #line: SocketLine<Frame, AudioLineEvent>;
  readonly #farewell: Farewell;
  #caller: CallerFacts = callerOf('').caller;
  #start: MediaStart | undefined;
  #feed: LineFeed = bufferedFeed(STANDARD_FORMAT);
  #reports: AudioCapabilities['reports'] = 'nothing';
  #cancelProbe: () => void = () => undefined;
  /** Sound was sent of which Asterisk has not said that it has played all. */
  #mayHoldSound = false;
  #whenDrained: () => void = () => undefined;

  constructor(socket: OpenSocket, options: AsteriskLineOptions) {
    this.#options = options;
    const protocol = {
      name: NAME,
      readText: readControl,
      readBytes: (audio: Buffer): Frame => ({ type: 'audio', audio }),
      handle: (frame: Frame): void => this.#handle(frame),
    };
    const transport = new WebSocketTransport(socket);
    this.#line = new SocketLine(transport, protocol, { bytesPerSecond: BYTES_PER_SECOND, ...options });
    this.#farewell = new Farewell({
      ...{ name: NAME, line: this.#line, asksFor: options.asksFor },
      played: () => this.#played(),
      goodbye: () => this.#write({ command: 'HANGUP' }),
    });
    void this.#line.gone.then(() => {
      this.#cancelProbe();
      this.#whenDrained();
    });
  }

  get started(): Promise<void> {
    return this.#line.started;
  }

  get caller(): CallerFacts {
    return this.#caller;
  }

  get capabilities(): AudioCapabilities {
    const { format = STANDARD_FORMAT, isPassthrough = false } = this.#start ?? {};
    return {
      ...{ inFormat: format, outFormat: format, clear: !isPassthrough, reports: this.#reports },
      ...this.#farewell.capabilities,
      feed: this.#feed,
    };
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#line.listen(listener);
  }

  sendAudio(audio: Uint8Array): void {
    if (this.#farewell.hasBegun) return;
    const { mostBytes } = this.#feed;
    for (let from = 0; from < audio.length; from += mostBytes) {
      this.#mayHoldSound = true;
      this.#line.send(audio.subarray(from, from + mostBytes));
    }
  }

  sendMark(name: string): void {
    if (this.#reports === 'marks') this.#send({ command: 'MARK_MEDIA', correlationId: name });
  }

  clear(): void {
    if (this.#start?.isPassthrough) return;
    this.#send({ command: 'FLUSH_MEDIA' });
    this.#mayHoldSound = false;
  }

  sendDigits(digits: string): Promise<void> {
    return this.#farewell.sendDigits(digits);
  }

  transfer(to: string, options?: TransferOptions): Promise<void> {
    return this.#farewell.transfer(to, options);
  }

  hangUp(what: 'call' | 'line' = 'call'): Promise<void> {
    return this.#farewell.hangUp(what);
  }

  #send(command: ControlCommand): void {
    if (!this.#farewell.hasBegun) this.#write(command);
  }

  #write(command: ControlCommand): void {
    this.#line.send(writeCommand(command, this.#start?.control ?? 'json'));
  }

  /** Asterisk drops what it has not played when it is told to hang up. */
  async #played(): Promise<void> {
    if (!this.#mayHoldSound || this.#start?.isPassthrough) return;
    await this.#drained();
    if (this.#line.isOpen) await this.#wait(FAR_BUFFER_MS);
  }

  async #drained(): Promise<void> {
    const drained = new Promise<void>((resolve) => (this.#whenDrained = resolve));
    this.#write({ command: 'REPORT_QUEUE_DRAINED' });
    const stop = this.#line.clock.after(DRAIN_MS, this.#whenDrained);
    await drained;
    stop();
  }

  async #wait(ms: number): Promise<void> {
    let stop: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (stop = this.#line.clock.after(ms, resolve)));
    await Promise.race([over, this.#line.gone]);
    stop();
  }

  // ---- what Asterisk tells ------------------------------------------------------------------------------------------

  #handle(frame: Frame): void {
    if (frame.type === 'start') return this.#begin(frame);
    if (frame.type === 'drained') return this.#whenDrained();
    if (frame.type === 'audio') return this.#farewell.hasBegun ? undefined : this.#line.tell(frame); // kept, if it is early
    if (!this.#start) return this.#line.countBadFrame(`${NAME}: Expected \`MEDIA_START\` first, got \`${frame.type}\``);
    if (this.#farewell.hasBegun) return;
    switch (frame.type) {
      case 'digit':
        return this.#line.tell(frame);
      case 'full':
        return this.#line.peerFull(frame.isFull);
      case 'mark':
        return frame.name === PROBE ? this.#ready('marks') : this.#line.tell(frame);
      case 'error':
        return this.#line.log.warn({ why: frame.text }, 'Asterisk has not understood a command');
    }
  }

  #begin(start: MediaStart): void {
    if (this.#start) return this.#line.countBadFrame(`${NAME}: Expected one \`MEDIA_START\`, got a second`);
    this.#line.leftOut(start.leftOut);
    const { channelId = '', variables } = start;
    const known = this.#options.recall?.(channelId);
    const { caller, ids } = callerOf(channelId, withVariables(known, variables));
    const token = known?.token ?? (variables[VARIABLES.token] || undefined);
    if (this.#options.admit && !this.#options.admit({ caller, token })) {
      return this.#line.refuse(new VoiceError('unauthorized', `${NAME}: The call was not let in`));
    }
    this.#start = start;
    this.#feed = start.isPassthrough ? pacedFeed(start.format) : bufferedFeed(start.format, start.frameBytes);
    this.#caller = caller;
    this.#farewell.setCall(ids, caller);
    if (start.isPassthrough) return this.#ready('nothing');
    if (start.control === 'json') return this.#ready('marks'); // they came with the same releases
    this.#write({ command: 'MARK_MEDIA', correlationId: PROBE });
    this.#cancelProbe = this.#line.clock.after(MARKS_WAIT_MS, () => this.#ready('nothing'));
  }

  #ready(reports: AudioCapabilities['reports']): void {
    if (this.#line.isStarted) return;
    this.#cancelProbe();
    this.#reports = reports;
    this.#line.start();
  }
}

/** What was announced counts; what it does not say, the channel's variables may. */
function withVariables(
  known: KnownCall | undefined,
  variables: Readonly<Record<string, string>>,
): Pick<KnownCall, 'from' | 'to' | 'parameters'> {
  const { [VARIABLES.from]: from, [VARIABLES.to]: to, [VARIABLES.channel]: channel, ...rest } = variables;
  const { [VARIABLES.call]: _call, [VARIABLES.token]: _token, [VARIABLES.says]: _says, ...others } = rest;
  const parameters = Object.entries(others).filter(([name]) => !OF_THE_DRIVER.test(name));
  return {
    from: known?.from ?? (from || undefined),
    to: known?.to ?? (to || undefined),
    parameters: { ...Object.fromEntries(parameters), ...(channel && { [CHANNEL]: channel }), ...known?.parameters },
  };
}

function bufferedFeed(format: AudioFormat, frameBytes = bytesOf(FRAME_MS, format)): LineFeed {
  const mostBytes = Math.floor(MOST_MESSAGE_BYTES / frameBytes) * frameBytes;
  return { pacing: 'peer', leastBytes: 0, mostBytes, multipleOfBytes: frameBytes, tail: 'pad' };
}

function pacedFeed(format: AudioFormat): LineFeed {
  const frameBytes = bytesOf(FRAME_MS, format);
  return {
    ...{ pacing: 'us', leastBytes: frameBytes, mostBytes: frameBytes },
    ...{ multipleOfBytes: bytesPerSample(format), tail: 'pad' },
  };
}
