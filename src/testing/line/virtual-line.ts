/**
 * A telephone line without a network: what a worker sees of a carrier that buffers and returns marks, as Twilio's Media
 * Streams do, and what the caller hears at its other end. Frames of 20 ms go both ways by the call's clock.
 */
import { FRAME_MS, type AudioFormat } from '../../audio/contract.ts';
import { encodeMulaw, MULAW_SILENCE } from '../../audio/g711.ts';
import type {
  AudioCapabilities,
  AudioLine,
  AudioLineEvent,
  CallerFacts,
  TransferOptions,
} from '../../bridge/contract.ts';
import { HeldEvents } from '../../bridge/held-events.ts';
import type { Clock } from '../../lib/clock.ts';
import { VoiceError } from '../../lib/errors.ts';
import { Playout } from '../../simulate/phone/playout.ts';
import { VoiceTrack } from '../../simulate/phone/voice-track.ts';
import { AgentWords } from './agent-words.ts';
import { CallerTrack, FRAME_SAMPLES } from './caller-track.ts';
import type { RoughLine } from './conditions.ts';

const MULAW: AudioFormat = { encoding: 'mulaw', sampleRateHz: 8_000 };
const SILENCE = new Uint8Array(FRAME_SAMPLES).fill(MULAW_SILENCE);
/** Of a message; as Twilio's. */
const MOST_BYTES = 8_000;

export interface VirtualLineOptions {
  clock: Clock;
  caller: CallerFacts;
  /** What the caller's sound goes through. Default: a line in good health. */
  rough?: RoughLine | undefined;
  /** Told after everything that may change what the caller hears, or when. */
  onSound?: (() => void) | undefined;
}

export class VirtualLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = 'virtual';
  readonly caller: CallerFacts;
  readonly capabilities: AudioCapabilities = {
    inFormat: MULAW,
    outFormat: MULAW,
    feed: { pacing: 'peer', leastBytes: 0, mostBytes: MOST_BYTES, multipleOfBytes: 1, tail: 'as-is' },
    clear: true,
    reports: 'marks',
    dtmfOut: 'inband',
    transfer: 'inband',
    meets: 'asked',
  };
  /** What the caller heard, and said, from the line's first moment on, without a gap. */
  readonly heard = new VoiceTrack();
  readonly said = new VoiceTrack();
  readonly words = new AgentWords();
  /** What the agent pressed, and where it has sent the caller. */
  readonly pressed: string[] = [];
  transferredTo: string | undefined;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #onSound: () => void;
  readonly #rough: RoughLine | undefined;
  /** What waits, while nothing gets through. */
  #stalled: (() => void)[] | undefined;
  #stalls = 0;
  readonly #playout: Playout;
  readonly #track = new CallerTrack();
  #held: HeldEvents<AudioLineEvent> | undefined = new HeldEvents();
  #listener: ((event: AudioLineEvent) => void) | undefined;
  #frames = 0;
  #stopBeat = () => {};
  #isOver = false;
  /** And that has been told. */
  #isClosed = false;

  constructor({ clock, caller, rough, onSound = () => {} }: VirtualLineOptions) {
    this.caller = caller;
    this.#rough = rough;
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#onSound = onSound;
    this.#playout = new Playout(this.heard, ({ name }) => this.#tell({ type: 'mark', name }));
    this.#nextBeat();
  }

  /** Milliseconds since the line was opened; it stands still once it is over. */
  get nowMs(): number {
    return this.#isOver ? this.heard.durationMs : this.#clock.nowMs() - this.#startMs;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the agent can be heard, or will be unless it is stopped. */
  get hasSound(): boolean {
    return this.#playout.hasSound;
  }

  // ---- what the caller does -----------------------------------------------------------------------------------------

  /** The caller makes this sound behind what they are saying, 8 kHz. Tells from when to when. */
  say(samples: Int16Array): { fromMs: number; toMs: number } {
    return this.#track.add(samples, this.nowMs);
  }

  press(digit: string): void {
    this.#tell({ type: 'digit', digit });
  }

  /** The line ends, for this reason: `caller-hung-up`. */
  end(reason: string): void {
    if (this.#isOver) return;
    this.#playout.advanceTo(this.nowMs);
    this.#isOver = true;
    this.#stopBeat();
    this.#tell({ type: 'closed', reason });
  }

  /** From now on nothing gets through for so long, in either direction; then all of it does at once, in its order. */
  stall(forMs: number): void {
    this.#stalled ??= [];
    this.#stalls++;
    this.#clock.after(forMs, () => {
      if (--this.#stalls > 0) return;
      const waiting = this.#stalled ?? [];
      this.#stalled = undefined;
      for (const run of waiting) run();
    });
  }

  // ---- what the worker does -----------------------------------------------------------------------------------------

  listen(listener: (event: AudioLineEvent) => void): void {
    const held = this.#held;
    if (!held) throw new VoiceError('internal', `Expected one listener on ${this.name}, got a second`);
    this.#held = undefined;
    this.#listener = listener;
    held.tellTo(listener);
  }

  sendAudio(audio: Uint8Array): void {
    if (this.#stalled) return void this.#stalled.push(() => this.sendAudio(audio));
    if (this.#isOver) return;
    const { playFromMs } = this.#playout.push(audio, this.nowMs);
    this.words.push(audio, playFromMs);
    this.#onSound();
  }

  sendMark(name: string): void {
    if (this.#stalled) return void this.#stalled.push(() => this.sendMark(name));
    if (!this.#isOver) this.#playout.mark(name, this.nowMs);
  }

  clear(): void {
    if (this.#stalled) return void this.#stalled.push(() => this.clear());
    if (this.#isOver) return;
    this.#playout.clear(this.nowMs);
    this.words.cutAt(this.heard.durationMs);
    this.#onSound();
  }

  sendDigits(digits: string): Promise<void> {
    this.pressed.push(digits);
    return Promise.resolve();
  }

  transfer(to: string, { meeting }: TransferOptions = {}): Promise<void> {
    this.transferredTo = meeting?.id ?? to;
    this.end('transferred');
    return Promise.resolve();
  }

  hangUp(): Promise<void> {
    this.end('hung-up');
    return Promise.resolve();
  }

  // ---- time ---------------------------------------------------------------------------------------------------------

  #nextBeat(): void {
    const dueMs = this.#startMs + ++this.#frames * FRAME_MS;
    this.#stopBeat = this.#clock.after(dueMs - this.#clock.nowMs(), () => this.#beat());
  }

  #beat(): void {
    const { nowMs } = this;
    this.#nextBeat();
    this.#playout.advanceTo(nowMs);
    this.words.passTo(nowMs);
    const spoken = this.#track.frameUntil(nowMs);
    const frame = this.#rough ? this.#rough.pass(spoken) : spoken;
    const audio = frame ? encodeMulaw(frame) : SILENCE;
    if (frame) this.said.write(audio);
    else this.said.writeSilence(FRAME_SAMPLES);
    const lateMs = this.#rough ? this.#rough.arrivalMs(nowMs) - nowMs : 0;
    if (lateMs > 0) this.#clock.after(lateMs, () => this.#tell({ type: 'audio', audio }));
    else this.#tell({ type: 'audio', audio });
    this.#onSound();
  }

  #tell(event: AudioLineEvent): void {
    if (this.#isClosed) return;
    if (this.#stalled) return void this.#stalled.push(() => this.#tell(event));
    this.#isClosed = event.type === 'closed';
    if (this.#listener) this.#listener(event);
    else if (event.type === 'audio') this.#held?.addEarly(event, event.audio.length);
    else this.#held?.add(event);
  }
}
