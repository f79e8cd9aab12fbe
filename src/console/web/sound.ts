/**
 * The page's sound: a context at the device's own rate, the worklet that plays and records, and the microphone, which may
 * come late, go, and come back. Told is what leaves the speakers, not what was handed to them.
 */
import { Heard } from './heard.ts';
import type { NoticeCode } from './sentences.ts';
import { PROCESSOR, type FromWorklet, type ToWorklet, type WorkletOptions } from './worklet/protocol.ts';

/** The worklet, as text: `bundle.config.ts` puts it here. */
declare const PARLEY_WORKLET: string;

export interface SoundOptions {
  inRateHz: number;
  outRateHz: number;
  /** Where the worklet's code is served, for pages whose policy allows none from a `blob:`. Default: from the module itself. */
  workletUrl: string | undefined;
  /** What to ask of the microphone, or a stream that is there. */
  microphone: MediaTrackConstraints | MediaStream;
  context: AudioContext | undefined;
  played: number;
}

export interface SoundListener {
  voice(samples: ArrayBuffer): void;
  /** About every 40 ms, also in a hidden page. */
  played(samples: number, levels: Levels & { isPlaying: boolean }): void;
  cleared(samples: number): void;
  /** The browser plays, or has stopped doing so. */
  running(isRunning: boolean): void;
  notice(code: NoticeCode): void;
}

/** How loud, from 0 to 1. */
export interface Levels {
  microphone: number;
  agent: number;
}

/** Sound waits so long for more before it begins, in milliseconds: a network is not even. */
const START_MS = 60;
/** In the answer to one of these a browser lets a page play. */
const GESTURES = ['pointerdown', 'keydown'] as const;
/** Where a browser does not say how far behind its device is. */
const LATENCY_SECONDS = 0.03;

export class Sound {
  readonly #options: SoundOptions;
  readonly #listener: SoundListener;
  readonly #context: AudioContext;
  readonly #heard = new Heard();
  #node: AudioWorkletNode | undefined;
  #waiting: ToWorklet[] = [];
  #stream: MediaStream | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #isClosed = false;

  /** In the page's answer to a click: else the browser keeps it silent. */
  constructor(options: SoundOptions, listener: SoundListener) {
    this.#options = options;
    this.#listener = listener;
    this.#context = options.context ?? new AudioContext({ latencyHint: 'interactive' });
    this.#context.addEventListener('statechange', this.#stateChanged);
    for (const gesture of GESTURES) addEventListener(gesture, this.#wakeNow);
    void this.#wake();
  }

  /** @throws {Error} when the browser cannot. */
  async open(): Promise<void> {
    const { inRateHz, outRateHz, workletUrl, played } = this.#options;
    const url = workletUrl ?? URL.createObjectURL(new Blob([PARLEY_WORKLET], { type: 'text/javascript' }));
    try {
      await this.#context.audioWorklet.addModule(url);
    } finally {
      if (workletUrl === undefined) URL.revokeObjectURL(url);
    }
    if (this.#isClosed) return;
    const processorOptions: WorkletOptions = { inRateHz, outRateHz, startMs: START_MS, played };
    const node = new AudioWorkletNode(this.#context, PROCESSOR, {
      ...{ numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1], processorOptions },
      ...{ channelCount: 1, channelCountMode: 'explicit', channelInterpretation: 'speakers' },
    });
    node.port.onmessage = ({ data }: MessageEvent<FromWorklet>) => this.#hear(data);
    node.connect(this.#context.destination);
    this.#node = node;
    for (const message of this.#waiting.splice(0)) this.#post(message);
    this.#connectMicrophone();
    const isRunning = this.#context.state === 'running';
    if (!isRunning) this.#listener.notice('sound-suspended');
    this.#listener.running(isRunning);
  }

  /** Asks for the microphone, and keeps one as long as there is any. */
  async openMicrophone(): Promise<void> {
    navigator.mediaDevices?.addEventListener('devicechange', this.#devicesChanged);
    await this.#askForMicrophone();
  }

  play(samples: ArrayBuffer): void {
    this.#post({ type: 'audio', samples });
  }

  clear(): void {
    this.#post({ type: 'clear' });
  }

  mute(isMuted: boolean): void {
    this.#post({ type: 'mute', isMuted });
  }

  /** In the page's answer to a click or a key, when the browser has suspended it. */
  async resume(): Promise<void> {
    await this.#wake();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    navigator.mediaDevices?.removeEventListener('devicechange', this.#devicesChanged);
    this.#context.removeEventListener('statechange', this.#stateChanged);
    for (const gesture of GESTURES) removeEventListener(gesture, this.#wakeNow);
    this.#post({ type: 'close' });
    this.#node?.disconnect();
    this.#letMicrophoneGo();
    if (!this.#options.context) void this.#context.close().catch(() => {});
  }

  // ---- what the worklet tells ---------------------------------------------------------------------------------------

  #post(message: ToWorklet): void {
    if (!this.#node) this.#waiting.push(message);
    else this.#node.port.postMessage(message, 'samples' in message ? [message.samples] : []);
  }

  #hear(message: FromWorklet): void {
    if (this.#isClosed) return;
    switch (message.type) {
      case 'voice':
        return this.#listener.voice(message.samples);
      case 'cleared':
        this.#heard.cleared(message.samples, message.frame);
        return this.#listener.cleared(message.samples);
      case 'played': {
        const { samples, frame, isPlaying, microphone, agent } = message;
        this.#heard.left(samples, frame);
        return this.#listener.played(this.#heard.at(this.#soundingFrame()), { microphone, agent, isPlaying });
      }
    }
  }

  /** What the speakers give out now, counted as the worklet counts. */
  #soundingFrame(): number {
    const { currentTime, sampleRate, baseLatency } = this.#context;
    const { contextTime = 0, performanceTime = 0 } = this.#context.getOutputTimestamp?.() ?? {};
    const since = performanceTime > 0 ? Math.max(0, performance.now() - performanceTime) / 1_000 : 0;
    const behind = this.#context.outputLatency || (baseLatency || 0) + LATENCY_SECONDS;
    const seconds = contextTime > 0 ? Math.min(contextTime + since, currentTime) : currentTime - behind;
    return Math.max(0, seconds) * sampleRate;
  }

  // ---- the browser suspends it --------------------------------------------------------------------------------------

  readonly #stateChanged = (): void => {
    if (this.#isClosed || !this.#node) return;
    const isRunning = this.#context.state === 'running';
    this.#listener.notice(isRunning ? 'sound-running' : 'sound-suspended');
    this.#listener.running(isRunning);
    if (!isRunning) void this.#wake();
  };

  readonly #wakeNow = (): void => void this.#wake();

  /** From `suspended` only: in `interrupted`, as by a telephone call, it fails and may stay broken. */
  async #wake(): Promise<void> {
    if (this.#context.state !== 'suspended') return;
    await this.#context.resume().catch(() => {});
  }

  // ---- the microphone -----------------------------------------------------------------------------------------------

  readonly #devicesChanged = (): void => {
    if (this.#stream?.getAudioTracks().some(({ readyState }) => readyState === 'live')) return;
    void this.#askForMicrophone();
  };

  async #askForMicrophone(): Promise<void> {
    const { microphone } = this.#options;
    const isFirst = this.#stream === undefined;
    try {
      const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
      const stream =
        microphone instanceof MediaStream
          ? microphone
          : await navigator.mediaDevices.getUserMedia({ audio: { ...wanted, ...microphone } });
      if (this.#isClosed) return stream.getTracks().forEach((track) => track.stop());
      this.#stream = stream;
      stream.getAudioTracks()[0]?.addEventListener('ended', this.#microphoneEnded);
      this.#connectMicrophone();
      if (!isFirst) this.#listener.notice('microphone-changed');
    } catch (error) {
      const isMissing = error instanceof DOMException && ['NotFoundError', 'OverconstrainedError'].includes(error.name);
      if (isFirst) this.#listener.notice(isMissing ? 'microphone-missing' : 'microphone-refused');
    }
  }

  readonly #microphoneEnded = (): void => {
    if (this.#isClosed) return;
    this.#listener.notice('microphone-lost');
    void this.#askForMicrophone();
  };

  #connectMicrophone(): void {
    if (!this.#node || !this.#stream) return;
    this.#source?.disconnect();
    this.#source = this.#context.createMediaStreamSource(this.#stream);
    this.#source.connect(this.#node);
  }

  #letMicrophoneGo(): void {
    this.#source?.disconnect();
    if (this.#options.microphone instanceof MediaStream) return;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }
}
