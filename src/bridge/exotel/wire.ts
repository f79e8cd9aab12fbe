/**
 * Exotel AgentStream, both ends of it: Twilio's events in snake case (and, from some of its products, in Twilio's own
 * spelling), samples of 16 bits, blocks of 320 bytes, and counters in what we send, without which some streams end early.
 * @see https://developer.exotel.com/docs/agentstream/stream-voicebot-applet
 */
import { bytesPerSample, type AudioFormat, type Encoding } from '../../audio/contract.ts';
import { commandReaderOf, type PeerWire } from '../json/peer/wire.ts';
import { commandsOf, readerOf, toBase64, type CommandWriter, type JsonWire } from '../json/wire.ts';

const NAME = 'exotel-media';

/** What `?sample-rate=` of a stream's address may be. */
export const RATES_HZ = [8_000, 16_000, 24_000] as const;
export type RateHz = (typeof RATES_HZ)[number];
const STANDARD: AudioFormat = { encoding: 'linear16', sampleRateHz: 8_000 };

/** Bytes of a block, and of a message: less is heard as a gap, more is not taken. */
export const BLOCK_BYTES = 320;
export const LEAST_BYTES = 3_200;
export const MOST_BYTES = 100_000;

const LINEAR = ['audio/x-raw', 'audio/raw', 'raw', 'base64', 'pcm', 'audio/pcm', 'audio/x-l16', 'audio/l16', 'slin'];
const MULAW = ['audio/x-mulaw', 'audio/mulaw', 'mulaw', 'pcmu'];
const ENCODINGS: Readonly<Record<string, Encoding>> = Object.fromEntries([
  ...LINEAR.map((name) => [name, 'linear16'] as const),
  ...MULAW.map((name) => [name, 'mulaw'] as const),
]);
export const encodingOf = ({ encoding }: AudioFormat): string =>
  encoding === 'mulaw' ? 'audio/x-mulaw' : 'audio/x-raw';

const SNAKE: JsonWire = {
  name: NAME,
  audioFrame:
    /^\{"event":"media","sequence_number":"?\d+"?,"stream_sid":"[\w-]+","media":\{"chunk":"?\d+"?,"timestamp":"?\d{1,15}"?,"payload":"([A-Za-z0-9+/]*={0,2})"\}\}$/,
  events: { media: 'audio', start: 'start', mark: 'mark', dtmf: 'digit', stop: 'stop', closed: 'stop' },
  start: {
    streamId: ['stream_sid', 'streamSid'],
    callId: ['call_sid', 'callSid'],
    accountId: 'account_sid',
    numbers: { from: 'from', to: 'to' },
    parameters: { name: 'custom_parameters', as: 'object' },
    mediaFormat: { name: 'media_format', encoding: 'encoding', rate: 'sample_rate', channels: 'channels' },
  },
  markName: 'mark.name',
  encodings: ENCODINGS,
  ratesHz: RATES_HZ,
  standard: STANDARD,
  commands: writerOf,
};
export const EXOTEL_WIRE = SNAKE;

/** The same start, spelled as Twilio does. */
const CAMEL: JsonWire = {
  ...SNAKE,
  start: {
    ...SNAKE.start,
    accountId: 'accountSid',
    parameters: { name: 'customParameters', as: 'object' },
    mediaFormat: { name: 'mediaFormat', encoding: 'encoding', rate: 'sampleRate', channels: 'channels' },
  },
};
const readSnake = readerOf(SNAKE);
const readCamel = readerOf(CAMEL);
const IS_CAMEL = /"(?:mediaFormat|customParameters|accountSid)"/;
const IS_START = /"event"\s*:\s*"start"/;

/** @throws {VoiceError} `frame-invalid`, when a text is not what Exotel documents. */
export const readExotelEvent: typeof readSnake = (text, standard) =>
  IS_START.test(text.slice(0, STARTS_WITHIN)) && IS_CAMEL.test(text)
    ? readCamel(text, standard)
    : readSnake(text, standard);

/** Characters: an event says near its beginning what it is. Where it does not, it is spelled as the documentation has it. */
const STARTS_WITHIN = 200;

/** Each message has its number among all of ours, and audio that of its chunk and the time at which it begins, as texts. */
function writerOf(streamId: string, format: AudioFormat): CommandWriter {
  const sid = JSON.stringify(streamId);
  const bytesPerMs = (format.sampleRateHz * bytesPerSample(format)) / 1_000;
  let [sequence, chunk, sentMs] = [0, 0, 0];
  const plain = commandsOf({
    audio: ['', ''],
    mark: [`{"event":"mark","stream_sid":${sid},"mark":{"name":`, ''],
    clear: `{"event":"clear","stream_sid":${sid}`,
  });
  const numbered = (message: string, end: string): string => `${message}${end},"sequence_number":"${++sequence}"}`;
  return {
    audio(audio) {
      const facts = `"chunk":"${++chunk}","timestamp":"${Math.round(sentMs)}"`;
      sentMs += audio.length / bytesPerMs;
      return numbered(`{"event":"media","stream_sid":${sid},"media":{${facts},"payload":"${toBase64(audio)}"`, '}');
    },
    mark: (name) => numbered(plain.mark(name), '}'),
    clear: () => numbered(plain.clear(), ''),
  };
}

export const EXOTEL_PEER: PeerWire = {
  name: NAME,
  commands: { media: 'audio', mark: 'mark', clear: 'clear' },
  streamId: 'stream_sid',
  markName: 'mark.name',
  frames({ streamId, callId, accountId, from, to, parameters, encoding, sampleRateHz }) {
    const sid = JSON.stringify(streamId);
    const frame = (event: string, sequence: number, body: string) =>
      `{"event":"${event}","sequence_number":"${sequence}","stream_sid":${sid},"${event}":${body}}`;
    return {
      connected: () => '{"event":"connected"}',
      start(sequence) {
        const ids = { stream_sid: streamId, call_sid: callId, account_sid: accountId };
        const media_format = { encoding, sample_rate: String(sampleRateHz), bit_rate: '16' };
        return frame(
          'start',
          sequence,
          JSON.stringify({ ...ids, from, to, custom_parameters: parameters, media_format }),
        );
      },
      audio: (payload, { sequence, chunk, timestampMs }) =>
        frame('media', sequence, `{"chunk":"${chunk}","timestamp":"${timestampMs}","payload":"${payload}"}`),
      digit: (digit, sequence) => frame('dtmf', sequence, JSON.stringify({ digit, duration: '200' })),
      mark: (name, sequence) => frame('mark', sequence, JSON.stringify({ name })),
      stop: (sequence) =>
        frame('stop', sequence, JSON.stringify({ call_sid: callId, account_sid: accountId, reason: 'callended' })),
    };
  },
};

/** @throws {VoiceError} `frame-invalid` */
export const readExotelCommand = commandReaderOf(EXOTEL_PEER);
