/**
 * What the caller has heard of the audio that was sent down the line. The peer plays what it was given in real time, one
 * piece behind the other, and falls silent when there is none: so the time of sending says what is heard when. Marks
 * that come back prove more than that, or show that the peer is behind; a peer that counts what it has played is believed
 * above all. Holds no audio and no clock; positions are samples of a track, a track is the audio of one utterance.
 */
import { PlayedCount } from './played-count.ts';

export interface PlayoutOptions {
  sampleRateHz: number;
  /** How long the peer takes from the arrival of audio in a silent line to its sound, before marks tell. */
  lineDelayMs: number;
  /** The peer counts the samples that it has played. Default false. */
  isCounted?: boolean;
}

/** Audio of one track that plays without a gap. */
interface Run {
  track: number;
  fromSample: number;
  toSample: number;
  /** When its first sample begins to sound, by the time of sending. */
  atMs: number;
  /** How many samples were sent before its first, since the last cut. */
  atSample: number;
}

interface Mark {
  number: number;
  track: number;
  /** Everything of the track before it has been played when the mark comes back. */
  sample: number;
  expectedMs: number;
}

/** Jitter of the network that says nothing about the peer. */
const JITTER_MS = 80;
/** More delay than this between a mark's time and its echo is the way, not the peer's buffer. */
const MOST_DELAY_MS = 150;
/** A mark that is so late is lost. */
const LOST_MARK_MS = 1_000;
/** A peer that has lost so many and never returned one does not return marks, whatever it promised. */
const MOST_LOST = 2;

export class Playout {
  readonly #options: PlayoutOptions;
  readonly #count: PlayedCount<readonly Run[]> | undefined;
  #runs: Run[] = [];
  #endMs = -Infinity;
  /** Since the last cut, silence included. */
  #sentSamples = 0;
  #marks: Mark[] = [];
  #generation = 0;
  #nextMark = 1;
  /** What marks that came back have proved. */
  #proven = new Map<number, number>();
  /** The shortest time from a mark's due time to its echo: the way there and back, and the peer's own delay. */
  #echoMs: number | undefined;
  /** How far the peer was behind when the last mark came back. */
  #behindMs = 0;
  #lost = 0;

  constructor(options: PlayoutOptions) {
    this.#options = options;
    this.#count = options.isCounted ? new PlayedCount() : undefined;
  }

  /** When the line falls silent if nothing more is sent. In the past when it is silent. */
  get endMs(): number {
    return this.#endMs;
  }

  /** `count` samples of `track` from `fromSample` on were sent at `nowMs`. */
  sent(track: number, fromSample: number, count: number, nowMs: number): void {
    const last = this.#runs.at(-1);
    const isGapless = this.#endMs >= nowMs;
    const atSample = this.#sentSamples;
    const atMs = this.#advance(count, nowMs);
    const isNext = last?.track === track && last.toSample === fromSample;
    // no gap, and no silence of ours in between
    const isSeamless = isGapless && isNext && last.atSample + last.toSample - last.fromSample === atSample;
    if (isSeamless) last.toSample += count;
    else this.#runs.push({ track, fromSample, toSample: fromSample + count, atMs, atSample });
  }

  /** Silence was sent: to keep a line going that we pace, or to fill up what is too short. */
  sentSilence(count: number, nowMs: number): void {
    this.#advance(count, nowMs);
  }

  /** Returns when the first of these samples sounds. */
  #advance(count: number, nowMs: number): number {
    const atMs = Math.max(nowMs, this.#endMs);
    this.#count?.sent(count, this.#endMs < nowMs ? nowMs : undefined);
    this.#endMs = atMs + (count * 1_000) / this.#options.sampleRateHz;
    this.#sentSamples += count;
    return atMs;
  }

  /** A mark goes out behind everything sent. Returns its name. */
  mark(track: number, sample: number): string {
    const number = this.#nextMark++;
    this.#marks.push({ number, track, sample, expectedMs: this.#endMs });
    return `p${this.#generation}:${number}`;
  }

  /** A mark came back. Returns whether it is one of ours, and no answer to a clear. */
  echo(name: string, nowMs: number): boolean {
    const match = /^p(\d+):(\d+)$/.exec(name);
    if (!match || Number(match[1]) !== this.#generation) return false;
    const index = this.#marks.findIndex(({ number }) => number === Number(match[2]));
    if (index < 0) return false;
    for (const mark of this.#marks.splice(0, index + 1)) {
      this.#proven.set(mark.track, Math.max(mark.sample, this.#proven.get(mark.track) ?? 0));
      const lateMs = Math.max(0, nowMs - mark.expectedMs);
      this.#lost = 0;
      this.#echoMs = Math.min(lateMs, this.#echoMs ?? Infinity);
      this.#behindMs = Math.max(0, lateMs - this.#echoMs - JITTER_MS);
    }
    return true;
  }

  /** Whether a mark of this track is still to come back. */
  isAwaited(track: number): boolean {
    return this.#lost < MOST_LOST && this.#marks.some((mark) => mark.track === track);
  }

  /** Marks that have been waited for too long are not waited for any more. */
  dropLostMarks(nowMs: number): void {
    const first = this.#marks[0];
    if (!first || nowMs - first.expectedMs < LOST_MARK_MS + (this.#echoMs ?? 0)) return;
    if (this.#echoMs === undefined) this.#lost++;
    this.#marks.length = 0;
    this.#behindMs = 0;
  }

  /** The peer has told how many samples it has played in all. */
  played(samples: number, nowMs: number): void {
    this.#count?.told(samples, nowMs);
  }

  /** The line takes nothing for now, or does again: a peer that counts may be silent meanwhile. */
  hold(isHeld: boolean, nowMs: number): void {
    this.#count?.hold(isHeld, nowMs);
  }

  /** The same, in answer to a clear. Returns how many samples were heard of the tracks that were sent before it. */
  cleared(samples: number, nowMs: number): Map<number, number> {
    const { stretch, played } = this.#count?.cleared(samples, nowMs) ?? { stretch: [], played: 0 };
    const heard = new Map<number, number>();
    for (const run of stretch) {
      if (played > run.atSample) heard.set(run.track, positionIn(run, played - run.atSample));
    }
    return heard;
  }

  /** The peer may have audio that it has not played. `slackMs`: so much later than by the time of sending. */
  holdsAudio(nowMs: number, slackMs: number): boolean {
    return this.#endMs + slackMs > nowMs || this.#count?.holdsAudio(nowMs) === true;
  }

  /** How many samples of `track` have been heard at `nowMs`: rather too few than too many. */
  heard(track: number, nowMs: number): number {
    if (this.#count && !this.#count.isLost(nowMs)) return this.#counted(track, this.#count.played(nowMs));
    return this.#position(track, nowMs - this.#delayMs - this.#lagMs(nowMs));
  }

  /**
   * How many samples of `track` will have been heard when a clear that is sent at `nowMs` has stopped it: the way to the
   * peer delays audio and clear alike. A peer that counts will say so itself.
   */
  cutPosition(track: number, nowMs: number): number {
    return this.#position(track, nowMs - this.#lagMs(nowMs));
  }

  #counted(track: number, played: number): number {
    const run = this.#runs.findLast((other) => other.track === track && played > other.atSample);
    return run ? positionIn(run, played - run.atSample) : this.#firstSample(track);
  }

  #position(track: number, atMs: number): number {
    const proven = this.#proven.get(track) ?? 0;
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i]!;
      if (run.track !== track || atMs <= run.atMs) continue;
      const played = Math.floor(((atMs - run.atMs) * this.#options.sampleRateHz) / 1_000);
      return Math.max(proven, positionIn(run, played));
    }
    return Math.max(proven, this.#firstSample(track));
  }

  /** What is forgotten of a track that is over. */
  forget(track: number): void {
    this.#runs = this.#runs.filter((run) => run.track !== track);
    this.#marks = this.#marks.filter((mark) => mark.track !== track);
    this.#proven.delete(track);
  }

  /** What comes next sounds at once. `isTold`: the peer was told to throw away what it has not played; else it had none. */
  cut(nowMs: number, isTold = true): void {
    this.#generation++;
    if (isTold) {
      this.#count?.cut(this.#runs, nowMs);
      this.#sentSamples = 0;
    }
    this.#runs = [];
    this.#marks.length = 0;
    this.#proven.clear();
    this.#endMs = -Infinity;
  }

  /** From sending to sounding. Half of what an echo takes is the best guess at it. */
  get #delayMs(): number {
    return this.#echoMs === undefined ? this.#options.lineDelayMs : Math.min(this.#echoMs / 2, MOST_DELAY_MS);
  }

  /** The peer is at least as far behind as the oldest mark is overdue. */
  #lagMs(nowMs: number): number {
    const first = this.#marks[0];
    if (!first || this.#echoMs === undefined) return this.#behindMs;
    return Math.max(this.#behindMs, nowMs - first.expectedMs - this.#echoMs - JITTER_MS, 0);
  }

  #firstSample(track: number): number {
    return this.#runs.find((run) => run.track === track)?.fromSample ?? 0;
  }
}

/** Where in its track the line is, `samples` into a run. */
function positionIn({ fromSample, toSample }: Run, samples: number): number {
  return Math.min(toSample, fromSample + samples);
}
