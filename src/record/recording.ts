/**
 * Everything of one call in a folder of its own, written while it happens:
 *
 *   call.wav       both voices, the caller on the left, the agent on the right, as the caller heard them
 *   events.jsonl   every event, as the library emits it
 *   machine.jsonl  the turn machine's log, for `parley replay`
 *   call.html      transcript and timeline, to open in a browser
 */
import { join } from 'node:path';
import { bytesPerSample, type AudioFormat } from '../audio/contract.ts';
import { silenceOf } from '../audio/g711.ts';
import { SentAudio } from './sent-audio.ts';
import { RecordedSide } from './side.ts';
import { SoundRecorder, type Side } from './sound.ts';
import type { Clock } from '../lib/clock.ts';
import { silentLog, type Log } from '../lib/log.ts';
import type { AudioSink } from '../speak/feeder.ts';
import type { Call } from '../call/call.ts';
import { LoudnessMeter, type Loudness } from './loudness.ts';
import { LineFile } from './line-file.ts';
import { MACHINE_FILE, makeCallFolder, OWNER_ONLY } from './folder.ts';

/** Where a recorded call lies, for whoever draws it: plain data, which may go to another thread. */
export interface RecordedCall {
  /** The file of events, one a line. */
  events: string;
  /** The page that is to be made. */
  page: string;
  /** Name of the sound's file, beside the page; undefined when there is none. */
  audio: string | undefined;
  startedAt: Date;
  loudness: Loudness | undefined;
}

export interface RecordingOptions {
  /** Folders of calls are made in here. */
  directory: string;
  /** Of which the call's folder has its name. */
  callId: string;
  /** For the log. */
  carrierCallId?: string | undefined;
  clock: Clock;
  /** Of the caller's audio; undefined for a line of text, which has no sound to keep. */
  format: AudioFormat | undefined;
  /** Of `call.wav`, to which both sides are brought. Default: that of `format`. */
  sampleRateHz?: number | undefined;
  /** Makes the page once the call is over. Default: there is none. */
  drawPage?: ((call: RecordedCall, log: Log) => Promise<void>) | undefined;
  log?: Log | undefined;
}

export interface RecordingFiles {
  directory: string;
  /** Undefined for a line of text. */
  audio: string | undefined;
  events: string;
  machine: string;
  page: string;
}

/** A line with its recording before it. */
export interface TappedSink extends AudioSink {
  /** The line has cleared what it was told to, having played so many samples since the call began. */
  cleared?(samples: number): void;
}

const NO_SAMPLES = new Int16Array(0);

export class CallRecording {
  readonly files: RecordingFiles;
  /** Everything is on disk. */
  readonly done: Promise<RecordingFiles>;
  readonly #options: RecordingOptions;
  readonly #log: Log;
  readonly #events: LineFile;
  readonly #machine: LineFile;
  readonly #audio: SoundRecorder | undefined;
  readonly #loudness: LoudnessMeter | undefined;
  readonly #sides: RecordedSide[] = [];
  readonly #startedAt = new Date();
  #call: Call | undefined;
  #settle: (files: RecordingFiles) => void = () => {};

  /** @throws {VoiceError} `file-unreadable`, when the folder cannot be made. */
  constructor(options: RecordingOptions) {
    this.#options = options;
    const { callId, carrierCallId } = options;
    this.#log = (options.log ?? silentLog).child({ callId, carrierCallId });
    const directory = makeCallFolder(options.directory, options.callId);
    const { format } = options;
    const sampleRateHz = format && (options.sampleRateHz ?? format.sampleRateHz);
    const path = (name: string) => join(directory, name);
    this.files = {
      directory,
      audio: format && path('call.wav'),
      events: path('events.jsonl'),
      machine: path(MACHINE_FILE),
      page: path('call.html'),
    };
    this.#events = this.#open(this.files.events);
    this.#machine = this.#open(this.files.machine);
    this.#audio =
      this.files.audio && sampleRateHz
        ? new SoundRecorder({
            path: this.files.audio,
            clock: options.clock,
            sampleRateHz,
            onError: this.#warn,
          })
        : undefined;
    const startMs = options.clock.nowMs();
    this.#loudness = sampleRateHz ? new LoudnessMeter({ sampleRateHz, startMs }) : undefined;
    this.done = new Promise((resolve) => (this.#settle = resolve));
  }

  machineLine = (line: string): void => {
    this.#machine.add(line);
  };

  /** Follows a call from its first event to its last. */
  attach(call: Call): void {
    this.#call = call;
    call.on('event', (event) => this.#events.add(`${JSON.stringify(event)}\n`));
    const finish = () => void this.#finish();
    call.ended.then(finish, finish);
  }

  /** Takes what the caller says, in this format, as it comes in. Call it once for a line. */
  tapCaller(format: AudioFormat): (audio: Uint8Array) => void {
    const side = this.#side('caller', format);
    return (audio) => side?.add(this.#kept(audio, format), this.#options.clock.nowMs());
  }

  /**
   * Stands before a line that carries this format, and keeps what it plays, at the time at which it is heard; what is cleared
   * was not, as far as the line does not tell better.
   */
  tapAgent(sink: AudioSink, format: AudioFormat): TappedSink {
    const { clock } = this.#options;
    const side = this.#side('agent', format);
    if (!side) return sink;
    const sent = new SentAudio(format.sampleRateHz);
    let erased: Int16Array = NO_SAMPLES;
    return {
      sendAudio: (bytes) => {
        const atMs = Math.max(clock.nowMs(), side.endMs);
        side.add(this.#kept(bytes, format), atMs);
        sent.add(bytes.length / bytesPerSample(format), atMs);
        erased = NO_SAMPLES; // what sounds now stands where it stood
        sink.sendAudio(bytes);
      },
      sendMark: (name) => sink.sendMark(name),
      clear: () => {
        const nowMs = clock.nowMs();
        side.cut();
        erased = this.#erase(nowMs);
        sent.clear(nowMs);
        sink.clear();
      },
      cleared: (samples) => {
        const answer = sent.cleared(samples);
        if (answer) this.#correct(answer, erased);
      },
    };
  }

  /** Silence of the same length, as long as something sensitive is said. */
  #kept(bytes: Uint8Array, format: AudioFormat): Uint8Array {
    return this.#call?.isSensitive ? new Uint8Array(bytes.length).fill(silenceOf(format)) : bytes;
  }

  #erase(fromMs: number, untilMs?: number): Int16Array {
    this.#loudness?.erase('agent', fromMs, untilMs);
    return this.#audio?.erase('agent', fromMs, untilMs) ?? NO_SAMPLES;
  }

  /** The line had not played all that was on its way when it was told to clear, or went on until it heard of it. */
  #correct({ toldAtMs, heardToMs }: { toldAtMs: number; heardToMs: number }, erased: Int16Array): void {
    const audio = this.#audio;
    if (!audio) return;
    if (heardToMs < toldAtMs) return void this.#erase(heardToMs, toldAtMs);
    const heard = erased.subarray(0, Math.round(((heardToMs - toldAtMs) * audio.sampleRateHz) / 1_000));
    if (heard.length === 0) return;
    audio.write('agent', heard, toldAtMs);
    this.#loudness?.add('agent', heard, toldAtMs);
  }

  #side(name: Side, format: AudioFormat): RecordedSide | undefined {
    const audio = this.#audio;
    if (!audio) return undefined;
    const side = new RecordedSide({
      format,
      sampleRateHz: audio.sampleRateHz,
      keep: (samples, atMs) => {
        audio.write(name, samples, atMs);
        this.#loudness?.add(name, samples, atMs);
      },
    });
    this.#sides.push(side);
    return side;
  }

  async #finish(): Promise<void> {
    for (const side of this.#sides) side.close();
    await Promise.all([
      this.#events
        .end()
        .then(() => this.#makePage())
        .catch(this.#warn),
      this.#audio?.close(),
      this.#machine.end(),
    ]);
    this.#settle(this.files);
  }

  async #makePage(): Promise<void> {
    const { events, page } = this.files;
    const loudness = this.#loudness && { ...this.#loudness };
    const audio = this.files.audio && 'call.wav';
    await this.#options.drawPage?.({ events, page, audio, startedAt: this.#startedAt, loudness }, this.#log);
  }

  #open(path: string): LineFile {
    return new LineFile(path, { clock: this.#options.clock, mode: OWNER_ONLY, onError: this.#warn });
  }

  /** A full disk must not end a call. */
  #warn = (error: unknown): void => {
    this.#log.error({ err: error }, 'the recording failed');
  };
}
