/**
 * One WebSocket of the Lightning stand-in: requests in their order, each a buffer of text that is spoken when the client
 * says so, when its time is up, or when it is long enough; audio in awkward pieces; `complete` after a back-off.
 */
import { bufferOf, type OpenSocket } from '../../lib/open-socket.ts';
import { encodeToneSpeech, layOutToneSpeech, wordsOf, type SpokenWord } from '../../audio/tone-speech.ts';
import { parseJson } from '../../lib/json.ts';
import { respell, type Dictionary } from './dictionaries.ts';
import type { LightningFault, LightningSettings, MuteKind } from './options.ts';
import { issuesOf, SocketRequest, TIMED_VOICES } from './request.ts';

/** What all sockets of the account share. */
export interface SimulatedAccount {
  settings: LightningSettings;
  /** Taken by sessions that are speaking, or wait for more to speak. */
  active: Set<object>;
  dictionaries: Map<string, Dictionary>;
  /** What goes wrong with the next request, if anything; `only`: if it is of this kind. */
  takeFault(sessionId: string | undefined, only?: LightningFault['type']): LightningFault | undefined;
  record(request: RecordedRequest): void;
}

/** What came in, for tests to look at. */
export interface RecordedRequest {
  sessionId: string | undefined;
  requestId: string | undefined;
  voice: string;
  model: string;
  language: string | undefined;
  sampleRateHz: number;
  /** One for each message; the closing frame's is empty. */
  pieces: string[];
}

interface Job {
  fields: SocketRequest;
  taskId: string;
  record: RecordedRequest;
  buffer: string;
  hasText: boolean;
  isClosing: boolean;
  backoffMs: number | undefined;
  isSpeaking: boolean;
  isOver: boolean;
  fault: LightningFault | undefined;
  stopFlush: (() => void) | undefined;
  stopBackoff: (() => void) | undefined;
  /** Of audio sent for this request. */
  sentMs: number;
  words: number;
}

/** Base64, but for one. */
export const MUTE_PIECES: Readonly<Record<Exclude<MuteKind, 'binary'>, readonly string[]>> = {
  nothing: [],
  empty: ['', '', ''],
  'no-base64': ['*** not audio, sorry! ***'],
  'half-a-sample': ['AA=='],
};

let count = 0;

export class LightningSession {
  readonly #socket: OpenSocket;
  readonly #account: SimulatedAccount;
  readonly #idleTimeoutMs: number;
  readonly #sessionId = `ws_${++count}`;
  readonly #timers = new Set<() => void>();
  #jobs: Job[] = [];
  #stopIdle: (() => void) | undefined;
  #isClosed = false;
  #chunk = 0;

  constructor(socket: OpenSocket, account: SimulatedAccount, idleTimeoutMs: number) {
    this.#socket = socket;
    this.#account = account;
    this.#idleTimeoutMs = idleTimeoutMs;
    socket.on('message', (data) => this.#read(bufferOf(data).toString()));
    socket.on('close', () => this.#close());
    socket.on('error', () => socket.terminate());
    this.#watchIdle();
  }

  /** Something is to be spoken, or being spoken. */
  get isBusy(): boolean {
    return this.#jobs.length > 0;
  }

  close(): void {
    this.#socket.close(1000);
  }

  #close(): void {
    this.#isClosed = true;
    for (const stop of this.#timers) stop();
    this.#timers.clear();
    const { active, settings } = this.#account;
    if (!active.has(this)) return;
    if (settings.slotLagMs === 0) active.delete(this);
    else settings.clock.after(settings.slotLagMs, () => active.delete(this));
  }

  /** Runs once, unless the socket is closed before. */
  #after(ms: number, run: () => void): () => void {
    const stop = this.#account.settings.clock.after(ms, () => {
      this.#timers.delete(stop);
      run();
    });
    this.#timers.add(stop);
    return () => {
      this.#timers.delete(stop);
      stop();
    };
  }

  #watchIdle(): void {
    this.#stopIdle?.();
    this.#stopIdle = this.#after(this.#idleTimeoutMs, () => {
      const seconds = this.#idleTimeoutMs / 1_000;
      this.#send({ status: 'error', message: `Connection timed out after ${seconds} seconds of inactivity` });
      this.#socket.close(1000);
    });
  }

  // ---- messages in --------------------------------------------------------------------------------------------------

  #read(text: string): void {
    this.#watchIdle();
    const { success, data: fields, error } = SocketRequest.safeParse(parseJson(text));
    if (!success) return this.#send({ session_id: this.#sessionId, status: 'error', errors: issuesOf(error) });
    const job = this.#jobFor(fields);
    if (!job) return; // a closing flush of nothing: no answer at all
    job.record.pieces.push(fields.text);
    job.buffer += fields.text;
    job.hasText ||= fields.text.trim() !== '';
    job.backoffMs = fields.complete_backoff_ms ?? job.backoffMs;
    job.isClosing = !fields.continue;
    job.fields = fields;
    job.stopBackoff?.();
    if (!this.#mayBeActive(job)) return this.#refuse(job);
    const [head] = this.#jobs;
    const isResting = head !== job && head?.isClosing && !head.isSpeaking && head.buffer.trim() === '';
    if (head && isResting) {
      head.stopBackoff?.(); // more input within the back-off: served at once, and no `complete` in between
      this.#leave(head, job);
    }
    const { enoughCharacters } = this.#account.settings;
    const isEnough = fields.max_buffer_flush_ms > 0 && job.buffer.length >= enoughCharacters;
    if (job.isClosing || fields.flush || isEnough) this.#speak(job);
    else if (fields.max_buffer_flush_ms > 0 && job.buffer.trim() !== '') {
      job.stopFlush ??= this.#after(fields.max_buffer_flush_ms, () => this.#speak(job));
    } // else nothing is spoken before the closing flush: the trap of the default
  }

  /** The request that this message goes on with, or a new one. */
  #jobFor(fields: SocketRequest): Job | undefined {
    const last = this.#jobs.at(-1);
    if (last && !last.isClosing && !last.isOver && last.fields.request_id === fields.request_id) return last;
    if (!fields.continue && fields.text.trim() === '') return undefined;
    const record: RecordedRequest = {
      sessionId: fields.session_id,
      requestId: fields.request_id,
      voice: fields.voice_id,
      model: fields.model,
      language: fields.language,
      sampleRateHz: fields.sample_rate,
      pieces: [],
    };
    const job: Job = {
      fields,
      taskId: `task_${++count}`,
      record,
      buffer: '',
      hasText: false,
      isClosing: false,
      backoffMs: undefined,
      isSpeaking: false,
      isOver: false,
      fault: this.#account.takeFault(fields.session_id),
      stopFlush: undefined,
      stopBackoff: undefined,
      sentMs: 0,
      words: 0,
    };
    this.#account.record(record);
    this.#jobs.push(job);
    return job;
  }

  #mayBeActive(job: Job): boolean {
    const { active, settings } = this.#account;
    if (active.has(this) || !job.hasText) return true;
    if (active.size >= settings.concurrency) return false;
    active.add(this);
    return true;
  }

  #refuse(job: Job): void {
    job.isOver = true;
    this.#jobs = this.#jobs.filter((other) => other !== job);
    this.#sendError(job, { message: 'concurrency limit', code: '429' });
  }

  // ---- audio out ----------------------------------------------------------------------------------------------------

  /** Speaks what is buffered, as soon as the requests before it are through. */
  #speak(job: Job): void {
    job.stopFlush?.();
    job.stopFlush = undefined;
    if (job.isSpeaking || job.isOver || this.#jobs[0] !== job) return;
    const text = job.buffer;
    job.buffer = '';
    if (text.trim() === '') return this.#rest(job);
    job.isSpeaking = true;
    void this.#synthesize(job, text);
  }

  async #synthesize(job: Job, text: string): Promise<void> {
    const { settings } = this.#account;
    const { sample_rate: sampleRateHz, speed } = job.fields;
    const said = respell(text, this.#account.dictionaries, job.fields.pronunciation_dicts);
    const samples = settings.voice
      ? await settings.voice(said, sampleRateHz, speed)
      : encodeToneSpeech(said, sampleRateHz, { speed });
    if (this.#isClosed) return;
    const audio = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    const durationMs = (samples.length * 1_000) / sampleRateHz;
    const startMs = job.sentMs;
    const words = timedWords(job.fields, text, durationMs, settings.voice === undefined && said === text);
    const factor = job.fault?.type === 'slow' ? job.fault.realTimeFactor : settings.realTimeFactor;
    const beganMs = settings.clock.nowMs() + (startMs === 0 ? settings.firstByteMs : settings.firstByteMs / 5);
    let at = 0;
    let heldMs = 0;
    const next = () => {
      if (job.isOver) return;
      const held = this.#spoil(job, (at * 1_000) / (2 * sampleRateHz) + startMs);
      if (held === true) return;
      heldMs += held;
      const size = settings.chunkBytes[this.#chunk++ % settings.chunkBytes.length]!;
      const chunk = audio.subarray(at, at + size);
      at += chunk.length;
      const untilMs = (at * 1_000) / (2 * sampleRateHz);
      this.#sendFor(job, 'chunk', { audio: chunk.toString('base64') });
      for (let word = words[0]; word && word.startMs <= untilMs; word = words[0]) {
        words.shift();
        const data = {
          id: job.words++,
          word: word.text,
          start: (startMs + word.startMs) / 1_000,
          end: (startMs + word.endMs) / 1_000,
        };
        this.#sendFor(job, 'word_timestamp', data);
      }
      if (at < audio.length) return this.#after(beganMs + heldMs + untilMs / factor - settings.clock.nowMs(), next);
      job.sentMs = startMs + durationMs;
      job.isSpeaking = false;
      this.#rest(job);
    };
    this.#after(beganMs - settings.clock.nowMs(), next);
  }

  /** The buffer is empty, or was: speak what came meanwhile, or wait for more before `complete`. */
  #rest(job: Job): void {
    const { settings } = this.#account;
    const { max_buffer_flush_ms: flushMs } = job.fields;
    if (job.buffer.trim() !== '' && (job.isClosing || flushMs > 0)) return this.#speak(job);
    const next = this.#jobs[1];
    if (job.isClosing && next) return this.#leave(job, next); // a burst has one `complete`, at its end
    const askedMs = settings.ignoresBackoff ? undefined : job.backoffMs;
    job.stopBackoff = this.#after(askedMs ?? settings.completeBackoffMs, () => this.#complete(job));
  }

  #leave(job: Job, next: Job): void {
    job.isOver = true;
    this.#jobs.shift();
    if (next.isClosing || next.fields.max_buffer_flush_ms > 0) this.#speak(next);
  }

  #complete(job: Job): void {
    const next = this.#jobs[1];
    if (next) return this.#leave(job, next);
    job.isOver = true;
    this.#jobs.shift();
    this.#account.active.delete(this);
    if (!job.hasText) return;
    this.#sendFor(job, 'complete');
    if (this.#account.settings.afterComplete === 'close') this.#socket.close(1000);
  }

  /** Does what is to go wrong at this point. Returns true when nothing follows, else for how long nothing does. */
  #spoil(job: Job, atMs: number): true | number {
    const { fault } = job;
    if (!fault || ('afterMs' in fault && atMs < (fault.afterMs ?? 0))) return 0;
    if (atMs === 0 && 'afterMs' in fault && (fault.afterMs ?? 0) > 0) return 0;
    switch (fault.type) {
      case 'hang':
        return true;
      case 'stall':
        job.fault = undefined;
        return fault.forMs;
      case 'cut':
        this.#socket.terminate();
        return true;
      case 'close':
        this.#socket.close(fault.code ?? 1000);
        return true;
      case 'mute':
        this.#sendInstead(job, fault.instead ?? 'nothing');
        job.fault = undefined;
        job.isSpeaking = false;
        job.buffer = '';
        this.#rest(job);
        return true;
      case 'garbage':
        job.fault = undefined;
        this.#socket.send('<html>not JSON');
        this.#socket.send('{"status":"novelty","data":[1,2]}');
        this.#socket.send('[]');
        this.#sendFor(job, 'chunk', { audio: 7 });
        this.#socket.send(Buffer.from([0, 255, 7]));
        return 0;
      case 'error':
        job.isOver = true;
        this.#jobs.shift();
        this.#account.active.delete(this);
        this.#sendError(job, fault);
        return true;
      default:
        return 0;
    }
  }

  #sendInstead(job: Job, kind: MuteKind): void {
    if (kind === 'binary') return this.#socket.send(Buffer.alloc(3_200, 7));
    for (const audio of MUTE_PIECES[kind]) this.#sendFor(job, 'chunk', { audio });
  }

  #sendFor(job: Job, status: string, data?: object): void {
    const { session_id: sessionId, request_id: requestId } = job.fields;
    this.#send({
      session_id: this.#sessionId,
      request_id: job.taskId,
      ...(sessionId === undefined ? {} : { external_session_id: sessionId }),
      ...(requestId === undefined ? {} : { external_request_id: requestId }),
      status,
      ...(data ? { data } : {}),
    });
  }

  #sendError(job: Job, error: { shape?: 'object' | 'message' | 'errors'; message: string; code?: string }): void {
    const { message, code = 'bad_request', shape = 'object' } = error;
    const head = { session_id: this.#sessionId, request_id: job.taskId, status: 'error' };
    if (shape === 'object') this.#send({ ...head, error: { message, code } });
    else if (shape === 'message') this.#send({ status: 'error', message });
    else this.#send({ ...head, errors: [{ code, path: ['voice_id'], message }] });
  }

  #send(frame: object): void {
    if (!this.#isClosed) this.#socket.send(JSON.stringify(frame));
  }
}

/** When each word of the text is spoken, for the voices that say so: exact for its tones, else in proportion. */
function timedWords(fields: SocketRequest, text: string, durationMs: number, isTones: boolean): SpokenWord[] {
  if (!fields.word_timestamps || !TIMED_VOICES.has(fields.voice_id)) return [];
  const { characters, durationMs: toneMs } = layOutToneSpeech(text, { speed: fields.speed });
  const scale = isTones ? 1 : durationMs / toneMs;
  return wordsOf(characters).map((word) => ({ ...word, startMs: word.startMs * scale, endMs: word.endMs * scale }));
}
