/**
 * Double talk on a line whose microphone stands beside its loudspeaker: what comes back of the agent is not the caller.
 * While the agent sounds, the caller is listened to only where they are louder than its echo can be; the rest is silence,
 * for the ear as for the transcriber. Echo that was cancelled well lies below, and costs nothing. Pure.
 */
import { bytesPerSample, type AudioFormat } from '../audio/contract.ts';
import { ALAW_SILENCE, decodeAlaw, decodeMulaw, MULAW_SILENCE } from '../audio/g711.ts';

/** An echo comes back by so many dB softer, at least: a loudspeaker on the table, nothing cancelled, has 20. */
const LEAST_LOSS_DB = 14;
/** Network both ways, buffers and the room: an echo is over so long after the sound, in milliseconds. */
const ECHO_MS = 450;
const FRAME_MS = 20;
/** So many loud frames in a row are a voice; fewer, a click. */
const VOICE_FRAMES = 2;
/** The soft end of a word is let through, in milliseconds. */
const HOLD_MS = 260;
/** Below this, in dB of full scale, the agent makes no echo that anybody would take for a voice. */
const SOFTEST_DB = -40;
const FULL_SCALE = 32_768;

const powerOf = (db: number): number => 10 ** (db / 10);
const LOSS = powerOf(-LEAST_LOSS_DB);
const SOFTEST = FULL_SCALE * FULL_SCALE * powerOf(SOFTEST_DB);

/** Some of the agent's sound, when it is played. */
interface Sounding {
  fromMs: number;
  toMs: number;
  energy: number;
}

export class EchoGate {
  readonly #caller: Meter;
  readonly #agent: Meter;
  /** In the order in which it sounds; what can echo no more is forgotten. */
  #sounding: Sounding[] = [];
  #playedToMs = 0;
  #loudFrames = 0;
  #openUntilMs = 0;

  /** Of the caller's audio, and of the agent's. */
  constructor(inFormat: AudioFormat, outFormat: AudioFormat) {
    this.#caller = new Meter(inFormat);
    this.#agent = new Meter(outFormat);
  }

  /** The agent's audio goes out, and is played behind what went before. */
  sent(audio: Uint8Array, atMs: number): void {
    let fromMs = Math.max(atMs, this.#playedToMs);
    for (const frame of this.#agent.frames(audio)) {
      const toMs = fromMs + this.#agent.msOf(frame);
      this.#sounding.push({ fromMs, toMs, energy: this.#agent.energyOf(frame) });
      fromMs = toMs;
    }
    this.#playedToMs = fromMs;
  }

  /** What has not been played will not be. */
  cleared(atMs: number): void {
    this.#sounding = this.#sounding.filter(({ fromMs }) => fromMs < atMs);
    for (const one of this.#sounding) one.toMs = Math.min(one.toMs, atMs);
    this.#playedToMs = Math.min(this.#playedToMs, atMs);
  }

  /** The caller's audio as it may be listened to: all of it when there is nothing that could come back. */
  heard(audio: Uint8Array, atMs: number): Uint8Array {
    while (this.#sounding[0] && this.#sounding[0].toMs + ECHO_MS < atMs) this.#sounding.shift();
    if (this.#sounding.length === 0) return audio;
    const loudest = this.#sounding.reduce(
      (most, { fromMs, energy }) => (fromMs <= atMs ? Math.max(most, energy) : most),
      0,
    );
    if (loudest < SOFTEST) return audio;
    return this.#listen(audio, atMs, loudest * LOSS);
  }

  #listen(audio: Uint8Array, atMs: number, least: number): Uint8Array {
    let passed = audio;
    let at = 0;
    for (const frame of this.#caller.frames(audio)) {
      this.#loudFrames = this.#caller.energyOf(frame) > least ? this.#loudFrames + 1 : 0;
      if (this.#loudFrames >= VOICE_FRAMES) this.#openUntilMs = atMs + HOLD_MS;
      if (atMs >= this.#openUntilMs) {
        if (passed === audio) passed = audio.slice();
        passed.fill(this.#caller.silence, at, at + frame.length);
      }
      at += frame.length;
    }
    return passed;
  }
}

/** How loud frames of a format are. */
class Meter {
  readonly silence: number;
  readonly #format: AudioFormat;
  readonly #frameBytes: number;
  readonly #bytesPerMs: number;
  readonly #squares: Float32Array | undefined;

  constructor(format: AudioFormat) {
    this.#format = format;
    this.#bytesPerMs = (format.sampleRateHz * bytesPerSample(format)) / 1_000;
    this.#frameBytes = Math.round((FRAME_MS * format.sampleRateHz) / 1_000) * bytesPerSample(format);
    this.#squares = SQUARES[format.encoding];
    this.silence = SILENCES[format.encoding];
  }

  *frames(audio: Uint8Array): Iterable<Uint8Array> {
    for (let at = 0; at < audio.length; at += this.#frameBytes) yield audio.subarray(at, at + this.#frameBytes);
  }

  msOf(frame: Uint8Array): number {
    return frame.length / this.#bytesPerMs;
  }

  /** Mean square of the samples. */
  energyOf(frame: Uint8Array): number {
    const count = frame.length / bytesPerSample(this.#format);
    let sum = 0;
    if (this.#squares) for (const code of frame) sum += this.#squares[code]!;
    else
      for (let at = 0; at + 1 < frame.length; at += 2) sum += (((frame[at]! | (frame[at + 1]! << 8)) << 16) >> 16) ** 2;
    return count === 0 ? 0 : sum / count;
  }
}

const CODES = Uint8Array.from({ length: 256 }, (_, code) => code);
const squaresOf = (samples: Int16Array): Float32Array => Float32Array.from(samples, (sample) => sample * sample);
const SQUARES = {
  linear16: undefined,
  mulaw: squaresOf(decodeMulaw(CODES)),
  alaw: squaresOf(decodeAlaw(CODES)),
} as const satisfies Record<AudioFormat['encoding'], Float32Array | undefined>;
const SILENCES = { linear16: 0, mulaw: MULAW_SILENCE, alaw: ALAW_SILENCE } as const;
