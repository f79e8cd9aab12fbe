/**
 * The agent's audio on its way down the line: tracks, one for each utterance, played strictly one behind the other. Sent
 * a little ahead of real time, so that a late beat is not heard and a clear is quick; paused, gone on with at the very
 * sample, cleared; and at every instant the answer to "how much of this has the caller heard?". Time is an argument.
 */
import { bytesPerSample, FRAME_MS, type AudioFormat } from '../audio/contract.ts';
import { ALAW_SILENCE, MULAW_SILENCE } from '../audio/g711.ts';
import { Playout } from './playout.ts';

/** The way out. `BridgeCall` is one. */
export interface AudioSink {
  /** Plays behind everything sent before. The bytes are not changed afterwards. */
  sendAudio(audio: Uint8Array): void;
  /** Asks to be told when everything sent so far has been played. */
  sendMark(name: string): void;
  /** Throws away what the peer has not played. */
  clear(): void;
}

/** What `BridgeCapabilities` says of the way out. */
export interface SinkCapabilities {
  outFormat: AudioFormat;
  /** `us`: one frame each 20 ms goes out as long as the line is open, silence if there is nothing else. */
  pacing: 'peer' | 'us';
  clear: boolean;
  marks: boolean;
}

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

interface Track {
  id: number;
  /** In order; `at` is the offset of its first byte in the track. */
  chunks: { bytes: Uint8Array; at: number }[];
  /** All in bytes of the track. */
  length: number;
  sentTo: number;
  /** At least; grows when asked. */
  heardTo: number;
  markedTo: number;
  isOver: boolean;
  hasStarted: boolean;
}

/** Messages to a peer that buffers: few enough to be cheap, short enough for a quick clear. */
const LEAST_MESSAGE_MS = 100;
const MOST_MESSAGE_MS = 200;
/** A mark at least this often. */
const MARK_EVERY_MS = 500;
/** After the line ran dry, so much audio is gathered before it goes on, or a slow synthesizer would be heard as stutter. */
const RESTART_MS = 100;
/** The peer may still hold audio for so long after it should have played it all. */
const CLEAR_SLACK_MS = 500;
/** Due within this of the beat counts as due: timers are not exact. */
const BEAT_SLACK_MS = 2;

export class Playback {
  readonly #sink: AudioSink;
  readonly #capabilities: SinkCapabilities;
  readonly #leadMs: number;
  readonly #listener: PlaybackListener;
  readonly #playout: Playout;
  readonly #bytesPerMs: number;
  readonly #sampleBytes: number;
  readonly #frameBytes: number;
  readonly #silence: Uint8Array;
  #tracks: Track[] = [];
  #isPaused = false;
  /** The next audio goes on where a pause stopped, however little there is of it. */
  #isResuming = false;
  /** When the last sound that was sent ends; undefined until something was sent or looked for. */
  #soundUntilMs: number | undefined;
  #hasSounded = false;

  constructor({ sink, capabilities, leadMs, lineDelayMs = FRAME_MS }: PlaybackOptions, listener: PlaybackListener) {
    this.#sink = sink;
    this.#capabilities = capabilities;
    this.#listener = listener;
    const { sampleRateHz } = capabilities.outFormat;
    this.#sampleBytes = bytesPerSample(capabilities.outFormat);
    this.#bytesPerMs = (this.#sampleBytes * sampleRateHz) / 1_000;
    this.#frameBytes = this.#wholeSamples(FRAME_MS);
    this.#silence = new Uint8Array(this.#frameBytes).fill(silenceOf(capabilities.outFormat));
    this.#leadMs = capabilities.pacing === 'us' ? 0 : leadMs;
    this.#playout = new Playout({ sampleRateHz, lineDelayMs: capabilities.pacing === 'us' ? 0 : lineDelayMs });
  }

  /** Whether a beat would do anything: something is to be sent, or has not been heard. */
  get needsBeat(): boolean {
    return this.#capabilities.pacing === 'us' || this.#tracks.length > 0;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Since the tracks that there are were opened, some of their sound has been sent. */
  get hasSounded(): boolean {
    return this.#hasSounded;
  }

  /** For how long nothing has been on its way to the caller that should be; 0 when something is, or nothing should. */
  quietMs(nowMs: number): number {
    if (this.#isPaused || this.#tracks.length === 0) return 0;
    this.#soundUntilMs ??= nowMs;
    return Math.max(0, nowMs - this.#soundUntilMs);
  }

  /** A new track, behind all others; `isAhead`: before the one that is to be sent next. */
  open(track: number, isAhead = false): void {
    if (this.#tracks.length === 0) {
      this.#soundUntilMs = undefined;
      this.#hasSounded = false;
    }
    const next = isAhead ? this.#nextToSend() : undefined;
    this.#tracks.splice(next ? this.#tracks.indexOf(next) : this.#tracks.length, 0, {
      id: track,
      chunks: [],
      length: 0,
      sentTo: 0,
      heardTo: 0,
      markedTo: 0,
      isOver: false,
      hasStarted: false,
    });
  }

  /** More of a track, in the line's format. The bytes are kept, and must not change. */
  push(track: number, bytes: Uint8Array, nowMs: number): void {
    const found = this.#find(track);
    if (!found || bytes.length === 0) return;
    if (found.isOver && this.#isPassed(found)) return; // late, and the next one is already on the line
    found.chunks.push({ bytes, at: found.length });
    found.length += bytes.length;
    if (this.#capabilities.pacing === 'peer') this.#sendAhead(nowMs); // the first sound does not wait for a beat
  }

  /** The track is whole. */
  end(track: number, nowMs: number): void {
    const found = this.#find(track);
    if (!found) return;
    found.isOver = true;
    if (found.sentTo === found.length && found.markedTo < found.sentTo) this.#mark(found);
    if (this.#capabilities.pacing === 'peer') this.#sendAhead(nowMs);
  }

  /** Up to where the audio of a track cannot be changed any more, in milliseconds: it was heard, or cannot be taken back. */
  fixedMs(track: number, nowMs: number): number {
    const found = this.#find(track);
    if (!found) return 0;
    return (this.#canTakeBack ? this.#cutPosition(found, nowMs) : found.sentTo) / this.#bytesPerMs;
  }

  /** Throws away the audio of a track from `ms` on, so that it can come anew; what is fixed stays. */
  cut(track: number, ms: number, nowMs: number): void {
    const found = this.#find(track);
    if (!found || found.isOver) return;
    const length = this.#wholeSamples(ms);
    if (length < found.sentTo && this.#canTakeBack && !this.#isPaused) {
      this.#takeBack(nowMs);
      this.#isResuming = true;
    }
    found.length = Math.min(found.length, Math.max(found.sentTo, length));
    found.chunks = found.chunks
      .filter(({ at }) => at < found.length)
      .map(({ bytes, at }) => ({ bytes: bytes.subarray(0, found.length - at), at }));
    if (this.#capabilities.pacing === 'peer') this.#sendAhead(nowMs);
  }

  /** Every 20 ms: sends what is due, and tells what has begun and what is over. */
  beat(nowMs: number): void {
    if (this.#capabilities.pacing === 'us') this.#sendFrames(nowMs);
    else this.#sendAhead(nowMs);
    this.#tell(nowMs);
  }

  /** A mark came back from the peer. */
  mark(name: string, nowMs: number): void {
    if (this.#playout.echo(name, nowMs)) this.#tell(nowMs);
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
    this.#isResuming = true;
    this.#soundUntilMs = nowMs;
    if (this.#capabilities.pacing === 'peer') this.#sendAhead(nowMs);
  }

  /** Silence now, and nothing is left. What was heard must be asked for before, after a `pause`. */
  clear(nowMs: number): void {
    if (!this.#isPaused) this.#takeBack(nowMs);
    for (const track of this.#tracks) this.#playout.forget(track.id);
    this.#tracks = [];
    this.#isPaused = false;
  }

  // ---- sending ------------------------------------------------------------------------------------------------------

  /** To a peer that buffers: as far ahead as the lead allows, in messages of some length. */
  #sendAhead(nowMs: number): void {
    if (this.#isPaused) return;
    for (;;) {
      const track = this.#nextToSend();
      if (!track || !this.#mayStart(track)) return;
      const aheadMs = Math.max(0, this.#playout.endMs - nowMs);
      const wanted = this.#wholeSamples(Math.min(MOST_MESSAGE_MS, this.#leadMs - aheadMs));
      const waiting = track.length - track.sentTo;
      const isTail = track.isOver && waiting <= wanted;
      const length = isTail ? waiting : Math.min(wanted, waiting - (waiting % this.#frameBytes));
      if (length <= 0) return;
      if (aheadMs === 0) {
        const ranDry = track.sentTo > 0 && !this.#isResuming;
        if (ranDry && !track.isOver && waiting < RESTART_MS * this.#bytesPerMs) return;
      } else if (aheadMs > this.#leadMs - Math.min(LEAST_MESSAGE_MS, this.#leadMs / 2)) return;
      this.#isResuming = false;
      this.#send(track, length, nowMs);
    }
  }

  /** Whoever is asked may pause us, or clear: then nothing is sent. */
  #mayStart(track: Track): boolean {
    if (track.sentTo > 0 || track.length === 0) return true;
    const mayStart = this.#listener.mayStart?.(track.id) ?? true;
    return mayStart && !this.#isPaused && this.#tracks.includes(track);
  }

  /** To a peer that plays what comes when it comes: a frame each beat, and silence when there is none. */
  #sendFrames(nowMs: number): void {
    while (this.#playout.endMs <= nowMs + BEAT_SLACK_MS) {
      const next = this.#isPaused ? undefined : this.#nextToSend();
      const track = next && this.#mayStart(next) ? next : undefined;
      const waiting = track ? track.length - track.sentTo : 0;
      if (track && waiting >= this.#frameBytes) this.#send(track, this.#frameBytes, this.#dueMs(nowMs));
      else if (track?.isOver) this.#sendTail(track, waiting, nowMs);
      else {
        this.#sink.sendAudio(this.#silence);
        this.#playout.sentSilence(this.#frameBytes / this.#sampleBytes, this.#dueMs(nowMs));
      }
    }
  }

  /** When the frame that is due belongs on the line: behind the last one, unless beats were missed for long. */
  #dueMs(nowMs: number): number {
    const { endMs } = this.#playout;
    return nowMs - endMs > MOST_MESSAGE_MS ? nowMs : Math.min(endMs, nowMs);
  }

  /** The last part of a track that we pace, filled up with silence to a frame. */
  #sendTail(track: Track, waiting: number, nowMs: number): void {
    const frame = this.#silence.slice();
    frame.set(this.#slice(track, waiting));
    this.#sink.sendAudio(frame);
    const dueMs = this.#dueMs(nowMs);
    this.#playout.sent(track.id, track.sentTo / this.#sampleBytes, waiting / this.#sampleBytes, dueMs);
    this.#playout.sentSilence((this.#frameBytes - waiting) / this.#sampleBytes, dueMs);
    track.sentTo += waiting;
    this.#noteSound();
    this.#mark(track);
  }

  #send(track: Track, length: number, nowMs: number): void {
    this.#sink.sendAudio(this.#slice(track, length));
    this.#playout.sent(track.id, track.sentTo / this.#sampleBytes, length / this.#sampleBytes, nowMs);
    track.sentTo += length;
    this.#noteSound();
    const isTail = track.isOver && track.sentTo === track.length;
    if (isTail || track.sentTo - track.markedTo >= MARK_EVERY_MS * this.#bytesPerMs) this.#mark(track);
  }

  #noteSound(): void {
    this.#soundUntilMs = this.#playout.endMs;
    this.#hasSounded = true;
  }

  #mark(track: Track): void {
    if (!this.#capabilities.marks) return;
    track.markedTo = track.sentTo;
    this.#sink.sendMark(this.#playout.mark(track.id, track.sentTo / this.#sampleBytes));
  }

  /** The next bytes of a track: a view where they lie in one piece. */
  #slice(track: Track, length: number): Uint8Array {
    let index = 0;
    while (track.chunks[index]!.at + track.chunks[index]!.bytes.length <= track.sentTo) index++;
    const first = track.chunks[index]!;
    const from = track.sentTo - first.at;
    if (from + length <= first.bytes.length) return first.bytes.subarray(from, from + length);
    const joined = new Uint8Array(length);
    for (let filled = 0; filled < length; index++) {
      const { bytes, at } = track.chunks[index]!;
      const start = Math.max(0, track.sentTo - at);
      const part = bytes.subarray(start, start + length - filled);
      joined.set(part, filled);
      filled += part.length;
    }
    return joined;
  }

  /** R6: the track that goes on; a track that is wholly sent lets the next one follow, without a gap. */
  #nextToSend(): Track | undefined {
    for (const track of this.#tracks) if (!track.isOver || track.sentTo < track.length) return track;
    return undefined;
  }

  // ---- hearing ------------------------------------------------------------------------------------------------------

  #hear(track: Track, nowMs: number): void {
    const heard = this.#playout.heard(track.id, nowMs) * this.#sampleBytes;
    track.heardTo = Math.max(track.heardTo, Math.min(heard, track.sentTo));
    while (track.chunks.length > 1 && track.chunks[1]!.at <= track.heardTo) track.chunks.shift();
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
    for (const track of this.#tracks) track.heardTo = this.#cutPosition(track, nowMs);
    const mayHoldAudio = this.#playout.endMs + CLEAR_SLACK_MS > nowMs;
    if (!this.#canTakeBack) {
      for (const track of this.#tracks) track.heardTo = Math.max(track.heardTo, track.sentTo);
      return;
    }
    if (mayHoldAudio) this.#sink.clear();
    this.#playout.cut();
    for (const track of this.#tracks) track.sentTo = track.markedTo = track.heardTo;
  }

  /** The peer holds audio that it has not played, and can be told to throw it away. */
  get #canTakeBack(): boolean {
    return this.#capabilities.pacing === 'peer' && this.#capabilities.clear;
  }

  /** Where a track stands if the line is silenced now, in bytes. */
  #cutPosition(track: Track, nowMs: number): number {
    const heard = this.#playout.cutPosition(track.id, nowMs) * this.#sampleBytes;
    return Math.max(track.heardTo, Math.min(heard, track.sentTo));
  }

  #isPassed(track: Track): boolean {
    return this.#tracks.slice(this.#tracks.indexOf(track) + 1).some(({ sentTo }) => sentTo > 0);
  }

  #find(track: number): Track | undefined {
    return this.#tracks.find(({ id }) => id === track);
  }

  #wholeSamples(ms: number): number {
    return Math.floor((ms * this.#bytesPerMs) / this.#sampleBytes) * this.#sampleBytes;
  }
}

function silenceOf(format: AudioFormat): number {
  if (format.encoding === 'linear16') return 0;
  return format.encoding === 'mulaw' ? MULAW_SILENCE : ALAW_SILENCE;
}
