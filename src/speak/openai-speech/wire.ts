/**
 * `POST /audio/speech`, as OpenAI documents it and many servers speak it: a JSON body out, bytes of sound back as they are
 * made. Pure: holds no connection.
 *
 * Documented: the fields `model`, `input` (at most 4,096 characters), `voice`, `instructions`, `speed` (0.25 to 4) and
 * `response_format`; that `pcm` is bare samples of 16 bits, little-endian, mono, at 24,000 Hz. Our own reading, of servers
 * that differ: a WAV header that comes all the same is believed, its rate and its samples too; a rate beside the content
 * type (`audio/pcm;rate=22050`) is believed; an odd byte waits for its other half, wherever the network has cut.
 * @see https://platform.openai.com/docs/api-reference/audio/createSpeech
 */
import type { AudioFormat } from '../../audio/contract.ts';
import { SampleReader, SampleWriter } from '../../audio/convert.ts';
import { createResampler, type Resampler } from '../../audio/resample.ts';
import { WavStream } from '../../audio/wav-stream.ts';
import { VoiceError } from '../../lib/errors.ts';

/** Appended to the base address. */
export const SPEECH_PATH = '/audio/speech';
/** Of `pcm`. */
export const PCM_RATE_HZ = 24_000;
/** Documented; a text that is longer is refused. */
export const LONGEST_INPUT = 4_096;
/** By which a sound that is none of ours is known: four bytes, and as many as tell MP3's frames. */
const SNIFF_BYTES = 4;

/** What a voice says of a request. */
export interface SpeechFields {
  id: string;
  speed: number;
  instructions?: string | undefined;
  extra: Readonly<Record<string, unknown>>;
}

/** The body of a request. What the agent calls `extra` takes no field's place. */
export function speechBody(text: string, voice: SpeechFields, model: string): string {
  return JSON.stringify({
    ...voice.extra,
    model,
    input: text,
    voice: voice.id,
    response_format: 'pcm',
    ...(voice.speed === 1 ? {} : { speed: voice.speed }),
    ...(voice.instructions === undefined ? {} : { instructions: voice.instructions }),
  });
}

/** Whether a body of this type is a text, and so no sound, whatever its status says. */
export function isText(contentType: string): boolean {
  return /^(application\/(problem\+)?json|text\/)/.test(contentType);
}

/** One answer's bytes, cut anywhere, to samples of 16 bits at the rate that was wanted. */
export class SpeechReader {
  readonly #to: AudioFormat;
  readonly #contentType: string;
  readonly #pcmRateHz: number;
  #beginning: Buffer | undefined = Buffer.alloc(0);
  #decoder: Decoder | undefined;

  /** `pcmRateHz`: of bare samples, where the content type does not tell. */
  constructor({ contentType, pcmRateHz, rateHz }: { contentType: string; pcmRateHz: number; rateHz: number }) {
    this.#contentType = contentType;
    this.#pcmRateHz = rateIn(contentType) ?? pcmRateHz;
    this.#to = { encoding: 'linear16', sampleRateHz: rateHz };
  }

  /**
   * Whole samples, good until the next call; there may be none.
   * @throws {VoiceError} `frame-invalid`, when it is no sound that can be read.
   */
  push(bytes: Uint8Array): Uint8Array {
    if (!this.#beginning) return this.#decode(bytes);
    this.#beginning = Buffer.concat([this.#beginning, bytes]);
    return this.#beginning.length < SNIFF_BYTES ? NOTHING : this.#begin();
  }

  /** What was still held. Then it is over. @throws as `push` does */
  end(): Uint8Array {
    const head = this.#beginning && this.#beginning.length > 0 ? this.#begin().slice() : NOTHING;
    const tail = this.#decoder?.flush() ?? NOTHING;
    return head.length === 0 ? tail : Buffer.concat([head, tail]);
  }

  /** Gives the resampler's memory back. Safe to call twice. */
  free(): void {
    this.#decoder?.free();
  }

  #begin(): Uint8Array {
    const head = this.#beginning ?? Buffer.alloc(0);
    this.#beginning = undefined;
    const other = otherSoundIn(head, this.#contentType);
    if (other !== undefined) {
      const told = this.#contentType === '' ? '' : ` (\`${this.#contentType.slice(0, 100)}\`)`;
      throw invalid(`Expected bare samples (\`response_format: pcm\`) or a WAV file, got ${other}${told}`);
    }
    const isWav = head.subarray(0, 4).toString('latin1') === 'RIFF';
    this.#decoder = new Decoder(isWav ? new WavStream() : new BareSamples(this.#pcmRateHz), this.#to);
    return this.#decode(head);
  }

  #decode(bytes: Uint8Array): Uint8Array {
    try {
      return this.#decoder!.convert(bytes);
    } catch (thrown) {
      throw thrown instanceof VoiceError ? invalid(thrown.message) : thrown;
    }
  }
}

/** Bytes to samples. Their rate may be known only with the first of them. */
interface SampleSource {
  readonly sampleRateHz: number | undefined;
  /** Good until the next call. */
  push(bytes: Uint8Array): Int16Array;
}

/** As they are. */
class BareSamples implements SampleSource {
  readonly sampleRateHz: number;
  readonly #reader: SampleReader;

  constructor(sampleRateHz: number) {
    this.sampleRateHz = sampleRateHz;
    this.#reader = new SampleReader({ encoding: 'linear16', sampleRateHz });
  }

  push(bytes: Uint8Array): Int16Array {
    return this.#reader.read(bytes);
  }
}

/** To the rate that is wanted. */
class Decoder {
  readonly #source: SampleSource;
  readonly #writer: SampleWriter;
  readonly #toHz: number;
  #resampler: Resampler | undefined;

  constructor(source: SampleSource, to: AudioFormat) {
    this.#source = source;
    this.#toHz = to.sampleRateHz;
    this.#writer = new SampleWriter(to);
  }

  /** @throws {VoiceError} when the bytes cannot be read, or their rate is none. */
  convert(bytes: Uint8Array): Uint8Array {
    const samples = this.#source.push(bytes);
    const { sampleRateHz } = this.#source;
    if (sampleRateHz === undefined) return NOTHING;
    this.#resampler ??= createResampler(sampleRateHz, this.#toHz);
    return this.#writer.write(this.#resampler.process(samples));
  }

  flush(): Uint8Array {
    return this.#resampler ? this.#writer.write(this.#resampler.flush()) : NOTHING;
  }

  free(): void {
    this.#resampler?.free();
  }
}

const NOTHING = new Uint8Array(0);

/** `audio/pcm;rate=22050`. */
function rateIn(contentType: string): number | undefined {
  const [, rate] = /;\s*(?:sample_?)?rate="?(\d{4,6})\b/.exec(contentType) ?? [];
  return rate === undefined ? undefined : Number(rate);
}

/** What compressed sound it is, if it is one: a server that takes no notice of the format that was asked for. */
function otherSoundIn(head: Buffer, contentType: string): string | undefined {
  const tag = head.subarray(0, 4).toString('latin1');
  const mayBeMp3 = !/pcm|wav|l16|octet/.test(contentType);
  if (tag.startsWith('ID3') || (mayBeMp3 && isMp3Frame(head))) return 'MP3';
  return { OggS: 'Ogg', fLaC: 'FLAC' }[tag];
}

/** The header of a frame of MPEG audio, layer III. */
function isMp3Frame([first = 0, second = 0, third = 0]: Buffer): boolean {
  const isSync = first === 0xff && (second & 0xe6) === 0xe2;
  return isSync && (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c && (third & 0xf0) !== 0;
}

function invalid(message: string): VoiceError {
  return new VoiceError('frame-invalid', message);
}
