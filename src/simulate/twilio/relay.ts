/**
 * A simulated ConversationRelay with a caller on the phone: dials a worker as Twilio does, understands what the caller
 * says, speaks the worker's text at the pace of a voice, and tells the worker what was heard when the caller cuts in.
 */
import type { OpenSocket, SocketData } from '../../lib/open-socket.ts';
import { readRelayCommand, writeRelayEvent, type RelayCommand, type RelayEvent } from '../../bridge/relay/wire.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { beatOf } from '../phone/beat.ts';
import { newSid, openSocket, type CallEnd, type DialOptions } from '../phone/connect.ts';
import { signedHeaders } from './signed.ts';
import { Talk, type HeardWord, type TalkOptions } from './talk.ts';
import { Waits, type WaitOptions } from '../phone/waits.ts';

/** Who dials, what is dialled, and how Twilio hears and speaks for them. */
export interface DialRelayOptions extends DialOptions, TalkOptions {
  sessionId?: string;
  /** What its setup says besides. Default: what Twilio's does. */
  facts?: Readonly<Record<string, string>>;
  /** Default `en-US`. */
  language?: string;
  /** Spoken by Twilio before anything else. Default: nothing. */
  welcomeGreeting?: string;
  /** Hand on what the caller says while they say it. Default false, as Twilio's. */
  partialPrompts?: boolean;
  /** The caller's voice and keys cut the agent off. Default true. */
  interruptible?: boolean;
  /** So long after the caller has cut in the worker is told. Default 0: before what they said or pressed. */
  interruptLateMs?: number;
  /** Keys are handed on. Default false, as Twilio's. */
  dtmfDetection?: boolean;
  /** The `speaker-events` and `tokens-played` subscriptions. Default false. */
  progress?: boolean;
  /** Of the caller's own speech. Default 15 characters a second. */
  callerCharactersPerSecond?: number;
  /** From the caller's last word to the final prompt. Default 300. */
  recognitionDelayMs?: number;
  onEvent?: (event: RelayCallerEvent) => void;
}

/** What happened on the line, in order. */
export type RelayCallerEvent =
  | { type: 'command'; atMs: number; command: RelayCommand }
  | { type: 'word'; atMs: number; word: HeardWord }
  | { type: 'speaking'; atMs: number; isSpeaking: boolean }
  | { type: 'sent'; atMs: number; event: RelayEvent }
  /** The worker sent what Twilio does not understand: its error 64107. */
  | { type: 'bad-frame'; atMs: number; message: string };

export interface RelayCallerStats {
  durationMs: number;
  /** From the worker. */
  messages: number;
  tokens: number;
  badFrames: number;
  interruptions: number;
}

const TWILIO_FACTS = { callType: 'PSTN', direction: 'inbound', callStatus: 'RINGING' };
const CHARACTERS_PER_SECOND = 15;
const RECOGNITION_DELAY_MS = 300;
const CLOSE_TIMEOUT_MS = 2_000;
/** As many bad messages in a row end the session. */
const MOST_BAD_FRAMES = 10;

/**
 * Dials, and is done when the worker has accepted the socket and `setup` is on its way.
 * @throws {ProviderError} `connect-failed` or `unauthorized`
 */
export function dialRelay(options: DialRelayOptions): Promise<RelayCaller> {
  const { url, signedUrl = url, authToken } = options;
  return openSocket(options, signedHeaders({ signedUrl, authToken }), (socket) => new RelayCaller(socket, options));
}

/** What the caller is in the middle of saying. */
interface Saying {
  text: string;
  fromMs: number;
  partialsSent: number;
  settle: () => void;
}

/** A caller on a line of text: says, hears, and tells when. */
export class RelayCaller {
  readonly callSid: string;
  readonly sessionId: string;
  /** Every word that the caller heard, in order. */
  readonly heard: HeardWord[] = [];
  readonly events: RelayCallerEvent[] = [];
  /** Settles when the call is over, whoever ended it. */
  readonly ended: Promise<CallEnd>;
  readonly #socket: OpenSocket;
  readonly #clock: Clock;
  readonly #options: DialRelayOptions;
  readonly #talk: Talk;
  readonly #waits = new Waits();
  readonly #startMs: number;
  /** Of the session's start, for the time stamps of Twilio. */
  readonly #epochMs = Date.now();
  readonly #stopBeat: () => void;
  readonly #leaveRest: () => void;
  #sayings: Saying[] = [];
  #spokeFrom: number[] = [];
  #silentSinceMs = 0;
  #stats = { messages: 0, tokens: 0, badFrames: 0, interruptions: 0 };
  #badFramesInRow = 0;
  #end: CallEnd | undefined;
  #endBy: Pick<CallEnd, 'by' | 'redirect' | 'handoffData'> = { by: 'worker' };
  #cancelKill: () => void = () => undefined;
  #settleEnd: (end: CallEnd) => void = () => undefined;

  /** Use `dialRelay`. */
  constructor(socket: OpenSocket, options: DialRelayOptions) {
    this.callSid = options.callSid ?? newSid('CA');
    this.sessionId = options.sessionId ?? newSid('VX');
    this.ended = new Promise((resolve) => (this.#settleEnd = resolve));
    this.#socket = socket;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#startMs = this.#clock.nowMs();
    this.#talk = new Talk(
      {
        speaking: (isSpeaking, atMs) => this.#onSpeaking(isSpeaking, atMs),
        word: (word) => this.#onWord(word),
      },
      options,
    );
    socket.on('message', this.#onMessage).on('close', this.#onClose);
    this.#sendSetup();
    if (options.welcomeGreeting) this.#talk.push({ token: options.welcomeGreeting, last: true }, 0);
    this.#stopBeat = beatOf(this.#clock).subscribe(() => this.#onBeat());
    this.#leaveRest =
      options.rest?.add({
        callSid: this.callSid,
        completed: () => this.#leave({ by: 'rest' }),
        redirected: (redirect) => this.#leave({ by: 'rest', redirect }),
      }) ?? (() => undefined);
  }

  /** Milliseconds since the session's start. */
  get nowMs(): number {
    return this.#clock.nowMs() - this.#startMs;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get isAgentSpeaking(): boolean {
    this.#talk.advanceTo(this.nowMs);
    return this.#talk.isSpeaking;
  }

  /** All that the caller heard, as it was sent. */
  get heardText(): string {
    return this.heard.map(({ text }) => text).join('');
  }

  /**
   * The caller speaks, behind what they are saying already; the voice alone cuts the agent off, if it may. Done when the
   * worker has been told the whole of it.
   */
  say(text: string): Promise<void> {
    if (this.#end) return Promise.resolve();
    const spoken = new Promise<void>((settle) => {
      this.#sayings.push({ text, fromMs: this.nowMs, partialsSent: 0, settle });
    });
    if (this.#sayings.length === 1) this.#cutIn();
    return spoken;
  }

  /** Presses keys, which cut the agent off as the voice does. */
  press(digits: string): void {
    for (const digit of digits) {
      this.#cutIn();
      if (this.#options.dtmfDetection) this.#send({ type: 'digit', digit });
    }
  }

  /** The caller coughs: it cuts the agent off as the voice does, and there are no words. */
  cough(): void {
    this.#cutIn();
  }

  /** The agent begins to speak, or speaks, at or after `fromMs` (default: now). Answers when. */
  waitForSpeech({ fromMs = this.nowMs, ...options }: WaitOptions & { fromMs?: number } = {}): Promise<number> {
    const look = (): number | undefined => {
      if (this.#talk.isSpeaking) return Math.max(fromMs, this.#spokeFrom.at(-1) ?? 0);
      return this.#spokeFrom.find((atMs) => atMs >= fromMs);
    };
    return this.#waits.until('to hear speech', this.nowMs, look, options);
  }

  /** Nobody has spoken for `forMs` (default 500), and nothing waits to be spoken. Answers since when. */
  waitForSilence({
    forMs = 500,
    fromMs = 0,
    ...options
  }: WaitOptions & { forMs?: number; fromMs?: number } = {}): Promise<number> {
    const look = (): number | undefined => {
      const sinceMs = Math.max(fromMs, this.#silentSinceMs);
      return this.#talk.isIdle && this.nowMs - sinceMs >= forMs ? sinceMs : undefined;
    };
    return this.#waits.until('silence', this.nowMs, look, options);
  }

  /** The worker has sent a command that `isIt`. Answers when it came. */
  waitForCommand(isIt: (command: RelayCommand) => boolean, options: WaitOptions = {}): Promise<number> {
    const look = (): number | undefined =>
      this.events.find((event) => event.type === 'command' && isIt(event.command))?.atMs;
    return this.#waits.until('a command', this.nowMs, look, options);
  }

  /** The caller hangs up: the session ends, the socket closes. */
  async hangUp(): Promise<CallEnd> {
    this.#leave({ by: 'caller' });
    return this.ended;
  }

  /** The connection breaks without a word. */
  async drop(): Promise<CallEnd> {
    if (!this.#end) this.#endBy = { by: 'caller' };
    this.#socket.terminate();
    return this.ended;
  }

  stats(): RelayCallerStats {
    return { durationMs: this.#end?.atMs ?? this.nowMs, ...this.#stats };
  }

  #sendSetup(): void {
    const { accountSid, from, to, parameters = {}, facts = TWILIO_FACTS } = this.#options;
    this.#send({
      type: 'setup',
      sessionId: this.sessionId,
      callSid: this.callSid,
      accountSid: accountSid ?? newSid('AC'),
      from,
      to,
      facts: { ...facts },
      parameters: { ...parameters },
    });
  }

  #onBeat(): void {
    const nowMs = this.nowMs;
    this.#talk.advanceTo(nowMs);
    this.#goOnSaying(nowMs);
    this.#waits.check(nowMs);
  }

  /** Word by word when partial prompts are on; the whole when the last word was said and understood. */
  #goOnSaying(nowMs: number): void {
    const saying = this.#sayings[0];
    if (!saying) return;
    const { callerCharactersPerSecond = CHARACTERS_PER_SECOND, recognitionDelayMs = RECOGNITION_DELAY_MS } =
      this.#options;
    const language = this.#options.language ?? 'en-US';
    const said = ((nowMs - saying.fromMs - recognitionDelayMs) * callerCharactersPerSecond) / 1_000;
    if (said >= saying.text.length) {
      this.#send({ type: 'prompt', text: saying.text, language, isLast: true });
      this.#sayings.shift();
      saying.settle();
      const next = this.#sayings[0];
      if (next) next.fromMs = nowMs;
      return;
    }
    if (!this.#options.partialPrompts) return;
    const words = saying.text.slice(0, Math.max(0, said)).match(/\S+(?=\s)/g) ?? [];
    if (words.length <= saying.partialsSent) return;
    saying.partialsSent = words.length;
    this.#send({ type: 'prompt', text: words.join(' '), language, isLast: false });
  }

  #cutIn(): void {
    const nowMs = this.nowMs;
    this.#talk.advanceTo(nowMs);
    if (!this.#talk.isSpeaking || this.#options.interruptible === false || !this.#talk.isInterruptible) return;
    this.#stats.interruptions++;
    const event: RelayEvent = { type: 'interrupt', ...this.#talk.interrupt(nowMs) };
    const { interruptLateMs = 0 } = this.#options;
    if (interruptLateMs === 0) this.#send(event);
    else this.#clock.after(interruptLateMs, () => this.#send(event));
  }

  readonly #onMessage = (data: SocketData): void => {
    if (this.#end) return;
    const atMs = this.nowMs;
    this.#stats.messages++;
    let command: RelayCommand;
    try {
      command = readRelayCommand((data as Buffer).toString());
    } catch (error) {
      return this.#refuse(messageOf(error), atMs);
    }
    this.#badFramesInRow = 0;
    this.#note({ type: 'command', atMs, command });
    if (command.type === 'text') {
      this.#stats.tokens++;
      const { token, last = false, preemptible = false, interruptible = true } = command;
      this.#talk.push({ token, last, preemptible, interruptible }, atMs);
    } else if (command.type === 'end') {
      this.#leave({ by: 'worker', handoffData: command.handoffData });
    }
  };

  #refuse(message: string, atMs: number): void {
    this.#stats.badFrames++;
    this.#note({ type: 'bad-frame', atMs, message });
    this.#send({ type: 'error', description: message });
    if (++this.#badFramesInRow >= MOST_BAD_FRAMES) this.#socket.close(1007);
  }

  #onSpeaking(isSpeaking: boolean, atMs: number): void {
    if (isSpeaking) this.#spokeFrom.push(atMs);
    else this.#silentSinceMs = atMs;
    this.#note({ type: 'speaking', atMs, isSpeaking });
    if (!this.#options.progress) return;
    this.#send({ type: 'speaking', who: 'agent', isSpeaking, atEpochMs: Math.round(this.#epochMs + atMs) });
  }

  #onWord(word: HeardWord): void {
    this.heard.push(word);
    this.#note({ type: 'word', atMs: word.toMs, word });
    if (this.#options.progress) this.#send({ type: 'played', text: word.text });
  }

  #send(event: RelayEvent): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#note({ type: 'sent', atMs: this.nowMs, event });
    this.#socket.send(writeRelayEvent(event));
  }

  #note(event: RelayCallerEvent): void {
    this.events.push(event);
    this.#options.onEvent?.(event);
  }

  #leave(by: Pick<CallEnd, 'by' | 'redirect' | 'handoffData'>): void {
    if (this.#end || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#endBy = by;
    this.#socket.close(1000);
    this.#cancelKill = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#socket.terminate());
  }

  readonly #onClose = (code: number, words: Buffer): void => {
    const atMs = this.nowMs;
    this.#talk.interrupt(atMs);
    this.#end = { ...this.#endBy, code, atMs, ...(words.length > 0 && { words: words.toString() }) };
    this.#cancelKill();
    this.#stopBeat();
    this.#leaveRest();
    for (const { settle } of this.#sayings.splice(0)) settle();
    this.#waits.end(atMs, `closed by the ${this.#end.by}, code ${code}`);
    this.#socket.off('message', this.#onMessage).off('close', this.#onClose);
    this.#settleEnd(this.#end);
  };
}
