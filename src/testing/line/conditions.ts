/**
 * What a caller's sound goes through on a bad line: noise around the caller, frames that are lost, frames that come late. All
 * of it is thrown by a seed, so that the same call comes again. Pure; frames of 20 ms, 8 kHz.
 */
import { FRAME_MS } from '../../audio/contract.ts';
import { VoiceError } from '../../lib/errors.ts';
import { seededRandom, type Random } from '../../simulate/electron/random.ts';
import { FRAME_SAMPLES } from './caller-track.ts';

/** Everything optional; default: a line in good health. What the caller says goes through it, and what they hear does not. */
export interface LineConditions {
  /**
   * How far the caller's voice is above what is around them, in dB; 30 is a quiet room, 10 a busy street. `white` (the default) is a steady hiss,
   * `street` a rumble that swells and ebbs.
   */
  noise?: { snrDb: number; kind?: 'white' | 'street' | undefined } | undefined;
  /** Which share of the frames is lost, 0 to 1, in stretches of `burstMs` on average. Default of that: one frame, 20. */
  loss?: { share: number; burstMs?: number | undefined } | undefined;
  /** Each frame comes late by up to so many milliseconds, and never before the one in front of it. */
  jitterMs?: number | undefined;
}

/** The loudness of a caller's tones. */
const VOICE_RMS = 0.17 * 32_767;

export class RoughLine {
  readonly #noise: ((frame: Int16Array) => void) | undefined;
  readonly #loses: () => boolean;
  readonly #lateMs: () => number;
  #lastAtMs = 0;

  /** @throws {VoiceError} `options-invalid`, when no line can be like that. */
  constructor({ noise, loss, jitterMs = 0 }: LineConditions, seed: number) {
    check(noise?.snrDb ?? 0, 'noise.snrDb', 'a number of dB, -20 to 60', (db) => db >= -20 && db <= 60);
    check(loss?.share ?? 0, 'loss.share', '0 to 1', (share) => share >= 0 && share <= 1);
    check(loss?.burstMs ?? FRAME_MS, 'loss.burstMs', '20 or more', (ms) => ms >= FRAME_MS);
    check(jitterMs, 'jitterMs', '0 to 2000', (ms) => ms >= 0 && ms <= 2_000);
    this.#noise = noise && noiseOf(noise, seededRandom(seed));
    this.#loses = lossOf(loss, seededRandom(seed + 1));
    const random = seededRandom(seed + 2);
    this.#lateMs = jitterMs === 0 ? () => 0 : () => random() * jitterMs;
  }

  /** What becomes of a frame; undefined is silence. */
  pass(frame: Int16Array | undefined): Int16Array | undefined {
    const isLost = this.#loses();
    if (!this.#noise) return isLost ? undefined : frame;
    const noisy = frame ?? new Int16Array(FRAME_SAMPLES);
    this.#noise(noisy); // goes on while frames are lost
    return isLost ? undefined : noisy;
  }

  /** When a frame that is sent now arrives: as late as chance has it, and behind the one before. */
  arrivalMs(nowMs: number): number {
    this.#lastAtMs = Math.max(this.#lastAtMs, nowMs + this.#lateMs());
    return this.#lastAtMs;
  }
}

function check(value: number, name: string, expected: string, isGood: (value: number) => boolean): void {
  if (Number.isFinite(value) && isGood(value)) return;
  throw new VoiceError('options-invalid', `Expected \`conditions.${name}\` to be ${expected}, got ${value}`);
}

/** Over this, as a root mean square of a few samples, is the voice and not the noise. */
export function quietLevelOf({ noise }: LineConditions = {}): number {
  if (!noise) return 0;
  return 1.6 * rmsOf(noise) * (noise.kind === 'street' ? 10 ** (SWELL_DB / 20) : 1);
}

const rmsOf = ({ snrDb }: { snrDb: number }): number => VOICE_RMS / 10 ** (snrDb / 20);

/** A rumble loses this share of its highs from one sample to the next. */
const RUMBLE = 0.9;
/** Its swells, in seconds and dB. */
const SWELL_SECONDS = 6;
const SWELL_DB = 5;

function noiseOf(
  { snrDb, kind = 'white' }: NonNullable<LineConditions['noise']>,
  random: Random,
): (frame: Int16Array) => void {
  const peak = rmsOf({ snrDb }) * Math.sqrt(3); // of a uniform noise
  if (kind === 'white') return (frame) => add(frame, () => (2 * random() - 1) * peak);
  const gain = Math.sqrt((1 + RUMBLE) / (1 - RUMBLE)); // what the filter takes of the loudness
  let last = 0;
  let samples = 0;
  return (frame) => {
    const swell = Math.sin((2 * Math.PI * samples) / (SWELL_SECONDS * 8_000));
    const level = peak * gain * 10 ** ((SWELL_DB * swell) / 20);
    samples += frame.length;
    add(frame, () => {
      last = RUMBLE * last + (1 - RUMBLE) * (2 * random() - 1);
      return last * level;
    });
  };
}

function add(frame: Int16Array, next: () => number): void {
  for (let at = 0; at < frame.length; at++)
    frame[at] = Math.max(-32_768, Math.min(32_767, Math.round(frame[at]! + next())));
}

/** Two states, as Gilbert's model has it: in the bad one every frame is lost. */
function lossOf({ share, burstMs = FRAME_MS }: NonNullable<LineConditions['loss']> = { share: 0 }, random: Random) {
  if (share === 0) return () => false;
  const leaves = FRAME_MS / burstMs;
  const enters = share >= 1 ? 1 : Math.min(1, (share * leaves) / (1 - share));
  let isLosing = random() < share;
  return () => {
    const isLost = isLosing;
    isLosing = random() < (isLosing ? 1 - (share >= 1 ? 0 : leaves) : enters);
    return isLost;
  };
}
