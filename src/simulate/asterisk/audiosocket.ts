/**
 * A simulated Asterisk whose dialplan connects callers by AudioSocket: announces the call, and streams to the port. As the
 * real one it writes what comes to the telephone at once, and hangs up on packets that it does not know.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { bytesOf, FRAME_MS, type AudioFormat } from '../../audio/contract.ts';
import {
  AUDIO_KINDS,
  AudioSocketReader,
  KINDS,
  packetOf,
  uuidPacketOf,
  type AudioSocketPacket,
} from '../../bridge/asterisk/audiosocket/wire.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { basic } from '../phone/connect.ts';
import type { PhoneCall, PhoneCommand, PhoneDialect, PhoneSpeech } from '../phone/dialect.ts';
import { askWebhook, failed } from '../phone/document.ts';
import type { PhoneData } from '../phone/link.ts';
import { dialPhone, type DialMediaOptions, type MediaCaller } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

/** An id of a channel: seconds, and a number. */
export const newChannelId = (): string => `${randomInt(1_700_000_000, 1_800_000_000)}.${randomInt(1, 100_000)}`;

/** The call is that of the caller's channel; its stream has the UUID. */
export const AUDIOSOCKET: PhoneDialect = {
  newIds: () => ({ callId: newChannelId(), streamId: randomUUID(), accountId: '' }),
  headersOf: () => ({}),
  /** A longer one is not heard at all, and a shorter one is a hole. */
  refuses(audio, format) {
    const expected = bytesOf(FRAME_MS, format);
    return audio.length === expected ? undefined : `Expected packets of ${expected} bytes, got one of ${audio.length}`;
  },
  speech: (call) => new AudioSocketSpeech(call),
};

class AudioSocketSpeech implements PhoneSpeech {
  readonly #uuid: string;
  readonly #kind: number;
  readonly #format: AudioFormat;
  readonly #reader = new AudioSocketReader();

  constructor({ streamId, formats }: PhoneCall) {
    this.#uuid = streamId;
    this.#format = formats.outFormat;
    this.#kind = AUDIO_KINDS.get(formats.inFormat.sampleRateHz) ?? 0;
  }

  begin(): PhoneData[] {
    return [uuidPacketOf(this.#uuid)];
  }

  audio(audio: Uint8Array): PhoneData {
    return packetOf(this.#kind, audio);
  }

  digit(digit: string): PhoneData {
    return packetOf(KINDS.digit, Buffer.from(digit));
  }

  mark(): undefined {}

  cleared(): undefined {}

  end(): undefined {}

  read(data: Buffer): PhoneCommand[] {
    this.#reader.push(data);
    const commands: PhoneCommand[] = [];
    for (let packet = this.#reader.next(); packet; packet = this.#reader.next()) commands.push(this.#commandOf(packet));
    return commands;
  }

  #commandOf(packet: AudioSocketPacket): PhoneCommand {
    if (packet.type === 'hang-up') return { type: 'stop' };
    if (packet.type !== 'audio') throw new Error(`Expected sound or a hang-up, got \`${packet.type}\``);
    const { sampleRateHz } = this.#format;
    if (packet.sampleRateHz === sampleRateHz) return { type: 'audio', audio: packet.audio };
    throw new Error(`Expected sound at ${sampleRateHz} Hz, got ${packet.sampleRateHz}`);
  }
}

export interface DialAudioSocketOptions extends Omit<DialMediaOptions, 'formats'> {
  /** 8,000, 12,000, 16,000, 24,000, 32,000, 44,100, 48,000, 96,000 or 192,000. Default 8,000, as of the application. */
  sampleRateHz?: number;
  /** Default: a new one. */
  uuid?: string;
}

/** `url`: of the port, `tcp://...`. @throws {ProviderError} `connect-failed` */
export function dialAudioSocket(options: DialAudioSocketOptions): Promise<MediaCaller> {
  const { sampleRateHz = 8_000, uuid = randomUUID(), ...line } = options;
  const format: AudioFormat = { encoding: 'linear16', sampleRateHz };
  return dialPhone({
    ...{ ...line, streamSid: uuid, dialect: AUDIOSOCKET },
    formats: { inFormat: format, outFormat: format },
  });
}

/** Announced as a dialplan does it, `voiceUrl` being where; or at the address of the port, without a word. */
export const placeAudioSocketCall: PlaceAudioCall = async (options) => {
  const { voiceUrl, reach = (url: string) => url, authToken, media, callSid = newChannelId(), ...line } = options;
  if (new URL(voiceUrl).protocol === 'tcp:') {
    return { type: 'media', caller: await dialAudioSocket({ ...line, ...media, callSid, url: voiceUrl }) };
  }
  const { from, to, parameters } = line;
  const body = JSON.stringify({ from, to, channel: callSid, parameters: parameters ?? {} });
  const headers = basic(authToken);
  const type = 'application/json';
  const answer = parseJson(await askWebhook({ url: voiceUrl, reachedAt: reach(voiceUrl), type, body, headers }));
  const { id: uuid, audiosocketPort: port } = isRecord(answer) ? answer : {};
  if (typeof uuid !== 'string' || typeof port !== 'number') {
    throw failed(
      'Expected the worker to have PARLEY_ASTERISK_AUDIOSOCKET_PORT set, or its tcp://HOST:PORT as the address',
    );
  }
  const url = `tcp://${new URL(reach(voiceUrl)).hostname}:${port}`;
  return { type: 'media', caller: await dialAudioSocket({ ...line, ...media, callSid, uuid, url }) };
};
