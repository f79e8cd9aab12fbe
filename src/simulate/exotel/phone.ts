/** A simulated Exotel: its Voicebot applet asks a worker for the address of a socket, and sends the audio there. */
import { randomUUID } from 'node:crypto';
import type { AudioFormat } from '../../audio/contract.ts';
import {
  BLOCK_BYTES,
  encodingOf,
  EXOTEL_PEER,
  LEAST_BYTES,
  MOST_BYTES,
  RATES_HZ,
  readExotelCommand,
} from '../../bridge/exotel/wire.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import { basic } from '../phone/connect.ts';
import type { AudioDialect } from '../phone/dialect.ts';
import { askWebhook, failed } from '../phone/document.ts';
import { dialAudio } from '../phone/media.ts';
import type { PlaceAudioCall } from '../phone/place.ts';

export const EXOTEL_AUDIO: AudioDialect = {
  wire: EXOTEL_PEER,
  readCommand: readExotelCommand,
  encodingOf,
  clearedMarks: 'returned',
  newIds: () => ({ callId: randomUUID().replaceAll('-', ''), streamId: randomUUID(), accountId: 'example1' }),
  headersOf: () => ({}),
  saysNumbers: true,
  framesPerMessage: 5,
  refuses({ length }) {
    if (length >= LEAST_BYTES && length <= MOST_BYTES && length % BLOCK_BYTES === 0) return undefined;
    return `Expected ${LEAST_BYTES} to ${MOST_BYTES} bytes in blocks of ${BLOCK_BYTES}, got ${length}`;
  },
};

export const placeExotelCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken, from, to, media, ...line } = options;
  const { callId, accountId } = EXOTEL_AUDIO.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const form = new URLSearchParams({ CallSid: ids.callSid, CallFrom: from, CallTo: to, Direction: 'incoming' });
  const answer = await askWebhook({
    ...{ url: options.voiceUrl, reachedAt: reach(options.voiceUrl), type: 'application/x-www-form-urlencoded' },
    ...{ body: form.toString(), headers: basic(authToken) },
  });
  const { url } = readAnswer(answer);
  const format = formatIn(url);
  const caller = await dialAudio({
    ...{ ...line, ...media, ...ids, dialect: EXOTEL_AUDIO, url: reach(url), from, to },
    formats: { inFormat: format, outFormat: format },
  });
  return { type: 'media', caller };
};

/** What the address of a socket asks for. */
export function formatIn(url: string): AudioFormat {
  const rate = Number(/[?&]sample-rate=(\d+)/.exec(url)?.[1]);
  return { encoding: 'linear16', sampleRateHz: RATES_HZ.find((known) => known === rate) ?? 8_000 };
}

/** @throws {ProviderError} when it names no socket */
function readAnswer(answer: string): { url: string } {
  const read = parseJson(answer);
  const url = isRecord(read) ? read['url'] : undefined;
  if (typeof url !== 'string' || !/^wss?:/.test(url))
    throw failed('Expected the address of a socket, got something else');
  return { url };
}
