/**
 * A caller on a line without a network, in a clock's time: what they say goes in frame by frame, what the agent sends is
 * played in real time, and both ends of it are kept to the sample.
 */
import { FRAME_MS } from '../../src/audio/contract.ts';
import { encodeMulaw, MULAW_SILENCE } from '../../src/audio/g711.ts';
import { encodeToneSpeech } from '../../src/audio/tone-speech.ts';
import type { AudioCapabilities, AudioLine, AudioLineEvent } from '../../src/bridge/contract.ts';
import type { VirtualClock } from '../../src/lib/clock.ts';
import { Playout } from '../../src/simulate/phone/playout.ts';
import { SAMPLES_PER_MS, VoiceTrack } from '../../src/simulate/phone/voice-track.ts';

const MULAW = { encoding: 'mulaw', sampleRateHz: 8_000 } as const;
const FRAME_BYTES = FRAME_MS * SAMPLES_PER_MS;
const LETTERS_A_SECOND = 15;

export class CallerLine implements AudioLine {
  readonly kind = 'audio';
  readonly name = 'bench';
  readonly caller = { carrierCallId: '', from: undefined, to: undefined, parameters: {} };
  readonly capabilities: AudioCapabilities = {
    inFormat: MULAW,
    outFormat: MULAW,
    feed: { pacing: 'peer', leastBytes: 0, mostBytes: 8_000, multipleOfBytes: 1, tail: 'as-is' },
    clear: true,
    reports: 'marks',
    dtmfOut: 'none',
    transfer: 'none',
  };
  /** What the caller heard, and what they said. */
  readonly heard = new VoiceTrack(false);
  readonly said = new VoiceTrack(false);
  readonly #clock: VirtualClock;
  readonly #playout: Playout;
  #voice: { fromMs: number; audio: Uint8Array }[] = [];
  #listener: ((event: AudioLineEvent) => void) | undefined;
  #isOver = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.#playout = new Playout(this.heard, ({ name }) => this.#listener?.({ type: 'mark', name }));
    this.#beat(FRAME_MS);
  }

  /** When the caller's last sound has ended, of those that were said by now. */
  get lastSaidMs(): number {
    return this.said.lastSoundMs;
  }

  /** Whether the agent will be heard in the next moment. */
  get isPlaying(): boolean {
    return this.#playout.hasSound;
  }

  /** A voice of exactly this length, from a time that is still to come. */
  say(fromMs: number, voiceMs: number): void {
    const letters = Math.max(1, Math.round((voiceMs * LETTERS_A_SECOND) / 1_000));
    const speed = (letters * 1_000) / LETTERS_A_SECOND / voiceMs;
    const samples = encodeToneSpeech('la'.repeat(letters).slice(0, letters), MULAW.sampleRateHz, { speed });
    this.#voice.push({ fromMs, audio: encodeMulaw(samples) });
  }

  listen(listener: (event: AudioLineEvent) => void): void {
    this.#listener = listener;
  }
  sendAudio(audio: Uint8Array): void {
    this.#playout.push(audio, this.#clock.nowMs());
  }
  sendMark(name: string): void {
    this.#playout.mark(name, this.#clock.nowMs());
  }
  clear(): void {
    this.#playout.clear(this.#clock.nowMs());
  }
  async sendDigits(): Promise<void> {}
  async transfer(): Promise<void> {}
  async hangUp(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener?.({ type: 'closed', reason: 'hung-up' });
  }

  #beat(atMs: number): void {
    this.#clock.after(atMs - this.#clock.nowMs(), () => {
      if (this.#isOver) return;
      this.#playout.advanceTo(atMs);
      const frame = this.#frame(atMs - FRAME_MS);
      this.said.write(frame);
      this.#listener?.({ type: 'audio', audio: frame });
      this.#beat(atMs + FRAME_MS);
    });
  }

  #frame(fromMs: number): Uint8Array {
    const frame = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE);
    for (const { fromMs: voiceMs, audio } of this.#voice) {
      const at = Math.round((fromMs - voiceMs) * SAMPLES_PER_MS);
      for (let i = Math.max(0, -at); i < FRAME_BYTES && at + i < audio.length; i++) frame[i] = audio[at + i]!;
    }
    this.#voice = this.#voice.filter((voice) => voice.fromMs + voice.audio.length / SAMPLES_PER_MS > fromMs);
    return frame;
  }
}
