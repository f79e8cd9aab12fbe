/** A call from a page: its socket and its sound, and what both tell. */
import { Emitter } from './emitter.ts';
import { keepCall, takeCall, type KeptCall } from './kept-call.ts';
import { Link } from './link.ts';
import { SENTENCES, type NoticeCode } from './sentences.ts';
import { Sound, type Levels } from './sound.ts';
import { openWebSocket, type OpenTransport } from './transport.ts';
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
  /** Under what name the tab keeps it while the page is loaded again (`resume`). Default `parley-call`. */
  keepAs?: string;
}

/** Of `resume`: what is known by what was kept is not asked for again. */
export type ResumeOptions = Omit<ConnectOptions, 'url' | 'token' | 'kind' | 'inRateHz' | 'outRateHz'>;

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

/** Where the tab keeps a call, unless it is told another name. */
export const KEPT_AS = 'parley-call';
/** `played` is told at most so often, in milliseconds. */
const PLAYED_EVERY_MS = 80;

export class Call extends Emitter<CallEvents> {
  readonly kind: 'audio' | 'text';
  readonly #options: ConnectOptions;
  readonly #link: Link;
  readonly #sound: Sound | undefined;
  #state: CallState = 'connecting';
  #isMuted = false;
  #levels: Levels = { microphone: 0, agent: 0 };
  #played = 0;
  #playedAtMs = 0;
  #isAgentSpeaking = false;
  #isRunning: boolean | undefined;
  /** The page was loaded again, and has not been heard of yet. */
  #isBack = false;

  /** @internal */
  constructor(options: ConnectOptions, kept?: KeptCall) {
    super();
    this.kind = options.kind ?? 'audio';
    this.#options = options;
    this.#sound = this.kind === 'audio' ? this.#openSound(kept?.played ?? 0) : undefined;
    this.#played = kept?.played ?? 0;
    const { url, token, transport: open = openWebSocket } = options;
    this.#link = new Link(
      { url, token, open, start: this.#start(), back: kept },
      {
        message: (message) => this.#hear(message),
        bytes: (samples) => this.#sound?.play(samples),
        away: (isAway) => this.#away(isAway),
        gone: (reason) => this.#gone(reason),
      },
    );
    if (kept) this.#isBack = true;
    addEventListener('pagehide', this.#leave);
    addEventListener('pageshow', this.#show);
    document.addEventListener('visibilitychange', this.#hide);
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

  #openSound(played: number): Sound {
    const { inRateHz = RATE_HZ, outRateHz = RATE_HZ, workletUrl, microphone = {}, context } = this.#options;
    const sound = new Sound(
      { inRateHz, outRateHz, workletUrl, microphone, context, played },
      {
        voice: (samples) => this.#state === 'open' && this.#link.send(samples),
        played: (samples, levels) => this.#tellPlayed(samples, levels),
        cleared: (samples) => this.#send({ type: 'cleared', samples }),
        running: (isRunning) => {
          this.#isRunning = isRunning;
          this.#sayOutput();
        },
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

  /** Said when it is known: a page that does not play yet is sent nothing to play. */
  #sayOutput(): void {
    if (this.#isRunning !== undefined) this.#send({ type: 'output', isRunning: this.#isRunning });
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
    if (this.#state !== 'open') return;
    this.#link.send(message);
  }

  #hear(message: FromWorker): void {
    switch (message.type) {
      case 'started':
        this.#enter('open');
        return this.#sayOutput();
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
      case 'resumed':
      case 'ack':
        return; // the link's own
    }
  }

  #gone(reason: 'refused' | 'hung-up' | 'network-lost'): void {
    if (reason !== 'hung-up') this.#notice(reason === 'refused' ? 'call-refused' : 'call-lost');
    this.#end(reason);
  }

  #away(isAway: boolean): void {
    if (this.#state === 'connecting') {
      this.#enter('open');
      this.#sayOutput();
    }
    this.#notice(isAway ? 'network-lost' : this.#isBack ? 'call-resumed' : 'network-back');
    this.#isBack = false;
  }

  // ---- the page -----------------------------------------------------------------------------------------------------

  /** It is loaded again, or left: what is known of the call is kept for it. */
  readonly #leave = (): void => {
    const { url, inRateHz = RATE_HZ, outRateHz = RATE_HZ } = this.#options;
    const back = this.#link.back(this.#played);
    if (back) keepCall(this.#keptAs, { ...back, url, kind: this.kind, inRateHz, outRateHz, leftAtMs: Date.now() });
  };

  /** It was not left after all. */
  readonly #show = (): void => {
    takeCall(this.#keptAs);
  };

  readonly #hide = (): void => {
    if (document.hidden) this.#notice('page-hidden');
  };

  get #keptAs(): string {
    return this.#options.keepAs ?? KEPT_AS;
  }

  #enter(state: CallState): void {
    this.#state = state;
    this.emit('state', state);
  }

  #end(reason: string): void {
    if (this.#state === 'ended') return;
    this.#enter('ended');
    this.#sound?.close();
    this.#link.close();
    removeEventListener('pagehide', this.#leave);
    removeEventListener('pageshow', this.#show);
    document.removeEventListener('visibilitychange', this.#hide);
    this.emit('ended', { reason });
  }
}
