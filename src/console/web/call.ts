/** A call from a page: its socket and its sound, and what both tell. */
import { Emitter } from './emitter.ts';
import { SENTENCES, type NoticeCode } from './sentences.ts';
import { Sound, type Levels } from './sound.ts';
import { openWebSocket, type OpenTransport, type Transport } from './transport.ts';
import { RATE_HZ, type FromWorker, type ToWorker } from './wire.ts';

export interface ConnectOptions {
  /** Of the worker's line, as `POST /web/calls` answers it: `wss://voice.example.com/web/call`. */
  url: string;
  /** From there as well: good once. */
  token: string;
  /** `text`: the page hears and speaks by itself, or is written with. Default `audio`. */
  kind?: 'audio' | 'text';
  /** Of the caller's samples and of the agent's, per second: 8,000 to 48,000. Default 16,000. */
  inRateHz?: number;
  outRateHz?: number;
  /** What else to ask of the microphone, or a stream to use in its place. Default: echo cancelled, noise suppressed. */
  microphone?: MediaTrackConstraints | MediaStream;
  /** A context of the page's own, which it closes itself. Default: a new one. */
  context?: AudioContext;
  /** Where the worklet is served, for a page whose Content-Security-Policy has no `blob:` in `script-src`. */
  workletUrl?: string;
  /** Another way to the worker. Default: a WebSocket. */
  transport?: OpenTransport;
}

export type CallState = 'connecting' | 'open' | 'ended';

/** What a call tells, by the names of its events. */
export interface CallEvents {
  [name: string]: unknown;
  state: CallState;
  /** What was understood of the caller, and what was heard of the agent. */
  words: { who: 'agent' | 'caller'; text: string; isFinal: boolean };
  speaking: { who: 'agent' | 'caller'; isSpeaking: boolean };
  levels: Levels;
  /** Something that whoever is calling should know, as a sentence. */
  notice: { code: NoticeCode; text: string };
  /** `hung-up` by the agent, `caller-hung-up` here, or another reason. Comes once. */
  ended: { reason: string };
  /** On a line of text: what the page is to speak or to show. */
  say: { text: string; isLast: boolean };
}

/** `played` is told at most so often, in milliseconds. */
const PLAYED_EVERY_MS = 80;

export class Call extends Emitter<CallEvents> {
  readonly kind: 'audio' | 'text';
  readonly #options: ConnectOptions;
  readonly #transport: Transport;
  readonly #sound: Sound | undefined;
  #state: CallState = 'connecting';
  #isMuted = false;
  #levels: Levels = { microphone: 0, agent: 0 };
  #played = 0;
  #playedAtMs = 0;
  #isAgentSpeaking = false;

  /** @internal */
  constructor(options: ConnectOptions) {
    super();
    this.kind = options.kind ?? 'audio';
    this.#options = options;
    this.#sound = this.kind === 'audio' ? this.#openSound() : undefined;
    const open = options.transport ?? openWebSocket;
    this.#transport = open(options.url, `token.${options.token}`, {
      opened: () => this.#send(this.#start()),
      text: (text) => this.#hear(JSON.parse(text) as FromWorker),
      bytes: (samples) => this.#sound?.play(samples),
      closed: (code) => this.#closed(code),
    });
  }

  get state(): CallState {
    return this.#state;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  get levels(): Levels {
    return this.#levels;
  }

  /** The microphone is not heard, or is again. */
  mute(isMuted = true): void {
    this.#isMuted = isMuted;
    this.#sound?.mute(isMuted);
    this.#send({ type: 'mute', isMuted });
  }

  /** Presses a key: `0` to `9`, `*`, `#`, `A` to `D`. */
  press(digit: string): void {
    this.#send({ type: 'digit', digit });
  }

  /** Says it in letters. */
  type(text: string): void {
    this.#send(this.kind === 'audio' ? { type: 'text', text } : { type: 'prompt', text, isFinal: true });
  }

  /** Sound that the browser has suspended goes on, in the page's answer to a click or a key. */
  resume(): void {
    void this.#sound?.resume();
  }

  hangUp(): void {
    this.#send({ type: 'hangup' });
    this.#end('caller-hung-up');
  }

  // ---- of a line of text --------------------------------------------------------------------------------------------

  /** What the page has understood, so far or in full. */
  prompt(text: string, isFinal: boolean): void {
    this.#send({ type: 'prompt', text, isFinal });
  }

  /** The caller has cut in, and the page has stopped speaking, having spoken `heard` of it. */
  interrupt(heard?: string): void {
    this.#send({ type: 'interrupt', ...(heard !== undefined && { heard }) });
  }

  /** The page has spoken so much more. */
  spoken(text: string): void {
    this.#send({ type: 'spoken', text });
  }

  /** A voice begins or ends: the page's own, or the caller's. */
  speaking(who: 'agent' | 'caller', isSpeaking: boolean): void {
    this.#send({ type: 'speaking', who, isSpeaking });
  }

  // ---- sound --------------------------------------------------------------------------------------------------------

  #openSound(): Sound {
    const { inRateHz = RATE_HZ, outRateHz = RATE_HZ, workletUrl, microphone = {}, context } = this.#options;
    const sound = new Sound(
      { inRateHz, outRateHz, workletUrl, microphone, context, played: 0 },
      {
        voice: (samples) => this.#state === 'open' && this.#transport.send(samples),
        played: (samples, levels) => this.#tellPlayed(samples, levels),
        cleared: (samples) => this.#send({ type: 'cleared', samples }),
        running: (isRunning) => this.#send({ type: 'output', isRunning }),
        notice: (code) => this.#notice(code),
      },
    );
    sound.open().catch(() => this.#notice('sound-failed'));
    void sound.openMicrophone();
    return sound;
  }

  #tellPlayed(samples: number, { microphone, agent, isPlaying }: Levels & { isPlaying: boolean }): void {
    this.#levels = { microphone: this.#isMuted ? 0 : microphone, agent };
    this.emit('levels', this.#levels);
    if (isPlaying !== this.#isAgentSpeaking) {
      this.#isAgentSpeaking = isPlaying;
      this.emit('speaking', { who: 'agent', isSpeaking: isPlaying });
    }
    const nowMs = performance.now();
    if (samples === this.#played || (isPlaying && nowMs - this.#playedAtMs < PLAYED_EVERY_MS)) return;
    this.#played = samples;
    this.#playedAtMs = nowMs;
    this.#send({ type: 'played', samples });
  }

  #notice(code: NoticeCode): void {
    this.emit('notice', { code, text: SENTENCES[code] });
  }

  // ---- the worker ---------------------------------------------------------------------------------------------------

  #start(): ToWorker {
    const { inRateHz = RATE_HZ, outRateHz = RATE_HZ } = this.#options;
    return this.kind === 'audio'
      ? { type: 'start', kind: 'audio', inRateHz, outRateHz }
      : { type: 'start', kind: 'text' };
  }

  #send(message: ToWorker): void {
    if (message.type !== 'start' && this.#state !== 'open') return;
    this.#transport.send(JSON.stringify(message));
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'started':
        return this.#enter('open');
      case 'clear':
        return this.#sound?.clear();
      case 'say':
        return this.emit('say', message);
      case 'words':
        return this.emit('words', message);
      case 'speaking':
        if (message.who === 'caller' || !this.#sound) this.emit('speaking', message);
        return;
      case 'ended':
        return this.#end(message.reason);
    }
  }

  #closed(code: number): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'connecting') this.#notice('call-refused');
    this.#end(this.#state === 'connecting' ? 'refused' : code === 1000 ? 'hung-up' : 'network-lost');
  }

  #enter(state: CallState): void {
    this.#state = state;
    this.emit('state', state);
  }

  #end(reason: string): void {
    if (this.#state === 'ended') return;
    this.#enter('ended');
    this.#sound?.close();
    this.#transport.close();
    this.emit('ended', { reason });
  }
}
