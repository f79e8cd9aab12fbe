/** A simulated Telnyx: rings a worker's TeXML webhook, signed, and sends the audio where the document says. */
import { randomUUID } from 'node:crypto';
import type { AudioFormat } from '../../audio/contract.ts';
import { CODECS, encodingOf, framesOf, readTelnyxCommand, TELNYX_PEER } from '../../bridge/telnyx/wire.ts';
import { systemClock, wallMsOf } from '../../lib/clock.ts';
import type { AudioDialect } from '../phone/dialect.ts';
import { askWebhook, failed, followDocuments, parametersIn } from '../phone/document.ts';
import { dialAudio } from '../phone/media.ts';
import type { PlaceAudioCall, PlaceAudioOptions } from '../phone/place.ts';
import { signedHeaders } from './signed.ts';

export const TELNYX_AUDIO: AudioDialect = {
  wire: TELNYX_PEER,
  readCommand: readTelnyxCommand,
  encodingOf,
  clearedMarks: 'returned',
  newIds: () => ({ callId: `v3:${randomUUID()}`, streamId: randomUUID(), accountId: randomUUID() }),
  headersOf: () => ({}),
  saysNumbers: true,
  refuses(audio, format) {
    const { multipleOfBytes } = framesOf(format);
    if (audio.length > 0 && audio.length % multipleOfBytes === 0) return undefined;
    return `Expected whole frames of ${multipleOfBytes} bytes, got ${audio.length}`;
  },
};

/** The networks of these countries speak A-law, and a call keeps its own codec where Telnyx cannot change it. */
const SPEAKS_ALAW = /^\+(?:[34]|91)/;

export const placeTelnyxCall: PlaceAudioCall = async (options) => {
  const { reach = (url: string) => url, authToken: _signs, from, to, media, parameters: more, ...line } = options;
  const { callId, accountId } = TELNYX_AUDIO.newIds();
  const ids = { callSid: options.callSid ?? callId, accountSid: options.accountSid ?? accountId };
  const ask = (url: string) => askTexml(url, { ...options, ...ids });
  const { connect, said } = await followDocuments(options.voiceUrl, ask, options.document);
  if (!connect) return { type: 'refused', said };
  const { url = '', bidirectionalMode = 'mp3', codec = 'default', bidirectionalCodec = 'PCMU' } = connect.attributes;
  if (bidirectionalMode !== 'rtp') throw failed(`Expected bidirectionalMode="rtp", got ${bidirectionalMode}`);
  const inFormat = SPEAKS_ALAW.test(from) ? CODECS.PCMA : (formatOf(codec) ?? CODECS.PCMU);
  const outFormat = formatOf(bidirectionalCodec);
  if (!outFormat) throw failed(`Expected a bidirectionalCodec of PCMU or PCMA, got ${bidirectionalCodec}`);
  const parameters = { ...parametersIn(connect), ...more };
  const caller = await dialAudio({
    ...{ ...line, ...media, ...ids, dialect: TELNYX_AUDIO, url: reach(url), from, to, parameters },
    formats: { inFormat, outFormat },
  });
  return { type: 'media', caller };
};

/** Asks the webhook what is to be done with a call, signed. */
export function askTexml(
  url: string,
  { reach = (known) => known, authToken, from, to, callSid, accountSid, clock = systemClock }: TexmlRing,
): Promise<string> {
  const ids = { AccountSid: accountSid, CallSid: texmlIdOf(callSid) };
  const body = new URLSearchParams({ ...ids, CallStatus: 'ringing', From: from, To: to }).toString();
  const headers = authToken === undefined ? {} : signedHeaders(body, authToken, wallMsOf(clock));
  return askWebhook({ url, reachedAt: reach(url), type: 'application/x-www-form-urlencoded', body, headers });
}

type TexmlRing = Pick<PlaceAudioOptions, 'reach' | 'authToken' | 'from' | 'to' | 'clock'> & {
  callSid: string;
  accountSid: string;
};

/** What the webhook calls the call: another id than that of its line. */
export const texmlIdOf = (callControlId: string): string => callControlId.replace(/^v3:/, 'v2:texml-');

const formatOf = (codec: string): AudioFormat | undefined =>
  codec === 'PCMU' || codec === 'PCMA' ? CODECS[codec] : undefined;
