/**
 * The agent's audio on its way down the line: tracks, one for each utterance, played strictly one behind the other. Sent
 * a little ahead of real time, so that a late beat is not heard and a clear is quick; paused, gone on with at the very
 * sample, cleared; and at every instant the answer to "how much of this has the caller heard?". Time is an argument.
 */
import { bytesOf, bytesPerSample, FRAME_MS } from '../audio/contract.ts';
import { Feeder, nextToSend, type AudioSink, type SinkCapabilities } from './feeder.ts';
import { Playout } from './playout.ts';
import { Track } from './track.ts';

export interface PlaybackListener {
  /** The first audio of this track is about to be sent: whether it may be. Asked again at the next beat, if not. */
  mayStart?(track: number): boolean;
  /** The caller begins to hear this track. */
  started(track: number): void;
  /** The caller has heard all of it, and it is over. Called for a track without audio as well. */
  ended(track: number): void;
}

export interface PlaybackOptions {
  sink: AudioSink;
  capabilities: SinkCapabilities;
  /** How far ahead of real time audio is sent, when the peer buffers. */
  leadMs: number;
  /** The peer's own delay between arrival and sound, before marks tell. Default one frame. */
  lineDelayMs?: number;
}

/** The peer may still hold audio for so long after it should have played it all. */
const CLEAR_SLACK_MS = 500;
/** A peer that counts says what was heard until a clear within this; else what we know is gone by. */
const CLEARED_WAIT_MS = 500;
/** What has been heard for less than this has just begun. */
const JUST_BEGUN_MS = 150;
const NO_TRACKS: readonly Track[] = [];

export class Playback {
  readonly #sink: AudioSink;
  readonly #capabilities: SinkCapabilities;
  readonly #listener: PlaybackListener;
  readonly #playout: Playout;
  readonly #feeder: Feeder;
  readonly #bytesPerMs: number;
  readonly #sampleBytes: number;
  #tracks: Track[] = [];
  #isPaused = false;
  /** What there is may never be heard. */
  #isHeldBack = false;
  /** What has just begun waits, for somebody else may be beginning. */
  #isGivingWay = false;
  /** Until when nothing is sent again of what was taken back, for the peer is about to say how much of it was heard. */
  #uncertainUntilMs: number | undefined;

  constructor({ sink, capabilities, leadMs, lineDelayMs = FRAME_MS }: PlaybackOptions, listener: PlaybackListener) {
    const { outFormat, feed, reports } = capabilities;
    this.#sink = sink;
    this.#capabilities = capabilities;
    this.#listener = listener;
    this.#sampleBytes = bytesPerSample(outFormat);
    this.#bytesPerMs = (this.#sampleBytes * outFormat.sampleRateHz) / 1_000;
    this.#playout = new Playout({
      sampleRateHz: outFormat.sampleRateHz,
      lineDelayMs: feed.pacing === 'us' ? 0 : lineDelayMs,
      isCounted: reports === 'samples',
    });
    this.#feeder = new Feeder({ sink, capabilities, leadMs, playout: this.#playout });
  }

  /** Whether a beat would do anything: something is to be sent, or has not been heard. */
  get needsBeat(): boolean {
    return this.#isPacing || this.#tracks.length > 0;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Since the tracks that there are were opened, some of their sound has been sent. */
  get hasSounded(): boolean {
    return this.#feeder.hasSounded;
  }

  /** For how long nothing has been on its way to the caller that should be; 0 when something is, or nothing should. */
  quietMs(nowMs: number): number {
    return this.#isPaused || this.#isHeldBack || this.#tracks.length === 0 ? 0 : this.#feeder.quietMs(nowMs);
  }

  /** A new track, behind all others; `isAhead`: before the one that is to be sent next. */
  open(track: number, isAhead = false): void {
    if (this.#tracks.length === 0) this.#feeder.restart();
    const next = isAhead ? nextToSend(this.#tracks) : undefined;
    this.#tracks.splice(next ? this.#tracks.indexOf(next) : this.#tracks.length, 0, new Track(track));
  }

  /** More of a track, in the line's format. The bytes are kept, and must not change. */
  push(track: number, bytes: Uint8Array, nowMs: number): void {
    const found = this.#find(track);
    if (!found || bytes.length === 0) return;
    if (found.isOver && this.#isPassed(found)) return; // late, and the next one is already on the line
    found.push(bytes);
    this.#sendAhead(nowMs); // the first sound does not wait for a beat
  }

  /** The track is whole. */
  end(track: number, nowMs: number): void {
    const found = this.#find(track);
    if (!found) return;
    found.isOver = true;
    if (found.isSent) this.#feeder.ended(found);
    this.#sendAhead(nowMs);
  }

  /** Up to where the audio of a track cannot be changed any more, in milliseconds: it was heard, or cannot be taken back. */
  fixedMs(track: number, nowMs: number): number {
    const found = this.#find(track);
    if (!found) return 0;
    if (!this.#canTakeBack) return found.sentTo / this.#bytesPerMs;
    const latest = this.#playout.cutPosition(track, nowMs) * this.#sampleBytes;
    return Math.max(found.heardTo, Math.min(latest, found.sentTo)) / this.#bytesPerMs;
  }

  /** Throws away the audio of a track from `ms` on, so that it can come anew; what is fixed stays. */
  cut(track: number, ms: number, nowMs: number): void {
    const found = this.#find(track);
    if (!found || found.isOver) return;
    const length = bytesOf(ms, this.#capabilities.outFormat);
    if (length < found.sentTo && this.#canTakeBack && !this.#isPaused) {
      this.#takeBack(nowMs);
      this.#feeder.goOn();
    }
    found.cut(length);
    this.#sendAhead(nowMs);
  }

  /** Every 20 ms: sends what is due, and tells what has begun and what is over. */
  beat(nowMs: number): void {
    this.#feed(nowMs);
    this.#tell(nowMs);
  }

  /** A mark came back from the peer. */
  mark(name: string, nowMs: number): void {
    if (this.#playout.echo(name, nowMs)) this.#tell(nowMs);
  }

  /** The peer has told how many samples it has played in all. */
  played(samples: number, nowMs: number): void {
    this.#playout.played(samples, nowMs);
    this.#tell(nowMs);
  }

  /** The same, in answer to a clear: what was taken back goes on behind what was heard of it. */
  cleared(samples: number, nowMs: number): void {
    const heard = this.#playout.cleared(samples, nowMs);
    for (const track of this.#tracks) {
      const heardTo = (heard.get(track.id) ?? 0) * this.#sampleBytes;
      if (track.sentTo === track.heardTo) track.sentTo = Math.max(track.sentTo, Math.min(heardTo, track.length));
      track.hear(heardTo);
      track.markedTo = Math.max(track.markedTo, track.heardTo);
    }
    this.#uncertainUntilMs = undefined;
    this.#sendAhead(nowMs);
    this.#tell(nowMs);
  }

  /** The line takes nothing for now, or does again. */
  setFull(isFull: boolean, nowMs: number): void {
    this.#playout.hold(isFull, nowMs);
    this.#feeder.setFull(isFull, nowMs);
    if (!isFull) this.#sendAhead(nowMs);
  }

  /** How much of `track` the caller has heard, in milliseconds of its audio. */
  heardMs(track: number, nowMs: number): number {
    const found = this.#find(track);
    if (!found) return 0;
    this.#hear(found, nowMs);
    return found.heardTo / this.#bytesPerMs;
  }

  /** Tracks of which nothing has been heard to the end, in their order. */
  get tracks(): number[] {
    return this.#tracks.map(({ id }) => id);
  }

  /** Silence now; what the peer holds is taken back and sent again on `resume`. */
  pause(nowMs: number): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#takeBack(nowMs);
  }

  resume(nowMs: number): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#feeder.goOn();
    this.#feeder.quietFrom(nowMs);
    this.#sendAhead(nowMs);
  }

  /**
   * Somebody else may be beginning to speak, or is not: what has just begun falls silent until that is known. What has been heard
   * for longer goes on.
   */
  giveWay(isDoubtful: boolean, nowMs: number): void {
    if (isDoubtful === this.#isGivingWay || (isDoubtful && !this.#hasJustBegun(nowMs))) return;
    this.#isGivingWay = isDoubtful;
    if (this.#isPaused) return;
    if (isDoubtful) return this.#takeBack(nowMs);
    this.#feeder.goOn();
    this.#sendAhead(nowMs);
  }

  #hasJustBegun(nowMs: number): boolean {
    const [track] = this.#tracks;
    if (!track || this.#isPaused || track.sentTo === 0) return false;
    return this.#playout.heard(track.id, nowMs) * this.#sampleBytes < JUST_BEGUN_MS * this.#bytesPerMs;
  }

  /** Nothing is sent before it is let go. Only while nothing is to be heard. */
  holdBack(): void {
    this.#isHeldBack = true;
  }

  letGo(nowMs: number): void {
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    this.#feeder.quietFrom(nowMs);
    this.#sendAhead(nowMs);
  }

  /** A track of which nothing was sent will never be heard. */
  drop(track: number): void {
    this.#isHeldBack = false;
    this.#tracks = this.#tracks.filter(({ id }) => id !== track);
    this.#playout.forget(track);
  }

  /** Silence now, and nothing is left. What was heard must be asked for before, after a `pause`. */
  clear(nowMs: number): void {
    this.pause(nowMs);
    for (const track of this.#tracks) this.#playout.forget(track.id);
    this.#tracks = [];
    this.#isPaused = this.#isHeldBack = this.#isGivingWay = false;
    this.#uncertainUntilMs = undefined;
  }

  // ---- sending ------------------------------------------------------------------------------------------------------

  /** To a peer that buffers, what there is goes out at once; on a line that we pace it waits for its beat. */
  #sendAhead(nowMs: number): void {
    if (!this.#isPacing) this.#feed(nowMs);
  }

  #feed(nowMs: number): void {
    const isUncertain = this.#uncertainUntilMs !== undefined && nowMs < this.#uncertainUntilMs;
    const isHeld = isUncertain || this.#isPaused || this.#isHeldBack || this.#isGivingWay;
    const mayGoOn = !isHeld && this.#mayStart() && !this.#isPaused;
    this.#feeder.feed(mayGoOn ? this.#tracks : NO_TRACKS, nowMs);
  }

  /** Whoever is asked may pause us, or clear. */
  #mayStart(): boolean {
    const track = nextToSend(this.#tracks);
    if (!track || track.sentTo > 0 || track.length === 0) return true;
    return this.#listener.mayStart?.(track.id) ?? true;
  }

  get #isPacing(): boolean {
    return this.#capabilities.feed.pacing === 'us';
  }

  // ---- hearing ------------------------------------------------------------------------------------------------------

  #hear(track: Track, nowMs: number): void {
    track.hear(this.#playout.heard(track.id, nowMs) * this.#sampleBytes);
  }

  #tell(nowMs: number): void {
    this.#playout.dropLostMarks(nowMs);
    for (let track = this.#tracks[0]; track; track = this.#tracks[0]) {
      this.#hear(track, nowMs);
      if (!track.hasStarted && track.heardTo > 0) {
        track.hasStarted = true;
        this.#listener.started(track.id);
        if (this.#tracks[0] !== track) continue; // the listener cleared us
      }
      if (!track.isOver || track.heardTo < track.length) return;
      const next = this.#tracks[1];
      const isPassed = next !== undefined && this.#playout.heard(next.id, nowMs) > 0;
      if (this.#playout.isAwaited(track.id) && !isPassed) return;
      this.#tracks.shift();
      this.#playout.forget(track.id);
      this.#listener.ended(track.id);
    }
  }

  /** What the caller has not heard is unsent again, where the peer can be told so. */
  #takeBack(nowMs: number): void {
    if (!this.#canTakeBack) {
      for (const track of this.#tracks) track.hear(track.sentTo);
      return;
    }
    for (const track of this.#tracks) track.hear(this.#cutPosition(track, nowMs));
    const mayHoldAudio = this.#playout.holdsAudio(nowMs, CLEAR_SLACK_MS);
    this.#playout.cut(nowMs, mayHoldAudio);
    this.#feeder.takenBack();
    for (const track of this.#tracks) track.takeBack();
    if (!mayHoldAudio) return;
    if (this.#isCounted) this.#uncertainUntilMs = nowMs + CLEARED_WAIT_MS;
    this.#sink.clear();
  }

  /** Where a track stands if the line is silenced now, in bytes: of a peer that counts, what it has said so far. */
  #cutPosition(track: Track, nowMs: number): number {
    const { id } = track;
    const samples = this.#isCounted ? this.#playout.heard(id, nowMs) : this.#playout.cutPosition(id, nowMs);
    return samples * this.#sampleBytes;
  }

  get #isCounted(): boolean {
    return this.#capabilities.reports === 'samples';
  }

  /** The peer holds audio that it has not played, and can be told to throw it away. */
  get #canTakeBack(): boolean {
    return !this.#isPacing && this.#capabilities.clear;
  }

  #isPassed(track: Track): boolean {
    return this.#tracks.slice(this.#tracks.indexOf(track) + 1).some(({ sentTo }) => sentTo > 0);
  }

  #find(track: number): Track | undefined {
    return this.#tracks.find(({ id }) => id === track);
  }
}
