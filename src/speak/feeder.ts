/**
 * Audio to a line, as the line wants to be fed: in messages of whole frames that are as long as it takes them, a little
 * ahead of real time where it buffers, a frame each 20 ms where it does not. What the last frame of an utterance is
 * filled up with is sound as well, and counted as such. Time is an argument.
 */
import { bytesOf, bytesPerSample, FRAME_MS } from '../audio/contract.ts';
import { silenceOf } from '../audio/g711.ts';
import type { AudioCapabilities, AudioLine } from '../bridge/contract.ts';
import { VoiceError } from '../lib/errors.ts';
import type { Playout } from './playout.ts';
import type { Track } from './track.ts';

/** The way out. An `AudioLine` is one. */
export type AudioSink = Pick<AudioLine, 'sendAudio' | 'sendMark' | 'clear'>;
/** What an `AudioLine` says of the way out. */
export type SinkCapabilities = Pick<AudioCapabilities, 'outFormat' | 'feed' | 'clear' | 'reports'>;

export interface FeederOptions {
  sink: AudioSink;
  capabilities: SinkCapabilities;
  /** How far ahead of real time audio is sent, when the peer buffers. */
  leadMs: number;
  /** Told of all that is sent. */
  playout: Playout;
}

/** A part of a message: so many bytes of a track, and whether the track is over with them. */
interface Piece {
  track: Track;
  bytes: number;
  isTail: boolean;
}

/** Messages to a peer that buffers: few enough to be cheap, short enough for a quick clear. */
const LEAST_MESSAGE_MS = 100;
const MOST_MESSAGE_MS = 200;
/** A mark at least this often. */
const MARK_EVERY_MS = 500;
/** After the line ran dry, so much audio is gathered before it goes on, or a slow synthesizer would be heard as stutter. */
const RESTART_MS = 100;
/** A message that is too short for the line waits for more until there is only this much left to hear. */
const PAD_AT_MS = 40;
/** A tail that wants silence behind it waits for the next utterance so long: it must not run dry before. */
const SILENCE_AT_MS = 100;
/** After so long a silence at the caller a line that takes sound only so fast begins to count anew. */
const PACE_BREAK_MS = 60;
/** Due within this of the beat counts as due: timers are not exact. */
const BEAT_SLACK_MS = 2;
/** On a line that we pace, after we stood still: what was missed beyond is silence that has been heard already. */
const MOST_FRAMES_AT_ONCE = 3;

export class Feeder {
  readonly #sink: AudioSink;
  readonly #capabilities: SinkCapabilities;
  readonly #leadMs: number;
  readonly #playout: Playout;
  readonly #sampleBytes: number;
  readonly #bytesPerMs: number;
  readonly #frameBytes: number;
  /** What messages are multiples of: one frame, or as many as the line wants. */
  readonly #unitBytes: number;
  readonly #leastBytes: number;
  readonly #mostBytes: number;
  readonly #silence: number;
  /** The line takes nothing for now. */
  #isFull = false;
  /** The next audio goes on where a pause stopped, however little there is of it. */
  #isResuming = false;
  /** When the last sound that was sent ends; undefined until something was sent or looked for. */
  #soundUntilMs: number | undefined;
  #hasSounded = false;
  /** On a line that we pace: when the next frame belongs on it. */
  #dueMs: number | undefined;
  /** Wholly sent, and its silence and its mark are not. */
  #owed: Track | undefined;
  /** On a line that takes sound only so fast: since when it has been sent without a break, and how much of it. */
  #pace: { fromMs: number; sentMs: number } | undefined;

  /** @throws {VoiceError} `internal`, when the line takes no message that a frame fits into. */
  constructor({ sink, capabilities, leadMs, playout }: FeederOptions) {
    const { outFormat, feed } = capabilities;
    this.#sink = sink;
    this.#capabilities = capabilities;
    this.#leadMs = leadMs;
    this.#playout = playout;
    this.#sampleBytes = bytesPerSample(outFormat);
    this.#bytesPerMs = (this.#sampleBytes * outFormat.sampleRateHz) / 1_000;
    this.#frameBytes = bytesOf(FRAME_MS, outFormat);
    const isPaced = feed.pacing === 'us';
    this.#unitBytes = isPaced ? this.#frameBytes : commonMultiple(this.#frameBytes, Math.max(1, feed.multipleOfBytes));
    this.#leastBytes = isPaced ? 0 : Math.ceil(feed.leastBytes / this.#unitBytes) * this.#unitBytes;
    const mostBytes = this.#whole(Math.min(feed.mostBytes, MOST_MESSAGE_MS * this.#bytesPerMs));
    this.#mostBytes = Math.max(mostBytes, this.#leastBytes);
    if (this.#mostBytes === 0 || this.#mostBytes > feed.mostBytes) {
      const message = `Expected a line whose messages hold ${this.#unitBytes} bytes, got one of at most ${feed.mostBytes}`;
      throw new VoiceError('internal', message);
    }
    this.#silence = silenceOf(outFormat);
  }

  /** Since the last `restart`, sound has been sent. */
  get hasSounded(): boolean {
    return this.#hasSounded;
  }

  /** For how long nothing has been on its way to the caller that should be. */
  quietMs(nowMs: number): number {
    this.#soundUntilMs ??= nowMs;
    return this.#isFull ? 0 : Math.max(0, nowMs - this.#soundUntilMs);
  }

  /** Something is to be sent after nothing was. */
  restart(): void {
    this.#soundUntilMs = undefined;
    this.#hasSounded = false;
  }

  /** What comes next goes on where it was stopped. */
  goOn(): void {
    this.#isResuming = true;
  }

  /** Nothing was to be heard until now. */
  quietFrom(nowMs: number): void {
    this.#soundUntilMs = nowMs;
  }

  /** Whether the line takes nothing for now. */
  setFull(isFull: boolean, nowMs: number): void {
    this.#isFull = isFull;
    if (!isFull) this.#soundUntilMs = Math.max(nowMs, this.#soundUntilMs ?? nowMs);
  }

  /** What was sent is taken back. */
  takenBack(): void {
    this.#owed = undefined;
    this.#pace = undefined;
  }

  /** Sends what is due of these tracks, in their order. */
  feed(tracks: readonly Track[], nowMs: number): void {
    if (this.#capabilities.feed.pacing === 'us') this.#feedFrames(tracks, nowMs);
    else this.#feedAhead(tracks, nowMs);
  }

  /** A track of which everything had been sent turns out to be whole. */
  ended(track: Track): void {
    if (track.markedTo < track.sentTo) this.#close(track);
  }

  // ---- to a peer that buffers ---------------------------------------------------------------------------------------

  /** As far ahead as the lead allows, in messages of some length. */
  #feedAhead(tracks: readonly Track[], nowMs: number): void {
    while (!this.#isFull) {
      const aheadMs = Math.max(0, this.#playout.endMs - nowMs);
      if (this.#isTooSoon(nowMs)) return this.#settleOwed(aheadMs, nowMs);
      const pieces = this.#compose(tracks, aheadMs);
      if (!pieces) return this.#settleOwed(aheadMs, nowMs);
      this.#isResuming = false;
      this.#settleMark();
      this.#send(pieces, nowMs);
    }
  }

  /** Whether the line has been sent more than its pace allows by now. */
  #isTooSoon(nowMs: number): boolean {
    const { fastest } = this.#capabilities.feed;
    if (fastest === undefined) return false;
    if (!this.#pace || nowMs - this.#playout.endMs > PACE_BREAK_MS) this.#pace = { fromMs: nowMs, sentMs: 0 };
    return this.#pace.sentMs > (nowMs - this.#pace.fromMs) * fastest;
  }

  /** The next message, when it is time for one: of one utterance, or of several where one would be too short. */
  #compose(tracks: readonly Track[], aheadMs: number): Piece[] | undefined {
    const first = nextToSend(tracks);
    if (!first || !this.#isTime(first, aheadMs)) return undefined;
    const lead = this.#whole((this.#leadMs - aheadMs) * this.#bytesPerMs);
    const wanted = Math.max(this.#unitBytes, this.#leastBytes, Math.min(this.#mostBytes, lead));
    const piece = this.#pieceOf(first, wanted, this.#unitBytes);
    if (!piece?.isTail) return piece && piece.bytes >= this.#leastBytes ? [piece] : undefined;
    return this.#isPadding ? this.#fillUp(piece, tracks, aheadMs) : [piece];
  }

  /** With what follows, a tail that makes too short a message; without it, when the line must not wait any more. */
  #fillUp(tail: Piece, tracks: readonly Track[], aheadMs: number): Piece[] | undefined {
    const pieces = [tail];
    const length = this.#lengthOf(pieces);
    let bytes = this.#padded(tail.bytes);
    for (const track of tracks.slice(tracks.indexOf(tail.track) + 1)) {
      if (bytes >= length || pieces.at(-1)?.isTail === false) break;
      const piece = this.#pieceOf(track, length - bytes, this.#frameBytes);
      if (!piece && !track.isSent) break;
      if (!piece) continue;
      pieces.push(piece);
      bytes += this.#padded(piece.bytes);
    }
    if (bytes >= length) return pieces;
    // what would be filled up in the middle of an utterance waits
    return aheadMs <= PAD_AT_MS ? pieces.filter(({ isTail }) => isTail) : undefined;
  }

  /** What there is of a track, in whole steps but for its end. */
  #pieceOf(track: Track, roomBytes: number, stepBytes: number): Piece | undefined {
    const isTail = track.isOver && track.waiting <= roomBytes;
    const most = Math.min(roomBytes, track.waiting);
    const bytes = isTail ? track.waiting : most - (most % stepBytes);
    return bytes > 0 ? { track, bytes, isTail } : undefined;
  }

  #isTime(track: Track, aheadMs: number): boolean {
    if (aheadMs === 0) {
      const ranDry = track.sentTo > 0 && !this.#isResuming;
      return !ranDry || track.isOver || track.waiting >= RESTART_MS * this.#bytesPerMs;
    }
    const step = Math.max(this.#leastBytes, Math.min(this.#mostBytes, LEAST_MESSAGE_MS * this.#bytesPerMs));
    return aheadMs <= this.#leadMs - Math.min(step / this.#bytesPerMs, this.#leadMs / 2);
  }

  // ---- to a peer that plays what comes when it comes ----------------------------------------------------------------

  /** A frame each 20 ms, and silence when there is none. Beats are counted from the first, so that no lateness adds up. */
  #feedFrames(tracks: readonly Track[], nowMs: number): void {
    this.#dueMs ??= nowMs;
    const due = Math.floor((nowMs + BEAT_SLACK_MS - this.#dueMs) / FRAME_MS) + 1;
    this.#dueMs += Math.max(0, due - MOST_FRAMES_AT_ONCE) * FRAME_MS;
    for (; this.#dueMs <= nowMs + BEAT_SLACK_MS && !this.#isFull; this.#dueMs += FRAME_MS) {
      const track = nextToSend(tracks);
      const isTail = track?.isOver === true && track.waiting <= this.#frameBytes;
      const hasFrame = track !== undefined && (isTail || track.waiting >= this.#frameBytes);
      const bytes = hasFrame ? Math.min(track.waiting, this.#frameBytes) : 0;
      // a frame that is a little late goes on with the sound that is still in the phone's own buffer
      const { endMs } = this.#playout;
      const atMs = nowMs - endMs < FRAME_MS ? Math.min(nowMs, endMs) : nowMs;
      if (hasFrame) this.#send([{ track, bytes, isTail }], atMs);
      else this.#sendSilence(this.#frameBytes, atMs);
    }
  }

  // ---- sending ------------------------------------------------------------------------------------------------------

  #send(pieces: readonly Piece[], nowMs: number): void {
    const audio = this.#message(pieces, nowMs);
    this.#soundUntilMs = this.#playout.endMs;
    this.#hasSounded = true;
    this.#sink.sendAudio(audio);
    if (this.#pace) this.#pace.sentMs += audio.length / this.#bytesPerMs;
    for (const { track, isTail } of pieces) {
      if (isTail) this.#close(track);
      else if (track.sentTo - track.markedTo >= MARK_EVERY_MS * this.#bytesPerMs) this.#mark(track);
    }
  }

  /** Takes the pieces from their tracks, and counts them: one as it lies there, more with what fills them up. */
  #message(pieces: readonly Piece[], nowMs: number): Uint8Array {
    const [first] = pieces;
    const length = this.#lengthOf(pieces);
    if (first && pieces.length === 1 && first.bytes === length) return this.#take(first, nowMs);
    const message = new Uint8Array(length).fill(this.#silence);
    let at = 0;
    for (const piece of pieces) {
      message.set(this.#take(piece, nowMs), at);
      const end = piece === pieces.at(-1) ? length : at + this.#padded(piece.bytes);
      this.#playout.sentSilence((end - at - piece.bytes) / this.#sampleBytes, nowMs);
      at = end;
    }
    return message;
  }

  /** Of a message of these pieces, with what it is filled up with. */
  #lengthOf(pieces: readonly Piece[]): number {
    const bytes = pieces.reduce((sum, piece) => sum + this.#padded(piece.bytes), 0);
    if (!this.#isPadding) return bytes;
    return Math.max(this.#leastBytes, Math.ceil(bytes / this.#unitBytes) * this.#unitBytes);
  }

  #take({ track, bytes }: Piece, nowMs: number): Uint8Array {
    this.#playout.sent(track.id, track.sentTo / this.#sampleBytes, bytes / this.#sampleBytes, nowMs);
    return track.take(bytes);
  }

  #sendSilence(bytes: number, nowMs: number): void {
    this.#playout.sentSilence(bytes / this.#sampleBytes, nowMs);
    this.#sink.sendAudio(new Uint8Array(bytes).fill(this.#silence));
  }

  /** Everything of this track has gone out. */
  #close(track: Track): void {
    if (this.#capabilities.feed.pacing === 'peer' && typeof this.#capabilities.feed.tail === 'object') {
      this.#settleMark();
      this.#owed = track;
    } else this.#mark(track);
  }

  /** Where the line is about to fall silent, the silence that its last utterance wants, and then its mark. */
  #settleOwed(aheadMs: number, nowMs: number): void {
    const { tail } = this.#capabilities.feed;
    if (!this.#owed || typeof tail !== 'object' || aheadMs > SILENCE_AT_MS) return;
    let bytes = Math.ceil((tail.silenceMs * this.#bytesPerMs) / this.#unitBytes) * this.#unitBytes;
    for (; bytes > 0; bytes -= this.#mostBytes) this.#sendSilence(Math.min(bytes, this.#mostBytes), nowMs);
    this.#settleMark();
  }

  /** More sound follows: that is as good as silence. */
  #settleMark(): void {
    if (this.#owed) this.#mark(this.#owed);
    this.#owed = undefined;
  }

  #mark(track: Track): void {
    track.markedTo = track.sentTo;
    if (this.#capabilities.reports !== 'marks') return;
    this.#sink.sendMark(this.#playout.mark(track.id, track.sentTo / this.#sampleBytes));
  }

  get #isPadding(): boolean {
    const { pacing, tail } = this.#capabilities.feed;
    return pacing === 'us' || tail === 'pad';
  }

  /** With the silence that makes whole frames of it. */
  #padded(bytes: number): number {
    return this.#isPadding ? Math.ceil(bytes / this.#frameBytes) * this.#frameBytes : bytes;
  }

  #whole(bytes: number): number {
    return Math.floor(bytes / this.#unitBytes) * this.#unitBytes;
  }
}

/** R6: the track that goes on; a track that is wholly sent lets the next one follow, without a gap. */
export function nextToSend(tracks: readonly Track[]): Track | undefined {
  for (const track of tracks) if (!track.isSent) return track;
  return undefined;
}

function commonMultiple(one: number, other: number): number {
  let [divisor, rest] = [one, other];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return (one / divisor) * other;
}
