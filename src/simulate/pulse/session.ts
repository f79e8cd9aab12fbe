/** One live socket of the stand-in: audio in, frames out, each after its delay and in order. */
import { bufferOf, type OpenSocket, type SocketData } from '../../lib/open-socket.ts';
import type { SpokenWord } from '../../audio/tone-speech.ts';
import type { Clock } from '../../lib/clock.ts';
import { isRecord, parseJson } from '../../lib/json.ts';
import type { PulseFault } from './faults.ts';
import { Hearing } from './hearing.ts';
import { NotUnderstood } from './not-understood.ts';
import type { PulseSimulatorOptions } from './options.ts';
import type { LiveRequest } from './query.ts';
import { Recognizer, type Recognized } from './recognizer.ts';

/** What a test may look at, and do, while a connection lives and after. */
export interface PulseSession {
  readonly id: string;
  readonly request: LiveRequest;
  /** The query as it came. */
  readonly query: URLSearchParams;
  readonly isOpen: boolean;
  /** The code with which it closed; undefined while it is open. */
  readonly closeCode: number | undefined;
  /** Binary messages: how long each one was, in bytes; the last ten thousand. */
  readonly audioBytes: readonly number[];
  /** Text messages, as they came. */
  readonly controls: readonly string[];
  /** Frames that were sent, as objects. */
  readonly frames: readonly Record<string, unknown>[];
  /** Audio so far, in milliseconds. */
  readonly heardMs: number;
  /** Sends any frame, now. */
  send(frame: Record<string, unknown> | string): void;
  /** Closes now; without a code the socket is cut. */
  close(code?: number): void;
  /** Goes wrong from now on, or `afterMs` of audio from now on. */
  fault(fault: PulseFault): void;
}

export interface SessionContext {
  id: string;
  socket: OpenSocket;
  request: LiveRequest;
  query: URLSearchParams;
  options: PulseSimulatorOptions;
  fault: PulseFault | undefined;
  clock: Clock;
  gone: () => void;
}

const MOST_KEPT = 10_000;
const CLOSE_NORMAL = 1000;
const CLOSE_ERROR = 1011;

export class Session implements PulseSession {
  readonly id: string;
  readonly request: LiveRequest;
  readonly query: URLSearchParams;
  readonly audioBytes: number[] = [];
  readonly controls: string[] = [];
  readonly frames: Record<string, unknown>[] = [];
  isOpen = true;
  closeCode: number | undefined;
  readonly #context: SessionContext;
  readonly #hearing: Hearing;
  readonly #recognizer: Recognizer;
  readonly #notUnderstood = new NotUnderstood();
  #fault: PulseFault | undefined;
  #isMute = false;
  #finals = 0;
  #transcripts = 0;
  #finalDelayMs: number;
  /** When the last frame in wait is due: none may overtake it. */
  #lastDueMs = 0;
  readonly #waiting = new Set<() => void>();
  #cancelIdle = () => {};

  constructor(context: SessionContext) {
    const { options, request, socket } = context;
    this.#context = context;
    this.id = context.id;
    this.request = request;
    this.query = context.query;
    this.#fault = context.fault;
    this.#finalDelayMs = options.finalDelayMs + (this.#fault?.type === 'late-finals' ? this.#fault.delayMs : 0);
    this.#hearing = new Hearing(request.format, options.transcripts);
    this.#recognizer = new Recognizer({
      endpointing: request.endpointing,
      eouTimeoutMs: request.eouTimeoutMs,
      finalizeOnWords: request.finalizeOnWords,
      maxWords: request.maxWords ?? options.maxWords,
      vadEvents: request.vadEvents && options.vadEvents,
      format: request.hasFormatting,
      shrinkingInterims: options.shrinkingInterims,
      repeatInterims: options.repeatInterims,
    });
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('error', () => {}); // `close` follows
    socket.on('close', (code) => this.#onClose(code));
    this.#idleLater();
    this.#meetFault(0);
  }

  get heardMs(): number {
    return this.#hearing.heardMs;
  }

  send(frame: Record<string, unknown> | string): void {
    if (!this.isOpen || this.#isMute) return;
    if (typeof frame !== 'string' && this.frames.push(frame) > MOST_KEPT) this.frames.shift();
    this.#context.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  close(code?: number): void {
    if (code === undefined) this.#context.socket.terminate();
    else this.#context.socket.close(code);
  }

  fault(fault: PulseFault): void {
    const afterMs = 'afterMs' in fault ? (fault.afterMs ?? 0) : 0;
    this.#fault = 'afterMs' in fault ? { ...fault, afterMs: this.heardMs + afterMs } : fault;
    if (fault.type === 'late-finals') this.#finalDelayMs += fault.delayMs;
    if (afterMs === 0) this.#meetFault(this.heardMs);
  }

  #onMessage(data: SocketData, isBinary: boolean): void {
    if (this.#isMute) return;
    const bytes = bufferOf(data);
    if (!isBinary) return this.#onControl(bytes.toString('utf8'));
    if (this.audioBytes.push(bytes.length) > MOST_KEPT) this.audioBytes.shift();
    this.#idleLater();
    this.#hearing.push(
      bytes,
      (event) => {
        this.#notUnderstood.hear(event);
        this.#say(this.#recognizer.hear(event));
      },
      (heardMs) => this.#onTick(heardMs),
    );
  }

  #onTick(heardMs: number): void {
    if (!this.#hearing.isInWord) this.#say(this.#recognizer.tick(heardMs, this.#hearing.lastSoundMs));
    if (this.#notUnderstood.isCertain(heardMs)) this.#context.options.notUnderstood?.();
    this.#meetFault(heardMs);
  }

  #onControl(text: string): void {
    this.controls.push(text);
    const message = parseJson(text);
    const type = isRecord(message) ? message.type : undefined;
    if (type === 'finalize' && this.#fault?.type !== 'ignore-finalize') this.#finalize('finalize');
    if (type === 'close_stream' && this.#fault?.type !== 'ignore-close') this.#finalize('close');
  }

  #finalize(cause: 'finalize' | 'close'): void {
    for (const event of this.#hearing.flush()) this.#say(this.#recognizer.hear(event));
    this.#say(this.#recognizer.finalize(cause));
  }

  #say(recognized: readonly Recognized[]): void {
    for (const one of recognized) {
      if (one.type === 'speech') this.#later(0, this.#speechFrame(one.phase, one.atMs));
      else if (one.type === 'interim')
        this.#later(this.#context.options.interimDelayMs, this.#transcript(one.text, {}));
      else this.#sayFinal(one.text, one.words, one.cause === 'close');
    }
  }

  #speechFrame(phase: 'start' | 'end', atMs: number): Record<string, unknown> {
    const type = phase === 'start' ? 'speech_started' : 'speech_ended';
    return { type, session_id: this.id, timestamp: atMs / 1_000 };
  }

  #sayFinal(text: string, words: readonly SpokenWord[], isLast: boolean): void {
    const { language } = this.request;
    const { trailingSpace } = this.#context.options;
    const hasSpace = trailingSpace === 'always' || (trailingSpace === 'alternate' && this.#finals++ % 2 === 0);
    const facts: Record<string, unknown> = { is_final: true, is_last: isLast, language, languages: [language] };
    if (this.request.wordTimestamps) facts.words = words.map(wireWord);
    this.#later(this.#finalDelayMs, this.#transcript(text === '' || !hasSpace ? text : `${text} `, facts));
    if (isLast) this.#afterLast(() => this.close(CLOSE_NORMAL));
  }

  #transcript(text: string, facts: Record<string, unknown>): Record<string, unknown> {
    const { frameType, textField } = this.#context.options;
    const hasType = frameType === 'always' || (frameType === 'alternate' && this.#transcripts++ % 2 === 0);
    return {
      ...(hasType && { type: 'transcription', status: 'success' }),
      session_id: this.id,
      ...(textField !== 'transcription' && { transcript: text }),
      ...(textField !== 'transcript' && { transcription: text }),
      is_final: false,
      is_last: false,
      ...facts,
    };
  }

  #later(delayMs: number, frame: Record<string, unknown>): void {
    const { clock } = this.#context;
    this.#lastDueMs = Math.max(this.#lastDueMs, clock.nowMs() + delayMs);
    this.#afterLast(() => this.send(frame));
  }

  /** Runs behind everything that waits. */
  #afterLast(run: () => void): void {
    const { clock } = this.#context;
    const cancel = clock.after(this.#lastDueMs - clock.nowMs(), () => {
      this.#waiting.delete(cancel);
      run();
    });
    this.#waiting.add(cancel);
  }

  #meetFault(heardMs: number): void {
    const fault = this.#fault;
    if (!fault || ('afterMs' in fault && heardMs < (fault.afterMs ?? 0))) return;
    switch (fault.type) {
      case 'close-on-open':
      case 'close':
        this.#fault = undefined;
        return this.close(fault.code);
      case 'error':
        this.#fault = undefined;
        this.send(fault.frame ?? { type: 'error', status: 'error', message: 'Internal error while transcribing' });
        return this.close(fault.code ?? CLOSE_ERROR);
      case 'garbage':
        this.#fault = undefined;
        if (fault.isBinary) this.#context.socket.send(Buffer.from(fault.text ?? 'garbage'));
        else this.send(fault.text ?? '<html>502 Bad Gateway</html>');
        return;
      case 'mute':
        this.#isMute = true;
        this.#context.socket.pause(); // pings stay unanswered
        return;
      case 'refuse':
      case 'reset':
      case 'hang':
      case 'ignore-finalize':
      case 'ignore-close':
      case 'late-finals':
        return; // met elsewhere
    }
  }

  #idleLater(): void {
    const { idleTimeoutMs } = this.#context.options;
    this.#cancelIdle();
    if (idleTimeoutMs === undefined) return;
    this.#cancelIdle = this.#context.clock.after(idleTimeoutMs, () => this.close(CLOSE_NORMAL));
  }

  #onClose(code: number): void {
    this.isOpen = false;
    this.closeCode = code;
    this.#cancelIdle();
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
    this.#context.gone();
  }
}

function wireWord({ text, startMs, endMs }: SpokenWord): Record<string, unknown> {
  return { word: text, start: round(startMs), end: round(endMs), confidence: 0.97 };
}

function round(ms: number): number {
  return Math.round(ms) / 1_000;
}
