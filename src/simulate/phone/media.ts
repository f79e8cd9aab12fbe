/**
 * A simulated carrier with a caller on the phone: dials a worker's address as the carrier does, sends the caller's voice in
 * real time, buffers and plays what the worker sends, returns marks, and writes down what the caller heard and when. The
 * worker cannot tell it from the real one; a test measures at its end of the line. Which carrier it is, its dialect says.
 */
import { FRAME_MS } from '../../audio/contract.ts';
import type { Wav } from '../../audio/wav.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { beatOf } from './beat.ts';
import { CallerVoice } from './caller-voice.ts';
import { openSocket, openStream, type CallEnd, type DialOptions } from './connect.ts';
import {
  MULAW_8,
  type AudioDialect,
  type LineFormats,
  type PhoneCommand,
  type PhoneDialect,
  type PhoneSpeech,
} from './dialect.ts';
import { JsonSpeech } from './json-speech.ts';
import { WebPhoneLink, type PhoneData, type PhoneLink } from './link.ts';
import { Playout, type Gap, type PlayedAudio, type ReachedMark } from './playout.ts';
import { Translator } from './translator.ts';
import { SAMPLES_PER_MS, VoiceTrack, type Stretch } from './voice-track.ts';
import { Waits, type WaitOptions } from './waits.ts';

/** Who dials, what is dialled, and how the line behaves. */
export interface DialMediaOptions extends DialOptions {
  streamSid?: string;
  /** `stats` keeps no samples and no events: for hundreds of calls at once. Default `all`. */
  keep?: 'all' | 'stats';
  /** What is spoken on the wire. Default: mu-law at 8 kHz, both ways. */
  formats?: LineFormats;
  /** More headers of the upgrade. */
  headers?: Readonly<Record<string, string>>;
  /** Whether marks come back at all. Default true. */
  returnsMarks?: boolean;
  /** Told of each event as it happens. */
  onEvent?: (event: MediaCallerEvent) => void;
}

export type DialAudioOptions = DialMediaOptions & { dialect: AudioDialect };
export type DialPhoneOptions = DialMediaOptions & { dialect: PhoneDialect };

/** What happened on the line. Audio and marks go on changing until they are played. */
export type MediaCallerEvent =
  | PlayedAudio
  | ReachedMark
  | { type: 'clear'; arrivedMs: number; clearedMs: number }
  /** The worker sent what the carrier does not understand. */
  | { type: 'bad-frame'; arrivedMs: number; message: string }
  | { type: 'digits'; arrivedMs: number; digits: string };

export interface MediaCallerStats {
  durationMs: number;
  /** To the worker, each 20 ms. */
  framesSent: number;
  /** Of these, those that were sent more than 20 ms late: then it is this process that is too slow to measure. */
  framesLate: number;
  mostLateMs: number;
  /** Not sent because the worker did not read those before. */
  framesDropped: number;
  /** From the worker. */
  messages: number;
  audioMs: number;
  heardMs: number;
  clearedMs: number;
  marks: number;
  clears: number;
  badFrames: number;
  /** Where the buffer ran dry and more came within a second. */
  gaps: readonly Gap[];
  /** The fullest that the buffer was: how far ahead of real time the worker sends. */
  mostBufferedMs: number;
}

const CLOSE_TIMEOUT_MS = 2_000;
/** Twenty seconds of the caller's voice. */
const MOST_UNSENT_BYTES = 262_144;

/**
 * Dials, and is done when the worker has accepted the socket and `start` is on its way.
 * @throws {ProviderError} `connect-failed` or `unauthorized`
 */
export function dialAudio({ dialect, ...options }: DialAudioOptions): Promise<MediaCaller> {
  return dialPhone({ ...options, dialect: { ...dialect, speech: (call) => new JsonSpeech(dialect, call) } });
}

/** The same by a carrier that speaks in any way. @throws {ProviderError} as `dialAudio` does */
export function dialPhone(options: DialPhoneOptions): Promise<MediaCaller> {
  const { url, signedUrl = url, authToken, accountSid, dialect } = options;
  const headers = { ...dialect.headersOf({ url, signedUrl, authToken, accountSid }), ...options.headers };
  if (new URL(url).protocol === 'tcp:') return openStream(options, (link) => new MediaCaller(link, options));
  return openSocket(
    { ...options, protocols: dialect.protocols },
    headers,
    (socket) => new MediaCaller(new WebPhoneLink(socket), options),
  );
}

/** A caller on a line of audio: says, hears, and tells when. */
export class MediaCaller {
  readonly callSid: string;
  readonly streamSid: string;
  /** What the caller heard, from the start of the stream, without a gap. */
  readonly heard: VoiceTrack;
  /** What the caller said, likewise. */
  readonly said: VoiceTrack;
  /** Everything that the worker sent, in order. Empty with `keep: 'stats'`. */
  readonly events: MediaCallerEvent[] = [];
  /** Settles when the call is over, whoever ended it. */
  readonly ended: Promise<CallEnd>;
  readonly #link: PhoneLink;
  readonly #clock: Clock;
  readonly #options: DialPhoneOptions;
  readonly #formats: LineFormats;
  readonly #speech: PhoneSpeech;
  readonly #translator: Translator;
  readonly #playout: Playout;
  readonly #voice = new CallerVoice();
  readonly #waits = new Waits();
  readonly #startMs: number;
  readonly #stopBeat: () => void;
  readonly #leaveRest: () => void;
  readonly #counts = {
    framesSent: 0,
    framesLate: 0,
    mostLateMs: 0,
    framesDropped: 0,
    messages: 0,
    audioMs: 0,
    clearedMs: 0,
  };
  #marks = 0;
  #clears = 0;
  #badFrames = 0;
  #mostBufferedMs = 0;
  readonly #answers = new Map<string, PhoneData>();
  #answered = 0;
  /** What the network holds back. */
  #held: PhoneData[] | undefined;
  #end: CallEnd | undefined;
  #endBy: Pick<CallEnd, 'by' | 'redirect'> = { by: 'worker' };
  #cancelKill: () => void = () => undefined;
  #settleEnd: (end: CallEnd) => void = () => undefined;

  /** Use `dialPhone`. */
  constructor(link: PhoneLink, options: DialPhoneOptions) {
    const { dialect } = options;
    const ids = dialect.newIds();
    this.callSid = options.callSid ?? ids.callId;
    this.streamSid = options.streamSid ?? ids.streamId;
    this.heard = new VoiceTrack(options.keep !== 'stats');
    this.said = new VoiceTrack(options.keep !== 'stats');
    this.ended = new Promise((resolve) => (this.#settleEnd = resolve));
    this.#link = link;
    this.#options = options;
    this.#formats = options.formats ?? { inFormat: MULAW_8, outFormat: MULAW_8 };
    this.#translator = new Translator(this.#formats, dialect.framesPerMessage ?? 1);
    this.#clock = options.clock ?? systemClock;
    this.#playout = new Playout(this.heard, (mark) => this.#returnMark(mark));
    this.#speech = dialect.speech({
      ...{ callId: this.callSid, streamId: this.streamSid, accountId: options.accountSid ?? ids.accountId },
      ...{ from: options.from, to: options.to, parameters: options.parameters ?? {}, formats: this.#formats },
    });
    link.open({ message: this.#onMessage, closed: this.#onClosed });
    this.#startMs = this.#clock.nowMs();
    for (const data of this.#speech.begin()) this.#send(data);
    this.#stopBeat = beatOf(this.#clock).subscribe((beatMs) => this.#onBeat(beatMs));
    this.#leaveRest =
      options.rest?.add({
        callSid: this.callSid,
        completed: () => this.#leave({ by: 'rest' }),
        redirected: (redirect) => this.#leave({ by: 'rest', redirect }),
        pressed: (digits) => this.#note({ type: 'digits', arrivedMs: this.nowMs, digits }),
      }) ?? (() => undefined);
  }

  /** Milliseconds since the stream's start. */
  get nowMs(): number {
    return this.#clock.nowMs() - this.#startMs;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** How much the carrier has buffered for the caller. */
  get bufferedMs(): number {
    this.#playout.advanceTo(this.#playoutMs());
    return this.#playout.bufferedMs;
  }

  /** The agent's sound is still to come, or was when the line ended: then nobody has heard the rest of it. */
  get hasUnheard(): boolean {
    this.#playout.advanceTo(this.#playoutMs());
    return this.#playout.hasSound;
  }

  /** Says mu-law behind everything said before; done when it has been said, or when the caller was made to stop. */
  say(audio: Uint8Array): Promise<Stretch> {
    return this.#end ? Promise.resolve({ fromMs: 0, toMs: 0 }) : this.#voice.say(audio);
  }

  /** Drops what was left to say and says this from the next frame on: the caller cuts in. */
  interrupt(audio: Uint8Array): Promise<Stretch> {
    this.#voice.stop();
    return this.say(audio);
  }

  /** The caller falls silent in the middle of a word. */
  stopSpeaking(): void {
    this.#voice.stop();
  }

  /** Presses keys, one message each. */
  press(digits: string): void {
    for (const digit of digits) this.#send(this.#speech.digit(digit));
  }

  /** The agent becomes audible at or after `fromMs` (default: now). Answers when, to the sample. */
  waitForSpeech({ fromMs = this.nowMs, ...options }: WaitOptions & { fromMs?: number } = {}): Promise<number> {
    return this.#waits.until('to hear speech', this.nowMs, () => this.heard.nextSoundMs(fromMs), options);
  }

  /**
   * The line has been silent for `forMs` (default 500), and nothing that is buffered will sound. Answers since when:
   * the end of the last sound, or `fromMs` (default: the stream's start) when that is later.
   */
  waitForSilence({
    forMs = 500,
    fromMs = 0,
    ...options
  }: WaitOptions & { forMs?: number; fromMs?: number } = {}): Promise<number> {
    const look = (): number | undefined => {
      const sinceMs = Math.max(fromMs, this.heard.lastSoundMs);
      return this.heard.durationMs - sinceMs >= forMs && !this.#playout.hasSound ? sinceMs : undefined;
    };
    return this.#waits.until('silence', this.nowMs, look, options);
  }

  /** The worker has sent something that `isIt`. Answers when it came. */
  waitForEvent(isIt: (event: MediaCallerEvent) => boolean, options: WaitOptions = {}): Promise<number> {
    return this.#waits.until('an event', this.nowMs, () => this.events.find(isIt)?.arrivedMs, options);
  }

  /** The caller hangs up: `stop`, then the socket closes. */
  async hangUp(): Promise<CallEnd> {
    this.#leave({ by: 'caller' });
    return this.ended;
  }

  /** Sends anything, now. */
  sendRaw(data: string | Uint8Array): void {
    this.#send(data);
  }

  /** The network holds everything back, both ways, for `forMs`; then it comes all at once. */
  async hold(forMs: number): Promise<void> {
    this.#held ??= [];
    this.#link.pause();
    await new Promise<void>((resolve) => this.#clock.after(forMs, resolve));
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#link.resume();
    for (const data of held) this.#send(data);
  }

  /** The connection breaks without a word. */
  async drop(): Promise<CallEnd> {
    if (!this.#end) this.#endBy = { by: 'caller' };
    this.#link.destroy();
    return this.ended;
  }

  stats(): MediaCallerStats {
    this.#playout.advanceTo(this.#playoutMs());
    const { audioMs, clearedMs } = this.#counts;
    return {
      ...this.#counts,
      durationMs: this.heard.durationMs,
      heardMs: audioMs - clearedMs - this.#playout.bufferedMs,
      marks: this.#marks,
      clears: this.#clears,
      badFrames: this.#badFrames,
      gaps: this.#playout.gaps,
      mostBufferedMs: this.#mostBufferedMs,
    };
  }

  /** Both voices, the caller left, the agent right: ready for `writeWav`. */
  record(): Wav {
    this.#playout.advanceTo(this.#playoutMs());
    return { sampleRateHz: 1_000 * SAMPLES_PER_MS, channels: [this.said.readSamples(), this.heard.readSamples()] };
  }

  /** After the end the line stands still. */
  #playoutMs(): number {
    return this.#end ? this.#end.atMs : this.nowMs;
  }

  #onBeat(beatMs: number): void {
    const nowMs = this.nowMs;
    this.#playout.advanceTo(nowMs);
    for (const data of this.#speech.beat?.(this.#playout.bufferedMs) ?? []) this.#send(data);
    this.#sendFrame(beatMs - this.#startMs, this.#clock.nowMs() - beatMs);
    this.#waits.check(nowMs);
  }

  /** The frame that ends with this beat. The first beat may come sooner than 20 ms after the start: then none is whole. */
  #sendFrame(atMs: number, lateMs: number): void {
    if (atMs < FRAME_MS) return;
    const counts = this.#counts;
    const frame = this.#voice.nextFrame(atMs);
    const before = Math.round((atMs - FRAME_MS) * SAMPLES_PER_MS) - this.said.length;
    if (before > 0) this.said.writeSilence(before);
    if (frame) this.said.write(frame);
    else this.said.writeSilence(FRAME_MS * SAMPLES_PER_MS);
    const timestampMs = (counts.framesSent + counts.framesDropped) * FRAME_MS;
    if (this.#link.unsentBytes > MOST_UNSENT_BYTES) {
      counts.framesDropped++;
      return;
    }
    const message = this.#translator.message(frame);
    if (message) {
      const isSilence = frame === undefined && this.#formats.inFormat === MULAW_8;
      this.#send(this.#speech.audio(message, { timestampMs, isSilence }));
    }
    counts.framesSent++;
    if (lateMs > FRAME_MS) counts.framesLate++;
    counts.mostLateMs = Math.max(counts.mostLateMs, lateMs);
  }

  readonly #onMessage = (data: Buffer, isBinary: boolean): void => {
    if (this.#end) return;
    const atMs = this.nowMs;
    this.#counts.messages++;
    try {
      for (const command of this.#speech.read(data, isBinary)) this.#carryOut(command, atMs);
    } catch (error) {
      this.#badFrames++;
      this.#note({ type: 'bad-frame', arrivedMs: atMs, message: messageOf(error) });
    }
  };

  #carryOut(command: PhoneCommand, atMs: number): void {
    switch (command.type) {
      case 'audio':
        return this.#play(command.audio, atMs);
      case 'mark':
        return this.#note(this.#playout.mark(command.name, atMs));
      case 'clear':
        return this.#clear(atMs);
      case 'digits':
        return this.#note({ type: 'digits', arrivedMs: atMs, digits: command.digits });
      case 'when-played':
        return this.#answerLater(command.answer, atMs);
      case 'stop':
        return this.#leave({ by: 'worker' });
    }
  }

  #play(audio: Uint8Array, atMs: number): void {
    const { dialect } = this.#options;
    const refusal = dialect.refuses?.(audio, this.#formats.outFormat);
    if (refusal !== undefined && dialect.dropsRefused) this.#link.destroy();
    if (refusal !== undefined) throw new Error(refusal);
    const heard = this.#translator.heard(audio);
    this.#counts.audioMs += heard.length / SAMPLES_PER_MS;
    this.#note(this.#playout.push(heard, atMs));
    this.#mostBufferedMs = Math.max(this.#mostBufferedMs, this.#playout.bufferedMs);
  }

  #clear(atMs: number): void {
    this.#clears++;
    const clearedMs = this.#playout.clear(atMs);
    this.#counts.clearedMs += clearedMs;
    this.#note({ type: 'clear', arrivedMs: atMs, clearedMs });
    this.#send(this.#speech.cleared(clearedMs));
  }

  /** By a mark of our own, which nobody else has named so. */
  #answerLater(answer: PhoneData, atMs: number): void {
    const name = `\0${++this.#answered}`;
    this.#answers.set(name, answer);
    this.#playout.mark(name, atMs);
  }

  #returnMark(mark: ReachedMark): void {
    const answer = this.#answers.get(mark.name);
    if (answer !== undefined) {
      this.#answers.delete(mark.name);
      return mark.isCleared ? undefined : this.#send(answer);
    }
    this.#marks++;
    if (this.#options.returnsMarks !== false) this.#send(this.#speech.mark(mark.name, mark));
  }

  #note(event: MediaCallerEvent): void {
    if (this.#options.keep !== 'stats') this.events.push(event);
    this.#options.onEvent?.(event);
  }

  #send(data: PhoneData | undefined): void {
    if (data === undefined) return;
    if (this.#held) return void this.#held.push(data);
    if (this.#link.isOpen) this.#link.send(data);
  }

  #leave(by: Pick<CallEnd, 'by' | 'redirect'>): void {
    if (this.#end || !this.#link.isOpen) return;
    this.#endBy = by;
    this.#send(this.#speech.end());
    this.#link.close();
    this.#cancelKill = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#link.destroy());
  }

  readonly #onClosed = (code: number, words: string): void => {
    const atMs = this.nowMs;
    this.#playout.advanceTo(atMs);
    this.#end = { ...this.#endBy, code, atMs, ...(words !== '' && { words }) };
    this.#cancelKill();
    this.#stopBeat();
    this.#leaveRest();
    this.#voice.stop();
    this.#translator.close();
    this.#waits.end(atMs, `closed by the ${this.#end.by}, code ${code}`);
    this.#settleEnd(this.#end);
  };
}
