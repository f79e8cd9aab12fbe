/**
 * A simulated Asterisk whose dialplan connects callers by its WebSocket channel, in either control format: queues what it
 * is sent, a frame each 20 ms, tells when the queue is full and when it is empty, and loses marks that are flushed.
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { bytesOf, FRAME_MS } from '../../audio/contract.ts';
import { formatName, readCommand, writeEvent, type ControlFormat } from '../../bridge/asterisk/websocket/wire.ts';
import { basic } from '../phone/connect.ts';
import type { PhoneCall, PhoneCommand, PhoneDialect, PhoneSpeech } from '../phone/dialect.ts';
import type { PhoneData } from '../phone/link.ts';
import { dialPhone, type DialMediaOptions, type MediaCaller } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';
import { newChannelId } from './audiosocket.ts';

export interface ChannelOptions {
  /** Default `json`. */
  control?: ControlFormat;
  /** A release that has marks. Default true, and always with JSON. */
  hasMarks?: boolean;
}

/** Frames in its queue, at which it asks for no more, and for more. */
const XOFF_LEVEL = 900;
const XON_LEVEL = 800;
/** A longer message costs the socket, and the call. */
const MOST_BYTES = 65_531;

/** The call is that of the caller's channel; its stream is the channel that the WebSocket is. */
export function chanWebsocket(options: ChannelOptions = {}): PhoneDialect {
  return {
    newIds: () => ({ callId: newChannelId(), streamId: newChannelId(), accountId: '' }),
    protocols: ['media'],
    headersOf: ({ authToken }) => basic(authToken),
    speech: (call) => new ChannelSpeech(call, options),
  };
}

class ChannelSpeech implements PhoneSpeech {
  readonly #call: PhoneCall;
  readonly #control: ControlFormat;
  readonly #hasMarks: boolean;
  readonly #frameBytes: number;
  /** The part of a frame that waits for the rest of it, while parts are buffered. */
  #rest: Buffer = Buffer.alloc(0);
  #isBuffering = false;
  #isFull = false;
  #tellsDrained = false;

  constructor(call: PhoneCall, { control = 'json', hasMarks = true }: ChannelOptions) {
    this.#call = call;
    this.#control = control;
    this.#hasMarks = hasMarks || control === 'json';
    this.#frameBytes = bytesOf(FRAME_MS, call.formats.outFormat);
  }

  begin(): PhoneData[] {
    const { callId, from, to, parameters, formats } = this.#call;
    const variables = { PARLEY_FROM: from, PARLEY_TO: to, PARLEY_CHANNEL: callId, ...parameters };
    const start = {
      ...{ connection_id: 'parley', channel: 'WebSocket/parley/0x7f0638004770', channel_id: this.#call.streamId },
      ...{ format: formatName(formats.inFormat), optimal_frame_size: this.#frameBytes, ptime: FRAME_MS },
    };
    return [writeEvent('MEDIA_START', { ...start, channel_variables: variables }, this.#control)];
  }

  audio(audio: Uint8Array): PhoneData {
    return audio.slice();
  }

  digit(digit: string): PhoneData {
    return this.#event('DTMF_END', { digit });
  }

  mark(name: string, { isCleared }: { isCleared: boolean }): PhoneData | undefined {
    if (isCleared || !this.#hasMarks) return undefined;
    return this.#event('MEDIA_MARK_PROCESSED', { correlation_id: name }, name);
  }

  cleared(): undefined {}

  end(): undefined {}

  beat(bufferedMs: number): PhoneData[] {
    const frames = Math.ceil(bufferedMs / FRAME_MS);
    const wasFull = this.#isFull;
    this.#isFull = frames >= XOFF_LEVEL || (wasFull && frames >= XON_LEVEL);
    const told: PhoneData[] = [];
    if (this.#isFull !== wasFull) told.push(this.#event(this.#isFull ? 'MEDIA_XOFF' : 'MEDIA_XON', {}, ''));
    if (frames === 0 && this.#tellsDrained) {
      this.#tellsDrained = false;
      told.push(this.#event('QUEUE_DRAINED', {}, ''));
    }
    return told;
  }

  read(data: Buffer, isBinary: boolean): PhoneCommand[] {
    if (isBinary) return data.length > MOST_BYTES ? [{ type: 'stop' }] : [this.#queue(data)];
    const { command, correlationId } = readCommand(data.toString(), this.#control);
    switch (command) {
      case 'MARK_MEDIA':
        return this.#hasMarks ? [{ type: 'mark', name: correlationId }] : []; // unknown ones are passed over
      case 'FLUSH_MEDIA':
        this.#isBuffering = false;
        this.#rest = Buffer.alloc(0);
        return [{ type: 'clear' }];
      case 'HANGUP':
        return [{ type: 'stop' }];
      case 'REPORT_QUEUE_DRAINED':
        this.#tellsDrained = true;
        return [];
      case 'START_MEDIA_BUFFERING':
        if (this.#isBuffering) throw new Error('Expected one START_MEDIA_BUFFERING, got one within another');
        this.#isBuffering = true;
        return [];
      case 'STOP_MEDIA_BUFFERING':
        return this.#stopBuffering(correlationId);
      default:
        throw new Error(`WebSocket ${command} command unknown`);
    }
  }

  /** Whole frames; what is over is kept, or, where parts are not buffered, lost. */
  #queue(data: Buffer): PhoneCommand {
    const all = Buffer.concat([this.#rest, data]);
    const whole = all.length - (all.length % this.#frameBytes);
    if (whole < all.length && !this.#isBuffering) {
      throw new Error(`Expected whole frames of ${this.#frameBytes} bytes, got ${data.length}`);
    }
    this.#rest = all.subarray(whole);
    return { type: 'audio', audio: all.subarray(0, whole) };
  }

  #stopBuffering(correlationId: string): PhoneCommand[] {
    if (!this.#isBuffering) throw new Error('Expected START_MEDIA_BUFFERING before its end, got none');
    const audio = this.#rest;
    this.#isBuffering = false;
    this.#rest = Buffer.alloc(0);
    const answer = this.#event('MEDIA_BUFFERING_COMPLETED', { correlation_id: correlationId }, correlationId);
    return [
      { type: 'audio', audio },
      { type: 'when-played', answer },
    ];
  }

  #event(event: string, fields: Record<string, string>, word?: string): string {
    return writeEvent(event, { channel_id: this.#call.streamId, ...fields }, this.#control, word);
  }
}

export interface DialChannelOptions extends Omit<DialMediaOptions, 'formats'>, ChannelOptions {
  /** Of the caller's channel, or what `c()` says. Default: mu-law at 8 kHz. */
  format?: AudioFormat;
}

/** As its client does. `authToken`: the password of that. @throws {ProviderError} `connect-failed` or `unauthorized` */
export function dialChannel(options: DialChannelOptions): Promise<MediaCaller> {
  const { control, hasMarks, format, ...line } = options;
  return dialPhone({
    ...line,
    dialect: chanWebsocket({ ...(control && { control }), ...(hasMarks !== undefined && { hasMarks }) }),
    ...(format && { formats: { inFormat: format, outFormat: format } }),
  });
}

/** Nothing is asked before: what there is to know of the call its channel carries. */
export const placeChannelCall: PlaceAudioCall = async (options) => {
  const { voiceUrl, reach = (url: string) => url, media, ...line } = options;
  const url = reach(voiceUrl).replace(/^http/, 'ws');
  return { type: 'media', caller: await dialChannel({ ...line, ...media, url }) };
};
